"""The count of a STAR ballot: the one rule, to the letter of STAR.md.

Plain values in, a frozen result out. Only the standard library; no clock, no randomness, no printing, so that
anyone's count of the same votes with the same lot order gives the same result. `count` is the door for votes;
`count_published` is the same rule for the figures of a ballot too small to list its votes.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence

from ballots.star_errors import (
    CountError,
    LotOrderError,
    MethodError,
    OptionsError,
    SeatsError,
    TallyError,
    VoteError,
)
from ballots.star_pr import pr_rounds
from ballots.star_result import (
    FinalistsStep,
    NoVotesStep,
    Result,
    Round,
    RunoffStep,
    ScoreStep,
    Step,
    TieStep,
    WinnerStep,
    WonBy,
)
from ballots.star_ties import Rung, break_tie, highest
from ballots.star_votes import Tally, Vote, add_up, check, pack

__all__ = [
    "METHODS",
    "CountError",
    "LotOrderError",
    "MethodError",
    "OptionsError",
    "Result",
    "SeatsError",
    "Tally",
    "TallyError",
    "VoteError",
    "count",
    "count_published",
]

METHODS = ("star", "star_pr")


def count(
    options: Sequence[Hashable],
    votes: Iterable[Vote],
    *,
    seats: int = 1,
    method: str = "star",
    lot_order: Sequence[Hashable] | None = None,
) -> Result:
    """Count a ballot.

    `options` are at least one hashable name, all different. `votes` are pairs `(scores, weight)`: a tuple of
    one whole number 0..5 for each option, in the order of `options`, and how many equal votes it stands for
    (at least 1). An iterator is read once and not kept. `seats` is 1 up to the number of options. `method`
    is "star" (Bloc STAR for several seats) or "star_pr" (Proportional STAR). `lot_order` is a permutation of
    the options; the earlier wins a lot; by default it is the order of `options`.

    Returns a Result; without a single vote nobody is elected. Raises a CountError (a ValueError) whose
    sentence says what is wrong: OptionsError, VoteError, SeatsError, MethodError or LotOrderError.
    """
    options, lot = _checked(options, seats, method, lot_order)
    blocks = pack(votes, len(options))
    figures = add_up(options, blocks)
    if not figures.turnout:
        rounds = _no_votes(options)
    elif method == "star":
        rounds = _star_rounds(options, figures, seats, lot)
    else:
        rounds = pr_rounds(options, blocks, figures, seats, lot)
    return _result(figures, rounds)


def count_published(
    options: Sequence[Hashable],
    figures: Tally,
    *,
    seats: int = 1,
    lot_order: Sequence[Hashable] | None = None,
) -> Result:
    """Count a STAR or Bloc STAR ballot from its published figures instead of its votes.

    The rest is as for `count`. Raises a CountError as `count` does, and TallyError where the figures
    contradict each other. Proportional STAR cannot be counted like this: it needs the votes.
    """
    options, lot = _checked(options, seats, "star", lot_order)
    check(figures, options)
    return _result(
        figures, _star_rounds(options, figures, seats, lot) if figures.turnout else _no_votes(options)
    )


def _checked(
    options: Sequence[Hashable], seats: int, method: str, lot_order: Sequence[Hashable] | None
) -> tuple[tuple[Hashable, ...], dict[Hashable, int]]:
    """The options as a tuple, and each one's place in the lot order (1 = first)."""
    if not isinstance(options, Sequence):
        raise OptionsError("The options must be a sequence, for their order gives the scores their meaning.")
    options = tuple(options)
    if not options:
        raise OptionsError("There must be at least one option.")
    if _repeats(options, OptionsError("Every option must be hashable.")):
        raise OptionsError("The options must all be different.")
    if type(seats) is not int or seats < 1:
        raise SeatsError("The number of seats must be a whole number of at least 1.")
    if seats > len(options):
        raise SeatsError(f"There are {seats} seats but the number of options is {len(options)}.")
    if method not in METHODS:
        raise MethodError(f"The method must be one of: {', '.join(METHODS)}.")
    order = options if lot_order is None else _ordered(lot_order)
    if _repeats(order, LotOrderError("Every entry of the lot order must be hashable.")):
        raise LotOrderError("The lot order names an option twice.")
    if set(order) != set(options):
        raise LotOrderError("The lot order must name every option, and nothing else.")
    return options, {option: place for place, option in enumerate(order, 1)}


