"""Who comes highest, and the ladder of rules that separates those who are level (STAR.md, Ties)."""

from collections.abc import Hashable, Sequence
from typing import NamedTuple

from ballots.star_result import Contest, Numbers, Rule, TieStep


class Rung(NamedTuple):
    """One rule of a ladder with every tied option's number under it."""

    rule: Rule
    numbers: Numbers


def highest(
    tied: Sequence[Hashable], numbers: Numbers, places: int
) -> tuple[tuple[Hashable, ...], tuple[Hashable, ...]]:
    """The options with the highest numbers that certainly have one of the `places`, and who contest the rest.

    Places are filled from the top, each class of equal numbers as a whole while it fits. The first class
    that does not fit contests what is left; where all places are filled nobody does. Options of one class
    keep the order they have in `tied`.
    """
    taken: tuple[Hashable, ...] = ()
    for number in sorted({numbers[option] for option in tied}, reverse=True):
        level = tuple(option for option in tied if numbers[option] == number)
        room = places - len(taken)
        if len(level) > room:
            return taken, level if room else ()
        taken += level
    return taken, ()


def break_tie(
    contest: Contest, tied: Sequence[Hashable], places: int, rungs: Sequence[Rung]
) -> tuple[tuple[Hashable, ...], tuple[TieStep, ...]]:
    """Fill `places` from the more numerous `tied`, rung by rung; the last rung must be "lot".

    Who a rung puts on top has a place; those still level for the rest go on together to the next rung, and
    those under them are out. For "lot" the lowest number, the first place in the lot order, is the highest.
    Returns the chosen, in order, and a step for each rung that was tried.
    """
    chosen: tuple[Hashable, ...] = ()
    steps: list[TieStep] = []
    level = tuple(tied)
    for rule, numbers in rungs:
        room = places - len(chosen)
        ranking: Numbers = {option: -numbers[option] for option in level} if rule == "lot" else numbers
        taken, rest = highest(level, ranking, room)
        shown = {option: numbers[option] for option in level}
        steps.append(TieStep(contest, room, level, rule, shown, taken, rest))
        chosen += taken
        level = rest
        if not level:
            break
    return chosen, tuple(steps)
