"""What people are told of a matter at once, each once. All else that happens to it stands in the digest.

At once is written what has a date that somebody could miss: a call to answer, a deliberation, a task; and to whoever
called that their call fell, since nothing happens then until somebody takes the next step. What was decided can
wait. Nobody is told of what they did themselves, or of a matter that they may not read.
"""

from collections.abc import Iterable
from datetime import date, datetime

from django.conf import settings
from django.urls import reverse

from decisions import matter
from decisions.models import Call, Decision, Task
from ledger import outbox
from ledger.outbox import Letter
from members import mails
from members.mails import Stream
from members.models import Person, PersonQuerySet

_FOLDER = "decisions/mail"
mails.classify(
    _FOLDER,
    {
        "called": Stream.CALLS,
        "fell": Stream.CALLS,
        "deliberation": Stream.CALLS,
        "task": Stream.TASKS,
        "chase": Stream.TASKS,
    },
)


def queue_call(call: Call, *, at: datetime) -> None:
    """Tells everybody taking part that a call is open and until when they can answer."""
    people = _readers(call.decision, at).exclude(pk=call.called_by_id)
    outbox.queue(_letters("called", call.decision, people, f"call:{call.pk}", call=call), at=at)


def queue_fallen(call: Call, *, at: datetime) -> None:
    """Tells whoever called that the call fell, and what can be done next."""
    people = _reader(call.decision, call.called_by, at)
    outbox.queue(_letters("fell", call.decision, people, f"fell:{call.pk}", call=call), at=at)


def queue_deliberation(decision: Decision, *, by: Person, at: datetime) -> None:
    """Tells everybody taking part that a deliberation has begun and what follows at its end."""
    people = _readers(decision, at).exclude(pk=by.pk)
    outbox.queue(_letters("deliberation", decision, people, f"deliberation:{decision.pk}"), at=at)


def queue_task(task: Task, *, at: datetime) -> None:
    """Tells the owner what they have taken on, unless they named it themselves."""
    if task.owner_id != task.named_by_id:
        people = _reader(task.decision, task.owner, at)
        outbox.queue(_letters("task", task.decision, people, f"task:{task.pk}", task=task), at=at)


def queue_chase(task: Task, day: date, *, at: datetime) -> None:
    """Reminds the owner of a late task, once on `day`."""
    people = _reader(task.decision, task.owner, at)
    key = f"chase:{task.pk}:{day.isoformat()}"
    outbox.queue(_letters("chase", task.decision, people, key, task=task), at=at)


def key_of(what: str, person: Person) -> str:
    """The outbox key of what was told of (`call:3`) to this person: what is queued under it was told already."""
    return f"decision_{what}:{person.pk}"


def _readers(decision: Decision, at: datetime) -> PersonQuerySet:
    """Who takes part at `at` and may read what is said (see `matter.may_read`)."""
    return decision.members_at(at) if decision.is_confidential else decision.participants_at(at)


def _reader(decision: Decision, person: Person, at: datetime) -> list[Person]:
    return [person] if matter.may_read(decision, person, at) else []


def _letters(
    what: str, decision: Decision, people: Iterable[Person], key: str, **more: object
) -> Iterable[Letter]:
    page = settings.SITE_URL + reverse("decisions:decision_detail", args=[decision.pk])
    shared = {"decision": decision, "page": page, **more}
    kind = f"{_FOLDER}/{what}"
    for person in mails.willing(people, kind):
        yield mails.letter(key_of(key, person), kind, person, {**shared, "person": person})
