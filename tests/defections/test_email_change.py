"""Another email address: by the applicant with a code, or at the office by two people where the mailbox is lost."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assemblies.models import Assembly, Kind
from defections import email_changes, erasure, vault
from defections.erasure import Because
from defections.errors import NotCleared, WrongMoment
from defections.models import Application, Conflict, EmailChange
from defections.office import archive
from harmony.clock import sweep
from ledger.models import Event
from members.models import Person
from tests.defections.cases import make_case
from tests.defections.entering import newest_code
from tests.defections.filling import enter, words
from tests.defections.making import mails_to, make_application, make_volunteer
from tests.factories import make_assembly, make_member, make_person, make_term

pytestmark = pytest.mark.django_db
OLD, NEW = "rowan@example.org", "rowan.new@example.net"
CHANGE = reverse("defections:email_change")
SAID = {"email": NEW, "note": "Rowan, on the mobile: wants the new address."}


@pytest.fixture
def application() -> Application:
    return make_application(email=OLD, at=timezone.now() - timedelta(days=1))


@pytest.fixture
def clerk() -> Person:
    """A deputy of the party."""
    person = make_member("Dee Deputy")
    make_term(person, make_assembly("Harmony Party", kind=Kind.PARTY))
    return person


@pytest.fixture
def volunteer() -> Person:
    return make_volunteer()


def client_of(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def asked(clerk: Person, application: Application, address: str = NEW) -> EmailChange:
    """A change that the clerk has entered on their page."""
    data = {"reference": application.reference.lower(), "email": address}
    done = client_of(clerk).post(reverse("defections:email_change_ask"), data)
    assert done.status_code == 302, words(done)
    return EmailChange.objects.get(confirmed_at=None, stopped_at=None)


def call(person: Person, change: EmailChange, **said: str) -> Any:
    """What comes back when somebody says that they have called."""
    return client_of(person).post(reverse("defections:email_change_call", args=[change.pk]), {**SAID, **said})


def fresh(application: Application) -> Application:
    return Application.objects.get(pk=application.pk)


# --- By the applicant -----------------------------------------------------------------------------------
@pytest.mark.parametrize("is_sent", [True, False])
def test_an_applicant_changes_it_with_a_code_to_the_new_address(client: Client, is_sent: bool) -> None:
    made = make_application(email=OLD, is_sent=is_sent, at=timezone.now())
    elsewhere = Client()
    enter(elsewhere, OLD)
    enter(client, OLD)
    home = client.get(reverse("defections:applicant_detail"), follow=True)
    assert CHANGE in home.content.decode()
    cache.clear()
    client.post(CHANGE, {"email": NEW})
    assert "Nothing changes before you enter it" in words(client.get(CHANGE))
    assert fresh(made).email == OLD
    assert "That is not the code" in words(client.post(CHANGE, {"code": "WRONG"}))
    done = client.post(CHANGE, {"code": newest_code(NEW)}, follow=True)
    assert "From now on we write to your new email address" in words(done)
    assert fresh(made).email == NEW
    told = mails_to(OLD)[0]
    assert told.subject == "A change to how we write to you"
    assert NEW not in told.text
    assert elsewhere.get(reverse("defections:task_list")).status_code == 403
    assert enter(Client(), NEW) == made
    event = Event.objects.get(verb="application.email_changed")
    assert event.data == {"how": "applicant"}


def test_one_address_has_one_open_application_also_by_a_change(
    client: Client, application: Application
) -> None:
    make_application(email=NEW, is_sent=False)
    enter(client, OLD)
    cache.clear()
    assert "Location" in client.post(CHANGE, {"email": NEW}).headers  # nothing is told before the code
    refused = client.post(CHANGE, {"code": newest_code(NEW)}, follow=True)
    assert "There is an open application from this address already" in words(refused)
    assert fresh(application).email == OLD
    cache.clear()
    client.post(CHANGE, {"email": OLD.upper()})
    same = client.post(CHANGE, {"code": newest_code(OLD.upper())}, follow=True)
    assert "That is the address that we write to already" in words(same)


# --- At the office --------------------------------------------------------------------------------------
@pytest.mark.policy("D9", "D16")
def test_a_lost_mailbox_is_replaced_by_two_people_a_call_and_a_code(
    application: Application, clerk: Person, volunteer: Person
) -> None:
    change = asked(clerk, application)
    assert [mail.subject for mail in mails_to(NEW)] == []
    need = f"Application {application.reference}: call the applicant about a new email address"
    assert need in words(client_of(volunteer).get("/"))
    page = reverse("defections:email_change_call", args=[change.pk])
    shown = words(client_of(volunteer).get(page))
    assert "07700 900456" in shown
    assert NEW not in shown
    assert Event.objects.filter(verb="application.viewed", data={"part": "phones"}).exists()
    wrong = call(volunteer, change, email="rowan.new@example.com")
    assert "This is not the address that was entered" in words(wrong)
    assert call(volunteer, change).status_code == 302
    assert call(volunteer, change).status_code == 409
    assert need not in words(client_of(volunteer).get("/"))
    assert fresh(application).email == OLD
    assert "do not read this email address any more" in mails_to(OLD)[0].text
    confirm = mails_to(NEW)[0]
    assert application.reference not in confirm.text
    assert enter(Client(), NEW) == application
    assert fresh(application).email == NEW
    over = EmailChange.objects.get()
    assert (over.email_mark, over.email_sealed) == (None, None)
    kept = archive.gather(fresh(application), at=timezone.now(), with_others=False)
    assert kept["email_changes"][0]["note"] == SAID["note"]
    for event in Event.objects.about(application):
        assert not {OLD, NEW} & set(map(str, event.data.values()))


def test_who_reads_the_old_mailbox_can_stop_it(
    client: Client, application: Application, clerk: Person, volunteer: Person
) -> None:
    change = asked(clerk, application)
    call(volunteer, change)
    enter(client, OLD)
    mine = words(client.get(reverse("defections:applicant_detail")))
    assert "We were asked to write to you at another address" in mine
    client.post(reverse("defections:email_change_object"))
    assert enter(Client(), NEW) != application
    assert fresh(application).email == OLD
    assert asked(clerk, application, "rowan.third@example.net").stopped_at is None


def test_only_the_office_enters_and_only_somebody_else_who_is_cleared_calls(
    application: Application, clerk: Person, volunteer: Person, settings: Any
) -> None:
    ask = reverse("defections:email_change_ask")
    for person in (volunteer, make_person(is_staff=True, is_superuser=True), make_member()):
        assert (
            client_of(person).post(ask, {"reference": application.reference, "email": NEW}).status_code == 403
        )
    change = asked(clerk, application)
    for person in (clerk, make_member(), make_person(is_staff=True, is_superuser=True)):
        assert call(person, change).status_code == 403
        if person != clerk:
            stopped = client_of(person).post(reverse("defections:email_change_stop", args=[change.pk]))
            assert stopped.status_code == 403
    both = make_volunteer()
    make_term(both, Assembly.objects.get(kind=Kind.PARTY))
    EmailChange.objects.update(asked_by=both)
    change.refresh_from_db()
    assert "somebody else calls the applicant" in words(call(both, change))
    with pytest.raises(IntegrityError), transaction.atomic():
        EmailChange.objects.update(called_at=timezone.now(), called_by=both, note_sealed=b"x")
    Conflict.objects.create(application=application, person=volunteer, declared_at=timezone.now())
    assert call(volunteer, change).status_code == 403
    settings.ADMIN_NEEDS_MFA = True
    assert client_of(clerk).get(ask).status_code == 403
    with pytest.raises(NotCleared, match="second step"):
        email_changes.ask(application, NEW, by=clerk, at=timezone.now())


def test_it_waits_for_fourteen_days_and_ends_with_the_application(
    application: Application, clerk: Person, volunteer: Person
) -> None:
    change = asked(clerk, application)
    twice = client_of(clerk).post(
        reverse("defections:email_change_ask"), {"reference": application.reference, "email": NEW}
    )
    assert "A change of this address is under way already" in words(twice)
    email_changes.record_call(change, by=volunteer, at=timezone.now(), address=NEW, note="Called.")
    change.refresh_from_db()
    just_before, ended = change.ends_at - timedelta(seconds=1), change.ends_at
    assert email_changes.is_awaited(NEW, just_before)
    assert not email_changes.is_awaited(NEW, ended)
    assert email_changes.take_up(NEW, at=ended) is None
    email_changes.end_due(just_before)
    assert EmailChange.objects.get().email_sealed is not None
    sweep(ended)
    assert EmailChange.objects.get().email_sealed is None
    again = email_changes.ask(application, NEW, by=clerk, at=ended)
    Application.objects.update(withdrawn_at=ended)
    with pytest.raises(WrongMoment, match="over"):
        email_changes.record_call(again, by=volunteer, at=ended, address=NEW, note="Called.")
    with pytest.raises(WrongMoment, match="over"):
        email_changes.ask(application, NEW, by=clerk, at=ended)
    erasure.erase(application, at=ended, because=Because.OVER)
    assert not EmailChange.objects.exists()


def test_a_draft_begun_meanwhile_stands_in_the_way_and_says_so(
    client: Client, application: Application, clerk: Person, volunteer: Person
) -> None:
    call(volunteer, asked(clerk, application))
    draft = make_application(email=NEW, is_sent=False, at=timezone.now())
    assert enter(client, NEW) == draft
    assert "is to be moved to this email address" in words(client.get(reverse("defections:task_list")))
    client.post(reverse("defections:draft_delete"))
    assert enter(client, NEW) == application


def test_an_application_on_paper_gets_its_first_address(clerk: Person, volunteer: Person) -> None:
    made = make_application(email=OLD, at=timezone.now())
    Application.objects.update(email_sealed=None, email_mark=None)
    call(volunteer, asked(clerk, made))
    assert mails_to(OLD)[0].subject != "A change to how we write to you"
    assert enter(Client(), NEW) == made


# --- Who is kept from what is said -----------------------------------------------------------------------
@pytest.mark.policy("D26")
@pytest.mark.parametrize("account", [OLD, NEW])
def test_an_account_of_either_address_reads_nothing_that_is_said_on_it(
    assembly: Assembly, account: str
) -> None:
    now = timezone.now()
    application = make_case(assembly, at=now, email=OLD)
    person = make_member(email=account)
    Application.objects.update(person=None)
    application.refresh_from_db()
    application.decision.concerns = None
    application.decision.save(update_fields=["concerns"])
    email_changes.change_own(application, NEW, at=now)
    application.decision.refresh_from_db()
    assert application.decision.concerns == person
    assert vault.lookup_marks(NEW)[0] == bytes(application.email_mark)
