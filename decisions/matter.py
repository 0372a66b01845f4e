"""A matter with all that its page needs, loaded in a fixed number of queries, and the roles of whoever reads it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import (
    Case,
    Count,
    Exists,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Value,
    When,
    prefetch_related_objects,
)
from django.db.models.functions import Coalesce

from assemblies.models import Assembly, Participation, Term
from decisions import watchers
from decisions.entitlement import acts_for, has_secretary
from decisions.models import (
    Call,
    Candidacy,
    Comment,
    Decision,
    Gathering,
    Option,
    Position,
    Race,
    Report,
    Stance,
    Task,
)
from decisions.races import options_of
from decisions.watchers import Moment
from members.models import Membership, Person, Suspension

MOST_CHOICES = 200  # people in one list to choose from
MOST_ANSWERS = 100  # to one call, on one page


@dataclass(frozen=True)
class Reader:
    """Somebody who reads a matter's page, and what they are in its assemblies at that moment."""

    person: Person | None
    takes_part: bool = False
    is_member: bool = False  # of the party, and taking part
    acts: bool = False  # as secretary
    facilitates: bool = False
    may_read: bool = True

    def is_one_of(self, *people: Person | None) -> bool:
        """Whether the reader is one of these people."""
        return self.person is not None and self.person in people


@dataclass(frozen=True)
class Matter:
    """A decision with its rows: every call with its `answers` and `counted` (see `give_answers`), every task with
    its `told` in order of time; `my_answers` are the reader's own, by call."""

    decision: Decision
    at: datetime
    assemblies: Sequence[Assembly]
    options: Sequence[Option]
    calls: Sequence[Call]
    gatherings: Sequence[Gathering]
    tasks: Sequence[Task]
    has_secretary: bool
    reader: Reader
    race: Race | None = None
    candidacies: Sequence[Candidacy] = field(default_factory=list)  # with their people and terms
    my_answers: dict[int, Position] = field(default_factory=dict)
    waits_for_reader: Sequence[
        tuple[str, str]
    ] = ()  # of floors above: (label, address), see `watchers.Moment.STEPS`
    before_following_up: Sequence[str] = ()  # why its outcome is not written down yet, once it is settled

    @property
    def standing_call(self) -> Call | None:
        """The call that has not ended."""
        return next((call for call in self.calls if call.ended_at is None), None)

    @property
    def won(self) -> list[Option]:
        """What was decided on; nothing to a reader of whose business it is not."""
        if not self.reader.may_read:
            return []
        return [option for option in self.options if option.won_at is not None]


def may_read(decision: Decision, viewer: Person | AnonymousUser, at: datetime) -> bool:
    """Whether what is said on the matter is for this person's eyes.

    Everything is public (P10) but the discussion of a defection, which is for the members of the deciding
    assemblies alone (DESIGN, Defection; D26).
    """
    if not decision.is_confidential:
        return True
    return isinstance(viewer, Person) and decision.members_at(at).filter(pk=viewer.pk).exists()


def reader_of(decision: Decision, viewer: Person | AnonymousUser, at: datetime, *, led: bool) -> Reader:
    """The viewer with their roles; `led` says whether the decision's assembly has a secretary."""
    allowed = may_read(decision, viewer, at)
    if not isinstance(viewer, Person):
        return Reader(None, may_read=allowed)
    takes_part = decision.has_participant_at(viewer, at)
    is_member = takes_part and viewer.is_member_at(at)
    acts = acts_for(decision, viewer, at)
    return Reader(viewer, takes_part, is_member, acts, acts or (is_member and not led), allowed)


def load(decision: Decision, viewer: Person | AnonymousUser, at: datetime) -> Matter:
    """The matter as the viewer sees it at `at`."""
    assemblies = decision.assemblies()
    led = has_secretary(decision.assembly, at)
    calls = list(decision.calls.select_related("option", "called_by"))
    give_answers(calls, answers(assemblies, at))
    told = Prefetch("reports", queryset=Report.objects.select_related("person"), to_attr="told")
    return Matter(
        decision=decision,
        at=at,
        assemblies=assemblies,
        options=list(options_of(decision).select_related("added_by")),
        calls=calls,
        my_answers=_answers_of(viewer, calls),
        gatherings=list(decision.gatherings.all()),
        tasks=list(decision.tasks.select_related("owner").prefetch_related(told)),
        has_secretary=led,
        reader=reader_of(decision, viewer, at, led=led),
        **_race_of(decision),
        **_from_above(decision, viewer, at),
    )


