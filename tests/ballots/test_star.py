"""The one rule of STAR.md, trap by trap."""

import ast
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from ballots import star
from ballots.star_result import AllocationStep, FinalistsStep, RunoffStep, ScoreStep, TieStep

CHECKOUT = Path(__file__).resolve().parents[2]


def votes(text: str) -> list[tuple[tuple[int, ...], int]]:
    """Votes written as in STAR.md ("1,5,1 / 5,0,1"), each once; "3x 1,5,1" is a vote that stands for three."""
    parsed = []
    for row in text.split("/"):
        weight, _, scores = row.rpartition("x")
        parsed.append((tuple(int(score) for score in scores.split(",")), int(weight or 1)))
    return parsed


def count(options: str, text: str, **how: Any) -> star.Result:
    return star.count(options, votes(text), **how)


def steps(result: star.Result, kind: type, seat: int = 1) -> list[Any]:
    return [step for step in result.rounds[seat - 1].steps if isinstance(step, kind)]


def ties(result: star.Result, seat: int = 1) -> list[tuple[str, int, str, str, str, str]]:
    """Every tie of a seat: what for, how many places, who, by which rule, who got one, who is still level."""
    return [
        (
            tie.contest,
            tie.places,
            "".join(tie.tied),
            tie.rule,
            "".join(tie.chosen),
            "".join(tie.left),
        )
        for tie in steps(result, TieStep, seat)
    ]


# --- One winner -------------------------------------------------------------------------------------


def test_the_two_highest_totals_go_to_a_runoff_that_more_votes_win() -> None:
    result = count("ABC", "5,3,0 / 4,5,0 / 5,4,1")
    assert result.winners == ("A",)
    assert result.turnout == 3
    assert result.totals == {"A": 14, "B": 12, "C": 1}
    assert result.five_stars == {"A": 2, "B": 1, "C": 0}
    assert result.distribution["B"] == (0, 0, 0, 1, 1, 1)
    assert result.pairwise == {"A": {"B": 2, "C": 3}, "B": {"A": 1, "C": 3}, "C": {"A": 0, "B": 0}}
    assert steps(result, FinalistsStep) == [FinalistsStep(("A", "B"))]
    assert steps(result, RunoffStep) == [RunoffStep(("A", "B"), {"A": 2, "B": 1}, 0)]
    assert not ties(result)


def test_the_score_leader_can_lose_the_runoff() -> None:
    result = count("AB", "2x5,0 / 3x2,3")
    assert result.totals == {"A": 16, "B": 9}
    assert result.winners == ("B",)
    assert result.rounds[0].steps[-1].as_data(str) == {"step": "winner", "winner": "B", "by": "runoff"}


def test_votes_that_score_both_finalists_the_same_are_equal_support() -> None:
    result = count("ABC", "5,4,0 / 3,3,1 / 0,0,0 / 4,4,5")
    assert steps(result, RunoffStep) == [RunoffStep(("A", "B"), {"A": 1, "B": 0}, 3)]


def test_flat_votes_are_counted() -> None:
    with_flat = count("AB", "5,3 / 5,5 / 2,2 / 0,0")
    assert with_flat.turnout == 4
    assert with_flat.totals == {"A": 12, "B": 10}
    assert with_flat.five_stars == {"A": 2, "B": 1}
    assert steps(with_flat, RunoffStep)[0].equal_support == 3


def test_one_option_is_elected_unopposed() -> None:
    result = count("A", "0 / 3")
    assert result.winners == ("A",)
    assert result.as_data()["rounds"] == [
        {
            "seat": 1,
            "candidates": ["A"],
            "winner": "A",
            "unopposed": True,
            "steps": [{"step": "winner", "winner": "A", "by": "unopposed"}],
        }
    ]


@pytest.mark.parametrize("method", ["star", "star_pr"])
@pytest.mark.parametrize(("options", "seats"), [("ABC", 1), ("ABC", 3), ("A", 1)])
def test_no_votes_elect_nobody(options: str, seats: int, method: str) -> None:
    result = star.count(options, [], seats=seats, method=method)
    assert result.winners == ()
    assert result.turnout == 0
    assert result.as_data()["rounds"] == [
        {
            "seat": 1,
            "candidates": list(options),
            "winner": None,
            "unopposed": False,
            "steps": [{"step": "no_votes"}],
        }
    ]


