"""`manage.py demo`: loads the invented party once, and prints who can log in."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse
from django.utils import timezone

from harmony.demonstration import party


class Command(BaseCommand):
    help = (
        "Loads a demonstration party with decisions, ballots and applications, once; prints who can log in."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        if not settings.DEMONSTRATION:
            raise CommandError(
                "The demonstration party has log-ins that everybody knows: it loads only where DEMONSTRATION=true "
                "is set, and never beside real people."
            )
        is_new = party.load(timezone.now())
        self.stdout.write(
            "The demonstration party is loaded." if is_new else "The demonstration party was loaded before."
        )
        self.stdout.write("Who can log in (the password is the same for all of its people):")
        for one in party.log_ins():
            self.stdout.write(f"  {one.email:<22} {one.password:<27} {one.role}")
        self.stdout.write(
            f"Applicants have no password: {settings.SITE_URL}{reverse('defections:resume_ask')} mails them a code "
            "to go on."
        )
        for address, what in party.applications():
            self.stdout.write(f"  {address:<22} {what}")
