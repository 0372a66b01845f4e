"""A member is in their own constituency's assembly, its city and region, and the core assemblies (P2)."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from assemblies import enrolment, formation
from assemblies.errors import WrongMomentError, WrongPlaceError
from assemblies.models import Assembly, Kind, Participation
from harmony.clock import sweep
from ledger.models import Event
from members.models import Membership, Person, Suspension
from tests.assemblies.conftest import Country
from tests.factories import make_assembly, make_member, make_membership, make_participation, make_person

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def assemblies_of(person: Person) -> set[Assembly]:
    """Where the person takes part now."""
    now = timezone.now()
    return {row.assembly for row in person.participations.in_force_at(now).select_related("assembly")}


def choose_home(client: Client, person: Person, constituency: Assembly) -> None:
    """Names the home by the site's own page."""
    client.force_login(person)
    response = client.post(f"/assemblies/home/{constituency.slug}/")
    assert response.status_code == 302


@pytest.mark.policy("P2", "A6")
def test_a_home_enrols_in_the_constituency_its_city_its_region_and_the_core_assemblies(
    client: Client, country: Country, core: Assembly
) -> None:
    person = make_member()
    choose_home(client, person, country.leeds_east)
    assert assemblies_of(person) == {country.leeds_east, country.leeds, country.yorkshire, core}
    origins = dict(person.participations.values_list("assembly__slug", "origin"))
    assert origins[country.yorkshire.slug] == "home"
    assert origins[core.slug] == "core"
    assert enrolment.home_of(person, timezone.now()) == country.leeds_east


@pytest.mark.policy("P2")
def test_a_participant_who_is_no_member_is_enrolled_at_home_and_in_no_core_assembly(
    client: Client, country: Country, core: Assembly
) -> None:
    person = make_person()
    choose_home(client, person, country.skipton)
    assert assemblies_of(person) == {country.skipton, country.yorkshire}


@pytest.mark.policy("P2")
def test_moving_home_moves_the_member_and_keeps_what_both_homes_share(
    client: Client, country: Country, core: Assembly
) -> None:
    person = make_member()
    choose_home(client, person, country.leeds_east)
    region = person.participations.get(assembly=country.yorkshire)
    choose_home(client, person, country.skipton)
    assert assemblies_of(person) == {country.skipton, country.yorkshire, core}
    region.refresh_from_db()
    assert region.ended_at is None
    old = person.participations.get(assembly=country.leeds_east)
    assert old.ended_because == Participation.Ending.MOVED
    choose_home(client, person, country.cardiff)
    assert assemblies_of(person) == {country.cardiff, country.wales, core}
    assert enrolment.home_of(person, timezone.now()) == country.cardiff


def test_there_is_no_moment_without_a_home_while_moving(country: Country) -> None:
    person = make_person()
    first, second = timezone.now() - 2 * HOUR, timezone.now() - HOUR
    enrolment.set_home(person, country.leeds_east, at=first)
    enrolment.set_home(person, country.cardiff, at=second)
    just_before = second - timedelta(microseconds=1)
    assert enrolment.home_of(person, first - timedelta(microseconds=1)) is None
    assert enrolment.home_of(person, first) == country.leeds_east
    assert enrolment.home_of(person, just_before) == country.leeds_east
    assert enrolment.home_of(person, second) == country.cardiff
    assert not country.leeds_east.has_participant_at(person, second)


def test_naming_the_same_home_again_changes_nothing(client: Client, country: Country, core: Assembly) -> None:
    person = make_member()
    choose_home(client, person, country.leeds_east)
    before = list(person.participations.order_by("pk").values_list("pk", "began_at", "ended_at"))
    events = Event.objects.count()
    choose_home(client, person, country.leeds_east)
    assert list(person.participations.order_by("pk").values_list("pk", "began_at", "ended_at")) == before
    assert Event.objects.count() == events


def test_what_was_joined_becomes_home_without_a_gap(country: Country) -> None:
    person = make_person()
    joined = make_participation(person, country.leeds_east)
    now = timezone.now()
    enrolment.set_home(person, country.leeds_east, at=now)
    joined.refresh_from_db()
    assert (joined.ended_at, joined.ended_because) == (now, "became_home")
    assert country.leeds_east.has_participant_at(person, now - HOUR)
    assert country.leeds_east.has_participant_at(person, now)


@pytest.mark.parametrize("name", ["leeds", "yorkshire"])
def test_a_city_or_a_region_is_nobodys_home(client: Client, country: Country, name: str) -> None:
    person = make_person()
    area = getattr(country, name)
    with pytest.raises(WrongPlaceError, match="constituency"):
        enrolment.set_home(person, area, at=timezone.now())
    client.force_login(person)
    assert client.post(f"/assemblies/home/{area.slug}/").status_code == 404


def test_a_closed_constituency_is_nobodys_home(client: Client, country: Country) -> None:
    formation.close(country.skipton, at=timezone.now())
    person = make_person()
    with pytest.raises(WrongMomentError):
        enrolment.set_home(person, country.skipton, at=timezone.now())
    client.force_login(person)
    assert client.get(f"/assemblies/home/{country.skipton.slug}/").status_code == 404


def test_looking_at_a_home_changes_nothing(client: Client, country: Country) -> None:
    person = make_member()
    client.force_login(person)
    page = client.get(f"/assemblies/home/{country.leeds_east.slug}/").content.decode()
    assert "Leeds City Society" in page
    assert not person.participations.exists()


