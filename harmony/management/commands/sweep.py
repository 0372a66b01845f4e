"""`manage.py sweep`: what beat does, for cron."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from harmony.clock import sweep


class Command(BaseCommand):
    help = "Does whatever is due now: opens, reminds, closes and counts ballots, sends mail. Safe to repeat."

    def handle(self, *_args: Any, **_options: Any) -> None:
        failed = sweep(timezone.now())
        if failed:
            raise CommandError("Not done: " + "; ".join(failed) + ". See the log.")
