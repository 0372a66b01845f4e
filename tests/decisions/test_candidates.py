"""Candidates who can no longer serve: withdrawn by the clock where the ladder allows it, shown so, and told (A4)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from assemblies.models import Office
from decisions import calls, deliberation, nominations
from decisions.models import Candidacy, Decision, Race
from harmony.clock import sweep
from harmony.time import days_later
from ledger.models import Event, Message
from members.models import Person
from tests.decisions.meetings import At
from tests.decisions.racing import DAY, HOUR, ended, make_office, stands
from tests.decisions.test_races import contest_now, told
from tests.factories import make_assembly, make_held_moot, make_members

pytestmark = pytest.mark.django_db
T0 = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
END = days_later(T0, 7)
TICK = timedelta(microseconds=1)


@pytest.fixture
def office(db: None) -> Office:
    """The vacant secretary's office of an assembly for members of the party."""
    return make_office(make_assembly("Members’ Hall", members_only=True))


@pytest.fixture
def members(office: Office) -> list[Person]:
    """Four members who take part there."""
    return make_members(office.assembly, 4)


def lapses(person: Person, at: datetime) -> None:
    person.memberships.update(lapses_at=at)


@pytest.mark.policy("A4")
def test_whoever_can_no_longer_serve_is_withdrawn_within_a_day_and_told_why(
    office: Office, members: list[Person]
) -> None:
    mine, other = stands(members[0], office, T0), stands(members[1], office, T0 + HOUR)
    assert sweep(T0 + HOUR) == []
    lapses(members[0], T0 + 2 * HOUR)
    sweep(T0 + HOUR + DAY - TICK)
    assert mine.race.standing().count() == 2
    sweep(T0 + HOUR + DAY)
    assert mine.race.standing().get() == other
    text = Message.objects.get(kind="decisions/mail/race_ruled_out", address=members[0].email).text
    assert "you have no membership in force" in text
    assert Event.objects.about(mine.race.decision).filter(verb="decision.candidate_ruled_out").count() == 1
    page = At(None, T0 + 2 * DAY).text("decision_detail", mine.race.pk)
    assert f"{members[0].name} can no longer take the office, and so no longer stands." in page
    own = At(members[0], T0 + 2 * DAY).text("candidacy_detail", mine.pk)
    assert "You no longer stand" in own
    assert At(members[0], T0 + 2 * DAY).post("candidacy_withdraw", mine.pk).status_code == 409
    members[0].memberships.update(lapses_at=None)
    stands(members[0], office, T0 + 3 * DAY)
    assert [option.name for option in ended(mine.race).options.all()][:-1] == [
        members[1].name,
        members[0].name,
    ]


def test_nobody_is_taken_out_of_a_call_that_people_are_answering(
    office: Office, members: list[Person]
) -> None:
    race = stands(members[0], office, T0).race
    decision = ended(race)
    call = calls.call_for_consensus(decision, decision.options.get(position=1), by=members[1], at=END)
    lapses(members[0], END + HOUR)
    sweep(call.ends_at - TICK)
    assert race.standing().count() == 1
    sweep(call.ends_at)  # it falls
    sweep(call.ends_at + DAY)
    decision.refresh_from_db()
    assert decision.withdrawn_because == "Nobody is left who stands and can take the office."
    assert not Race.objects.running().exists()


def test_a_race_lapses_whose_only_candidate_cannot_serve_when_nominations_end(
    office: Office, members: list[Person]
) -> None:
    race = stands(members[0], office, T0).race
    lapses(members[0], END)
    nominations.end_nominations(race, at=END)
    decision = Decision.objects.get()
    assert decision.withdrawn_because == "Nobody is left who stands and can take the office."
    assert told("ruled_out") == {members[0].email}


@pytest.mark.policy("A4")
@pytest.mark.parametrize("left", [1, 0])
def test_who_can_no_longer_serve_is_not_put_on_the_ballot(
    office: Office, members: list[Person], left: int
) -> None:
    decision, now = contest_now(office, members[:2]), timezone.now()
    make_held_moot(decision, members[2], now - 8 * DAY)
    deliberation.begin(decision, by=members[2], at=now - 8 * DAY)
    for person in members[left:2]:
        lapses(person, now - DAY)
    assert sweep(now) == []
    decision.refresh_from_db()
    assert Candidacy.objects.filter(ruled_out_at=now).count() == 2 - left
    if left:
        assert decision.ballot is not None
        names = [option.name for option in decision.ballot.options.all()]
        assert names == [members[0].name, "Re-open nominations"]
    else:
        assert (decision.ballot, decision.withdrawn_at) == (None, now)
