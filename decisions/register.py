"""The public register of decisions (P10): what is searched and filtered by, and what is told of each."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from assemblies.models import Assembly
from decisions import matter, standing
from decisions.models import Call, Decision, Gathering, Option
from decisions.standing import Stage
from harmony.time import LONDON, iso, london_day


def at_stage(stage: str) -> Q:
    """The decisions at a stage; the same as `standing.stage_of` says of one."""
    nominating = Q(kind=Decision.Kind.RACE, race__nominations_ended_at=None)
    unsettled = Q(settled_at=None, withdrawn_at=None) & ~nominating
    talked = unsettled & Q(deliberation_began_at=None)
    called = Exists(Call.objects.filter(decision=OuterRef("pk"), ended_at=None))
    tried = Exists(Call.objects.filter(decision=OuterRef("pk"))) | Exists(
        Gathering.objects.filter(decision=OuterRef("pk"), cancelled_at=None)
    )
    return {
        Stage.NOMINATIONS: nominating,
        Stage.TALK: talked & ~Q(tried),
        Stage.CALL: talked & Q(called),
        Stage.HARDER: talked & Q(tried) & ~Q(called),
        Stage.DELIBERATION: unsettled & Q(deliberation_began_at__isnull=False, deliberation_ended_at=None),
        Stage.BALLOT: unsettled & Q(deliberation_ended_at__isnull=False),
        Stage.CONSENSUS: Q(settled_by=Decision.SettledBy.CONSENSUS),
        Stage.VOTED: Q(settled_by=Decision.SettledBy.BALLOT),
        Stage.WITHDRAWN: Q(withdrawn_at__isnull=False) & ~Q(kind=Decision.Kind.RACE),
        Stage.LAPSED: Q(withdrawn_at__isnull=False, kind=Decision.Kind.RACE),
    }[Stage(stage)]


@dataclass(frozen=True)
class Filters:
    """What somebody looks for; an empty value asks for nothing. Days are London's, both included."""

    q: str = ""
    assembly: Assembly | None = None
    kind: str = ""
    stage: str = ""
    since: date | None = None
    until: date | None = None

    @property
    def are_set(self) -> bool:
        """Whether anything is asked for."""
        return self != Filters()


def found(filters: Filters) -> "QuerySet[Decision]":
    """The decisions that the filters ask for, latest first: by the day of their end, else of their beginning."""
    rows = Decision.objects.annotate(dated_at=Coalesce("settled_at", "withdrawn_at", "proposed_at"))
    if filters.q:
        rows = rows.filter(_matching(filters.q))
    if filters.assembly is not None:
        rows = rows.filter(of_assembly(filters.assembly))
    if filters.kind:
        rows = rows.filter(kind=filters.kind)
    if filters.stage:
        rows = rows.filter(at_stage(filters.stage))
    if filters.since is not None:
        rows = rows.filter(dated_at__gte=_midnight(filters.since))
    if filters.until is not None:
        rows = rows.filter(dated_at__lt=_midnight(filters.until + timedelta(days=1)))
    return rows.order_by(F("dated_at").desc(), "pk")


def of_assembly(assembly: Assembly) -> Q:
    """The decisions that an assembly settles, alone or with others."""
    joint = Decision.together_with.through.objects.filter(decision=OuterRef("pk"), assembly=assembly)
    return Q(assembly=assembly) | Q(Exists(joint))


def _matching(words: str) -> Q:
    """Words in the title or in what is public of the rest; what is confidential is not found by its words."""
    option = Option.objects.filter(decision=OuterRef("pk"), name__icontains=words)
    told = Q(text__icontains=words) | Q(outcome_statement__icontains=words)
    return (
        Q(title__icontains=words)
        | Q(assembly__name__icontains=words)
        | Exists(option)
        | (told & ~Q(kind=Decision.Kind.DEFECTION))
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=LONDON)


