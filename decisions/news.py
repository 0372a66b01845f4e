"""What is news to a person: of the matters that they follow, and of the assemblies in which they take part.

Nothing that they did themselves, nothing that they were written to about at once, and nothing that they may not
read at the moment when it is put together.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import CharField, Q, QuerySet
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ballots.models import RollEntry
from decisions import gathering_letters, letters, matter, needs, race_letters
from decisions.models import Call, Decision, Follow, Gathering, Task
from harmony.time import london_day
from ledger.models import Event, Message
from members.models import Person

LONGEST_BACK = timedelta(days=28)  # no longer than the outbox remembers what it told

# Of a matter that somebody follows. (Consensus is told as the settlement that it is.)
FOLLOWED = (
    "decision.called",
    "decision.call_fell",
    "decision.withdrawn",
    "decision.deliberation_began",
    "decision.ballot_opened",
    "decision.settled",
    "decision.outcome_stated",
)
# Of every matter of an assembly in which somebody takes part.
OWN = (
    "decision.proposed",
    "decision.race_declared",
    "decision.nominations_ended",
    "decision.called",
    "decision.settled",
)
OF_TASKS = ("task.done", "task.dropped")


@dataclass(frozen=True)
class Item:
    """One piece of news: when it happened, of what, in which assembly, and what it was, in a sentence."""

    at: datetime
    title: str
    where: str
    what: str
    path: str
    is_followed: bool


@dataclass(frozen=True)
class _Asked:
    """Whose news of which time (since, until] is put together at `at`, and what they follow."""

    person: Person
    since: datetime
    until: datetime
    at: datetime
    followed: set[UUID]

    def within(self, name: str) -> Q:
        """That the moment called `name` lies within it."""
        return Q(**{f"{name}__gt": self.since, f"{name}__lte": self.until})


def of_person(person: Person, since: datetime, until: datetime, *, at: datetime) -> list[Item]:
    """The news after `since` and up to `until` that the person may read at `at`, oldest first; of at most
    LONGEST_BACK.
    """
    since = max(since, at - LONGEST_BACK)
    followed = set(Follow.objects.current().filter(person=person).values_list("decision_id", flat=True))
    asked = _Asked(person, since, until, at, followed)
    found = [*_of_matters(asked), *_of_tasks(asked), *_of_gatherings(asked)]
    return sorted(found, key=lambda item: item.at)


# --- Matters ------------------------------------------------------------------------------------------
def _of_matters(asked: _Asked) -> Iterable[Item]:
    events = list(_events(asked))
    rows = matter.listed(Decision.objects.filter(pk__in={event.subject_id for event in events}))
    decisions = {str(row.pk): row for row in rows if matter.may_read(row, asked.person, asked.at)}
    voter = _ballots_of(asked, decisions.values())
    readable = [(event, decisions[event.subject_id]) for event in events if event.subject_id in decisions]
    told = _told(_key(event, decision, asked) for event, decision in readable)
    for event, decision in readable:
        if _key(event, decision, asked) in told or (
            decision.ballot_id in voter and _is_of_ballot(event, decision)
        ):
            continue
        what = SENTENCES[event.verb](event, decision, asked.at)
        if what:
            yield Item(
                event.at,
                decision.title,
                decision.assembly.name,
                what,
                decision.get_absolute_url(),
                decision.pk in asked.followed,
            )


def _events(asked: _Asked) -> "QuerySet[Event]":
    own = Decision.objects.filter(needs.of_assemblies_of(asked.person, asked.at))
    own_ids = own.annotate(key=Cast("pk", CharField())).values("key")
    mine = Q(verb__in=FOLLOWED, subject_id__in=[str(pk) for pk in asked.followed])
    mine |= Q(verb__in=OWN, subject_id__in=own_ids)
    rows = Event.objects.filter(
        asked.within("at"), verb__in={*FOLLOWED, *OWN}, subject_kind="decisions.decision"
    )
    return rows.filter(mine).exclude(by=asked.person.pk).order_by("at", "id")


def _ballots_of(asked: _Asked, decisions: Iterable[Decision]) -> set[UUID]:
    """Those of their ballots on whose roll the person is: they are written to when it opens and is counted."""
    ballots = [decision.ballot_id for decision in decisions if decision.ballot_id]
    entries = (
        RollEntry.objects.filter(person=asked.person, ballot__in=ballots)
        if ballots
        else RollEntry.objects.none()
    )
    return set(entries.values_list("ballot_id", flat=True))


def _is_of_ballot(event: Event, decision: Decision) -> bool:
    by_ballot = decision.settled_by == Decision.SettledBy.BALLOT
    return event.verb == "decision.ballot_opened" or (event.verb == "decision.settled" and by_ballot)


def _key(event: Event, decision: Decision, asked: _Asked) -> str:
    """The outbox key of what was told of it at once; "" for what is never told at once."""
    call = event.data.get("call")
    what = {
        "decision.called": f"call:{call}",
        "decision.call_fell": f"fell:{call}",
        "decision.deliberation_began": f"deliberation:{decision.pk}",
    }.get(event.verb)
    if event.verb == "decision.race_declared":
        return race_letters.key_of("declared", decision, asked.person)
    return letters.key_of(what, asked.person) if what else ""


def _told(keys: Iterable[str]) -> set[str]:
    wanted = {key for key in keys if key}
    return set(Message.objects.filter(key__in=wanted).values_list("key", flat=True)) if wanted else set()


def _moment(at: datetime | None) -> str:
    return date_format(timezone.localtime(at), "l j F Y, H:i") if at else ""


def _call_of(event: Event, decision: Any) -> Call | None:
    return next((call for call in decision.calls_made if call.pk == event.data.get("call")), None)


def _called(event: Event, decision: Decision, at: datetime) -> str:
    call = _call_of(event, decision)
    if call is None or not call.is_open_at(at):
        return ""  # what came of it is told instead
    facts = {"option": call.subject, "when": _moment(call.ends_at)}
    return _("A call for consensus is open until %(when)s: %(option)s") % facts


def _fell(event: Event, decision: Decision, _at: datetime) -> str:
    call = _call_of(event, decision)
    return _("A call ended without consensus: %(option)s") % {"option": call.subject if call else ""}


def _nominations_ended(event: Event, _decision: Decision, _at: datetime) -> str:
    n = event.data["candidates"]
    return ngettext("Nominations ended: %(n)d stands.", "Nominations ended: %(n)d stand.", n) % {"n": n}


def _began(_event: Event, decision: Decision, _at: datetime) -> str:
    return _("A deliberation began. It ends at %(when)s.") % {"when": _moment(decision.deliberation_ends_at)}


def _opened(_event: Event, decision: Decision, _at: datetime) -> str:
    closes_at = decision.ballot.closes_at if decision.ballot else None
    return _("Its ballot opened. It closes at %(when)s.") % {"when": _moment(closes_at)}


def _settled(_event: Event, decision: Any, _at: datetime) -> str:
    facts = {"how": decision.get_settled_by_display(), "names": ", ".join(one.name for one in decision.won)}
    return _("Decided %(how)s: %(names)s") % facts


SENTENCES: dict[str, Callable[[Event, Decision, datetime], str]] = {
    "decision.proposed": lambda *_of: _("Newly proposed."),
    "decision.race_declared": lambda *_of: _("A race for this office began: anyone can stand."),
    "decision.nominations_ended": _nominations_ended,
    "decision.called": _called,
    "decision.call_fell": _fell,
    "decision.withdrawn": lambda *_of: _("It was withdrawn."),
    "decision.deliberation_began": _began,
    "decision.ballot_opened": _opened,
    "decision.settled": _settled,
    "decision.outcome_stated": lambda *_of: _("The outcome was written down."),
}


# --- Tasks --------------------------------------------------------------------------------------------
def _of_tasks(asked: _Asked) -> Iterable[Item]:
    if not asked.followed:
        return
    passed = Q(due_on__gte=london_day(asked.since), due_on__lt=london_day(asked.until))
    late = Q(done_at=None, dropped_at=None) & passed & ~Q(owner=asked.person)
    rows = Task.objects.filter(asked.within("done_at") | asked.within("dropped_at") | late)
    tasks = list(rows.filter(decision__in=asked.followed).select_related("decision__assembly"))
    ids = [str(task.pk) for task in tasks]
    ended = Event.objects.filter(verb__in=OF_TASKS, subject_kind="decisions.task", subject_id__in=ids)
    own = set(ended.filter(by=asked.person.pk).values_list("subject_id", flat=True)) if ids else set()
    for task in tasks:
        if str(task.pk) not in own and matter.may_read(task.decision, asked.person, asked.at):
            yield _of_task(task, asked.at)


def _of_task(task: Task, at: datetime) -> Item:
    what, when = _("Task late: %(title)s"), at
    if task.done_at:
        what, when = _("Task done: %(title)s"), task.done_at
    elif task.dropped_at:
        what, when = _("Task dropped: %(title)s"), task.dropped_at
    decision = task.decision
    facts = {"title": task.title}
    return Item(when, decision.title, decision.assembly.name, what % facts, decision.get_absolute_url(), True)


# --- Gatherings ---------------------------------------------------------------------------------------
def _of_gatherings(asked: _Asked) -> Iterable[Item]:
    person, at = asked.person, asked.at
    mine = Q(decision__in=asked.followed) | Q(pk__in=Gathering.objects.concerning(person, at).values("pk"))
    to_come = Gathering.objects.visible_to(person, at).coming_at(at)
    rows = Gathering.objects.filter(asked.within("called_at"), pk__in=to_come.values("pk")).filter(mine)
    rows = rows.exclude(called_by=person).exclude(pk__in=person.bars.values("gathering"))
    gatherings = list(rows.select_related("assembly").distinct())
    told = _told(gathering_letters.key_of_invitation(one, person) for one in gatherings)
    for one in gatherings:
        if gathering_letters.key_of_invitation(one, person) not in told:
            what = _("A gathering is called for %(when)s.") % {"when": _moment(one.starts_at)}
            is_followed = one.decision_id in asked.followed
            yield Item(one.called_at, one.title, one.assembly.name, what, one.get_absolute_url(), is_followed)
