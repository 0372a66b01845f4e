"""Ages that pass end a participation by themselves, and the person is told once (A4)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from assemblies import eligibility, formation, joining
from assemblies.errors import NotEligibleError, WrongMomentError
from assemblies.models import Assembly, Participation
from harmony.clock import sweep
from ledger.models import Event, Message
from members.models import Person
from tests.factories import (
    make_assembly,
    make_ballot,
    make_member,
    make_participation,
    make_person,
    make_term,
)

MOMENT = timedelta(microseconds=1)
BORN = date(1995, 7, 10)
ENDS = datetime(2026, 7, 9, 23, tzinfo=UTC)  # the 10th of July 2026 begins in London


def join(person: Person, youth: Assembly, *, at: datetime = ENDS - timedelta(days=400)) -> Participation:
    made = joining.join(person, youth, at=at, born=BORN)
    assert isinstance(made, Participation)
    return made


@pytest.mark.policy("A4")
def test_the_sweep_ends_it_on_the_thirty_first_birthday_and_tells_the_person_once(youth: Assembly) -> None:
    person = make_member()
    participation = join(person, youth)
    sweep(ENDS - MOMENT)
    participation.refresh_from_db()
    assert participation.ended_at is None
    later = ENDS + timedelta(minutes=3)
    for _ in range(2):
        assert sweep(later) == []
    participation.refresh_from_db()
    assert (participation.ended_at, participation.ended_because) == (ENDS, "age")
    message = Message.objects.get(kind="assemblies/mail/age_passed")
    assert message.address == person.email
    assert "10 July 2026" in message.text
    assert Event.objects.about(person).filter(verb="participation.ended").count() == 1


@pytest.mark.policy("A4")
def test_a_roll_made_by_the_same_sweep_has_nobody_past_the_age(youth: Assembly) -> None:
    young, old = make_member(), make_member()
    join(old, youth)
    joining.join(young, youth, at=ENDS - timedelta(days=400), born=BORN + timedelta(days=1))
    ballot = make_ballot(
        youth, opens_at=ENDS, closes_at=ENDS + timedelta(days=7), announced_at=ENDS - timedelta(days=8)
    )
    sweep(ENDS)
    ballot.refresh_from_db()
    assert ballot.opened_at is not None
    assert [entry.person for entry in ballot.roll.all()] == [young]


def stored_about(person: Person) -> str:
    """All that the tables keep in clear about the person's part in assemblies, and the record of it."""
    rows = list(Participation.objects.filter(person=person).values())
    events = list(Event.objects.about(person).values("at", "verb", "data"))
    return f"{rows} {events} {list(Person.objects.filter(pk=person.pk).values())}"


def test_what_is_stored_tells_the_year_and_no_birthday(youth: Assembly) -> None:
    """Two people born on different days of a year leave the same traces, before their year and within it."""
    joined = datetime(2025, 2, 1, 12, tzinfo=UTC)
    people = [make_person(), make_person()]
    for person, born in zip(people, (date(1995, 7, 10), date(1995, 12, 24)), strict=True):
        joining.join(person, youth, at=joined, born=born)
    for at in (
        joined,
        datetime(2025, 12, 31, 12, tzinfo=UTC),
        datetime(2026, 1, 1, 12, tzinfo=UTC),
        ENDS - MOMENT,
    ):
        eligibility.end_passed_ages(at)
        traces = [
            list(person.participations.values("began_at", "ended_at", "age_check_on", "birth_due_at"))
            for person in people
        ]
        assert traces[0] == traces[1]
        for person in people:
            assert "1995" not in stored_about(person).replace(str(person.date_of_birth_sealed), "")
            assert "datetime.datetime(2026, 7" not in stored_about(person)


