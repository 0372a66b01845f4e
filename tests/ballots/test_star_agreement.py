"""Agreement with `starvote`, another tabulator, on thousands of random elections.

Where the two rules differ, by design, is named here; an election is left out only for a named difference, and
each difference has a test that it is a real one.
"""

import random
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import pytest
import starvote

from ballots import star
from ballots.star_result import AllocationStep, TieStep

Scores = tuple[int, ...]


class Election:
    """A random election, small and from few different scores so that ties are frequent."""

    def __init__(self, seed: int, *, most_voters: int, least_options: int = 2) -> None:
        chance = random.Random(seed)  # noqa: S311 - the same elections every time
        self.options = "ABCDEFG"[: chance.randint(least_options, 7)]
        allowed = chance.choice([(0, 5), (1, 2, 3), (0, 4, 5), range(6), range(6), range(6)])
        voters = range(chance.randint(1, most_voters))
        self.votes: list[Scores] = [tuple(chance.choice(allowed) for _ in self.options) for _ in voters]
        self.lot_order = "".join(chance.sample(self.options, len(self.options)))
        self.seats = chance.randint(2, len(self.options))

    def ours(self, **how: Any) -> star.Result:
        return star.count(self.options, [(vote, 1) for vote in self.votes], lot_order=self.lot_order, **how)

    def theirs(self, function: Any, **how: Any) -> list[str]:
        tiebreaker = starvote.predefined_permutation_tiebreaker(list(self.lot_order))
        ballots = [dict(zip(self.options, vote, strict=True)) for vote in self.votes]
        return list(function(ballots, tiebreaker=tiebreaker, **how))


def ties(result: star.Result) -> list[TieStep]:
    return [step for round_ in result.rounds for step in round_.steps if isinstance(step, TieStep)]


# --- The differences of the rules -------------------------------------------------------------------


def three_or_more_tie_for_the_finals(result: star.Result) -> bool:
    """starvote first compares any number of tied options head to head; STAR.md only two for one place."""
    return any(tie.contest == "finalists" and len(tie.tied) > 2 for tie in ties(result))


def a_proportional_tie(result: star.Result) -> bool:
    """starvote goes to the lot at once; STAR.md looks at the weight of five-star scores first."""
    return any(tie.contest == "allocation" for tie in ties(result))


def a_seat_is_paid_in_votes_of_less_than_whole_weight(result: star.Result) -> bool:
    """starvote counts the votes that pay; STAR.md the weight they have left.

    It shows where votes that paid in part for one seat are there when another is paid for, with a third to
    come. (It also lets votes that gave the winner nothing keep their weight; STAR.md charges them what is
    missing of the quota.)
    """
    paid = [step for round_ in result.rounds for step in round_.steps if isinstance(step, AllocationStep)]
    return any(step.boundary_share < 1 or step.boundary_score == 0 for step in paid[: len(result.rounds) - 2])


# --- Agreement --------------------------------------------------------------------------------------


def test_star_agrees_on_every_election_without_a_named_difference() -> None:
    compared = with_tie = 0
    for seed in range(4000):
        election = Election(seed, most_voters=9)
        result = election.ours()
        if three_or_more_tie_for_the_finals(result):
            continue
        assert election.theirs(starvote.star_voting) == list(result.winners), seed
        compared += 1
        with_tie += bool(ties(result))
    assert compared > 2500
    assert with_tie > 500


def test_star_agrees_on_larger_elections() -> None:
    compared = 0
    for seed in range(300):
        election = Election(seed, most_voters=400)
        result = election.ours()
        if not three_or_more_tie_for_the_finals(result):
            assert election.theirs(starvote.star_voting) == list(result.winners), seed
            compared += 1
    assert compared > 250


def test_bloc_star_agrees_on_every_election_without_a_named_difference() -> None:
    compared = with_tie = 0
    for seed in range(4000):
        election = Election(seed, most_voters=9, least_options=3)
        election.seats = min(election.seats, len(election.options) - 1)  # with as many, it counts nothing
        result = election.ours(seats=election.seats)
        if three_or_more_tie_for_the_finals(result):
            continue
        assert election.theirs(starvote.bloc_star_voting, seats=election.seats) == list(result.winners), seed
        compared += 1
        with_tie += bool(ties(result))
    assert compared > 1500
    assert with_tie > 500


