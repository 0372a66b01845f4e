"""The Celery app. The database is the only schedule; Celery only makes it prompt (STYLE 27)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "harmony.settings")

app = Celery("harmony")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
