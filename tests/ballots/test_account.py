"""The account of a count in plain words."""

import json
from typing import Any

import pytest
from django.utils import translation

from ballots import account, star

NAMES = {"A": "Ann", "B": "Bo", "C": "Cy", "D": "Di"}


def told(options: str, text: str, **how: Any) -> list[account.SeatAccount]:
    """The account of votes written "5,0 / 2,3", from the stored form of the result."""
    votes = [(tuple(int(score) for score in row.split(",")), 1) for row in text.split("/") if row.strip()]
    stored = json.loads(json.dumps(star.count(options, votes, **how).as_data()))
    return account.sentences(stored["rounds"], NAMES)


def test_a_runoff_is_told_with_its_numbers() -> None:
    (seat,) = told("ABC", "5,3,0 / 4,5,0 / 5,4,1 / 3,3,0")
    assert (seat.title, seat.winner) == ("Winner: Ann", "A")
    scores, finalists, runoff, winner = seat.sentences
    assert scores == "Scores added up: Ann (17), Bo (15), Cy (1)."
    assert finalists == "Ann and Bo have the highest totals and go to the runoff."
    assert runoff == (
        "In the runoff each vote counts for the finalist that it scores higher: Ann (2), Bo (1); "
        "Equal Support, the same score for both (1)."
    )
    assert winner == "Ann wins the runoff by 1 vote."


def test_a_score_leader_who_loses_is_explained() -> None:
    (seat,) = told("AB", "5,0 / 5,0 / 2,3 / 2,3 / 2,3 / 2,3")
    assert seat.sentences[-2:] == (
        "Ann has the higher total, but more votes prefer Bo.",
        "Bo wins the runoff by 2 votes.",
    )


def test_nobody_voted() -> None:
    assert told("AB", "") == [
        account.SeatAccount("Nobody is elected", ("Nobody voted, so nobody is elected.",), None)
    ]


def test_an_only_option_is_unopposed() -> None:
    (seat,) = told("A", "0")
    assert (seat.title, seat.sentences) == ("Winner: Ann", ("Ann is the only option and wins unopposed.",))


def test_the_last_option_left_is_unopposed() -> None:
    first, second = told("AB", "5,1", seats=2)
    assert first.title == "Seat 1: Ann"
    assert (second.title, second.sentences) == (
        "Seat 2: Bo",
        ("Bo is the only option left and wins unopposed.",),
    )


def test_a_tie_for_the_last_place_is_told_rung_by_rung() -> None:
    (seat,) = told("ABC", "5,4,2 / 5,2,4", lot_order="CBA")
    assert seat.sentences[1:8] == (
        "Bo and Cy have the same total, for 1 place in the runoff.",
        "Preferred head to head: Bo (1), Cy (1).",
        "That decides nothing.",
        "Five-star scores: Bo (0), Cy (0).",
        "That decides nothing.",
        "Tie broken by lot: of Bo and Cy, Cy comes first in the lot order and goes to the runoff.",
        "The finalists are Ann and Cy.",
    )


def test_a_tie_for_two_places_that_fives_settle() -> None:
    (seat,) = told("ABC", "1,5,1 / 5,0,1 / 0,1,4")
    assert seat.sentences[1:5] == (
        "Ann, Bo and Cy have the same total, for 2 places in the runoff.",
        "Five-star scores: Ann (1), Bo (1), Cy (0).",
        "Ann and Bo go to the runoff.",
        "The finalists are Ann and Bo.",
    )


def test_a_tie_in_which_one_is_placed_and_two_go_on() -> None:
    (seat,) = told("ABC", "5,0,0 / 0,4,3 / 0,3,2 / 4,0,2 / 0,2,2", lot_order="ACB")
    assert seat.sentences[3:6] == (
        "Ann goes to the runoff.",
        "Bo and Cy are still level.",
        "Tie broken by lot: of Bo and Cy, Cy comes first in the lot order and goes to the runoff.",
    )


def test_two_places_by_lot() -> None:
    (seat,) = told("ABC", "1,2,3 / 2,3,1 / 3,1,2 / 3,2,1 / 1,3,2 / 2,1,3", lot_order="CAB")
    assert (
        "Tie broken by lot: of Ann, Bo and Cy, Cy and Ann come first in the lot order and go to the runoff."
        in seat.sentences
    )
    assert seat.sentences[-2:] == (
        "Tie broken by lot: of Cy and Ann, Cy comes first in the lot order.",
        "Cy wins.",
    )


def test_a_level_runoff_that_totals_settle() -> None:
    (seat,) = told("AB", "0,5 / 3,2")
    assert seat.sentences[-3:] == (
        "The runoff is level.",
        "Total scores: Bo (7), Ann (3).",
        "Bo wins with the higher total score.",
    )


