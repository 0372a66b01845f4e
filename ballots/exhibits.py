"""A count as its page shows it: the account of each seat beside the pictures of its numbers.

Reads the plain form in which results are stored and published (`Result.as_data`), like `account.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from ballots import account, pictures
from ballots.pictures import Column, Pair


@dataclass(frozen=True, slots=True)
class ScoreBar:
    """One option's total: of all votes, or for a proportional seat the sum of scores times weights.

    `leaves_free` where it took a seat and so leaves it and those after it free, `is_behind` where it came after that.
    """

    name: str
    total: int | Fraction
    length: str
    is_winner: bool
    seat: int | None
    leaves_free: bool = False
    is_behind: bool = False


@dataclass(frozen=True, slots=True)
class RunoffBar:
    """A runoff: the winner's votes, Equal Support, the other's."""

    first: str
    first_votes: int
    second: str
    second_votes: int
    equal: int
    picture: pictures.Runoff


@dataclass(frozen=True, slots=True)
class Seat:
    """How one seat was filled, told and shown. `bars` only for a proportional seat, `free` says why it stays free."""

    title: str
    sentences: tuple[str, ...]
    runoff: RunoffBar | None
    bars: tuple[ScoreBar, ...]
    free: str = ""


@dataclass(frozen=True, slots=True)
class Spread:
    """How the scores of one option were spread."""

    name: str
    total: int
    columns: list[Column]


@dataclass(frozen=True, slots=True)
class Exhibits:
    """All of a result page's pictures. Options stand in order of their totals in each of them."""

    turnout: int
    seats: list[Seat]
    bars: list[ScoreBar]
    spreads: list[Spread]
    names: list[str]
    pairs: list[tuple[str, list[Pair]]]


def exhibits(outcome: Mapping[str, Any], names: Mapping[str, str], stopped_by: str | None = None) -> Exhibits:
    """What to show of `outcome`; `names` gives the options' names by key, in the order of setting up.

    `stopped_by` is the winner that leaves its seat and those after it free (`outcome.elected`).
    """
    turnout = outcome["turnout"]
    won = {key: seat for seat, key in enumerate(outcome["winners"], 1)}
    totals = {key: outcome["totals"][key] for key in names}
    bars = [_score_bar(bar, names, won, stopped_by) for bar in pictures.score_bars(totals, 5 * turnout)]
    order = sorted(names, key=lambda key: outcome["totals"][key], reverse=True)
    most = max((max(counts) for counts in outcome["distribution"].values()), default=0)
    return Exhibits(
        turnout=turnout,
        seats=_seats(outcome, names, stopped_by),
        bars=bars,
        spreads=[
            Spread(names[key], outcome["totals"][key], pictures.spread(outcome["distribution"][key], most))
            for key in order
        ],
        names=[names[key] for key in order],
        pairs=[(names[key], cells) for key, cells in pictures.pairs(outcome["pairwise"], order, turnout)],
    )


def _score_bar(
    bar: pictures.Bar, names: Mapping[str, str], won: Mapping[str, int], stopped_by: str | None = None
) -> ScoreBar:
    seat, stop = won.get(bar.key), won.get(stopped_by or "")
    is_behind = seat is not None and stop is not None and seat > stop
    leaves_free = bar.key == stopped_by
    is_winner = seat is not None and not is_behind and not leaves_free
    return ScoreBar(names[bar.key], bar.value, bar.length, is_winner, seat, leaves_free, is_behind)


def _seats(outcome: Mapping[str, Any], names: Mapping[str, str], stopped_by: str | None) -> list[Seat]:
    told = account.sentences(outcome["rounds"], names)
    made, free = [], ""
    for seat, round_ in zip(told, outcome["rounds"], strict=True):
        if free:
            free = _("Nobody is elected to this seat: whoever the count puts here came behind “%(name)s”.")
        elif stopped_by is not None and seat.winner == stopped_by:
            free = _("“%(name)s” took this seat, so it stays free, and so do those after it.")
        bars = _weighted(round_, names, outcome["turnout"])
        why = free % {"name": names[stopped_by]} if free and stopped_by else ""
        made.append(Seat(seat.title, seat.sentences, _runoff(round_, names), bars, why))
    return made


def _runoff(round_: Mapping[str, Any], names: Mapping[str, str]) -> RunoffBar | None:
    step = next((step for step in round_["steps"] if step["step"] == "runoff"), None)
    if step is None:
        return None
    first = round_["winner"]
    (second,) = (key for key in step["finalists"] if key != first)
    votes, equal = step["votes"], step["equal_support"]
    return RunoffBar(
        names[first],
        votes[first],
        names[second],
        votes[second],
        equal,
        pictures.runoff(votes[first], equal, votes[second]),
    )


def _weighted(round_: Mapping[str, Any], names: Mapping[str, str], turnout: int) -> tuple[ScoreBar, ...]:
    score = next((step for step in round_["steps"] if "weighted" in step), None)
    if score is None:
        return ()
    totals = {key: Fraction(score["weighted"][key]) for key in names if key in score["weighted"]}
    won = {round_["winner"]: round_["seat"]}
    return tuple(_score_bar(bar, names, won) for bar in pictures.score_bars(totals, 5 * turnout))
