"""Anyone joins and leaves as they wish (A2, P2); a few assemblies admit only people who meet what they ask (A4)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from assemblies import enrolment, joining
from assemblies.errors import NotEligibleError, WrongMomentError
from assemblies.models import Assembly, JoinRequest, Kind, Participation
from harmony.clock import sweep
from ledger.models import Event, Message
from members.models import Person
from tests.assemblies.conftest import Country
from tests.factories import make_assembly, make_member, make_participation, make_person, make_term

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def takes_part(person: Person, assembly: Assembly) -> bool:
    return assembly.has_participant_at(person, timezone.now())


@pytest.mark.policy("A2")
@pytest.mark.parametrize("make", [make_person, make_member], ids=["participant", "member"])
def test_anyone_with_an_account_joins_and_leaves(client: Client, assembly: Assembly, make: object) -> None:
    person: Person = make()  # type: ignore[operator]
    client.force_login(person)
    page = client.get(f"/assemblies/{assembly.slug}/join/").content.decode()
    assert "Take part in the Society for Elections" in page
    assert not takes_part(person, assembly)
    response = client.post(f"/assemblies/{assembly.slug}/join/", follow=True)
    assert "You take part in the Society for Elections now." in response.content.decode()
    assert takes_part(person, assembly)
    client.get(f"/assemblies/{assembly.slug}/leave/")
    assert takes_part(person, assembly)
    response = client.post(f"/assemblies/{assembly.slug}/leave/", follow=True)
    assert "You have left the Society for Elections." in response.content.decode()
    assert not takes_part(person, assembly)
    assert person.participations.get().ended_because == "left"


def test_who_left_can_join_again_and_both_times_stay_on_record(assembly: Assembly) -> None:
    person = make_person()
    start = timezone.now() - 5 * HOUR
    joining.join(person, assembly, at=start)
    joining.leave(person, assembly, at=start + HOUR)
    joining.join(person, assembly, at=start + 2 * HOUR)
    there = [assembly.has_participant_at(person, start + n * HOUR / 2) for n in range(5)]
    assert there == [True, True, False, False, True]
    verbs = Event.objects.about(person).values_list("verb", flat=True)
    assert list(verbs) == ["person.joined", "participation.ended", "person.joined"]


@pytest.mark.policy("A2")
def test_taking_part_needs_an_account(client: Client, assembly: Assembly) -> None:
    page = client.get(assembly.get_absolute_url()).content.decode()
    assert "Log in to take part" in page
    for verb in ("join", "leave"):
        response = client.post(f"/assemblies/{assembly.slug}/{verb}/")
        assert response.status_code == 302
        assert "/account/login/" in response["Location"]
    assert not Participation.objects.exists()


def test_joining_twice_is_told_and_adds_nothing(client: Client, assembly: Assembly, member: Person) -> None:
    client.force_login(member)
    response = client.post(f"/assemblies/{assembly.slug}/join/", follow=True)
    assert "You take part in this assembly already." in response.content.decode()
    assert member.participations.count() == 1


def test_leaving_what_one_is_not_in_is_told(client: Client, assembly: Assembly, outsider: Person) -> None:
    client.force_login(outsider)
    response = client.post(f"/assemblies/{assembly.slug}/leave/", follow=True)
    assert "You do not take part in this assembly." in response.content.decode()


@pytest.mark.policy("P2")
def test_a_member_stays_in_core_and_home_assemblies_and_is_told_why(
    client: Client, country: Country, core: Assembly
) -> None:
    person = make_member()
    enrolment.set_home(person, country.leeds_east, at=timezone.now())
    client.force_login(person)
    page = client.post(f"/assemblies/{core.slug}/leave/", follow=True).content.decode()
    assert "every member of the party takes part in it" in page
    page = client.post(f"/assemblies/{country.leeds.slug}/leave/", follow=True).content.decode()
    assert "change your home constituency" in page
    assert takes_part(person, core)
    assert takes_part(person, country.leeds)


@pytest.mark.policy("P2")
def test_whoever_is_no_member_leaves_core_and_home_assemblies_too(
    client: Client, country: Country, core: Assembly
) -> None:
    person = make_person()
    enrolment.set_home(person, country.leeds_east, at=timezone.now())
    make_participation(person, core, origin="core")
    client.force_login(person)
    for assembly in (core, country.leeds, country.leeds_east):
        client.post(f"/assemblies/{assembly.slug}/leave/")
        assert not takes_part(person, assembly)
    sweep(timezone.now())
    assert not takes_part(person, country.leeds)


@pytest.mark.policy("A4")
def test_the_youth_assembly_asks_for_a_date_of_birth_and_keeps_it_sealed(
    client: Client, youth: Assembly
) -> None:
    person = make_person()
    client.force_login(person)
    page = client.get("/assemblies/youth/join/").content.decode()
    assert "Your date of birth" in page
    born = timezone.localdate().replace(day=1) - timedelta(days=365 * 20)
    data = {"born_day": born.day, "born_month": born.month, "born_year": born.year}
    client.post("/assemblies/youth/join/", data)
    assert takes_part(person, youth)
    person.refresh_from_db()
    assert person.date_of_birth == born
    assert str(born.year).encode() not in bytes(person.date_of_birth_sealed)
    participation = person.participations.get()
    assert participation.age_check_on == date(born.year + 31, 1, 1)
    assert born.isoformat() not in str(list(Event.objects.values_list("data", flat=True)))


@pytest.mark.policy("A4")
@pytest.mark.parametrize(
    ("years", "sentence"), [(16, "You may take part from"), (32, "You are older than that.")]
)
def test_somebody_of_another_age_is_told_why_not_and_their_date_is_not_kept(
    client: Client, youth: Assembly, years: int, sentence: str
) -> None:
    person = make_member()
    client.force_login(person)
    born = timezone.localdate().replace(day=1) - timedelta(days=round(365.25 * years))
    response = client.post(
        "/assemblies/youth/join/", {"born_day": born.day, "born_month": born.month, "born_year": born.year}
    )
    page = response.content.decode()
    assert "It is for people aged 18 to 30." in page
    assert sentence in page
    assert not takes_part(person, youth)
    person.refresh_from_db()
    assert person.date_of_birth is None


def test_a_known_date_of_birth_is_not_asked_again(client: Client, youth: Assembly) -> None:
    person = make_person()
    person.date_of_birth = timezone.localdate().replace(day=1) - timedelta(days=365 * 40)
    person.save()
    client.force_login(person)
    page = client.get(youth.get_absolute_url()).content.decode()
    assert "You cannot take part at present" in page
    assert "You are older than that." in page
    response = client.get("/assemblies/youth/join/")
    assert response["Location"] == "/assemblies/youth/"
    with pytest.raises(NotEligibleError, match="older"):
        joining.join(person, youth, at=timezone.now())


@pytest.mark.policy("A4")
def test_an_assembly_for_members_only_refuses_a_participant(client: Client) -> None:
    closed = make_assembly("Members' Circle", members_only=True)
    member, participant = make_member(), make_person()
    for person in (member, participant):
        client.force_login(person)
        client.post(f"/assemblies/{closed.slug}/join/")
    assert takes_part(member, closed)
    assert not takes_part(participant, closed)
    page = client.get(closed.get_absolute_url()).content.decode()
    assert "you have no membership in force" in page


@pytest.mark.policy("A4", "A5")
def test_a_statement_is_affirmed_or_one_does_not_take_part(client: Client) -> None:
    community = make_assembly("Disabled People's Assembly", kind=Kind.IDENTITY, statement="I am disabled.")
    person = make_person()
    client.force_login(person)
    page = client.post(f"/assemblies/{community.slug}/join/").content.decode()
    assert "Tick the box if you affirm the statement" in page
    assert not takes_part(person, community)
    with pytest.raises(NotEligibleError, match="affirmed"):
        joining.join(person, community, at=timezone.now())
    client.post(f"/assemblies/{community.slug}/join/", {"affirms": "on"})
    assert person.participations.get().affirmed == "I am disabled."


def test_an_assembly_can_be_joined_from_its_forming_until_it_closes() -> None:
    formed, closed = datetime(2026, 3, 1, 12, tzinfo=UTC), datetime(2026, 9, 1, 12, tzinfo=UTC)
    short = make_assembly("Short", formed_at=formed, closed_at=closed)
    moment = timedelta(microseconds=1)
    person = make_person()
    allowed = [
        not short.reasons_against(person, at) for at in (formed - moment, formed, closed - moment, closed)
    ]
    assert allowed == [False, True, True, False]
    assert [
        Assembly.objects.open_at(at).filter(pk=short.pk).exists()
        for at in (formed - moment, formed, closed - moment, closed)
    ] == allowed
    assert [short.is_open_at(at) for at in (formed - moment, formed, closed - moment, closed)] == allowed


# --- Where the secretary admits people --------------------------------------------------------------
@pytest.fixture
def gated(db: None) -> Assembly:
    """An assembly whose secretary admits people."""
    return make_assembly("Research Circle", slug="gated", approval_by_secretary=True)


@pytest.fixture
def gatekeeper(gated: Assembly) -> Person:
    """Its secretary."""
    person = make_member("Sue Secretary", email="sue@example.org")
    make_term(person, gated)
    return person


def ask(client: Client, person: Person) -> JoinRequest:
    client.force_login(person)
    client.post("/assemblies/gated/join/")
    return JoinRequest.objects.get(person=person)


@pytest.mark.policy("A4")
def test_the_secretary_admits_whoever_asked_and_they_are_told(
    client: Client, gated: Assembly, gatekeeper: Person, outsider: Person
) -> None:
    request = ask(client, outsider)
    assert not takes_part(outsider, gated)
    assert Message.objects.get(kind="assemblies/mail/join_asked").address == gatekeeper.email
    client.force_login(gatekeeper)
    action = {"action": "admit", "_selected_action": [str(request.pk)]}
    page = client.post("/admin/assemblies/joinrequest/", action, follow=True).content.decode()
    assert "Admitted. (1)" in page
    assert takes_part(outsider, gated)
    assert Message.objects.get(kind="assemblies/mail/join_admitted").address == outsider.email
    request.refresh_from_db()
    assert (request.answered_by, request.refused_at) == (gatekeeper, None)
    client.post("/admin/assemblies/joinrequest/", action)
    assert Message.objects.filter(kind="assemblies/mail/join_admitted").count() == 1


def test_the_secretary_refuses_and_the_person_may_ask_again(
    client: Client, gated: Assembly, gatekeeper: Person, outsider: Person
) -> None:
    request = ask(client, outsider)
    joining.refuse(request, by=gatekeeper, at=timezone.now())
    assert not takes_part(outsider, gated)
    assert Message.objects.get(kind="assemblies/mail/join_refused").address == outsider.email
    with pytest.raises(WrongMomentError):
        joining.admit(request, by=gatekeeper, at=timezone.now())
    client.force_login(outsider)
    client.post("/assemblies/gated/join/")
    assert JoinRequest.objects.waiting().filter(person=outsider).count() == 1


def test_asking_twice_is_told_and_a_request_can_be_taken_back(
    client: Client, gated: Assembly, gatekeeper: Person, outsider: Person
) -> None:
    request = ask(client, outsider)
    page = client.post("/assemblies/gated/join/", follow=True).content.decode()
    assert "You have asked to take part already" in page
    assert "You have asked" in client.get("/assemblies/yours/").content.decode()
    client.post("/assemblies/gated/leave/")
    request.refresh_from_db()
    assert not request.is_waiting
    with pytest.raises(WrongMomentError):
        joining.admit(request, by=gatekeeper, at=timezone.now())
    assert not takes_part(outsider, gated)


def test_nobody_but_the_secretary_admits(
    client: Client, gated: Assembly, outsider: Person, member: Person, secretary: Person
) -> None:
    request = ask(client, outsider)
    staff = make_person("Ada Admin", is_staff=True, is_superuser=True)
    for person in (member, secretary, staff, outsider):
        with pytest.raises(PermissionDenied):
            joining.admit(request, by=person, at=timezone.now())
    client.force_login(secretary)  # of another assembly: does not even see the request
    assert outsider.name not in client.get("/admin/assemblies/joinrequest/").content.decode()
    assert not takes_part(outsider, gated)


@pytest.mark.policy("P9")
def test_without_a_secretary_the_general_secretary_stands_in(
    client: Client, gated: Assembly, outsider: Person
) -> None:
    party = make_assembly("Harmony Party", kind=Kind.PARTY)
    general = make_member("Gail General")
    make_term(general, party)
    request = ask(client, outsider)
    assert Message.objects.get(kind="assemblies/mail/join_asked").address == general.email
    client.force_login(general)
    client.post("/admin/assemblies/joinrequest/", {"action": "admit", "_selected_action": [str(request.pk)]})
    assert takes_part(outsider, gated)
    own = make_member()
    make_term(own, gated)
    assert not Assembly.objects.served_by(general, timezone.now()).filter(pk=gated.pk).exists()
    assert set(gated.acting_at(timezone.now())) == {own}
