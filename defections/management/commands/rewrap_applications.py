"""`manage.py rewrap_applications`: applications under the newest keys of the ring; see docs/running.md."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from defections import rotation
from defections.models import Application
from ledger.keyring import KeyringError


class Command(BaseCommand):
    help = (
        "Wraps the two keys of every application under the newest key of the keyring, and makes the marks anew by "
        "which addresses are found. Can be stopped and run again at any time, while the site runs. Prints what is "
        "left, and which keys of the ring nothing in this database needs any more. Ends with an error where "
        "something does not open."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--batch", type=int, default=100, help="Rows to a transaction (100).")
        parser.add_argument(
            "--check",
            action="store_true",
            help="Then opens every sealed piece, and names what does not open.",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["batch"] < 1:
            raise CommandError("--batch is 1 or more.")
        try:
            failures = self._rewrap(options["batch"])
            self._say_needs()
        except KeyringError as error:
            raise CommandError(str(error)) from error
        if options["check"]:
            failures += rotation.failures_in(Application.objects.iterator(chunk_size=20))
        if failures:
            raise CommandError("\n".join(["These do not open; nothing was changed there:", *failures]))

    def _rewrap(self, batch: int) -> list[str]:
        done = rotation.rewrap(batch=batch)
        self.stdout.write(f"Keys wrapped anew: {done.keys}. Marks made anew: {done.marks}.")
        return done.failures

    def _say_needs(self) -> None:
        for need in rotation.needs(timezone.now()):
            if need.is_newest:
                state = "in use"
            elif need.may_go:
                state = "nothing here needs it: it may be destroyed, once no backup that needs it is wanted"
            else:
                rows = ", ".join(f"{number} {what}" for what, number in need.rows.items() if number)
                state = f"still needed by {rows}; run this again"
            self.stdout.write(f"{need.key.id}: {state}")