def test_all_votes_equal_is_settled_by_lot_and_is_not_an_empty_ballot() -> None:
    result = count("AB", "3,3 / 3,3", lot_order="BA")
    assert result.winners == ("B",)
    assert ties(result) == [
        ("runoff", 1, "AB", "total", "", "AB"),
        ("runoff", 1, "AB", "five_stars", "", "AB"),
        ("runoff", 1, "AB", "lot", "B", ""),
    ]
    assert result.rounds[0].steps[-1].as_data(str)["by"] == "lot"


# --- Ties in the score round ------------------------------------------------------------------------


def test_two_level_at_the_top_both_advance_and_no_tie_is_reported() -> None:
    result = count("ABC", "5,3,1 / 1,3,0")
    assert result.totals == {"A": 6, "B": 6, "C": 1}
    assert steps(result, FinalistsStep) == [FinalistsStep(("A", "B"))]
    assert [tie.contest for tie in steps(result, TieStep)] == ["runoff", "runoff"]


def test_two_options_alone_never_tie_for_the_finals() -> None:
    assert not ties(count("AB", "5,4 / 4,5 / 1,1 / 1,0 / 0,1 / 5,4"))


def test_two_level_for_the_last_place_are_compared_head_to_head() -> None:
    result = count("ABC", "5,5,0 / 5,0,1 / 5,0,2 / 5,0,2")
    assert result.totals == {"A": 20, "B": 5, "C": 5}
    assert ties(result) == [("finalists", 1, "BC", "head_to_head", "C", "")]
    assert steps(result, TieStep)[0].numbers == {"B": 1, "C": 3}
    assert steps(result, FinalistsStep) == [FinalistsStep(("A", "C"))]


def test_two_level_head_to_head_go_on_to_five_star_scores() -> None:
    result = count("ABC", "5,5,3 / 5,2,4")
    assert ties(result) == [
        ("finalists", 1, "BC", "head_to_head", "", "BC"),
        ("finalists", 1, "BC", "five_stars", "B", ""),
    ]
    assert steps(result, TieStep)[0].numbers == {"B": 1, "C": 1}


def test_five_star_scores_that_nobody_gave_decide_nothing() -> None:
    result = count("ABC", "5,4,2 / 5,2,4", lot_order="CBA")
    assert ties(result) == [
        ("finalists", 1, "BC", "head_to_head", "", "BC"),
        ("finalists", 1, "BC", "five_stars", "", "BC"),
        ("finalists", 1, "BC", "lot", "C", ""),
    ]
    assert steps(result, TieStep)[1].numbers == {"B": 0, "C": 0}
    assert steps(result, TieStep)[2].numbers == {"B": 2, "C": 1}


def test_three_level_for_two_places_of_which_two_have_more_five_stars() -> None:
    result = count("ABC", "1,5,1 / 5,0,1 / 0,1,4", lot_order="CAB")
    assert result.totals == {"A": 6, "B": 6, "C": 6}
    assert ties(result) == [("finalists", 2, "ABC", "five_stars", "AB", "")]
    assert result.winners == ("B",)


def test_three_level_for_two_places_are_placed_one_at_a_time() -> None:
    """A has the most fives and is in; B and C go on together, past head to head (which B would win)."""
    text = "5,0,0 / 0,4,3 / 0,3,2 / 4,0,2 / 0,2,2"
    result = count("ABC", text, lot_order="ACB")
    assert result.pairwise["B"]["C"] == 2
    assert result.pairwise["C"]["B"] == 1
    assert ties(result)[:2] == [
        ("finalists", 2, "ABC", "five_stars", "A", "BC"),
        ("finalists", 1, "BC", "lot", "C", ""),
    ]
    assert steps(result, FinalistsStep) == [FinalistsStep(("A", "C"))]
    assert steps(count("ABC", text, lot_order="ABC"), FinalistsStep) == [FinalistsStep(("A", "B"))]


def test_four_level_for_two_places_three_of_them_on_five_stars_draw_two_lots() -> None:
    result = count("ABCD", "5,0,0,2 / 0,5,0,2 / 0,0,5,1", lot_order="DCBA")
    assert ties(result)[:2] == [
        ("finalists", 2, "ABCD", "five_stars", "", "ABC"),
        ("finalists", 2, "ABC", "lot", "CB", ""),
    ]
    assert steps(result, TieStep)[1].numbers == {"A": 4, "B": 3, "C": 2}


