"""What a count returns: the winners and the account of every step that led to them.

Everything here is a frozen value. `as_data` turns it into plain JSON values with every option named by
`key(option)`; fractions are written as exact text ("7/2", "4").
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

Key = Callable[[Any], str]
Contest = Literal["finalists", "runoff", "allocation"]
Rule = Literal["head_to_head", "total", "five_stars", "lot"]
WonBy = Rule | Literal["runoff", "unopposed"]
Numbers = Mapping[Hashable, int | Fraction]


def _plain(number: int | Fraction) -> int | str:
    return str(number) if isinstance(number, Fraction) else number


def _keyed(numbers: Numbers, key: Key) -> dict[str, Any]:
    return {key(option): _plain(number) for option, number in numbers.items()}


@dataclass(frozen=True, slots=True)
class NoVotesStep:
    """Nobody voted, so nobody is elected."""

    def as_data(self, key: Key) -> dict[str, Any]:  # noqa: ARG002
        """This step of "rounds" in plain values."""
        return {"step": "no_votes"}


@dataclass(frozen=True, slots=True)
class ScoreStep:
    """The totals and five-star counts of the options still in the race.

    `weighted`, for Proportional STAR only, is the sum of weight x score that decides the seat.
    """

    totals: Mapping[Hashable, int]
    five_stars: Mapping[Hashable, int]
    weighted: Mapping[Hashable, Fraction] | None = None

    def as_data(self, key: Key) -> dict[str, Any]:
        """This step of "rounds" in plain values."""
        data = {
            "step": "score",
            "totals": _keyed(self.totals, key),
            "five_stars": _keyed(self.five_stars, key),
        }
        if self.weighted is not None:
            data["weighted"] = _keyed(self.weighted, key)
        return data


@dataclass(frozen=True, slots=True)
class TieStep:
    """One rule tried on options that are level for `places` places of a contest.

    `chosen` are those it gave a place; `left` those still level, for the next rule. Where `chosen` is empty
    it filled no place. The numbers of "lot" are places in the whole lot order, 1 = first.
    """

    contest: Contest
    places: int
    tied: tuple[Hashable, ...]
    rule: Rule
    numbers: Numbers
    chosen: tuple[Hashable, ...]
    left: tuple[Hashable, ...]

    def as_data(self, key: Key) -> dict[str, Any]:
        """This step of "rounds" in plain values."""
        return {
            "step": "tie",
            "for": self.contest,
            "places": self.places,
            "tied": [key(option) for option in self.tied],
            "rule": self.rule,
            "numbers": _keyed(self.numbers, key),
            "chosen": [key(option) for option in self.chosen],
            "left": [key(option) for option in self.left],
        }


@dataclass(frozen=True, slots=True)
class FinalistsStep:
    """The two options that go to the runoff, the higher placed first."""

    finalists: tuple[Hashable, Hashable]

    def as_data(self, key: Key) -> dict[str, Any]:
        """This step of "rounds" in plain values."""
        return {"step": "finalists", "finalists": [key(option) for option in self.finalists]}


@dataclass(frozen=True, slots=True)
class RunoffStep:
    """How many votes prefer each finalist, and how many score both the same."""

    finalists: tuple[Hashable, Hashable]
    votes: Mapping[Hashable, int]
    equal_support: int

    def as_data(self, key: Key) -> dict[str, Any]:
        """This step of "rounds" in plain values."""
        return {
            "step": "runoff",
            "finalists": [key(option) for option in self.finalists],
            "votes": _keyed(self.votes, key),
            "equal_support": self.equal_support,
        }


@dataclass(frozen=True, slots=True)
class AllocationStep:
    """How a seat of Proportional STAR was paid for, in weight of votes.

    `spent`, a whole quota, was paid by the votes with the highest weight x score for the winner, and `left`
    is what all votes keep for later seats. `boundary_score` is the weight x score of the class of votes in
    which the quota was filled: each of them paid the share `boundary_share` of its weight, above 0 and up to
    1; those above them paid all of theirs.
    """

    winner: Hashable
    quota: Fraction
    weighted_total: Fraction
    spent: Fraction
    boundary_score: Fraction
    boundary_share: Fraction
    left: Fraction

    def as_data(self, key: Key) -> dict[str, Any]:
        """This step of "rounds" in plain values."""
        return {
            "step": "allocation",
            "winner": key(self.winner),
            "quota": _plain(self.quota),
            "weighted_total": _plain(self.weighted_total),
            "spent": _plain(self.spent),
            "boundary_score": _plain(self.boundary_score),
            "boundary_share": _plain(self.boundary_share),
            "left": _plain(self.left),
        }


@dataclass(frozen=True, slots=True)
class WinnerStep:
    """Who won the seat, and what settled it."""

    winner: Hashable
    by: WonBy

    def as_data(self, key: Key) -> dict[str, Any]:
        """This step of "rounds" in plain values."""
        return {"step": "winner", "winner": key(self.winner), "by": self.by}


Step = NoVotesStep | ScoreStep | TieStep | FinalistsStep | RunoffStep | AllocationStep | WinnerStep


@dataclass(frozen=True, slots=True)
class Round:
    """The filling of one seat (1 = first) among the `candidates` that were still in the race."""

    seat: int
    candidates: tuple[Hashable, ...]
    steps: tuple[Step, ...]

    @property
    def winner(self) -> Hashable | None:
        """Who won the seat; None where nobody voted."""
        last = self.steps[-1]
        return last.winner if isinstance(last, WinnerStep) else None

    @property
    def unopposed(self) -> bool:
        """Whether the seat went to the only option left, without a count of preference."""
        last = self.steps[-1]
        return isinstance(last, WinnerStep) and last.by == "unopposed"

    def as_data(self, key: Key = str) -> dict[str, Any]:
        """This round of "rounds" in plain values."""
        last = self.steps[-1]
        return {
            "seat": self.seat,
            "candidates": [key(option) for option in self.candidates],
            "winner": key(last.winner) if isinstance(last, WinnerStep) else None,
            "unopposed": self.unopposed,
            "steps": [step.as_data(key) for step in self.steps],
        }


@dataclass(frozen=True, slots=True)
class Result:
    """A counted ballot.

    `winners` are in order of election: none where nobody voted, else one for each seat. `rounds` is the full
    account, a round for each seat. `turnout` is the number of votes; `distribution` tells for each option how
    many votes gave it 0, 1, ... 5; `pairwise[a][b]` how many score `a` higher than `b`.
    """

    winners: tuple[Hashable, ...]
    rounds: tuple[Round, ...]
    turnout: int
    totals: Mapping[Hashable, int]
    five_stars: Mapping[Hashable, int]
    distribution: Mapping[Hashable, tuple[int, ...]]
    pairwise: Mapping[Hashable, Mapping[Hashable, int]]

    def as_data(self, key: Key = str) -> dict[str, Any]:
        """The result in plain JSON values, under the names that the published bundle uses."""
        return {
            "turnout": self.turnout,
            "totals": _keyed(self.totals, key),
            "five_stars": _keyed(self.five_stars, key),
            "distribution": {key(option): list(numbers) for option, numbers in self.distribution.items()},
            "pairwise": {key(option): _keyed(row, key) for option, row in self.pairwise.items()},
            "winners": [key(option) for option in self.winners],
            "rounds": [round_.as_data(key) for round_ in self.rounds],
        }
