"""How a call stands: who agrees, stands aside, objects; members and others apart (A3); numbers, bars and names."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from decisions.matter import MOST_ANSWERS, Matter
from decisions.models import Call, Decision, Position, Stance

_FILLS = {Stance.AGREE: "bar--first", Stance.STAND_ASIDE: "bar--between", Stance.OBJECT: "bar--second"}


@dataclass(frozen=True)
class Segment:
    """A part of a bar, in percent of its length."""

    fill: str
    start: float
    width: float


@dataclass(frozen=True)
class Group:
    """One group's answers: the numbers, and the answers themselves by stance."""

    label: Promise
    counted: dict[str, int]
    answers: dict[str, list[Position]] = field(default_factory=dict)

    @property
    def answered(self) -> int:
        """How many of the group have answered."""
        return sum(self.counted.values())

    @property
    def segments(self) -> list[Segment]:
        """The bar of the group, drawn to the number of answers; empty where there are none."""
        drawn, start = [], 0.0
        for stance, fill in _FILLS.items():
            width = 100 * self.counted[stance] / self.answered if self.answered else 0
            if width:
                drawn.append(Segment(fill, round(start, 3), round(width, 3)))
            start += width
        return drawn

    @property
    def sentence(self) -> str:
        """The bar in words."""
        return ", ".join(
            (
                ngettext("%(n)d agrees", "%(n)d agree", self.counted[Stance.AGREE])
                % {"n": self.counted[Stance.AGREE]},
                ngettext("%(n)d stands aside", "%(n)d stand aside", self.counted[Stance.STAND_ASIDE])
                % {"n": self.counted[Stance.STAND_ASIDE]},
                ngettext("%(n)d objects", "%(n)d object", self.counted[Stance.OBJECT])
                % {"n": self.counted[Stance.OBJECT]},
            )
        )

    @property
    def named(self) -> list[tuple[str, int, list[Position]]]:
        """The answers under the name of each stance, with how many there are of it, without empty ones."""
        return [
            (str(Stance(stance).label), self.counted[stance], rows)
            for stance, rows in self.answers.items()
            if rows
        ]


@dataclass(frozen=True)
class Balance:
    """How a call stands or stood."""

    members: Group
    participants: Group
    needed: int
    electorate: int  # members who could answer
    objections: list[Position]  # members' first

    @property
    def groups(self) -> list[Group]:
        """Members, and where any of them answered, the other participants."""
        return [self.members, self.participants] if self.participants.answered else [self.members]

    @property
    def is_long(self) -> bool:
        """Whether so many answered that their names have a page of their own."""
        return self.members.answered + self.participants.answered > MOST_ANSWERS

    @property
    def has_more_objections(self) -> bool:
        """Whether there are more objections than are shown here."""
        groups = (self.members, self.participants)
        return sum(group.counted[Stance.OBJECT] for group in groups) > len(self.objections)

    @property
    def silent(self) -> int:
        """Members who have not answered."""
        return max(0, self.electorate - self.members.answered)

    @property
    def verdict(self) -> str:
        """What the numbers mean for consensus, in one sentence."""
        agree, objects = self.members.counted[Stance.AGREE], self.members.counted[Stance.OBJECT]
        if objects:
            return ngettext(
                "A member’s objection stands, so there is no consensus.",
                "%(n)d members’ objections stand, so there is no consensus.",
                objects,
            ) % {"n": objects}
        missing = self.needed - agree
        if missing > 0:
            return ngettext(
                "%(n)d more member has to agree for consensus.",
                "%(n)d more members have to agree for consensus.",
                missing,
            ) % {"n": missing}
        if not self.electorate:
            return _now("No member takes part, so there can be no consensus.")
        return _now("Enough members agree, and none objects: this is consensus.")


@dataclass(frozen=True)
class Shown:
    """A call as the matter's page shows it, with its number among the matter's calls, from 1."""

    call: Call
    number: int
    balance: Balance
    mine: Position | None  # the reader's own answer

    @property
    def reached(self) -> bool:
        """Whether it ended with consensus."""
        return self.call.result == Call.Result.CONSENSUS


def shown(loaded: Matter) -> list[Shown]:
    """Every call of a matter, in the order of calling."""
    return [
        Shown(call, n, of_call(call, loaded.decision, loaded.at), loaded.my_answers.get(call.pk))
        for n, call in enumerate(loaded.calls, 1)
    ]


def of_call(call: Call, decision: Decision, at: datetime) -> Balance:
    """The balance of a call that has its answers (`matter.give_answers`): for an ended one, the figures kept then."""
    rows: list[Any] = list(call.answers)  # type: ignore[attr-defined]
    counted: list[dict[str, Any]] = call.counted  # type: ignore[attr-defined]
    kept = call.account
    members = Group(
        _("Members"),
        _kept(kept, "members") if kept else _counted(row for row in counted if row["is_member"]),
        _by_stance([row for row in rows if row.is_member]),
    )
    others = Group(
        _("Participants who are not members"),
        _kept(kept, "participants")
        if kept
        else _counted(row for row in counted if row["takes_part"] and not row["is_member"]),
        _by_stance([row for row in rows if row.takes_part and not row.is_member]),
    )
    objections = [*members.answers[Stance.OBJECT], *others.answers[Stance.OBJECT]]
    if kept:
        return Balance(members, others, kept["needed"], kept["members"], objections)
    electorate = decision.members_at(at).count()
    return Balance(members, others, min(decision.quorum, electorate), electorate, objections)


def _by_stance(rows: list[Position]) -> dict[str, list[Position]]:
    return {str(stance): [row for row in rows if row.stance == stance] for stance in Stance.values}


def _counted(rows: Iterable[dict[str, Any]]) -> dict[str, int]:
    counted = dict.fromkeys((str(stance) for stance in Stance.values), 0)
    for row in rows:
        counted[row["stance"]] += row["number"]
    return counted


def _kept(account: dict[str, int], group: str) -> dict[str, int]:
    return {stance: account.get(f"{group}_{stance}", 0) for stance in Stance.values}