def test_head_to_head_is_not_used_for_three_level_for_second_place() -> None:
    """D would beat A and C head to head, and B would then win the runoff: the rule asks for fives instead."""
    result = count("ABCD", "2,1,2,3 / 4,4,5,2 / 1,3,0,2")
    assert result.totals == {"A": 7, "B": 8, "C": 7, "D": 7}
    assert result.pairwise["D"]["A"] > result.pairwise["A"]["D"]
    assert result.pairwise["D"]["C"] > result.pairwise["C"]["D"]
    assert ties(result) == [("finalists", 1, "ACD", "five_stars", "C", "")]
    assert result.winners == ("C",)
    assert result.pairwise["B"]["D"] > result.pairwise["D"]["B"]


@pytest.mark.parametrize("lot_order", ["ABCD", "DCBA"])
def test_the_worked_example_of_three_tied_for_second(lot_order: str) -> None:
    result = count("ABCD", "5,0,5,0 / 0,3,2,5 / 0,2,0,0", lot_order=lot_order)
    assert result.totals == {"A": 5, "B": 5, "C": 7, "D": 5}
    assert ties(result)[:2] == [
        ("finalists", 1, "ABD", "five_stars", "", "AD"),
        ("finalists", 1, "AD", "lot", lot_order.strip("BC")[0], ""),
    ]
    assert result.winners == ("C",)


def test_a_tie_at_every_rung_for_the_finals_and_in_them_ends_with_the_lot() -> None:
    result = count("ABC", "1,2,3 / 2,3,1 / 3,1,2 / 3,2,1 / 1,3,2 / 2,1,3", lot_order="CAB")
    assert ties(result) == [
        ("finalists", 2, "ABC", "five_stars", "", "ABC"),
        ("finalists", 2, "ABC", "lot", "CA", ""),
        ("runoff", 1, "CA", "total", "", "CA"),
        ("runoff", 1, "CA", "five_stars", "", "CA"),
        ("runoff", 1, "CA", "lot", "C", ""),
    ]
    assert result.winners == ("C",)


# --- Ties in the runoff -----------------------------------------------------------------------------


def test_a_level_runoff_goes_to_the_higher_total() -> None:
    result = count("AB", "0,5 / 3,2", lot_order="AB")
    assert ties(result) == [("runoff", 1, "BA", "total", "B", "")]
    assert result.winners == ("B",)
    assert result.rounds[0].steps[-1].as_data(str)["by"] == "total"


def test_a_level_runoff_with_level_totals_goes_to_more_five_star_scores() -> None:
    result = count("AB", "2,4 / 5,3", lot_order="BA")
    assert ties(result) == [
        ("runoff", 1, "AB", "total", "", "AB"),
        ("runoff", 1, "AB", "five_stars", "A", ""),
    ]
    assert result.winners == ("A",)
    assert result.rounds[0].steps[-1].as_data(str)["by"] == "five_stars"


def test_only_the_lot_order_decides_a_lot() -> None:
    assert count("AB", "1,3 / 4,2", lot_order="AB").winners == ("A",)
    assert count("AB", "1,3 / 4,2", lot_order="BA").winners == ("B",)
    assert count("BA", "3,1 / 2,4", lot_order="AB").winners == ("A",)
    assert count("BA", "3,1 / 2,4").winners == ("B",)  # by default the options as they are given


# --- Bloc STAR --------------------------------------------------------------------------------------


def test_bloc_does_not_seat_a_condorcet_loser_early() -> None:
    """L has the highest total and loses to both others: beaten in each runoff, it is never seated."""
    result = count("ABL", "4x5,3,2 / 3x0,1,5", seats=2)
    assert result.totals == {"A": 20, "B": 15, "L": 23}
    assert [steps(result, FinalistsStep, seat)[0].finalists for seat in (1, 2)] == [("L", "A"), ("L", "B")]
    assert result.winners == ("A", "B")


def test_the_beaten_finalist_competes_again() -> None:
    result = count("ABC", "3x5,4,0 / 2x4,5,1", seats=2)
    assert result.winners == ("A", "B")
    assert [round_.candidates for round_ in result.rounds] == [("A", "B", "C"), ("B", "C")]
    assert steps(result, ScoreStep, 2)[0].totals == {"B": 22, "C": 2}


