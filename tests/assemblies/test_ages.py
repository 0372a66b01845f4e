"""Ages are those of the day in London, and windows are half open."""

from datetime import UTC, date, datetime, timedelta

import pytest

from assemblies import ages
from assemblies.models import Assembly, Participation
from tests.factories import make_participation, make_person

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        (date(2000, 5, 3), date(2018, 5, 2), 17),
        (date(2000, 5, 3), date(2018, 5, 3), 18),
        (date(2000, 5, 3), date(2018, 5, 4), 18),
        (date(2000, 2, 29), date(2018, 2, 28), 17),
        (date(2000, 2, 29), date(2018, 3, 1), 18),
        (date(2000, 2, 29), date(2020, 2, 29), 20),
        (date(2000, 12, 31), date(2001, 1, 1), 0),
        (date(2030, 1, 1), date(2029, 12, 31), -1),
    ],
)
def test_an_age_counts_whole_years(born: date, day: date, age: int) -> None:
    assert ages.age_on(born, day) == age


def test_a_birthday_begins_at_midnight_in_london() -> None:
    assert ages.reached_at(date(1995, 7, 10), 31) == datetime(2026, 7, 9, 23, tzinfo=UTC)
    assert ages.reached_at(date(1995, 12, 10), 31) == datetime(2026, 12, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("born", "is_plausible"), [("2026-07-10", True), ("2026-07-11", False), ("1890-01-01", False)]
)
def test_nobody_is_born_in_the_future_or_before_memory(born: str, is_plausible: bool) -> None:
    at = datetime(2026, 7, 9, 23, 30, tzinfo=UTC)  # the 10th has begun in London
    assert ages.is_plausible(date.fromisoformat(born), at) is is_plausible


def test_eighteen_to_thirty_lasts_until_the_day_before_the_thirty_first_birthday(youth: Assembly) -> None:
    begins, ends = youth.age_window(date(1995, 7, 10))
    assert begins == datetime(2013, 7, 9, 23, tzinfo=UTC)
    assert ends == datetime(2026, 7, 9, 23, tzinfo=UTC)
    born = date(1995, 7, 10)
    assert youth.reasons_of_age(born, begins - SECOND) == [
        "It is for people aged 18 to 30. You may take part from 10 July 2013."
    ]
    assert youth.reasons_of_age(born, begins) == []
    assert youth.reasons_of_age(born, ends - SECOND) == []
    assert youth.reasons_of_age(born, ends) == ["It is for people aged 18 to 30. You are older than that."]


@pytest.mark.parametrize("seconds", [-1, 0, 1])
@pytest.mark.parametrize("edge", ["began_at", "ended_at", "birth_due_at"])
def test_the_set_and_the_single_participation_agree_at_each_edge(
    assembly: Assembly, edge: str, seconds: int
) -> None:
    moment = datetime(2026, 5, 1, 18, tzinfo=UTC)
    fields = {edge: moment, **({"ended_because": "left"} if edge == "ended_at" else {})}
    participation = make_participation(make_person(), assembly, **fields)
    at = moment + seconds * SECOND
    expected = seconds >= 0 if edge == "began_at" else seconds < 0
    assert participation.is_in_force_at(at) is expected
    assert Participation.objects.in_force_at(at).exists() is expected
    assert assembly.participants_at(at).exists() is expected
    assert assembly.has_participant_at(participation.person, at) is expected