def _from_above(decision: Decision, viewer: Person | AnonymousUser, at: datetime) -> dict[str, Any]:
    """What floors above have waiting for the viewer, and what they have to come first."""
    found: dict[str, Any] = {}
    if isinstance(viewer, Person):
        found["waits_for_reader"] = watchers.asked(Moment.STEPS, decision=decision, person=viewer, at=at)
    if decision.settled_at is not None:
        found["before_following_up"] = watchers.issues(Moment.BEFORE_FOLLOWING_UP, decision=decision)
    return found


def _race_of(decision: Decision) -> dict[str, Any]:
    """For a race, its own facts."""
    if decision.kind != Decision.Kind.RACE:
        return {}
    race = Race.objects.select_related("office__assembly", "reopens__decision").get(pk=decision.pk)
    rows = race.candidacies.select_related("person", "term", "option").order_by("stood_at", "pk")
    return {"race": race, "candidacies": list(rows)}


def give_answers(calls: Sequence[Call], rows: "QuerySet[Any]") -> None:
    """Gives each call `counted`, how many answered what, and of its `answers` as many as a page names."""
    shown = Prefetch("positions", queryset=objections_first(rows)[:MOST_ANSWERS], to_attr="answers")
    prefetch_related_objects(calls, shown)
    kinds = rows.filter(call__in=calls).order_by().values("call_id", "takes_part", "is_member", "stance")
    counted = list(kinds.annotate(number=Count("pk")))
    for call in calls:
        call.counted = [row for row in counted if row["call_id"] == call.pk]  # type: ignore[attr-defined]


def objections_first(rows: "QuerySet[Position]") -> "QuerySet[Position]":
    """The answers in the order in which they are shown: what has to be answered, then by stance and time."""
    ranked = rows.annotate(rank=Case(When(stance=Stance.OBJECT, then=0), default=1))
    return ranked.order_by("rank", "stance", "taken_at", "pk")


def _answers_of(viewer: Person | AnonymousUser, calls: Sequence[Call]) -> dict[int, Position]:
    if not isinstance(viewer, Person) or not calls:
        return {}
    return {row.call_id: row for row in Position.objects.filter(call__in=calls, person=viewer)}


def answers(assemblies: Sequence[Assembly], at: datetime) -> "QuerySet[Position]":
    """Positions, each with `takes_part` and `is_member`: what the person was when the call ended, or is at `at`.

    The same that `calls.figures_of` counts by: who does not take part any more counts in neither group.
    """
    moment: Any = Coalesce(OuterRef("call__ended_at"), Value(at))
    person = OuterRef("person_id")
    here = Participation.objects.in_force_at(moment).filter(person=person, assembly__in=assemblies)
    member = Membership.objects.in_force_at(moment).filter(person=person)
    suspended = Suspension.objects.in_force_at(moment).filter(person=person)
    return Position.objects.select_related("person", "answered_by").annotate(
        takes_part=Exists(here), is_member=Exists(here) & Exists(member) & ~Exists(suspended)
    )


_BULKY = ("ballot__definition", "ballot__result", "ballot__explanation", "ballot__private_key_wrapped")


def listed(decisions: "QuerySet[Decision]") -> "QuerySet[Decision]":
    """`decisions` with what a list shows of each, in a fixed number of queries: see `standing.stage_of`."""
    return (
        decisions.select_related("assembly", "ballot", "race")
        .defer(*_BULKY)
        .prefetch_related(
            "together_with",
            Prefetch("options", queryset=Option.objects.filter(won_at__isnull=False), to_attr="won"),
            Prefetch("calls", queryset=Call.objects.select_related("option"), to_attr="calls_made"),
            Prefetch("gatherings", queryset=Gathering.objects.filter(cancelled_at=None), to_attr="meetings"),
            Prefetch("tasks", queryset=Task.objects.all(), to_attr="work"),
        )
    )


def who_could_work(decision: Decision, at: datetime) -> "QuerySet[Person]":
    """Whom a task can be given to: everybody taking part; where they are very many, those seen in this matter."""
    people = decision.participants_at(at)
    if people[: MOST_CHOICES + 1].count() <= MOST_CHOICES:
        return people
    seen = (
        Q(pk=decision.proposed_by_id)
        | Exists(Comment.objects.filter(decision=decision, author=OuterRef("pk")))
        | Exists(Position.objects.filter(call__decision=decision, person=OuterRef("pk")))
        | Exists(
            Term.objects.in_force_at(at).filter(office__assembly=decision.assembly, person=OuterRef("pk"))
        )
    )
    return people.filter(seen)