def test_every_seat_records_its_own_ties() -> None:
    result = count("ABC", "5,2,2 / 5,1,1", seats=2, lot_order="CBA")
    assert [tie[0] for tie in ties(result, 1)] == ["finalists"] * 3
    assert ties(result, 2) == [
        ("runoff", 1, "BC", "total", "", "BC"),
        ("runoff", 1, "BC", "five_stars", "", "BC"),
        ("runoff", 1, "BC", "lot", "C", ""),
    ]
    assert result.winners == ("A", "C")


def test_bloc_with_as_many_seats_as_options_seats_all_in_order_and_the_last_unopposed() -> None:
    result = count("ABC", "3x1,5,2 / 2x0,3,5", seats=3)
    assert result.winners == ("B", "C", "A")
    assert [round_.unopposed for round_ in result.rounds] == [False, False, True]


# --- Proportional STAR ------------------------------------------------------------------------------


def test_the_worked_example_of_proportional_star_for_two_seats() -> None:
    result = count("ABC", "5,4,0 / 0,5,0 / 0,0,4", seats=2, method="star_pr")
    assert result.winners == ("B", "C")
    assert steps(result, AllocationStep, 1) == [
        AllocationStep(
            winner="B",
            quota=Fraction(3, 2),
            weighted_total=Fraction(9),
            spent=Fraction(3, 2),
            boundary_score=Fraction(4),
            boundary_share=Fraction(1, 2),
            left=Fraction(3, 2),
        )
    ]
    assert steps(result, ScoreStep, 2)[0].weighted == {"A": Fraction(5, 2), "C": Fraction(4)}


def test_the_worked_example_of_proportional_star_for_three_seats() -> None:
    result = count("ABCD", "5,4,4,4 / 0,0,4,4 / 0,5,4,4 / 5,4,0,4", seats=3, method="star_pr")
    assert result.winners == ("D", "B", "C")
    assert [steps(result, ScoreStep, seat)[0].weighted for seat in (2, 3)] == [
        {"A": Fraction(20, 3), "B": Fraction(26, 3), "C": Fraction(8)},
        {"A": Fraction(10, 3), "C": Fraction(4)},
    ]


def test_the_class_that_crosses_the_quota_pays_its_share() -> None:
    """Three voters fill a quota of two: the published reference code would charge them nothing."""
    result = count("ABC", "3x5,4,0 / 1x0,0,5", seats=2, method="star_pr")
    (paid,) = steps(result, AllocationStep, 1)
    assert (paid.boundary_score, paid.boundary_share, paid.left) == (5, Fraction(2, 3), 2)
    assert steps(result, ScoreStep, 2)[0].weighted == {"B": 4, "C": 5}
    assert result.winners == ("A", "C")


def test_votes_of_different_weight_pay_the_same_share_where_weight_times_score_is_equal() -> None:
    """In the second round half a vote that gives B 4 and a whole one that gives it 2 are of one class."""
    result = count("ABCD", "4x5,4,0,0 / 1x0,2,0,1 / 1x0,1,1,1", seats=3, method="star_pr")
    first, second = steps(result, AllocationStep, 1) + steps(result, AllocationStep, 2)
    assert (first.winner, first.boundary_share) == ("A", Fraction(1, 2))
    assert (second.winner, second.boundary_score, second.boundary_share) == ("B", 2, Fraction(2, 3))
    assert steps(result, ScoreStep, 3)[0].weighted == {"C": 1, "D": 1 + Fraction(1, 3)}


def test_weight_is_counted_and_not_the_number_of_votes() -> None:
    """After the first seat four votes keep 1/2 each: together a quota's worth of 2, so all four are spent."""
    result = count("ABCD", "4x5,4,0,0 / 1x0,3,1,0 / 1x0,0,1,2", seats=3, method="star_pr")
    first, second = steps(result, AllocationStep, 1) + steps(result, AllocationStep, 2)
    assert (first.quota, first.boundary_share) == (2, Fraction(1, 2))
    assert second.winner == "B"
    # B: one whole vote at 3 (weight 1), then the four at 1/2 x 4 = 2 (weight 2) pay half of what they have.
    assert (second.boundary_score, second.boundary_share, second.left) == (2, Fraction(1, 2), 2)


