"""What the sweep does for ballots: each that is due, in a transaction of its own (STYLE 12)."""

from datetime import datetime

from django.db import transaction

from ballots import letters, opening, tally
from ballots.errors import NotReady
from ballots.models import Ballot
from ledger import events
from ledger.due import each


def open_due(at: datetime) -> None:
    """Opens what was announced for `at` or before; what cannot open is taken back, and its maker told."""

    def step(ballot: Ballot) -> None:
        try:
            opening.open_now(ballot, at=at)
        except NotReady as refusal:
            _refuse(ballot, refusal.issues, at)

    each(Ballot.objects.due_to_open(at).order_by("opens_at"), step)


def remind_due(at: datetime) -> None:
    """Reminds those who have not voted, once, a day before the end."""
    each(Ballot.objects.due_to_remind(at).order_by("closes_at"), lambda ballot: _remind(ballot, at))


def close_due(at: datetime) -> None:
    """Closes what is past its closing time."""
    each(Ballot.objects.due_to_close(at).order_by("closes_at"), tally.close_now)


def count_due(at: datetime) -> None:
    """Counts and publishes what is closed."""
    each(Ballot.objects.due_to_count().order_by("closes_at"), lambda ballot: tally.count_now(ballot, at=at))


@transaction.atomic
def _remind(ballot: Ballot, at: datetime) -> None:
    due = Ballot.objects.due_to_remind(at).select_for_update(skip_locked=True, of=("self",))
    found = due.select_related("assembly").filter(pk=ballot.pk).first()
    if found is None:
        return
    found.reminded_at = at
    found.save(update_fields=["reminded_at"])
    letters.queue_reminder(found, at=at)
    events.record("ballot.reminded", found, at=at)


@transaction.atomic
def _refuse(ballot: Ballot, issues: list[str], at: datetime) -> None:
    due = Ballot.objects.due_to_open(at).select_for_update(skip_locked=True, of=("self",))
    found = due.select_related("set_up_by").filter(pk=ballot.pk).first()
    if found is None:
        return
    found.announced_at = None
    found.save(update_fields=["announced_at"])
    letters.queue_refusal(found, issues, at=at)
    events.record("ballot.opening_refused", found, at=at, data={"issues": [str(issue) for issue in issues]})
