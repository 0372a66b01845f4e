"""Person, Membership, Suspension: who is a member, when; and what is kept of them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from ledger.keyring import KeyringError
from ledger.models import Event
from members.errors import BirthGivenOnceError
from members.models import Membership, Person, Suspension
from tests.factories import LONG_AGO, make_member, make_membership, make_person, make_suspension

pytestmark = pytest.mark.django_db
FROM = datetime(2026, 3, 1, 12, tzinfo=UTC)
UNTIL = datetime(2026, 9, 1, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)
AROUND = [
    (FROM - TICK, False),
    (FROM, True),
    (FROM + TICK, True),
    (UNTIL - TICK, True),
    (UNTIL, False),
    (UNTIL + TICK, False),
]


@pytest.mark.parametrize(("at", "inside"), AROUND)
@pytest.mark.parametrize("end", ["lapses_at", "ended_at"])
def test_a_membership_runs_from_its_beginning_until_just_before_its_end(
    end: str, at: datetime, inside: bool
) -> None:
    person = make_person()
    membership = make_membership(person, began_at=FROM, **{end: UNTIL})
    assert membership.is_in_force_at(at) is inside
    assert Membership.objects.in_force_at(at).exists() is inside
    assert person.is_member_at(at) is inside
    assert (person in Person.objects.members_at(at)) is inside


@pytest.mark.parametrize(("at", "inside"), AROUND)
def test_a_suspended_member_is_no_member_meanwhile(at: datetime, inside: bool) -> None:
    person = make_member()
    suspension = make_suspension(person, began_at=FROM, ends_at=UNTIL)
    assert suspension.is_in_force_at(at) is inside
    assert Suspension.objects.in_force_at(at).exists() is inside
    assert person.is_member_at(at) is not inside


def test_a_membership_without_an_end_and_a_suspension_without_one_last() -> None:
    far = datetime(2100, 1, 1, tzinfo=UTC)
    person = make_member()
    assert person.is_member_at(far)
    make_suspension(person)
    assert not person.is_member_at(far)


def test_an_account_alone_is_no_membership() -> None:
    assert not make_person().is_member_at(FROM)


def test_a_membership_renewed_after_a_gap_counts_again_but_not_in_between() -> None:
    person = make_person()
    make_membership(person, began_at=LONG_AGO, lapses_at=FROM, ended_at=FROM)
    make_membership(person, began_at=UNTIL)
    assert person.is_member_at(FROM - TICK)
    assert not person.is_member_at(FROM)
    assert person.is_member_at(UNTIL)
    assert Person.objects.members_at(UNTIL).count() == 1


def test_nobody_holds_two_memberships_at_once() -> None:
    person = make_member()
    with pytest.raises(IntegrityError), transaction.atomic():
        make_membership(person)


def test_two_accounts_never_share_an_address_however_it_is_written() -> None:
    make_person(email="mary@example.org")
    with pytest.raises(IntegrityError), transaction.atomic():
        Person.objects.create(email="MARY@example.org", name="Other")


def test_the_manager_makes_accounts_in_lower_case_and_without_a_password() -> None:
    person = Person.objects.create_user("Mary.Member@Example.ORG", name="Mary")
    assert person.email == "mary.member@example.org"
    assert not person.has_usable_password()
    assert not person.is_staff
    assert str(person) == person.get_full_name() == person.get_short_name() == "Mary"


def test_an_account_needs_an_address() -> None:
    with pytest.raises(ValueError, match="email address"):
        Person.objects.create_user("")


def test_a_superuser_may_do_everything() -> None:
    person = Person.objects.create_superuser("root@example.org", "correct horse battery", name="Root")
    assert person.is_staff
    assert person.has_perm("members.change_person")
    assert person.check_password("correct horse battery")


def stored(person: Person) -> bytes:
    """All that the database keeps of the person, as bytes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM members_person WHERE id = %s", [person.pk])
        return b"|".join(
            bytes(v) if isinstance(v, memoryview) else str(v).encode() for v in cursor.fetchone()
        )


def test_a_date_of_birth_is_kept_sealed() -> None:
    born = date(1977, 3, 27)
    person = make_person()
    person.give_date_of_birth(born, by=person, at=FROM)
    assert Person.objects.get().date_of_birth == born
    kept = stored(person)
    for form in (b"1977", b"27 3", b"27/03", b"Mar"):
        assert form not in kept


def test_the_same_date_of_birth_is_sealed_differently_each_time() -> None:
    one, two = make_person(), make_person()
    for person in (one, two):
        person.give_date_of_birth(date(1977, 3, 27), by=person, at=FROM)
    assert bytes(one.date_of_birth_sealed or b"") != bytes(two.date_of_birth_sealed or b"")


def test_a_sealed_date_of_birth_opens_for_its_own_person_only() -> None:
    one, two = make_person(), make_person()
    one.give_date_of_birth(date(1977, 3, 27), by=one, at=FROM)
    Person.objects.filter(pk=two.pk).update(date_of_birth_sealed=one.date_of_birth_sealed)
    with pytest.raises(KeyringError):
        _ = Person.objects.get(pk=two.pk).date_of_birth


def test_a_date_of_birth_can_be_erased() -> None:
    person = make_person()
    person.give_date_of_birth(date(1977, 3, 27), by=person, at=FROM)
    person.erase_date_of_birth(by=person, at=FROM)
    assert Person.objects.get().date_of_birth is None
    assert [event.verb for event in Event.objects.about(person)][-1] == "person.date_of_birth_erased"


def test_a_date_of_birth_is_given_once_unless_staff_ask_for_it_anew() -> None:
    person, staff = make_person(), make_person()
    person.give_date_of_birth(date(1977, 3, 27), by=person, at=FROM)
    with pytest.raises(BirthGivenOnceError):
        person.give_date_of_birth(date(1999, 3, 27), by=person, at=FROM)
    person.erase_date_of_birth(by=person, at=FROM)
    with pytest.raises(BirthGivenOnceError):
        person.give_date_of_birth(date(1999, 3, 27), by=person, at=FROM)
    person.ask_date_of_birth_anew(by=staff, at=FROM)
    person.give_date_of_birth(date(1979, 3, 27), by=person, at=FROM)
    assert Person.objects.get(pk=person.pk).date_of_birth == date(1979, 3, 27)


def test_changes_are_recorded_without_the_values() -> None:
    person = make_person("Mary")
    person.rename("Maria", by=person, at=FROM)
    person.give_date_of_birth(date(1977, 3, 27), by=person, at=FROM)
    found = Event.objects.about(person)
    assert [event.verb for event in found] == ["person.renamed", "person.date_of_birth_given"]
    assert {event.by for event in found} == {person.pk}
    assert all("Maria" not in str(event.data) and "1977" not in str(event.data) for event in found)
