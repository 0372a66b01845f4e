"""The front of the house: settings, URLs, the Celery app, the home page."""

from harmony.celery import app as celery_app

__all__ = ["celery_app"]