@dataclass(frozen=True)
class Listed:
    """A decision in a list. `decision` comes from `matter.listed`."""

    decision: Any
    at: datetime

    @property
    def stage(self) -> Stage:
        """Where it is."""
        return standing.stage_of(self.decision, self.decision.calls_made, self.decision.meetings)

    @property
    def assemblies(self) -> list[Assembly]:
        """Whose decision it is."""
        others = [one for one in self.decision.together_with.all() if one.pk != self.decision.assembly_id]
        return [self.decision.assembly, *others]

    @property
    def deadline(self) -> datetime | None:
        """When the next thing happens by itself."""
        decision = self.decision
        if self.stage is Stage.NOMINATIONS:
            return decision.race.nominations_end_at
        if self.stage is Stage.DELIBERATION:
            return decision.deliberation_ends_at
        if self.stage is Stage.BALLOT and decision.ballot is not None:
            return decision.ballot.closes_at
        return next((call.ends_at for call in decision.calls_made if call.ended_at is None), None)

    @property
    def work(self) -> list[tuple[str, int]]:
        """Its tasks counted by state: done, under way, late, dropped."""
        counted: dict[str, int] = {}
        for task in self.decision.work:
            state = str(task.state_on(london_day(self.at)))
            counted[state] = counted.get(state, 0) + 1
        return list(counted.items())

    @property
    def outcome(self) -> str:
        """What was decided; of a confidential matter nothing, since the person concerned is told by letter."""
        if self.decision.is_confidential:
            return ""
        return ", ".join(option.name for option in self.decision.won)


def export(rows: "QuerySet[Decision]", at: datetime) -> Iterator[dict[str, Any]]:
    """The public facts of each decision, for machines: no person's name, nothing that was said of a defection."""
    full = matter.listed(rows).prefetch_related("options")
    for decision in full.iterator(chunk_size=200):
        yield _facts(Listed(decision, at))


def _facts(listed: Listed) -> dict[str, Any]:
    decision = listed.decision
    is_open = not decision.is_confidential
    return {
        "id": str(decision.pk),
        "url": settings.SITE_URL + decision.get_absolute_url(),
        "title": decision.title,
        "kind": decision.kind,
        "assemblies": [assembly.name for assembly in listed.assemblies],
        "proposed_at": iso(decision.proposed_at),
        "text": decision.text if is_open else None,
        "stage": listed.stage.value,
        "rules": {
            "quorum": decision.quorum,
            "cooling_off_days": decision.cooling_off_days,
            "deliberation_days": decision.deliberation_days,
            "voting_days": decision.voting_days,
        },
        "options": [
            {
                "name": option.name,
                "statement": option.statement if is_open else None,
                "won": bool(option.won_at) if is_open else None,
            }
            for option in decision.options.all()
        ],
        "calls": [_call(call) for call in decision.calls_made] if is_open else [],
        "gatherings": [
            {"kind": one.kind, "starts_at": iso(one.starts_at), "held_at": _iso(one.held_at)}
            for one in decision.meetings
        ],
        "deliberation": {
            "began_at": _iso(decision.deliberation_began_at),
            "ends_at": _iso(decision.deliberation_ends_at),
            "ended_at": _iso(decision.deliberation_ended_at),
        },
        "ballot": settings.SITE_URL + decision.ballot.get_absolute_url()
        if decision.ballot and is_open
        else None,
        "settled_at": _iso(decision.settled_at),
        "withdrawn_at": _iso(decision.withdrawn_at),
        "outcome": decision.outcome_statement if is_open else None,
        "tasks": [
            {
                "title": task.title if is_open else None,
                "due_on": task.due_on.isoformat(),
                "done_at": _iso(task.done_at),
                "dropped_at": _iso(task.dropped_at),
            }
            for task in decision.work
        ],
    }


def _call(call: Call) -> dict[str, Any]:
    return {
        "option": call.subject,
        "called_at": iso(call.called_at),
        "ends_at": iso(call.ends_at),
        "ended_at": _iso(call.ended_at),
        "result": call.result or None,
        "figures": call.account,
    }


def _iso(at: datetime | None) -> str | None:
    return None if at is None else iso(at)
