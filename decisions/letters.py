"""What people are told of a matter, each once."""

from collections.abc import Iterable
from datetime import date, datetime

from django.conf import settings
from django.urls import reverse

from decisions.models import Call, Decision, Task
from ledger import outbox
from ledger.outbox import Letter
from members.models import Person


def queue_call(call: Call, *, at: datetime) -> None:
    """Tells everybody taking part that a call is open and until when they can answer."""
    people = call.decision.participants_at(at)
    outbox.queue(_letters("called", call.decision, people, f"call:{call.pk}", call=call), at=at)


def queue_fallen(call: Call, *, at: datetime) -> None:
    """Tells whoever called that the call fell, and what can be done next."""
    people = [call.called_by]
    outbox.queue(_letters("fell", call.decision, people, f"fell:{call.pk}", call=call), at=at)


def queue_deliberation(decision: Decision, *, at: datetime) -> None:
    """Tells everybody taking part that a deliberation has begun and what follows at its end."""
    people = decision.participants_at(at)
    outbox.queue(_letters("deliberation", decision, people, f"deliberation:{decision.pk}"), at=at)


def queue_settled(decision: Decision, *, at: datetime) -> None:
    """Tells everybody taking part what was decided, and on which rung."""
    people = decision.participants_at(at)
    won = list(decision.options.filter(won_at__isnull=False))
    outbox.queue(_letters("settled", decision, people, f"settled:{decision.pk}", won=won), at=at)


def _letters(
    what: str, decision: Decision, people: Iterable[Person], key: str, **more: object
) -> Iterable[Letter]:
    page = settings.SITE_URL + reverse("decisions:decision_detail", args=[decision.pk])
    shared = {"decision": decision, "page": page, **more}
    for person in people:
        context = {**shared, "person": person}
        yield Letter(f"decision_{key}:{person.pk}", f"decisions/mail/{what}", person.email, context)


def queue_task(task: Task, *, at: datetime) -> None:
    """Tells the owner what they have taken on."""
    outbox.queue(_letters("task", task.decision, [task.owner], f"task:{task.pk}", task=task), at=at)


def queue_chase(task: Task, day: date, *, at: datetime) -> None:
    """Reminds the owner of a late task, once on `day`."""
    key = f"chase:{task.pk}:{day.isoformat()}"
    outbox.queue(_letters("chase", task.decision, [task.owner], key, task=task), at=at)
