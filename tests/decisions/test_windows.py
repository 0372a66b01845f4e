"""Every window of the ladder just before, at and just after its end: on plain days and across both clock changes."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from assemblies.models import Assembly
from ballots.models import Ballot
from decisions import calls, deliberation, work
from decisions.models import Call, Decision, Gathering, Stance, Task
from harmony.clock import sweep
from harmony.time import LONDON
from ledger.models import Message
from members.models import Person
from tests.decisions.climbing import called
from tests.decisions.meetings import At, make_gathering
from tests.factories import make_decision, make_held_moot, make_members
from tests.login import log_in

pytestmark = pytest.mark.django_db
TICK = timedelta(microseconds=1)


def london(year: int, month: int, day: int, hour: int = 19) -> datetime:
    """An hour of the clock in London, in UTC."""
    return datetime(year, month, day, hour, tzinfo=LONDON).astimezone(UTC)


@dataclass(frozen=True)
class Stretch:
    """A Thursday at seven in the evening, and the same hour so many days later; the clocks may change between."""

    begins: datetime
    five_days_on: datetime
    seven_days_on: datetime


STRETCHES = {
    "plain": Stretch(london(2026, 6, 4), london(2026, 6, 9), london(2026, 6, 11)),
    "clocks go back": Stretch(london(2026, 10, 22), london(2026, 10, 27), london(2026, 10, 29)),
    "clocks go forward": Stretch(london(2027, 3, 25), london(2027, 3, 30), london(2027, 4, 1)),
}


@pytest.fixture(params=list(STRETCHES.values()), ids=list(STRETCHES))
def stretch(request: pytest.FixtureRequest) -> Stretch:
    """Each of the stretches."""
    found: Stretch = request.param
    return found


@pytest.fixture
def people(assembly: Assembly, secretary: Person) -> list[Person]:
    """The secretary and four more members."""
    return [secretary, *make_members(assembly, 4)]


def test_the_stretches_are_an_hour_longer_and_an_hour_shorter_than_five_and_seven_days() -> None:
    hours = {
        name: (stretch.five_days_on - stretch.begins, stretch.seven_days_on - stretch.begins)
        for name, stretch in STRETCHES.items()
    }
    hour = timedelta(hours=1)
    five, seven = timedelta(days=5), timedelta(days=7)
    assert hours == {
        "plain": (five, seven),
        "clocks go back": (five + hour, seven + hour),
        "clocks go forward": (five - hour, seven - hour),
    }


def status(at: datetime, person: Person, name: str, *args: object, **fields: object) -> int:
    """How a form sent by the person at this moment ends."""
    return At(person, at).post(name, *args, **fields).status_code


def reload(decision: Decision) -> Decision:
    return Decision.objects.select_related("ballot").get(pk=decision.pk)


# --- The call -----------------------------------------------------------------------------------------
@pytest.mark.policy("A8", "P5")
def test_the_cooling_off_ends_at_the_same_hour_of_the_clock_and_takes_answers_until_just_before(
    assembly: Assembly, people: list[Person], stretch: Stretch
) -> None:
    decision = make_decision(assembly, people[0], at=stretch.begins - timedelta(days=1))
    assert status(stretch.begins, people[0], "call_confirm", decision.pk, 1) == 302
    call = decision.calls.get()
    end = call.ends_at
    assert end == stretch.five_days_on

    def answers(person: Person, at: datetime) -> int:
        return status(at, person, "call_answer", decision.pk, 1, stance="agree")

    assert answers(people[1], call.called_at) == 302
    assert answers(people[2], end - TICK) == 302
    assert "Can you agree" in At(people[3], end - TICK).page("/")
    assert "Can you agree" not in At(people[3], end).page("/")
    assert answers(people[3], end) == 409
    assert answers(people[3], end + TICK) == 409
    sweep(end - TICK)
    assert decision.calls.standing().exists()
    sweep(end)
    call.refresh_from_db()
    assert (call.ended_at, call.result) == (end, Call.Result.FELL)
    sweep(end + TICK)
    assert Call.objects.get().ended_at == end
    assert answers(people[3], end + TICK) == 409
    assert call.positions.count() == 2


def test_a_sweep_that_comes_late_counts_nothing_that_was_said_after_the_end(
    assembly: Assembly, people: list[Person], stretch: Stretch
) -> None:
    decision = make_decision(assembly, people[0], at=stretch.begins)
    call = called(decision, people[0], at=stretch.begins)
    for person in people[:3]:
        late = person is people[2]
        at = call.ends_at if late else call.ends_at - TICK
        assert status(at, person, "call_answer", decision.pk, 1, stance="agree") == (409 if late else 302)
    sweep(call.ends_at + timedelta(hours=3))
    assert decision.calls.get().account["members_agree"] == 2


# --- The deliberation ---------------------------------------------------------------------------------
def deliberating(assembly: Assembly, people: list[Person], stretch: Stretch) -> Decision:
    """A matter whose deliberation begins with the stretch, by the page."""
    before = stretch.begins - timedelta(days=10)
    decision = make_decision(assembly, people[0], at=before)
    call = called(decision, people[0], at=before)
    assert calls.end_call(call, at=call.ends_at)
    make_held_moot(decision, people[0], stretch.begins - timedelta(hours=1))
    assert status(stretch.begins, people[0], "deliberation_begin", decision.pk, days=7) == 302
    return reload(decision)


@pytest.mark.policy("A8", "A10", "P6")
def test_a_deliberation_of_seven_days_ends_at_the_same_hour_of_the_clock_and_not_before(
    assembly: Assembly, people: list[Person], stretch: Stretch
) -> None:
    decision = deliberating(assembly, people, stretch)
    end = decision.deliberation_ends_at
    assert end == stretch.seven_days_on
    sweep(end - TICK)
    assert reload(decision).deliberation_ended_at is None
    assert not Ballot.objects.exists()
    sweep(end)
    decision = reload(decision)
    assert decision.deliberation_ended_at == end
    assert decision.ballot is not None
    assert decision.ballot.opened_at == end
    sweep(end + TICK)
    assert reload(decision).ballot == decision.ballot


@pytest.mark.policy("A8")
@pytest.mark.parametrize(
    ("before_the_end", "expected"),
    [
        (timedelta(hours=48) + TICK, 302),
        (timedelta(hours=48), 302),
        (timedelta(hours=48) - TICK, 409),
        (timedelta(0), 409),
        (-TICK, 409),
    ],
)
def test_a_call_within_a_deliberation_is_made_at_least_48_hours_before_its_end(
    assembly: Assembly, people: list[Person], stretch: Stretch, before_the_end: timedelta, expected: int
) -> None:
    decision = deliberating(assembly, people, stretch)
    at = stretch.seven_days_on - before_the_end
    offers = "Call for consensus</a>" in At(people[0], at).text("decision_detail", decision.pk)
    assert offers is (expected == 302)
    assert status(at, people[0], "call_confirm", decision.pk, 1) == expected
    assert decision.calls.standing().exists() is (expected == 302)


@pytest.mark.policy("A8")
def test_a_call_within_a_deliberation_takes_answers_until_just_before_its_end_and_settles_at_it(
    assembly: Assembly, people: list[Person], stretch: Stretch
) -> None:
    decision = deliberating(assembly, people, stretch)
    end = stretch.seven_days_on
    called(decision, people[0], at=end - timedelta(hours=48))
    for person in people[:3]:
        assert status(end - TICK, person, "call_answer", decision.pk, 2, stance="agree") == 302
    objection = {"stance": "object", "reason": "Too late."}
    assert status(end, people[3], "call_answer", decision.pk, 2, **objection) == 409
    sweep(end - TICK)
    assert reload(decision).settled_at is None
    sweep(end)
    assert (reload(decision).settled_by, reload(decision).settled_at) == ("consensus", end)
    assert not Ballot.objects.exists()


# --- The ballot ---------------------------------------------------------------------------------------
@pytest.mark.policy("A10", "A3")
def test_voting_lasts_seven_days_by_the_clock_and_the_page_takes_votes_until_just_before(
    assembly: Assembly, people: list[Person], participant: Person, stretch: Stretch
) -> None:
    week_before = Stretch(stretch.begins - timedelta(days=7), stretch.begins, stretch.begins)
    decision = deliberating(assembly, people, week_before)
    sweep(stretch.begins)
    ballot = reload(decision).ballot
    assert ballot is not None
    end = ballot.closes_at
    assert end == stretch.seven_days_on
    address = f"/ballots/{ballot.pk}/vote/"
    first = ballot.opens_at + TICK
    for at, is_open in ((first, True), (end - TICK, True), (end, False), (end + TICK, False)):
        assert ballot.is_open_at(at) is is_open
        assert Ballot.objects.open_at(at).exists() is is_open
        assert Ballot.objects.due_to_close(at).exists() is not is_open
        assert ("Vote: Which fruit" in At(people[1], at).page("/")) is is_open
        assert ("out of 5 for Apples" in logged_in_anew(people[1], at, address)) is is_open
    assert "out of 5 for Apples" not in logged_in_anew(participant, end - TICK, address)


def logged_in_anew(person: Person, at: datetime, address: str) -> str:
    """The page at an address, for somebody who has just logged in, as voting asks for."""
    client = Client()
    with time_machine.travel(at, tick=False):
        log_in(client, person)
        return client.get(address).content.decode()


# --- Gatherings ---------------------------------------------------------------------------------------
NIGHTS = {
    "plain": (london(2026, 6, 7, 0), london(2026, 6, 7, 3), timedelta(hours=3)),
    "clocks go back": (london(2026, 10, 25, 0), london(2026, 10, 25, 3), timedelta(hours=4)),
    "clocks go forward": (london(2027, 3, 28, 0), london(2027, 3, 28, 3), timedelta(hours=2)),
}


@pytest.mark.parametrize("night", NIGHTS.values(), ids=NIGHTS)
def test_registration_and_questions_are_taken_through_the_night_of_a_clock_change_until_the_end(
    assembly: Assembly,
    people: list[Person],
    night: tuple[datetime, datetime, timedelta],
) -> None:
    starts, ends, lasts = night
    assert ends - starts == lasts
    called_at = starts - timedelta(days=5)
    gathering: Gathering = make_gathering(assembly, people[0], at=called_at, starts_at=starts, ends_at=ends)

    def registers(person: Person, at: datetime) -> int:
        fields = {"way": "room", "accepts_code": "on"}
        return status(at, person, "gathering_register", gathering.pk, **fields)

    def asks(person: Person, at: datetime) -> int:
        return status(at, person, "question_list", gathering.pk, text=f"At {at:%H:%M:%S.%f}?")

    assert registers(people[1], called_at) == 302
    assert registers(people[2], ends - TICK) == 302
    for at in (called_at, starts - TICK, starts, ends - TICK):
        assert asks(people[1], at) == 302
    assert registers(people[3], ends) == registers(people[3], ends + TICK) == 409
    assert asks(people[1], ends) == asks(people[1], ends + TICK) == 409
    assert gathering.registrations.count() == 2
    assert gathering.questions.count() == 4


@pytest.mark.policy("P4")
def test_a_moot_is_held_from_its_start_and_not_before(
    assembly: Assembly, people: list[Person], stretch: Stretch
) -> None:
    starts = stretch.seven_days_on
    ends = starts + timedelta(hours=2)
    gathering = make_gathering(assembly, people[0], at=stretch.begins, starts_at=starts, ends_at=ends)
    assert status(starts - TICK, people[0], "gathering_hold", gathering.pk) == 409
    assert status(starts, people[0], "gathering_hold", gathering.pk) == 302


# --- Work ---------------------------------------------------------------------------------------------
@pytest.mark.policy("A15")
@pytest.mark.parametrize("day", [date(2026, 6, 7), date(2026, 10, 25), date(2027, 3, 28)], ids=str)
def test_a_task_is_late_from_midnight_in_london_after_its_day(
    assembly: Assembly, people: list[Person], day: date
) -> None:
    midnight = (datetime(day.year, day.month, day.day, tzinfo=LONDON) + timedelta(days=1)).astimezone(UTC)
    at = midnight - timedelta(days=3)
    decision = make_decision(assembly, people[0], at=at)
    call = called(decision, people[0], at=at)
    for person in people:
        calls.take_position(call, person, Stance.AGREE, at=at)
    work.name_task(decision, by=people[0], at=at, title="Dig", owner=people[1], due_on=day)

    def reminders() -> int:
        return Message.objects.filter(kind="decisions/mail/chase").count()

    def says_late(when: datetime) -> bool:
        return "Late" in At(people[1], when).page("/")

    sweep(midnight - TICK)
    assert (reminders(), says_late(midnight - TICK)) == (0, False)
    sweep(midnight)
    assert (reminders(), says_late(midnight)) == (1, True)
    sweep(midnight + TICK)
    a_week_on = (midnight.astimezone(LONDON) + timedelta(days=7)).astimezone(UTC)
    sweep(a_week_on - TICK)
    assert reminders() == 1
    sweep(a_week_on)
    assert reminders() == 2
    assert Task.objects.get().chased_on == day + timedelta(days=8)


@pytest.mark.parametrize("days_before", [6, 7, 60, 61])
def test_a_deliberation_lasts_from_the_rule_s_days_to_sixty(
    assembly: Assembly, people: list[Person], days_before: int
) -> None:
    begins = STRETCHES["plain"].begins
    decision = make_decision(assembly, people[0], at=begins - timedelta(days=10))
    call = called(decision, people[0], at=begins - timedelta(days=10))
    assert calls.end_call(call, at=call.ends_at)
    make_held_moot(decision, people[0], begins)
    allowed = 7 <= days_before <= deliberation.LONGEST_DELIBERATION
    expected = 302 if allowed else 200
    assert status(begins, people[0], "deliberation_begin", decision.pk, days=days_before) == expected
    assert (reload(decision).deliberation_began_at is not None) is allowed


@pytest.mark.policy("D21")
def test_a_week_on_a_defection_is_a_week_by_the_clock_also_where_it_has_an_hour_less(
    assembly: Assembly, people: list[Person], stretch: Stretch
) -> None:
    decision = make_decision(assembly, people[0], at=stretch.begins - timedelta(days=3))
    Decision.objects.filter(pk=decision.pk).update(kind=Decision.Kind.DEFECTION, deliberation_days=3)
    make_held_moot(reload(decision), people[0], stretch.begins - timedelta(hours=1))

    def begin(days: int) -> int:
        return status(stretch.begins, people[0], "deliberation_begin", decision.pk, days=days)

    assert begin(6) == 200
    assert reload(decision).deliberation_began_at is None
    assert begin(7) == 302
    assert reload(decision).deliberation_ends_at == stretch.seven_days_on
