"""Clearances: who may handle confidential material for a duty; given by staff to others, for a time."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from assemblies import clearances
from assemblies.clearances import cleared
from assemblies.errors import AssemblyError, NotEligibleError, WrongMomentError
from assemblies.models import Assembly, Clearance, Duty
from harmony.clock import sweep
from harmony.time import days_later
from ledger.models import Event, Message
from members.models import Person
from tests.factories import (
    LONG_AGO,
    make_assembly,
    make_clearance,
    make_duty,
    make_participation,
    make_person,
)

pytestmark = pytest.mark.django_db
TICK = timedelta(microseconds=1)
RESEARCH = Duty.Name.RESEARCH


@pytest.fixture
def research(db: None) -> Assembly:
    """The assembly that has the duty."""
    assembly = make_assembly("Research Working Group")
    make_duty(assembly)
    return assembly


@pytest.fixture
def volunteer(research: Assembly) -> Person:
    """Takes part in it."""
    person = make_person("Vera Volunteer", email="vera@example.org")
    make_participation(person, research)
    return person


@pytest.fixture
def staff(db: None) -> Person:
    """Site staff who may grant and change clearances, and nothing else."""
    person = make_person("Stan Staff", is_staff=True)
    names = ("add_clearance", "change_clearance", "view_clearance")
    person.user_permissions.add(*Permission.objects.filter(codename__in=names))
    return person


def grant(person: Person, by: Person, at: datetime | None = None, **fields: object) -> Clearance:
    values = {"reason": "Seen with passport on a call.", **fields}
    return clearances.grant(person, RESEARCH, by=by, at=at or timezone.now(), **values)


def test_a_clearance_runs_a_year_and_is_asked_for_as_a_half_open_window(
    volunteer: Person, staff: Person
) -> None:
    now = timezone.now()
    row = grant(volunteer, staff, now)
    end = days_later(now, 365)
    assert row.expires_at == end
    for at, expected in ((now - TICK, False), (now, True), (end - TICK, True), (end, False)):
        assert cleared(volunteer, RESEARCH, at) is expected
        assert row.is_in_force_at(at) is expected
        assert Clearance.objects.in_force_at(at).exists() is expected
        assert clearances.people_cleared(RESEARCH, at).filter(pk=volunteer.pk).exists() is expected
    assert not cleared(volunteer, Duty.Name.RESOLUTIONS, now)


def test_who_is_granted_one_is_told_and_it_is_recorded_without_the_reason(
    volunteer: Person, staff: Person
) -> None:
    row = grant(volunteer, staff)
    mail = Message.objects.get(kind="assemblies/mail/clearance_granted")
    assert mail.address == volunteer.email
    assert "Research Working Group" in mail.text
    event = Event.objects.about(row).get()
    assert (event.verb, event.by) == ("clearance.granted", staff.pk)
    assert event.data == {"person": str(volunteer.pk), "duty": "research"}


def test_staff_and_superusers_are_not_cleared_by_being_staff(research: Assembly, staff: Person) -> None:
    root = make_person(is_staff=True, is_superuser=True)
    for person in (staff, root):
        make_participation(person, research)
        assert not cleared(person, RESEARCH, timezone.now())


def test_nobody_clears_themselves(research: Assembly, staff: Person, volunteer: Person) -> None:
    make_participation(staff, research)
    with pytest.raises(PermissionDenied, match="Nobody clears themselves"):
        grant(staff, staff)
    row = make_clearance(staff)
    with pytest.raises(PermissionDenied, match="Nobody clears themselves"):
        clearances.renew(row, by=staff, at=timezone.now())
    with pytest.raises(IntegrityError, match="clearance_by_somebody_else"), transaction.atomic():
        make_clearance(volunteer, granted_by=volunteer)


def test_only_staff_with_the_permission_grant_renew_and_end(volunteer: Person, secretary: Person) -> None:
    row = make_clearance(volunteer)
    for person in (secretary, make_person(is_staff=True)):
        with pytest.raises(PermissionDenied):
            grant(make_person(), person)
        with pytest.raises(PermissionDenied):
            clearances.renew(row, by=person, at=timezone.now())
        with pytest.raises(PermissionDenied):
            clearances.end(row, by=person, at=timezone.now(), because="No.")


def test_one_takes_part_in_the_assembly_with_the_duty_to_be_cleared_and_to_stay_so(
    research: Assembly, volunteer: Person, staff: Person
) -> None:
    now = timezone.now()
    with pytest.raises(NotEligibleError, match="does not take part in the Research Working Group"):
        grant(make_person("Ned Nowhere"), staff)
    with pytest.raises(NotEligibleError, match="No assembly has this duty"):
        clearances.grant(volunteer, "elections", by=staff, at=now, reason="Vetted.")
    grant(volunteer, staff, now)
    volunteer.participations.update(ended_at=now, ended_because="left")
    assert not cleared(volunteer, RESEARCH, now)


def test_a_duty_that_goes_to_another_assembly_takes_no_clearance_along(
    research: Assembly, volunteer: Person, staff: Person
) -> None:
    now = timezone.now()
    grant(volunteer, staff, now)
    Duty.objects.get().end(at=now)
    assert not cleared(volunteer, RESEARCH, now)
    other = make_assembly()
    Duty(assembly=other, name=RESEARCH).begin(at=now)
    assert not cleared(volunteer, RESEARCH, now)
    make_participation(volunteer, other)
    assert cleared(volunteer, RESEARCH, now)


def test_an_account_that_cannot_log_in_is_not_cleared(volunteer: Person, staff: Person) -> None:
    grant(volunteer, staff)
    volunteer.is_active = False
    volunteer.save(update_fields=["is_active"])
    assert not cleared(volunteer, RESEARCH, timezone.now())


@pytest.mark.parametrize(("days", "fits"), [(-1, False), (0, False), (1, True), (731, True), (732, False)])
def test_a_clearance_has_bounds(volunteer: Person, staff: Person, days: int, fits: bool) -> None:
    now = timezone.now()
    end = days_later(now, days)
    if fits:
        assert grant(volunteer, staff, now, expires_at=end).expires_at == end
    else:
        with pytest.raises(AssemblyError, match="between now and two years"):
            grant(volunteer, staff, now, expires_at=end)


def test_it_rests_on_something(volunteer: Person, staff: Person) -> None:
    with pytest.raises(AssemblyError, match="what the clearance rests on"):
        grant(volunteer, staff, reason="  ")
    assert not Clearance.objects.exists()


def test_one_clearance_at_a_time_and_a_new_one_once_the_old_has_run_out(
    volunteer: Person, staff: Person
) -> None:
    old = make_clearance(volunteer)
    with pytest.raises(WrongMomentError, match="renew that"):
        grant(volunteer, staff)
    later = old.expires_at
    new = grant(volunteer, staff, later)
    old.refresh_from_db()
    assert (old.ended_at, new.granted_at) == (later, later)


def test_renewing_moves_the_end_and_tells_the_person(volunteer: Person, staff: Person) -> None:
    now = timezone.now()
    row = make_clearance(volunteer)
    clearances.renew(row, by=staff, at=now)
    row.refresh_from_db()
    assert (row.expires_at, row.renewed_by, row.renewed_at) == (days_later(now, 365), staff, now)
    assert Message.objects.get().kind == "assemblies/mail/clearance_renewed"
    with pytest.raises(WrongMomentError, match="is over"):
        clearances.renew(row, by=staff, at=row.expires_at)


def test_ending_says_why_to_the_person_and_holds_at_once(volunteer: Person, staff: Person) -> None:
    now = timezone.now()
    row = grant(volunteer, staff, now - timedelta(hours=1))
    with pytest.raises(AssemblyError, match="why"):
        clearances.end(row, by=staff, at=now, because=" ")
    clearances.end(row, by=staff, at=now, because="You asked for it.")
    assert cleared(volunteer, RESEARCH, now - TICK)
    assert not cleared(volunteer, RESEARCH, now)
    assert "You asked for it." in Message.objects.get(kind="assemblies/mail/clearance_ended").text
    with pytest.raises(WrongMomentError):
        clearances.end(row, by=staff, at=now, because="Again.")


def test_the_sweep_writes_down_what_has_run_out_once_and_tells_the_person(volunteer: Person) -> None:
    row = make_clearance(volunteer, granted_at=LONG_AGO)
    with time_machine.travel(row.expires_at - TICK, tick=False):
        assert sweep(timezone.now()) == []
        row.refresh_from_db()
        assert row.ended_at is None
    for _again in range(2):
        assert sweep(row.expires_at) == []
        row.refresh_from_db()
        assert row.ended_at == row.expires_at
        assert Message.objects.filter(kind="assemblies/mail/clearance_ran_out").count() == 1
        assert [event.verb for event in Event.objects.about(row)] == ["clearance.ended"]


# --- In the admin ------------------------------------------------------------------------------------
LIST = "/admin/assemblies/clearance/"


def browser_of(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def filled(whom: Person, **fields: str) -> dict[str, str]:
    day = (timezone.now() + timedelta(days=100)).date()
    boxes = {"last_day_day": str(day.day), "last_day_month": str(day.month), "last_day_year": str(day.year)}
    return {"person": whom.email, "duty": "research", "reason": "Seen on a call.", **boxes, **fields}


def test_staff_grant_renew_and_end_a_clearance_in_the_admin(volunteer: Person, staff: Person) -> None:
    client = browser_of(staff)
    assert "Grant a clearance" in client.get(f"{LIST}add/").content.decode()
    assert client.post(f"{LIST}add/", filled(volunteer)).status_code == 302
    row = Clearance.objects.get()
    assert row.granted_by == staff
    assert cleared(volunteer, RESEARCH, timezone.now())
    page = client.get(f"{LIST}{row.pk}/change/").content.decode()
    assert "Holds" in page
    assert "Renew" in page
    day = (timezone.now() + timedelta(days=500)).date()
    boxes = {"last_day_day": str(day.day), "last_day_month": str(day.month), "last_day_year": str(day.year)}
    assert client.post(f"{LIST}{row.pk}/move/renew/", boxes).status_code == 302
    assert client.post(f"{LIST}{row.pk}/move/end/", {"because": ""}).status_code == 200
    row.refresh_from_db()
    assert (row.renewed_by, row.ended_at) == (staff, None)
    assert client.post(f"{LIST}{row.pk}/move/end/", {"because": "The work is done."}).status_code == 302
    assert not cleared(volunteer, RESEARCH, timezone.now())
    again = client.post(f"{LIST}{row.pk}/move/end/", {"because": "Again."})
    assert (again.status_code, "This clearance is over" in again.content.decode()) == (409, True)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"person": "nobody@example.org"}, "Nobody has an account with this address"),
        ({"duty": ""}, "Choose the duty"),
        ({"reason": " "}, "Say what the clearance rests on"),
        ({"last_day_year": "2099"}, "between now and two years ahead"),
        ({"last_day_year": "2020"}, "between now and two years ahead"),
        ({"duty": "elections"}, "No assembly has this duty"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_that_was_typed_is_lost(
    volunteer: Person, staff: Person, fields: dict[str, str], sentence: str
) -> None:
    page = browser_of(staff).post(f"{LIST}add/", filled(volunteer, **fields)).content.decode()
    assert sentence in page
    assert "Seen on a call." in page or "reason" in fields
    assert not Clearance.objects.exists()


def test_nobody_clears_themselves_in_the_admin(research: Assembly, staff: Person) -> None:
    make_participation(staff, research)
    client = browser_of(staff)
    answer = client.post(f"{LIST}add/", filled(staff))
    assert (answer.status_code, "Nobody clears themselves" in answer.content.decode()) == (403, True)
    row = make_clearance(staff)
    assert "move/renew" not in client.get(f"{LIST}{row.pk}/change/").content.decode()
    assert client.post(f"{LIST}{row.pk}/move/renew/", filled(staff)).status_code == 403


def test_secretaries_and_other_staff_have_no_part_in_clearances(
    volunteer: Person, secretary: Person, assembly: Assembly
) -> None:
    row = make_clearance(volunteer)
    for person in (secretary, make_person(is_staff=True)):
        client = browser_of(person)
        assert client.get(LIST).status_code == 403
        assert client.get(f"{LIST}add/").status_code == 403
        assert client.post(f"{LIST}add/", filled(volunteer)).status_code == 403
        assert client.post(f"{LIST}{row.pk}/move/end/", {"because": "Mine."}).status_code in (403, 404)
    row.refresh_from_db()
    assert row.ended_at is None


def test_the_record_of_a_clearance_is_never_typed_over_or_deleted(volunteer: Person) -> None:
    row = make_clearance(volunteer)
    client = browser_of(make_person(is_staff=True, is_superuser=True))
    assert client.post(f"{LIST}{row.pk}/change/", {"reason": "Other."}).status_code == 403
    assert client.post(f"{LIST}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    client.post(LIST, {"action": "delete_selected", "_selected_action": str(row.pk), "post": "yes"})
    assert Clearance.objects.get().reason == row.reason


def test_the_list_of_clearances_asks_no_more_for_more_rows(
    research: Assembly, staff: Person, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    for _n in range(30):
        make_clearance(make_person(), granted_by=staff)
    client = browser_of(staff)
    client.get(LIST)
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        assert client.get(LIST).status_code == 200