def test_proportional_star_agrees_on_every_election_without_a_named_difference() -> None:
    """Its winners come sorted, so only who is elected is compared."""
    compared = several = 0
    for seed in range(6000):
        election = Election(seed, most_voters=12, least_options=3)
        election.seats = min(election.seats, len(election.options) - 1)
        result = election.ours(seats=election.seats, method="star_pr")
        if a_proportional_tie(result) or a_seat_is_paid_in_votes_of_less_than_whole_weight(result):
            continue
        theirs = election.theirs(starvote.allocated_score_voting, seats=election.seats)
        assert theirs == sorted(result.winners), seed  # type: ignore[type-var]
        compared += 1
        several += election.seats > 2
    assert compared > 1000
    assert several > 20


# --- Each difference is a real one ------------------------------------------------------------------


def differing(
    votes: Sequence[Scores], options: str, function: Any, **how: Any
) -> tuple[list[str], list[str]]:
    """What starvote elects, and what STAR.md elects."""
    election = Election(0, most_voters=1)
    election.options, election.votes, election.lot_order = options, list(votes), options
    theirs = election.theirs(function, **{name: value for name, value in how.items() if name == "seats"})
    return theirs, [str(winner) for winner in election.ours(**how).winners]


def test_three_tied_are_not_compared_head_to_head() -> None:
    votes = [(5, 0, 5, 0), (0, 3, 2, 5), (0, 2, 0, 0)]
    assert differing(votes, "ABCD", starvote.star_voting) == (["B"], ["C"])


def test_three_tied_for_two_places_are_not_compared_head_to_head() -> None:
    votes = [(1, 5, 1), (5, 0, 1), (0, 1, 4)]
    theirs, ours = differing(votes, "ABC", starvote.star_voting)
    assert ours == ["B"]
    assert three_or_more_tie_for_the_finals(star.count("ABC", [(vote, 1) for vote in votes]))
    assert theirs in (["B"], ["C"])


def test_a_proportional_tie_looks_at_five_star_scores_before_the_lot() -> None:
    votes = [(4, 5, 0), (2, 1, 0), (0, 0, 3), (0, 0, 2)]
    theirs, ours = differing(votes, "ABC", starvote.allocated_score_voting, seats=2, method="star_pr")
    assert (theirs, ours) == (["A", "C"], ["B", "C"])


def test_weight_is_counted_where_votes_have_paid_in_part() -> None:
    found = []
    for seed in range(2000):
        election = Election(seed, most_voters=12, least_options=4)
        election.seats = 3
        result = election.ours(seats=3, method="star_pr")
        if not a_proportional_tie(result):
            theirs = election.theirs(starvote.allocated_score_voting, seats=3)
            if theirs != sorted(result.winners):  # type: ignore[type-var]
                found.append(result)
    assert found
    assert all(a_seat_is_paid_in_votes_of_less_than_whole_weight(result) for result in found)


@pytest.mark.parametrize("seats", [2, 3])
def test_the_worked_proportional_examples_are_where_they_say(seats: int) -> None:
    votes: dict[int, list[Scores]] = {
        2: [(5, 4, 0), (0, 5, 0), (0, 0, 4)],
        3: [(5, 4, 4, 4), (0, 0, 4, 4), (0, 5, 4, 4), (5, 4, 0, 4)],
    }
    options = "ABCD"[: len(votes[seats][0])]
    result = star.count(options, [(vote, 1) for vote in votes[seats]], seats=seats, method="star_pr")
    assert result.winners == {2: ("B", "C"), 3: ("D", "B", "C")}[seats]
    (quota,) = {s.quota for r in result.rounds for s in r.steps if isinstance(s, AllocationStep)}
    assert quota == Fraction(len(votes[seats]), seats)
