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
from tests.factories import make_member, make_participation, make_person

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
    assert Event.objects.about(person).filter(verb="participation ended").count() == 1


@pytest.mark.policy("A4")
def test_nobody_past_the_age_is_counted_while_the_sweep_is_late(youth: Assembly) -> None:
    person = make_member()
    join(person, youth)
    assert youth.members_at(ENDS - MOMENT).filter(pk=person.pk).exists()
    assert not youth.members_at(ENDS).filter(pk=person.pk).exists()
    assert not youth.has_participant_at(person, ENDS + timedelta(days=1))


def test_the_sweep_reads_only_what_is_due(
    youth: Assembly, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    for _ in range(20):
        join(make_person(), youth)
    with django_assert_num_queries(3):  # type: ignore[operator]  # savepoint, one look, release
        assert eligibility.end_passed_ages(ENDS - MOMENT) == 0
    assert eligibility.end_passed_ages(ENDS) == 20


def test_raising_the_oldest_age_keeps_people_and_lowering_it_ends_at_once(youth: Assembly) -> None:
    person = make_person()
    participation = join(person, youth)
    youth.maximum_age = 35
    formation.change(youth, at=ENDS - timedelta(days=10))
    assert eligibility.end_passed_ages(ENDS) == 0
    participation.refresh_from_db()
    assert participation.age_ends_at == datetime(2031, 7, 9, 23, tzinfo=UTC)
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
    assert participation.age_ends_at is None


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


def test_a_date_of_birth_is_given_once_and_put_right_by_staff(youth: Assembly) -> None:
    person = make_person()
    now = ENDS - timedelta(days=30)
    participation = join(person, youth, at=now)
    with pytest.raises(WrongMomentError, match="known already"):
        eligibility.keep_birth(person, date(2000, 1, 1), at=now)
    staff = make_person(is_staff=True)
    eligibility.keep_birth(person, date(2000, 1, 1), at=now, by=staff)
    participation.refresh_from_db()
    assert participation.age_ends_at == datetime(2031, 1, 1, tzinfo=UTC)
    eligibility.keep_birth(person, date(2015, 1, 1), at=now, by=staff)
    participation.refresh_from_db()
    assert participation.ended_because == "age"
    assert Event.objects.about(person).filter(verb="date of birth given", by=staff.pk).count() == 2


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
