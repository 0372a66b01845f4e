"""The desk at the same moment, in the records, and with many applications (D16, D17)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib import admin
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from defections import copies, records
from defections.desk import claims, outcome
from defections.errors import DefectionError, NotCleared, WrongMoment
from defections.models import Application, Claim, SanitisedCopy
from defections.stages import Stage, stage_of
from ledger.models import Event
from tests import at_once as together
from tests import factories
from tests.defections.desk_walk import client_of, text_of
from tests.defections.making import make_application, make_constituency, make_volunteer
from tests.defections.researching import HOUR, check_all, fresh, make_terms, prepare, reach, release, verify


@pytest.fixture
def application(db: None) -> Application:
    constituency = make_constituency()
    make_terms(constituency)
    return make_application(constituency=constituency)


def at_once(*jobs: Callable[[], object]) -> list[object]:
    """Runs the jobs at the same moment; a refusal is an answer."""
    return together.at_once(jobs, DefectionError)


def refused(answers: list[object]) -> int:
    return sum(isinstance(answer, DefectionError) for answer in answers)


# --- At the same moment -------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_of_two_volunteers_who_take_it_on_at_once_one_has_it() -> None:
    application = make_application()
    one, other = make_volunteer(), make_volunteer()
    now = timezone.now()
    answers = at_once(
        lambda: claims.claim(application, by=one, at=now), lambda: claims.claim(application, by=other, at=now)
    )
    assert refused(answers) == 1
    assert Claim.objects.filter(let_go_at=None).count() == 1
    assert Event.objects.filter(verb="application.claimed").count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_second_readers_at_once_one_releases_and_the_case_goes_once() -> None:
    constituency = make_constituency()
    make_terms(constituency)
    application = make_application(constituency=constituency)
    maker, one, other = make_volunteer(), make_volunteer(), make_volunteer()
    now = timezone.now()
    prepare(verify(application, maker, now), maker, now)
    answers = at_once(
        lambda: copies.release(application, by=one, at=now),
        lambda: copies.release(application, by=other, at=now),
        lambda: copies.send_back(application, by=other, at=now, reason="Wait."),
    )
    done = fresh(application)
    if done.copy.released_at is None:  # sent back first
        assert refused(answers) == 2
        assert done.routings.count() == 0
    else:
        assert refused(answers) == 2
        assert done.routings.count() == 1
        assert Event.objects.filter(verb="copy.released").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_copy_taken_back_while_it_is_released_is_one_or_the_other() -> None:
    application = make_application()
    maker, second = make_volunteer(), make_volunteer()
    now = timezone.now()
    prepare(verify(application, maker, now), maker, now)
    answers = at_once(
        lambda: copies.release(application, by=second, at=now),
        lambda: copies.take_back(application, by=maker, at=now),
    )
    assert refused(answers) == 1
    copy = fresh(application).copy
    assert (copy.released_at is None) == (copy.prepared_at is None)


# --- The database's own word --------------------------------------------------------------------------
def test_the_database_refuses_a_release_by_the_maker(application: Application) -> None:
    now, maker, helper = timezone.now(), make_volunteer(), make_volunteer()
    prepare(verify(application, maker, now), maker, now)
    rows = SanitisedCopy.objects.filter(application=application)
    for changed in (
        {"released_by": maker, "released_at": now},
        {"released_by": make_volunteer(), "released_at": now, "prepared_at": None},
        {"released_by": helper, "released_at": now, "makers": [maker.pk, helper.pk]},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**changed)


def test_the_database_refuses_a_second_claim(application: Application) -> None:
    claims.claim(application, by=make_volunteer(), at=timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        Claim.objects.create(application=application, person=make_volunteer(), claimed_at=timezone.now())


# --- Who opens what -----------------------------------------------------------------------------------
def test_the_door_is_closed_before_a_clearance_and_at_its_end(application: Application) -> None:
    person = make_volunteer()
    clearance = person.clearances.get()
    claims.claim(application, by=person, at=timezone.now())
    second = timedelta(seconds=1)
    for at, is_open in (
        (clearance.granted_at - second, False),
        (clearance.granted_at, True),
        (clearance.expires_at - second, True),
        (clearance.expires_at, False),
    ):
        if is_open:
            assert records.look(application, "name", by=person, at=at)["given_name"] == "Rowan"
        else:
            with pytest.raises(NotCleared):
                records.look(application, "name", by=person, at=at)


def test_a_look_is_recorded_only_when_something_was_opened(application: Application) -> None:
    person = make_volunteer()
    with pytest.raises(WrongMoment):
        records.look(application, "name", by=person, at=timezone.now())
    assert not Event.objects.filter(verb="application.viewed").exists()


def test_what_is_over_or_erased_is_not_opened(application: Application) -> None:
    person = make_volunteer()
    now = timezone.now()
    claims.claim(application, by=person, at=now)
    Application.objects.filter(pk=application.pk).update(withdrawn_at=now)
    with pytest.raises(WrongMoment, match="over"):
        records.look(fresh(application), "name", by=person, at=now)


def test_the_outcome_is_recorded_once(application: Application) -> None:
    person, now = make_volunteer(), timezone.now()
    verify(application, person, now)
    with pytest.raises(WrongMoment, match="already"):
        outcome.verify(application, by=person, at=now, outcome="not_genuine", summary="Changed my mind.")
    with pytest.raises(WrongMoment, match="stands as it is"):
        reach(application, person, now)


def test_what_was_let_go_of_is_worked_on_by_the_next(application: Application) -> None:
    one, other, now = make_volunteer(), make_volunteer(), timezone.now()
    claims.claim(application, by=one, at=now)
    check_all(application, one, now)
    claims.let_go(application, by=one, at=now, because="handed_on")
    claims.claim(application, by=other, at=now)
    reach(application, other, now)
    outcome.verify(application, by=other, at=now, outcome="genuine", summary="All is well.")
    assert stage_of(fresh(application)) is Stage.VERIFIED
    with pytest.raises(WrongMoment, match="do not have"):
        claims.let_go(application, by=one, at=now, because="handed_on")


def test_after_the_release_the_research_has_nothing_to_open(application: Application) -> None:
    maker = make_volunteer()
    done = release(application, timezone.now(), by=maker)
    assert not done.claims.filter(let_go_at=None).exists()
    with pytest.raises(WrongMoment, match="finished"):
        claims.claim(done, by=maker, at=timezone.now() + 3 * HOUR)


# --- The records and the home page --------------------------------------------------------------------
@pytest.mark.django_db
def test_nothing_of_applications_stands_in_the_records() -> None:
    registered = {model.__name__ for model in admin.site._registry if model._meta.app_label == "defections"}
    kept_out = {
        "Answer",
        "EmailChange",
        "Evidence",
        "Claim",
        "Conflict",
        "Check",
        "Contact",
        "Correction",
        "Query",
        "SanitisedCopy",
    }
    assert registered & kept_out == set()
    for model, model_admin in admin.site._registry.items():
        if model is Application:
            shown = {str(name) for name in model_admin.list_display}
            assert not {name for name in shown if "sealed" in name or "email" in name}


def test_the_home_page_says_what_waits_at_the_desk(application: Application) -> None:
    volunteer = make_volunteer()
    page = text_of(client_of(volunteer).get("/"))
    assert f"Application {application.reference}: Nobody has it yet" in page
    assert "Ashdown" not in page
    assert application.reference not in text_of(client_of(factories.make_member()).get("/"))


def test_the_queue_asks_as_much_of_the_database_for_many_as_for_few(application: Application) -> None:
    volunteer, other = make_volunteer(), make_volunteer()
    client = client_of(volunteer)

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert client.get(reverse("defections:desk_list")).status_code == 200
        return len(found)

    claims.claim(application, by=other, at=timezone.now())
    client.get(reverse("defections:desk_list"))
    few = queries()
    for number in range(6):
        made = make_application()
        if number % 2:
            claims.claim(made, by=other, at=timezone.now())
    assert queries() == few
