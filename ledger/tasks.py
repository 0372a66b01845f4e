"""What a worker does for the outbox."""

from celery import shared_task
from django.utils import timezone

from ledger import outbox


@shared_task(name="ledger.tasks.send_due_messages")
def send_due_messages() -> None:
    """Sends what is due; safe to run twice, and by two workers at once."""
    outbox.send_due(timezone.now())
