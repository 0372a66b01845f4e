"""The digest: what needs somebody soon and what is new to them, in one mail, as often as they choose."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from decisions import news
from decisions.news import Item
from harmony import needs
from harmony.needs import Need
from ledger import outbox
from ledger.due import each
from ledger.outbox import Letter
from members import mails
from members.digest_time import Frequency, next_due
from members.mails import Stream
from members.models import Person

AT_A_TIME = 500  # people in one sweep, so that on a Monday morning nothing else waits long for the clock
MOST_NEEDS = 50  # lines of what needs somebody, in one mail
STILL_WRITTEN = timedelta(minutes=5)  # what carries a time so recent may not be in yet: it is told next time
NEAR = {Frequency.DAILY: timedelta(days=2), Frequency.WEEKLY: timedelta(days=8)}
_FOLDER = "harmony/mail"
mails.classify(_FOLDER, {"digest": Stream.DIGEST})


def queue_due(at: datetime) -> None:
    """Makes the digests that are due at `at`, each in a transaction of its own; for the sweep."""
    each(Person.objects.due_for_digest(at)[:AT_A_TIME], lambda person: queue_digest(person, at=at))


@transaction.atomic
def queue_digest(person: Person, *, at: datetime) -> bool:
    """Queues the person's digest, if there is anything to tell, and sets when the next is due.

    False when it is not due, or another worker has it. News up to STILL_WRITTEN before `at` count as told.
    """
    due = Person.objects.due_for_digest(at).select_for_update(skip_locked=True, no_key=True)
    row = due.filter(pk=person.pk).first()
    if row is None or row.digest_due_at is None:
        return False
    due_at, since, until = row.digest_due_at, row.digest_told_at, at - STILL_WRITTEN
    row.digest_due_at, row.digest_told_at = next_due(row.digest, at), max(since, until)
    row.save(update_fields=["digest_due_at", "digest_told_at"])
    if row.is_active:
        items = news.of_person(row, since, until, at=at)
        letters = list(_letters(row, f"digest:{row.pk}:{due_at.isoformat()}", items, at))
        if letters:
            outbox.queue(letters, at=at)
    return True


def _letters(person: Person, key: str, items: Sequence[Item], at: datetime) -> Iterable[Letter]:
    """The digest, or nothing: a deadline that has passed already is no reason for one."""
    near = [need for need in needs.of_person(person, at).lines if _is_near(need, person, at)]
    if not items and not any(need.deadline > at for need in near):
        return
    context: dict[str, object] = {
        "person": person,
        "needs": near[:MOST_NEEDS],
        "needs_more": max(0, len(near) - MOST_NEEDS),
        "followed": [item for item in items if item.is_followed],
        "others": [item for item in items if not item.is_followed],
    }
    yield mails.letter(key, f"{_FOLDER}/digest", person, context)


def _is_near(need: Need, person: Person, at: datetime) -> bool:
    """Whether it still waits for the person, or they are registered for it, before the digest after next."""
    return need.deadline <= at + NEAR[Frequency(person.digest)] and (need.is_ahead or not need.done)
