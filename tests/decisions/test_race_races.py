"""Two people, or a person and the clock, at the same moment, each on a connection of their own."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from assemblies.models import Term
from decisions import calls, declaring, nominations
from decisions.errors import DecisionError, WrongMoment
from decisions.models import Candidacy, Decision, Race, Stance
from harmony.clock import sweep
from ledger.models import Event
from tests.assemblies.test_races import at_once
from tests.decisions.racing import make_office, stands
from tests.factories import make_assembly, make_members, make_person

pytestmark = pytest.mark.django_db(transaction=True)
T0 = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)


def refused(job):  # type: ignore[no-untyped-def]
    """The job, whose refusal by the ladder is its answer."""

    def run() -> object:
        try:
            return job()
        except DecisionError as refusal:
            return refusal

    return run


@pytest.mark.policy("A14")
@pytest.mark.parametrize("attempt", range(3))
def test_applications_at_once_open_exactly_one_race(attempt: int) -> None:
    office = make_office(make_assembly())
    people = [make_person() for _ in range(6)]
    answers = at_once(*(refused(lambda person=person: stands(person, office, T0)) for person in people))
    assert all(isinstance(answer, Candidacy) for answer in answers), answers
    assert Race.objects.count() == Decision.objects.count() == 1
    assert Race.objects.get().standing().count() == 6
    assert Event.objects.filter(verb="decision.race_declared").count() == 1


def test_standing_twice_at_once_is_one_candidacy() -> None:
    office, person = make_office(make_assembly()), make_person()
    answers = at_once(*[refused(lambda: stands(person, office, T0))] * 4)
    assert sum(isinstance(answer, WrongMoment) for answer in answers) == 3
    assert Candidacy.objects.count() == 1


@pytest.mark.parametrize("attempt", range(5))
def test_standing_while_nominations_end_either_counts_or_is_told_so(attempt: int) -> None:
    office = make_office(make_assembly())
    race = stands(make_person(), office, T0).race
    late, end = make_person(), race.nominations_end_at
    just_before = end - timedelta(microseconds=1)
    stood, _ended, _again = at_once(
        refused(lambda: stands(late, office, just_before)),
        lambda: nominations.end_nominations(race, at=end),
        lambda: nominations.end_nominations(race, at=end),
    )
    sweep(end)  # what stepped aside for a lock is due again
    race.refresh_from_db()
    assert race.nominations_ended_at == end
    standing = race.standing().count()
    assert standing == (2 if isinstance(stood, Candidacy) else 1)
    assert race.decision.options.filter(leaves_things=False).count() == standing
    assert Event.objects.filter(verb="decision.nominations_ended").count() == 1


@pytest.mark.parametrize("attempt", range(3))
def test_withdrawing_while_a_call_is_made_leaves_no_call_on_somebody_who_withdrew(attempt: int) -> None:
    assembly = make_assembly()
    office, members = make_office(assembly), make_members(assembly, 3)
    mine = stands(members[0], office, T0)
    end = mine.race.nominations_end_at
    sweep(end)
    decision = Decision.objects.get()
    option = decision.options.get(position=1)
    at_once(
        refused(lambda: nominations.withdraw(mine, by=members[0], at=end)),
        refused(lambda: calls.call_for_consensus(decision, option, by=members[1], at=end)),
    )
    mine.refresh_from_db()
    assert decision.calls.exists() is (mine.withdrawn_at is None)


def test_two_clocks_declare_one_race_in_time_and_the_last_answer_makes_one_term() -> None:
    assembly = make_assembly()
    office, members = make_office(assembly), make_members(assembly, 2)
    Term.objects.create(office=office, person=members[0], began_at=T0, ends_at=T0 + timedelta(days=30))
    at_once(*[lambda: declaring.declare_due(T0)] * 3)
    race = Race.objects.get()
    stands(members[1], office, T0)
    end = race.nominations_end_at
    sweep(end)
    decision = Decision.objects.get()
    call = calls.call_for_consensus(decision, decision.options.get(position=1), by=members[0], at=end)
    jobs = (
        refused(lambda person=person: calls.take_position(call, person, Stance.AGREE, at=end))  # type: ignore[misc]
        for person in members
    )
    at_once(*jobs)
    assert Term.objects.filter(elected=True).count() == 1
    assert not connection.in_atomic_block