def _ordered(lot_order: Sequence[Hashable]) -> tuple[Hashable, ...]:
    if not isinstance(lot_order, Sequence):
        raise LotOrderError("The lot order must be a sequence of the options.")
    return tuple(lot_order)


def _repeats(names: tuple[Hashable, ...], unhashable: CountError) -> bool:
    try:
        return len(set(names)) != len(names)
    except TypeError:
        raise unhashable from None


def _result(figures: Tally, rounds: tuple[Round, ...]) -> Result:
    return Result(
        winners=tuple(round_.winner for round_ in rounds if round_.winner is not None),
        rounds=rounds,
        turnout=figures.turnout,
        totals=figures.totals,
        five_stars=figures.five_stars,
        distribution=figures.distribution,
        pairwise=figures.pairwise,
    )


def _no_votes(options: tuple[Hashable, ...]) -> tuple[Round, ...]:
    return (Round(1, options, (NoVotesStep(),)),)


def _star_rounds(
    options: tuple[Hashable, ...], figures: Tally, seats: int, lot: Mapping[Hashable, int]
) -> tuple[Round, ...]:
    """A round for each seat: count, seat the winner, strike it, count again on all votes unchanged."""
    rounds: list[Round] = []
    candidates = options
    for seat in range(1, seats + 1):
        steps = _seat(candidates, figures, lot)
        rounds.append(Round(seat, candidates, steps))
        candidates = tuple(option for option in candidates if option != rounds[-1].winner)
    return tuple(rounds)


def _seat(candidates: tuple[Hashable, ...], figures: Tally, lot: Mapping[Hashable, int]) -> tuple[Step, ...]:
    if len(candidates) == 1:
        return (WinnerStep(candidates[0], "unopposed"),)
    totals = {option: figures.totals[option] for option in candidates}
    five_stars = {option: figures.five_stars[option] for option in candidates}
    finalists, ties = _finalists(candidates, figures, lot)
    runoff = _runoff(finalists, figures)
    winner, by, runoff_ties = _runoff_winner(runoff, figures, lot)
    return (
        ScoreStep(totals, five_stars),
        *ties,
        FinalistsStep(finalists),
        runoff,
        *runoff_ties,
        WinnerStep(winner, by),
    )


def _finalists(
    candidates: tuple[Hashable, ...], figures: Tally, lot: Mapping[Hashable, int]
) -> tuple[tuple[Hashable, Hashable], tuple[TieStep, ...]]:
    """The two with the highest totals, and how a tie for the last place, or for both, was broken.

    Head to head is asked only where exactly two are level on totals, which can only be for one place. A rule
    that places one of three does not bring it back for the other two: they go on together to the lot.
    """
    taken, level = highest(candidates, figures.totals, 2)
    ties: tuple[TieStep, ...] = ()
    if level:
        rungs = [Rung("five_stars", figures.five_stars), Rung("lot", lot)]
        if len(level) == 2:
            one, other = level
            preferred = {one: figures.pairwise[one][other], other: figures.pairwise[other][one]}
            rungs.insert(0, Rung("head_to_head", preferred))
        chosen, ties = break_tie("finalists", level, 2 - len(taken), rungs)
        taken += chosen
    first, second = taken
    return (first, second), ties


def _runoff(finalists: tuple[Hashable, Hashable], figures: Tally) -> RunoffStep:
    first, second = finalists
    votes = {first: figures.pairwise[first][second], second: figures.pairwise[second][first]}
    return RunoffStep(finalists, votes, figures.turnout - sum(votes.values()))


def _runoff_winner(
    runoff: RunoffStep, figures: Tally, lot: Mapping[Hashable, int]
) -> tuple[Hashable, WonBy, tuple[TieStep, ...]]:
    taken, level = highest(runoff.finalists, runoff.votes, 1)
    if taken:
        return taken[0], "runoff", ()
    rungs = (Rung("total", figures.totals), Rung("five_stars", figures.five_stars), Rung("lot", lot))
    chosen, ties = break_tie("runoff", level, 1, rungs)
    return chosen[0], ties[-1].rule, ties
