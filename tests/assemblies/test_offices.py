"""Offices, terms and vacancy; who may act as secretary where (P9)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from assemblies.errors import OfficeFullError, WrongMomentError
from assemblies.models import Assembly, Kind, Office, Term
from members.models import Person
from tests.factories import make_assembly, make_member, make_term

pytestmark = pytest.mark.django_db

BEGINS = datetime(2026, 3, 1, 12, tzinfo=UTC)
ENDS = datetime(2026, 9, 1, 12, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
EDGES = (BEGINS - MOMENT, BEGINS, ENDS - MOMENT, ENDS)


@pytest.mark.parametrize("role", ["secretary", "deputy"])
@pytest.mark.parametrize("end", ["ends_at", "ended_at"])
def test_a_term_is_served_from_its_beginning_until_its_end(assembly: Assembly, role: str, end: str) -> None:
    person = make_member()
    term = make_term(person, assembly, role, began_at=BEGINS, **{end: ENDS})
    for at, expected in zip(EDGES, [False, True, True, False], strict=True):
        assert term.is_in_force_at(at) is expected
        assert Term.objects.in_force_at(at).exists() is expected
        assert Assembly.objects.served_by(person, at).exists() is expected
        assert assembly.acting_at(at).exists() is expected
        assert (term.office.vacant_seats_at(at) == 0) is expected


def test_a_vacancy_is_derived_and_shown(client: Client, assembly: Assembly, secretary: Person) -> None:
    page = client.get(assembly.get_absolute_url()).content.decode()
    assert "Sam Secretary" in page
    assert "vacant" not in page
    secretary.terms.get().end(at=timezone.now())
    page = client.get(assembly.get_absolute_url()).content.decode()
    assert "Sam Secretary" not in page
    assert "vacant" in page


def test_an_office_seats_no_more_than_its_seats(assembly: Assembly) -> None:
    office = Office.objects.create(assembly=assembly, role="secretary", seats=2)
    first, second, third = make_member("First"), make_member("Second"), make_member("Third")
    Term(office=office, person=first, began_at=BEGINS, ends_at=ENDS).begin(at=BEGINS)
    Term(office=office, person=second, began_at=BEGINS).begin(at=BEGINS)
    with pytest.raises(OfficeFullError, match=r"First|Second"):
        Term(office=office, person=third, began_at=ENDS - MOMENT, elected=True).begin(at=BEGINS)
    Term(office=office, person=third, began_at=ENDS, elected=True).begin(at=BEGINS)
    assert office.vacant_seats_at(ENDS) == 0


def test_a_term_has_a_holder_and_ends_after_it_began(assembly: Assembly) -> None:
    office = Office.objects.create(assembly=assembly, role="secretary")
    with pytest.raises(ValidationError, match="holder"):
        Term(office=office, began_at=BEGINS).begin(at=BEGINS)
    with pytest.raises(ValidationError, match="ends after it began"):
        Term(office=office, holder_name="Nan", began_at=BEGINS, ends_at=BEGINS).begin(at=BEGINS)
    assert office.vacant_seats_at(BEGINS) == 1


def test_a_term_is_ended_once(assembly: Assembly, secretary: Person) -> None:
    term = secretary.terms.get()
    term.end(at=BEGINS)
    with pytest.raises(WrongMomentError):
        term.end(at=ENDS)
    term.refresh_from_db()
    assert term.ended_at == BEGINS


@pytest.mark.policy("P9")
def test_the_general_secretary_serves_where_there_is_no_secretary(
    assembly: Assembly, secretary: Person
) -> None:
    party = make_assembly("Harmony Party", kind=Kind.PARTY)
    vacant = make_assembly("Vacant")
    deputised = make_assembly("Deputised")
    deputy, general, helper = make_member(), make_member(), make_member()
    make_term(deputy, deputised, Office.Role.DEPUTY)
    make_term(general, party)
    make_term(helper, party, Office.Role.DEPUTY)
    now = timezone.now()
    assert set(Assembly.objects.served_by(general, now)) == {party, vacant, deputised}
    assert set(Assembly.objects.served_by(helper, now)) == {party}
    assert set(Assembly.objects.served_by(secretary, now)) == {assembly}
    assert set(Assembly.objects.served_by(deputy, now)) == {deputised}
    people = (general, helper, secretary, deputy)
    for one in (party, vacant, deputised, assembly):
        serving = {person for person in people if one in Assembly.objects.served_by(person, now)}
        assert set(one.acting_at(now)) == serving