def test_a_seat_costs_a_quota_even_of_those_who_gave_its_winner_nothing() -> None:
    result = count("ABCD", "1x5,0,0,0 / 1x0,1,3,0 / 1x0,1,0,3 / 3x0,0,0,0", seats=3, method="star_pr")
    (paid,) = steps(result, AllocationStep, 1)
    assert (paid.winner, paid.quota, paid.spent) == ("A", 2, 2)
    assert (paid.boundary_score, paid.boundary_share, paid.left) == (0, Fraction(1, 5), 4)


def test_when_all_weight_is_spent_nobody_is_elected_twice() -> None:
    result = count("ABC", "4x5,0,0", seats=3, method="star_pr", lot_order="CBA")
    assert result.winners == ("A", "C", "B")
    assert ties(result, 2) == [
        ("allocation", 1, "BC", "five_stars", "", "BC"),
        ("allocation", 1, "BC", "lot", "C", ""),
    ]
    assert result.rounds[2].unopposed


def test_the_last_quota_leaves_no_weight() -> None:
    result = count("ABC", "2x5,1,0 / 2x0,1,5", seats=2, method="star_pr")
    assert [steps(result, AllocationStep, seat)[0].left for seat in (1, 2)] == [2, 0]


def test_a_proportional_tie_is_broken_by_the_weight_of_five_star_scores() -> None:
    result = count("AB", "5,4 / 1,2", method="star_pr", lot_order="BA")
    assert ties(result) == [("allocation", 1, "AB", "five_stars", "A", "")]
    assert result.winners == ("A",)


def test_spent_five_star_scores_do_not_break_a_proportional_tie() -> None:
    """B has four fives and C three, but of the votes that gave B fives the first seat took a half."""
    text = "4x5,5,0 / 4x5,4,0 / 3x0,0,5 / 1x0,0,3"
    result = count("ABC", text, seats=3, method="star_pr", lot_order="BCA")
    assert result.five_stars == {"A": 8, "B": 4, "C": 3}
    assert steps(result, ScoreStep, 2)[0].weighted == {"B": 18, "C": 18}
    assert ties(result, 2) == [("allocation", 1, "BC", "five_stars", "C", "")]
    assert steps(result, TieStep, 2)[0].numbers == {"B": 2, "C": 3}
    assert result.winners == ("A", "C", "B")


def test_fractions_are_published_exactly() -> None:
    result = count("ABC", "5,4,0 / 0,5,0 / 0,0,4", seats=2, method="star_pr")
    first = result.as_data()["rounds"][0]
    assert first["steps"][0]["weighted"] == {"A": "5", "B": "9", "C": "4"}
    assert first["steps"][1] == {
        "step": "allocation",
        "winner": "B",
        "quota": "3/2",
        "weighted_total": "9",
        "spent": "3/2",
        "boundary_score": "4",
        "boundary_share": "1/2",
        "left": "3/2",
    }


# --- The account as data ----------------------------------------------------------------------------


def test_the_account_has_the_published_form() -> None:
    result = star.count(("a", "b", "c"), votes("5,5,3 / 5,2,4"), lot_order=("c", "b", "a"))
    assert result.as_data({"a": "1", "b": "2", "c": "3"}.__getitem__) == {
        "turnout": 2,
        "totals": {"1": 10, "2": 7, "3": 7},
        "five_stars": {"1": 2, "2": 1, "3": 0},
        "distribution": {"1": [0, 0, 0, 0, 0, 2], "2": [0, 0, 1, 0, 0, 1], "3": [0, 0, 0, 1, 1, 0]},
        "pairwise": {"1": {"2": 1, "3": 2}, "2": {"1": 0, "3": 1}, "3": {"1": 0, "2": 1}},
        "winners": ["1"],
        "rounds": [
            {
                "seat": 1,
                "candidates": ["1", "2", "3"],
                "winner": "1",
                "unopposed": False,
                "steps": [
                    {
                        "step": "score",
                        "totals": {"1": 10, "2": 7, "3": 7},
                        "five_stars": {"1": 2, "2": 1, "3": 0},
                    },
                    {
                        "step": "tie",
                        "for": "finalists",
                        "places": 1,
                        "tied": ["2", "3"],
                        "rule": "head_to_head",
                        "numbers": {"2": 1, "3": 1},
                        "chosen": [],
                        "left": ["2", "3"],
                    },
                    {
                        "step": "tie",
                        "for": "finalists",
                        "places": 1,
                        "tied": ["2", "3"],
                        "rule": "five_stars",
                        "numbers": {"2": 1, "3": 0},
                        "chosen": ["2"],
                        "left": [],
                    },
                    {"step": "finalists", "finalists": ["1", "2"]},
                    {
                        "step": "runoff",
                        "finalists": ["1", "2"],
                        "votes": {"1": 1, "2": 0},
                        "equal_support": 1,
                    },
                    {"step": "winner", "winner": "1", "by": "runoff"},
                ],
            }
        ],
    }