def test_the_sweep_opens_dates_of_birth_only_in_their_year_and_once_a_day(
    youth: Assembly, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    for _ in range(20):
        join(make_person(), youth)
    before = datetime(2025, 12, 31, 23, 59, tzinfo=UTC)
    with django_assert_num_queries(3):  # type: ignore[operator]  # savepoint, one look, release
        assert eligibility.end_passed_ages(before) == 0
    the_day_before = ENDS - timedelta(hours=1)
    with django_assert_num_queries(8):  # type: ignore[operator]  # and, once, the people and one update
        assert eligibility.end_passed_ages(the_day_before) == 0
    with django_assert_num_queries(3):  # type: ignore[operator]
        assert eligibility.end_passed_ages(the_day_before + timedelta(minutes=1)) == 0
    assert eligibility.end_passed_ages(ENDS) == 20


def test_one_date_of_birth_that_does_not_open_holds_up_nobody_else(youth: Assembly) -> None:
    damaged, other = make_person(), make_person()
    for person in (damaged, other):
        join(person, youth)
    Person.objects.filter(pk=damaged.pk).update(date_of_birth_sealed=b"broken")
    assert eligibility.end_passed_ages(ENDS) == 1
    assert youth.has_participant_at(damaged, ENDS)
    assert not youth.has_participant_at(other, ENDS)


def test_the_admin_names_the_month_of_an_ending_and_no_reason(client: Client, youth: Assembly) -> None:
    secretary = make_member()
    make_term(secretary, youth)
    participation = join(make_person("Old Enough"), youth)
    eligibility.end_passed_ages(ENDS)
    for viewer in (secretary, make_person(is_staff=True, is_superuser=True)):
        client.force_login(viewer)
        for page in ("", f"{participation.pk}/change/"):
            text = client.get(f"/admin/assemblies/participation/{page}").content.decode()
            assert "July 2026" in text
            assert "10 July" not in text
            assert "age passed" not in text


def test_raising_the_oldest_age_keeps_people_and_lowering_it_ends_at_once(youth: Assembly) -> None:
    person = make_person()
    participation = join(person, youth)
    youth.maximum_age = 35
    formation.change(youth, at=ENDS - timedelta(days=10))
    assert eligibility.end_passed_ages(ENDS) == 0
    participation.refresh_from_db()
    assert participation.age_check_on == date(2031, 1, 1)
    youth.maximum_age = 25
    formation.change(youth, at=ENDS)
    participation.refresh_from_db()
    assert (participation.ended_at, participation.ended_because) == (ENDS, "age")
    assert Message.objects.filter(kind="assemblies/mail/age_passed").count() == 1


def test_dropping_the_ages_drops_the_end(youth: Assembly) -> None:
    participation = join(make_person(), youth)
    youth.minimum_age = youth.maximum_age = None
    formation.change(youth, at=ENDS - timedelta(days=10))
    participation.refresh_from_db()
    assert participation.age_check_on is None


@pytest.mark.policy("A4")
def test_new_ages_ask_whoever_takes_part_for_their_date_of_birth(client: Client, assembly: Assembly) -> None:
    silent, young, old = make_person(), make_person(), make_person()
    for person in (silent, young, old):
        make_participation(person, assembly)
    now = timezone.now()
    assembly.maximum_age = 30
    formation.change(assembly, at=now)
    assert Message.objects.filter(kind="assemblies/mail/birth_asked").count() == 3
    client.force_login(young)
    assert "Give your date of birth" in client.get(assembly.get_absolute_url()).content.decode()
    year = now.year - 20
    client.post(
        f"/assemblies/{assembly.slug}/birth/", {"born_day": "1", "born_month": "1", "born_year": str(year)}
    )
    client.force_login(old)
    page = client.post(
        f"/assemblies/{assembly.slug}/birth/", {"born_day": "1", "born_month": "1", "born_year": "1950"}
    ).content.decode()
    assert "You are older than that." in page
    four_weeks = now + timedelta(days=29)
    assert set(assembly.participants_at(four_weeks - timedelta(days=3))) == {silent, young, old}
    sweep(four_weeks)
    assert set(assembly.participants_at(four_weeks)) == {young}
    assert silent.participations.get().ended_because == "unknown_age"
    assert Message.objects.filter(kind="assemblies/mail/birth_not_given").count() == 2


def test_a_date_of_birth_is_given_once_and_staff_can_ask_for_it_anew(client: Client, youth: Assembly) -> None:
    person = make_person()
    participation = join(person, youth)
    with pytest.raises(WrongMomentError, match="given your date of birth already"):
        eligibility.keep_birth(person, date(2000, 1, 1), at=timezone.now())
    staff = make_person(is_staff=True, is_superuser=True)
    client.force_login(staff)
    data = {"action": "ask_birth_anew", "_selected_action": [str(person.pk)]}
    assert client.post("/admin/members/person/", data).status_code == 302
    participation.refresh_from_db()
    assert participation.age_check_on is None
    assert participation.birth_due_at is not None
    assert Message.objects.filter(kind="assemblies/mail/birth_asked", address=person.email).count() == 1
    assert Event.objects.about(person).get(verb="person.date_of_birth_asked_anew").by == staff.pk
    person.refresh_from_db()
    eligibility.keep_birth(person, date(2000, 1, 1), at=timezone.now())
    participation.refresh_from_db()
    assert (participation.age_check_on, participation.birth_due_at) == (date(2031, 1, 1), None)


@pytest.mark.policy("A4")
def test_giving_it_on_the_account_page_ends_what_its_age_does_not_fit(
    client: Client, assembly: Assembly
) -> None:
    person = make_person()
    make_participation(person, assembly)
    assembly.maximum_age = 30
    formation.change(assembly, at=timezone.now())
    client.force_login(person)
    client.post("/account/date-of-birth/", {"born_day": "1", "born_month": "1", "born_year": "1950"})
    assert person.participations.get().ended_because == "age"


def test_staff_put_it_right_and_ages_are_worked_out_anew(youth: Assembly) -> None:
    person, staff = make_person(), make_person(is_staff=True)
    now = ENDS - timedelta(days=30)
    participation = join(person, youth, at=now)
    eligibility.keep_birth(person, date(2000, 1, 1), at=now, by=staff)
    participation.refresh_from_db()
    assert participation.age_check_on == date(2031, 1, 1)
    eligibility.keep_birth(person, date(2015, 1, 1), at=now, by=staff)
    participation.refresh_from_db()
    assert participation.ended_because == "age"
    given = Event.objects.about(person).filter(verb="person.date_of_birth_given", by=staff.pk)
    assert given.count() == 2


def test_erasing_it_ends_what_needs_it_and_it_is_not_given_again_without_staff(
    client: Client, youth: Assembly
) -> None:
    person = make_person()
    other = make_participation(person, make_assembly())
    participation = join(person, youth)
    client.force_login(person)
    client.post("/account/date-of-birth/erase/")
    participation.refresh_from_db()
    other.refresh_from_db()
    assert (participation.ended_because, other.ended_at) == ("unknown_age", None)
    assert participation.age_check_on is None
    client.post("/account/date-of-birth/", {"born_day": "1", "born_month": "1", "born_year": "2001"})
    person.refresh_from_db()
    assert person.date_of_birth is None
    with pytest.raises(WrongMomentError):
        joining.join(person, youth, at=timezone.now(), born=date(2001, 1, 1))


@pytest.mark.parametrize("born", [date(2030, 1, 1), date(1850, 1, 1)])
def test_an_impossible_date_is_refused(born: date, outsider: Person) -> None:
    with pytest.raises(NotEligibleError, match="cannot be a date of birth"):
        eligibility.keep_birth(outsider, born, at=ENDS)


def test_the_page_of_births_is_only_for_those_who_are_asked(
    client: Client, youth: Assembly, outsider: Person
) -> None:
    client.force_login(outsider)
    assert client.get("/assemblies/youth/birth/").status_code == 302
    client.post("/assemblies/youth/birth/", {"born_day": "1", "born_month": "1", "born_year": "2001"})
    outsider.refresh_from_db()
    assert outsider.date_of_birth is None


def test_the_log_of_an_error_never_shows_a_date_of_birth(
    client: Client, youth: Assembly, outsider: Person
) -> None:
    client.force_login(outsider)
    response = client.post(
        "/assemblies/youth/join/", {"born_day": "31", "born_month": "2", "born_year": "2001"}
    )
    assert "The date must be a real date" in response.content.decode()
    assert response.wsgi_request.sensitive_post_parameters == "__ALL__"