def test_a_level_runoff_that_fives_settle() -> None:
    (seat,) = told("AB", "2,4 / 5,3")
    assert seat.sentences[-5:] == (
        "The runoff is level.",
        "Total scores: Ann (7), Bo (7).",
        "That decides nothing.",
        "Five-star scores: Ann (1), Bo (0).",
        "Ann wins with more five-star scores.",
    )


@pytest.mark.parametrize(
    ("text", "by_lot"), [("0,5 / 3,2", False), ("2,4 / 5,3", False), ("5,4", False), ("1,3 / 4,2", True)]
)
def test_a_lot_is_named_only_where_a_lot_decided(text: str, by_lot: bool) -> None:
    (seat,) = told("AB", text)
    assert any("by lot" in sentence for sentence in seat.sentences) is by_lot


def test_a_proportional_seat_tells_who_paid_for_it() -> None:
    first, second = told("ABC", "5,4,0 / 0,5,0 / 0,0,4", seats=2, method="star_pr")
    assert first.sentences == (
        "Scores added up, each times the weight left to its vote: Bo (9), Ann (5), Cy (4).",
        "Bo has the highest weighted total and takes the seat.",
        "A seat costs the number of votes divided by the number of seats (3/2).",
        "The votes that gave Bo most, each score times its vote’s weight, pay first.",
        "Those with more than 4 pay all of their weight; those with exactly 4 pay 1/2 of theirs.",
        "Weight left to all votes together for the seats to come: 3/2.",
    )
    assert second.sentences == (
        "Scores added up, each times the weight left to its vote: Cy (4), Ann (5/2).",
        "Cy has the highest weighted total and takes the seat.",
        "A seat costs the number of votes divided by the number of seats (3/2).",
        "Every vote pays the weight that it has left, and no weight remains.",
    )


def test_a_proportional_class_that_pays_whole() -> None:
    first, _second = told("ABC", "5,1,0 / 5,1,0 / 0,1,5 / 0,1,5", seats=2, method="star_pr")
    assert "Those with at least 5 pay all of their weight." in first.sentences


def test_a_proportional_tie_that_fives_settle() -> None:
    (seat,) = told("AB", "5,4 / 1,2", method="star_pr")
    assert seat.sentences[1:4] == (
        "Ann and Bo have the same weighted total.",
        "Five-star scores by weight: Ann (1), Bo (0).",
        "Ann takes the seat with more weight of five-star scores.",
    )


def test_a_proportional_tie_that_the_lot_settles() -> None:
    (seat,) = told("AB", "4,4", method="star_pr", lot_order="BA")
    assert seat.sentences[1:6] == (
        "Ann and Bo have the same weighted total.",
        "Five-star scores by weight: Ann (0), Bo (0).",
        "That decides nothing.",
        "Tie broken by lot: of Ann and Bo, Bo comes first in the lot order.",
        "Bo takes the seat.",
    )


def test_long_fractions_are_rounded_to_read() -> None:
    rounds = star.count("AB", [((5, 4), 1)], method="star_pr").as_data()["rounds"]
    rounds[0]["steps"][0]["weighted"] = {"A": "12345/7919", "B": "-1/3"}
    assert "Ann (≈ 1.558909), Bo (-1/3)" in account.sentences(rounds, NAMES)[0].sentences[0]


def test_names_may_hold_anything() -> None:
    rounds = star.count("AB", [((5, 4), 1)]).as_data()["rounds"]
    names = {"A": "100% %(name)s <b>", "B": "{0}"}
    assert account.sentences(rounds, names)[0].title == "Winner: 100% %(name)s <b>"
    assert "100% %(name)s <b> and {0} have" in account.sentences(rounds, names)[0].sentences[1]


def test_the_account_as_text_has_a_paragraph_for_each_seat() -> None:
    rounds = star.count("AB", [((5, 4), 1)], seats=2).as_data()["rounds"]
    first, second = account.as_text(rounds, NAMES).split("\n\n")
    assert first.splitlines()[0] == "Seat 1: Ann"
    assert second == "Seat 2: Bo\nBo is the only option left and wins unopposed."


@pytest.mark.parametrize("method", star.METHODS)
def test_every_step_of_every_count_can_be_told(method: str) -> None:
    """All ballots of two votes on three options with scores 0, 3 and 5, for one seat and for all."""
    scores = [(a, b, c) for a in (0, 3, 5) for b in (0, 3, 5) for c in (0, 3, 5)]
    with translation.override("en-gb"):
        for one in scores:
            for other in scores:
                result = star.count("ABC", [(one, 1), (other, 1)], seats=3, method=method, lot_order="CBA")
                seats = account.sentences(result.as_data()["rounds"], NAMES)
                assert [seat.winner for seat in seats] == list(result.winners)
                for seat, round_ in zip(seats, result.as_data()["rounds"], strict=True):
                    drawn = any(step.get("rule") == "lot" for step in round_["steps"])
                    assert any("Tie broken by lot" in line for line in seat.sentences) is drawn
                    assert all(line.endswith(".") and "%(" not in line for line in seat.sentences)