def test_a_result_is_frozen() -> None:
    result = count("AB", "1,2")
    with pytest.raises(AttributeError):
        result.winners = ()  # type: ignore[misc]


# --- What is refused --------------------------------------------------------------------------------

GOOD = ((1, 2), 1)


@pytest.mark.parametrize(
    "vote",
    [
        ((1, 6), 1),
        ((1, -1), 1),
        ((1, 256), 1),
        ((1, 2.5), 1),
        ((1, 2.0), 1),
        ((True, 1), 1),
        ((1, "5"), 1),
        ((1, None), 1),
        ((1,), 1),
        ((1, 2, 3), 1),
        ((), 1),
        ([1, 2], 1),
        ("12", 1),
        (b"\x01\x02", 1),
        ({"A": 1, "B": 2}, 1),
        ((1, 2), 0),
        ((1, 2), -1),
        ((1, 2), 1.0),
        ((1, 2), True),
        ((1, 2), "1"),
        ((1, 2), None),
        ((1, 2),),
        ((1, 2), 1, 1),
        (1, 2),
        12,
        None,
    ],
    ids=repr,
)
@pytest.mark.parametrize("before", [0, 1, 5000])
def test_a_bad_vote_is_refused_by_its_place_and_nothing_is_counted(vote: Any, before: int) -> None:
    with pytest.raises(star.VoteError, match=f"^Vote {before + 1} "):
        star.count("AB", [*[GOOD] * before, vote, GOOD])


def test_a_bool_is_refused_even_after_equal_whole_numbers() -> None:
    with pytest.raises(star.VoteError, match=r"^Vote 3 "):
        star.count("AB", [((1, 0), 1), ((1, 0), 1), ((True, False), 1)])


def test_no_error_repeats_a_score() -> None:
    with pytest.raises(star.VoteError) as caught:
        star.count("ABC", [((0, 77, 1), 1)])
    assert "77" not in str(caught.value)


@pytest.mark.parametrize("bad", [12, None])
def test_votes_must_be_iterable(bad: Any) -> None:
    with pytest.raises(star.VoteError):
        star.count("AB", bad)


@pytest.mark.parametrize(
    "options", ["", (), ["A", "A"], [1, True], {"A", "B"}, {"A": 1}, iter("AB"), 5, None, [["A"], ["B"]]]
)
def test_bad_options_are_refused(options: Any) -> None:
    with pytest.raises(star.OptionsError):
        star.count(options, [])


@pytest.mark.parametrize(
    "lot_order", ["", "A", "AA", "AC", "ABC", "ABB", {"A", "B"}, iter("AB"), 5, [["A"], ["B"]]]
)
def test_a_lot_order_that_is_no_permutation_is_refused(lot_order: Any) -> None:
    with pytest.raises(star.LotOrderError):
        star.count("AB", [], lot_order=lot_order)


@pytest.mark.parametrize("seats", [0, -1, 3, 1.0, True, "1", None])
def test_bad_seats_are_refused(seats: Any) -> None:
    with pytest.raises(star.SeatsError):
        star.count("AB", [], seats=seats)


@pytest.mark.parametrize("method", ["", "STAR", "bloc", None, 1])
def test_an_unknown_method_is_refused(method: Any) -> None:
    with pytest.raises(star.MethodError):
        star.count("AB", [], method=method)


@pytest.mark.parametrize(
    "error",
    [
        star.VoteError,
        star.OptionsError,
        star.LotOrderError,
        star.SeatsError,
        star.MethodError,
        star.TallyError,
    ],
)
def test_every_refusal_is_a_value_error(error: type[Exception]) -> None:
    assert issubclass(error, star.CountError)
    assert issubclass(error, ValueError)


