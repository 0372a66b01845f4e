"""What beat asks for. Thin: the sweep itself knows no Celery."""

from celery import shared_task
from django.utils import timezone

from harmony.clock import sweep as sweep_once


@shared_task(name="harmony.tasks.sweep")
def sweep() -> None:
    """Does whatever is due now; safe to run twice, and by two workers at once."""
    sweep_once(timezone.now())
