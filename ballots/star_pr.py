"""Proportional STAR (Allocated Score) in exact fractions (STAR.md, Proportional STAR)."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from ballots.star_result import AllocationStep, Round, ScoreStep, Step, TieStep, WinnerStep, WonBy
from ballots.star_ties import Rung, break_tie, highest
from ballots.star_votes import HIGHEST, SCORES, Blocks, Tally


class Kind(NamedTuple):
    """What votes of one pile have in common: the weight left to each, and how many of them a row is."""

    weight: Fraction
    times: int


Piles = dict[Kind, bytearray]


def pr_rounds(
    options: Sequence[Hashable], blocks: Blocks, tally: Tally, seats: int, lot: Mapping[Hashable, int]
) -> tuple[Round, ...]:
    """A round for each seat. There must be at least one vote, and an option for each seat.

    `lot` is each option's place in the lot order, 1 = first.
    """
    piles = {Kind(Fraction(1), times): rows for times, rows in blocks.items()}
    quota = Fraction(tally.turnout, seats)
    rounds = []
    candidates = tuple(options)
    for seat in range(1, seats + 1):
        if len(candidates) == 1:
            winner = candidates[0]
            steps: tuple[Step, ...] = (WinnerStep(winner, "unopposed"),)
        else:
            weighted, weighted_fives = _weighted(options, piles)
            winner, by, ties = _highest_weighted(candidates, weighted, weighted_fives, lot)
            piles, spent = _spend(piles, len(options), options.index(winner), quota)
            steps = (
                ScoreStep(
                    {option: tally.totals[option] for option in candidates},
                    {option: tally.five_stars[option] for option in candidates},
                    {option: weighted[option] for option in candidates},
                ),
                *ties,
                AllocationStep(winner, quota, weighted[winner], *spent),
                WinnerStep(winner, by),
            )
        rounds.append(Round(seat, candidates, steps))
        candidates = tuple(option for option in candidates if option != winner)
    return tuple(rounds)


def _weighted(
    options: Sequence[Hashable], piles: Piles
) -> tuple[dict[Hashable, Fraction], dict[Hashable, Fraction]]:
    """For each option the sum of weight x score, and the weight of the votes that give it five stars."""
    totals = dict.fromkeys(options, Fraction(0))
    fives = dict.fromkeys(options, Fraction(0))
    for (weight, times), rows in piles.items():
        for place, option in enumerate(options):
            column = rows[place :: len(options)]
            totals[option] += weight * times * sum(column)
            fives[option] += weight * times * column.count(HIGHEST)
    return totals, fives


def _highest_weighted(
    candidates: tuple[Hashable, ...],
    weighted: Mapping[Hashable, Fraction],
    weighted_fives: Mapping[Hashable, Fraction],
    lot: Mapping[Hashable, int],
) -> tuple[Hashable, WonBy, tuple[TieStep, ...]]:
    taken, level = highest(candidates, weighted, 1)
    if taken:
        return taken[0], "total", ()
    rungs = (Rung("five_stars", weighted_fives), Rung("lot", lot))
    chosen, ties = break_tie("allocation", level, 1, rungs)
    return chosen[0], ties[-1].rule, ties


class Spent(NamedTuple):
    """The last four figures of an AllocationStep."""

    spent: Fraction
    boundary_score: Fraction
    boundary_share: Fraction
    left: Fraction


def _spend(piles: Piles, width: int, winner: int, quota: Fraction) -> tuple[Piles, Spent]:
    """Take `quota` of weight from the votes with the highest weight x score for option number `winner`.

    Classes of equal weight x score pay whole from the top down; the class in which the quota is filled, the
    boundary, pays the same share of every vote in it, even where it is the class of those who gave the winner
    nothing: a seat always costs a quota. Returns the piles with weight left in them, and what was spent.
    """
    classes: dict[Fraction, list[tuple[Kind, bytearray]]] = defaultdict(list)
    for kind, score, rows in _by_score(piles, width, winner):
        classes[kind.weight * score].append((kind, rows))
    kept: Piles = defaultdict(bytearray)
    due = quota
    boundary_score = boundary_share = Fraction(0)
    for value in sorted(classes, reverse=True):
        held = _weight(classes[value], width)
        share = min(due / held, Fraction(1))
        due -= share * held
        if share:
            boundary_score, boundary_share = value, share
        if share < 1:
            for (weight, times), rows in classes[value]:
                kept[Kind(weight * (1 - share), times)] += rows
    return dict(kept), Spent(quota - due, boundary_score, boundary_share, _weight(kept.items(), width))


def _weight(piles: Iterable[tuple[Kind, bytearray]], width: int) -> Fraction:
    return sum((kind.weight * kind.times * (len(rows) // width) for kind, rows in piles), Fraction(0))


def _by_score(piles: Piles, width: int, place: int) -> Iterator[tuple[Kind, int, bytearray]]:
    """The rows of every pile, parted by the score they give the option in `place`."""
    for kind, rows in piles.items():
        column = rows[place::width]
        for score in SCORES:
            if column.count(score) == len(column):
                yield kind, score, rows
            elif score in column:
                starts = (start * width for start, given in enumerate(column) if given == score)
                yield kind, score, bytearray().join(rows[start : start + width] for start in starts)