# --- Published figures ------------------------------------------------------------------------------


def test_published_figures_give_the_same_result_as_the_votes() -> None:
    cast = votes("4x5,3,2 / 3x0,1,5 / 2,2,2")
    result = star.count("ABL", cast, seats=2, lot_order="LBA")
    figures = star.Tally(result.turnout, result.distribution, result.pairwise)
    assert star.count_published("ABL", figures, seats=2, lot_order="LBA") == result


def test_published_figures_of_no_votes_elect_nobody() -> None:
    figures = star.Tally(0, {"A": (0,) * 6, "B": (0,) * 6}, {"A": {"B": 0}, "B": {"A": 0}})
    assert star.count_published("AB", figures) == star.count("AB", [])


ONE_VOTE: dict[str, tuple[int, ...]] = {"A": (0, 0, 0, 0, 0, 1), "B": (1, 0, 0, 0, 0, 0)}
PREFERRED = {"A": {"B": 1}, "B": {"A": 0}}


@pytest.mark.parametrize(
    "figures",
    [
        star.Tally(2, ONE_VOTE, PREFERRED),
        star.Tally(1, {"A": ONE_VOTE["A"]}, PREFERRED),
        star.Tally(1, {**ONE_VOTE, "C": (1, 0, 0, 0, 0, 0)}, PREFERRED),
        star.Tally(1, {**ONE_VOTE, "B": (1, 0, 0, 0, 0)}, PREFERRED),
        star.Tally(1, {**ONE_VOTE, "B": (2, -1, 0, 0, 0, 0)}, PREFERRED),
        star.Tally(1, {**ONE_VOTE, "B": (1.0, 0, 0, 0, 0, 0)}, PREFERRED),  # type: ignore[dict-item]
        star.Tally(1, ONE_VOTE, {"A": {"B": 1}, "B": {}}),
        star.Tally(1, ONE_VOTE, {"A": {"B": 1}}),
        star.Tally(1, ONE_VOTE, {"A": {"B": 1}, "B": {"A": 1}}),
        star.Tally(True, ONE_VOTE, PREFERRED),
    ],
)
def test_figures_that_no_votes_can_give_are_refused(figures: star.Tally) -> None:
    assert star.count_published("AB", star.Tally(1, ONE_VOTE, PREFERRED)).winners == ("A",)
    with pytest.raises(star.TallyError):
        star.count_published("AB", figures)


# --- Size and purity --------------------------------------------------------------------------------


def many_votes(number: int) -> Iterator[tuple[tuple[int, ...], int]]:
    """Votes that repeat only after 7776, for five options."""
    for each in range(number):
        yield (each % 6, each // 6 % 6, each // 36 % 6, each // 216 % 6, each // 1296 % 6), 1


def test_more_votes_than_are_compared_at_once_are_all_counted() -> None:
    result = star.count("ABCDE", many_votes(20 * 7776))
    assert result.turnout == 155520
    assert set(result.distribution.values()) == {(25920,) * 6}
    assert {number for row in result.pairwise.values() for number in row.values()} == {64800}


def test_votes_are_read_once_and_not_kept() -> None:
    tracemalloc.start()
    try:
        star.count("ABCDE", many_votes(100_000))
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 5_000_000


def test_the_count_imports_only_the_standard_library() -> None:
    """Imported without site-packages, where nothing else can be found."""
    program = f"import sys; sys.path.insert(0, {str(CHECKOUT)!r}); from ballots.star import count"
    subprocess.run([sys.executable, "-I", "-S", "-c", program], check=True, timeout=60)


def test_the_count_has_no_clock_and_no_randomness_and_prints_nothing() -> None:
    allowed = {"ballots", "collections", "dataclasses", "fractions", "functools", "itertools", "typing"}
    for path in sorted((CHECKOUT / "ballots").glob("star*.py")):
        tree = ast.parse(path.read_text())
        imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        imported |= {
            alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
        }
        assert {name.split(".")[0] for name in imported} <= allowed, path.name
        assert {name for name in imported if name.startswith("ballots")} <= {
            "ballots.star_errors",
            "ballots.star_pr",
            "ballots.star_result",
            "ballots.star_ties",
            "ballots.star_votes",
        }
        assert "print" not in {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
