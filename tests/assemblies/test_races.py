"""Two people at the same moment, on connections of their own."""

import threading
import time
from collections.abc import Callable
from datetime import date

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from assemblies import eligibility, enrolment, formation, joining, loading, nesting
from assemblies.errors import AssemblyError, CircleError, OfficeFullError, WrongMomentError
from assemblies.models import Assembly, JoinRequest, Kind, Nesting, Office, Participation, Term
from ledger.models import Event, Message
from tests import at_once as together
from tests.factories import make_assembly, make_member, make_participation, make_person, make_term

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*jobs: Callable[[], object]) -> list[object]:
    """Runs the jobs at the same moment; a refusal is an answer."""
    return together.at_once(jobs, AssemblyError)


def refusals(answers: list[object], kind: type[Exception]) -> int:
    """How many of the answers are this refusal; anything else that was raised fails the test by itself."""
    return sum(isinstance(answer, kind) for answer in answers)


@pytest.mark.parametrize("attempt", range(5))
def test_two_nestings_at_once_make_no_circle(attempt: int) -> None:
    alpha, beta = make_assembly("Alpha"), make_assembly("Beta")
    now = timezone.now()
    answers = at_once(
        lambda: nesting.nest(alpha, beta, at=now),
        lambda: nesting.nest(beta, alpha, at=now),
    )
    assert refusals(answers, CircleError) == 1
    assert Nesting.objects.count() == 1


def test_a_ring_of_eight_nested_at_once_stays_open() -> None:
    ring = [make_assembly(f"Link {n}") for n in range(8)]
    now = timezone.now()
    answers = at_once(
        *(lambda n=n: nesting.nest(ring[n], ring[(n + 1) % 8], at=now) for n in range(8))  # type: ignore[misc]
    )
    assert refusals(answers, CircleError) == 1
    assert Nesting.objects.count() == 7


def test_joining_ten_times_at_once_is_one_participation() -> None:
    assembly, person = make_assembly(), make_person()
    now = timezone.now()
    answers = at_once(*[lambda: joining.join(person, assembly, at=now)] * 10)
    assert refusals(answers, WrongMomentError) == 9
    assert Participation.objects.count() == 1
    assert Event.objects.filter(verb="person.joined").count() == 1


def test_two_homes_named_at_once_leave_one() -> None:
    region = make_assembly("North", kind=Kind.REGION)
    other = make_assembly("South", kind=Kind.REGION)
    homes = [
        make_assembly("A", kind=Kind.CONSTITUENCY, within=region),
        make_assembly("B", kind=Kind.CONSTITUENCY, within=other),
    ]
    core = make_assembly("Core", is_core=True)
    person = make_member()
    now = timezone.now()
    at_once(
        *(lambda home=home: enrolment.set_home(person, home, at=now) for home in homes),  # type: ignore[misc]
        lambda: enrolment.enrol_due(now),
        lambda: enrolment.enrol_due(now),
    )
    home = enrolment.home_of(person, now)
    assert home in homes
    current = person.participations.filter(ended_at=None)
    assert {row.assembly for row in current} == {home, home.within, core}  # type: ignore[union-attr]


def test_four_sweeps_at_once_enrol_each_member_once() -> None:
    core = make_assembly("Core", is_core=True)
    for _ in range(30):
        make_member()
    now = timezone.now()
    at_once(*[lambda: enrolment.enrol_due(now)] * 4)
    enrolment.enrol_due(now)
    assert core.participations.count() == 30
    assert Event.objects.filter(verb="person.enrolled").count() == 30


def test_four_sweeps_at_once_tell_each_person_once_that_their_age_passed() -> None:
    youth = make_assembly("Youth", maximum_age=30)
    now = timezone.now()
    for _ in range(12):
        person = make_person()
        person.date_of_birth = date(1950, 1, 1)
        person.save()
        make_participation(person, youth, age_check_on=date(2020, 1, 1))
    answers = at_once(*[lambda: eligibility.end_passed_ages(now)] * 4)
    assert sum(int(str(answer)) for answer in answers) == 12
    assert Message.objects.count() == 12
    assert Event.objects.filter(verb="participation.ended").count() == 12


def test_a_rule_changed_while_somebody_joins_holds_for_them_too() -> None:
    for n in range(5):
        circle = make_assembly(f"Circle {n}")
        person = make_person()
        person.date_of_birth = date(1950, 1, 1)
        person.save()
        now = timezone.now()
        changed = Assembly.objects.get(pk=circle.pk)
        changed.maximum_age = 30
        at_once(
            lambda: joining.join(person, circle, at=now),  # noqa: B023
            lambda: formation.change(changed, at=now),  # noqa: B023
        )
        assert not circle.participants_at(timezone.now()).exists()


def test_two_terms_begun_at_once_take_one_seat() -> None:
    office = Office.objects.create(assembly=make_assembly(), role="secretary")
    people = [make_member(), make_member()]
    now = timezone.now()
    answers = at_once(
        *(
            lambda person=person: Term(office=office, person=person, began_at=now).begin(at=now)  # type: ignore[misc]
            for person in people
        )
    )
    assert refusals(answers, OfficeFullError) == 1
    assert Term.objects.count() == 1


def test_a_request_admitted_and_refused_at_once_has_one_answer() -> None:
    assembly = make_assembly(approval_by_secretary=True)
    first, second, person = make_member(), make_member(), make_person()
    make_term(first, assembly)
    make_term(second, assembly, Office.Role.DEPUTY)
    now = timezone.now()
    asked = joining.join(person, assembly, at=now)
    assert isinstance(asked, JoinRequest)
    answers = at_once(
        lambda: joining.admit(asked, by=first, at=now),
        lambda: joining.refuse(asked, by=second, at=now),
    )
    assert refusals(answers, WrongMomentError) == 1
    asked.refresh_from_db()
    assert assembly.has_participant_at(person, now) is (asked.admitted_at is not None)
    told = Message.objects.exclude(kind="assemblies/mail/join_asked")
    assert told.count() == 1


def test_loading_twice_at_once_loads_once() -> None:
    entries = loading.read(loading.OWN_FILE)
    now = timezone.now()
    answers = at_once(*[lambda: loading.load(entries, at=now)] * 2)
    formed = sorted(len(answer.formed) for answer in answers if isinstance(answer, loading.Loaded))
    assert formed == [0, len(entries)]
    assert Assembly.objects.count() == len(entries)


def test_a_close_that_another_came_before_says_so() -> None:
    assembly = make_assembly()
    staff = make_person(is_staff=True, is_superuser=True)
    asked = threading.Event()

    def close_first() -> None:
        with transaction.atomic():
            row = Assembly.objects.select_for_update().get(pk=assembly.pk)
            asked.set()
            time.sleep(1)  # meanwhile the other has found nothing against it, and waits
            formation.close(row, at=timezone.now())

    def close_by_the_page() -> int:
        browser = Client()
        browser.force_login(staff)
        asked.wait(5)
        return browser.post(f"/admin/assemblies/assembly/{assembly.pk}/close/").status_code

    assert at_once(close_first, close_by_the_page) == [None, 409]