@pytest.mark.policy("P2")
def test_becoming_a_member_enrols_in_the_core_assemblies_at_the_next_sweep(core: Assembly) -> None:
    person = make_person()
    assert sweep(timezone.now()) == []
    assert assemblies_of(person) == set()
    make_membership(person, began_at=timezone.now())
    assert sweep(timezone.now()) == []
    assert assemblies_of(person) == {core}
    event = Event.objects.about(person).get(verb="person.enrolled")
    assert event.data == {"origin": "core", "assemblies": [str(core.pk)]}
    rows = Participation.objects.count()
    assert sweep(timezone.now()) == []
    assert Participation.objects.count() == rows


def test_a_membership_counts_from_its_beginning_and_not_before(core: Assembly) -> None:
    begins = timezone.now() - HOUR
    person = make_person()
    make_membership(person, began_at=begins)
    assert enrolment.enrol_due(begins - timedelta(microseconds=1)) == 0
    assert enrolment.enrol_due(begins) == 1
    assert enrolment.enrol_due(begins) == 0


@pytest.mark.policy("P2")
def test_a_new_core_assembly_and_a_new_city_take_in_the_members_at_the_next_sweep(
    client: Client, country: Country, core: Assembly
) -> None:
    person = make_member()
    choose_home(client, person, country.skipton)
    another = make_assembly("Media Working Group", is_core=True)
    country.skipton.within = country.leeds
    formation.change(country.skipton, at=timezone.now())
    sweep(timezone.now())
    assert assemblies_of(person) == {country.skipton, country.leeds, country.yorkshire, core, another}


@pytest.mark.policy("P2", "P3")
def test_a_membership_that_lapses_removes_nobody_and_takes_the_vote(
    client: Client, country: Country, core: Assembly
) -> None:
    person = make_person()
    lapses = timezone.now() + HOUR
    make_membership(person, lapses_at=lapses)
    choose_home(client, person, country.leeds_east)
    here = assemblies_of(person)
    after = lapses + HOUR
    sweep(after)
    assert assemblies_of(person) == here
    assert core.has_participant_at(person, after)
    assert core.members_at(lapses - timedelta(microseconds=1)).filter(pk=person.pk).exists()
    assert not core.members_at(lapses).filter(pk=person.pk).exists()


@pytest.mark.policy("P3")
def test_a_suspension_takes_the_vote_and_no_participation(core: Assembly) -> None:
    person = make_member()
    enrolment.enrol(person, at=timezone.now())
    begins, ends = timezone.now() + HOUR, timezone.now() + 2 * HOUR
    Suspension.objects.create(person=person, began_at=begins, ends_at=ends, reason="Under review.")
    moment = timedelta(microseconds=1)
    votes = [
        core.members_at(at).filter(pk=person.pk).exists()
        for at in (begins - moment, begins, ends - moment, ends)
    ]
    assert votes == [True, False, False, True]
    assert core.has_participant_at(person, begins)


@pytest.mark.policy("P2")
def test_everybody_is_looked_at_again_when_the_core_assemblies_or_the_areas_change(
    client: Client, country: Country, core: Assembly
) -> None:
    person = make_member()
    choose_home(client, person, country.skipton)
    now = timezone.now()
    sweep(now)  # the hourly look is done
    formation.form(
        Assembly(slug="media", name="Media", kind=Kind.SOCIETY, is_core=True, formed_at=now), at=now
    )
    country.skipton.within = country.leeds
    formation.change(country.skipton, at=now)
    moment = now + timedelta(seconds=15)
    sweep(moment)
    current = {row.assembly.slug for row in person.participations.in_force_at(moment)}
    assert {"media", country.leeds.slug} <= current


def test_everybody_is_looked_at_every_hour_and_new_members_at_once(core: Assembly) -> None:
    now = timezone.now()
    assert enrolment.enrol_due(now) == 0
    old, new = make_person(), make_person()
    make_membership(old, began_at=now - timedelta(days=40))  # written down late
    make_membership(new, began_at=now)
    assert enrolment.enrol_due(now) == 2
    assert core.has_participant_at(new, now)
    Participation.objects.filter(person=old).update(ended_at=now, ended_because="removed")
    late = now + enrolment.CHECK_EVERY
    assert enrolment.enrol_due(late - timedelta(microseconds=1)) == 0
    assert enrolment.enrol_due(late) == 1
    assert core.has_participant_at(old, late)


def test_a_membership_that_begins_under_a_suspension_enrols_by_the_hour_once_that_is_over(
    core: Assembly,
) -> None:
    person, now = make_member(), timezone.now()
    Suspension.objects.create(person=person, began_at=now - HOUR, ends_at=now + HOUR, reason="Reviewed.")
    assert enrolment.enrol_due(now) == 0
    assert not Membership.objects.due_to_enrol(now).exists()
    assert enrolment.enrol_due(now + HOUR) == 1
    assert core.has_participant_at(person, now + HOUR)


def test_the_sweep_leaves_out_people_who_are_no_members(core: Assembly) -> None:
    lapsed = make_person()
    make_membership(lapsed, lapses_at=timezone.now() - HOUR)
    suspended = make_member()
    Suspension.objects.create(person=suspended, began_at=timezone.now() - HOUR, reason="Under review.")
    make_person()
    assert enrolment.enrol_due(timezone.now()) == 0
    assert not enrolment.due(timezone.now()).exists()


def test_the_sweep_takes_many_people_in_few_statements(
    core: Assembly, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    for _ in range(120):
        make_member()
    assert enrolment.enrol_due(timezone.now()) == 120
    assert core.participants_at(timezone.now()).count() == 120
    with django_assert_max_num_queries(5):  # type: ignore[operator]
        assert enrolment.enrol_due(timezone.now()) == 0
    assert Membership.objects.count() == 120
