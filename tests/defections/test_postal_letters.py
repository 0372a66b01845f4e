"""Letters to applicants without an email address: they wait at the office until they are posted (D15, D16)."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assemblies.models import Kind
from defections import erasure, withdrawal
from defections.desk import claims, contacts, outcome, queries
from defections.erasure import Because
from defections.models import Application, PostalLetter, Query
from defections.office import requests
from ledger.models import Event, Message
from members.models import Person
from tests.defections.desk_walk import client_of
from tests.defections.filling import words
from tests.defections.making import make_application, make_volunteer
from tests.factories import make_assembly, make_member, make_term

pytestmark = pytest.mark.django_db
LIST = reverse("defections:paper_list")


@pytest.fixture
def clerk(client: Client) -> Person:
    """The general secretary, logged in."""
    person = make_member("Glenn Secretary")
    make_term(person, make_assembly("Harmony Party", kind=Kind.PARTY))
    client.force_login(person)
    return person


@pytest.fixture
def volunteer() -> Person:
    return make_volunteer()


@pytest.fixture
def application(volunteer: Person) -> Application:
    """One that came by post without an address, in the hands of the volunteer."""
    at = timezone.now() - timedelta(days=2)
    made = make_application(at=at)
    Application.objects.filter(pk=made.pk).update(email_sealed=None, email_mark=None, origin="post")
    made.refresh_from_db()
    claims.claim(made, by=volunteer, at=timezone.now())
    return made


def find_not_genuine(application: Application, volunteer: Person) -> None:
    now = timezone.now()
    told = {
        "way": "phone",
        "is_direct": True,
        "was_reached": False,
        "contacted_at": now,
        "note": "No answer.",
    }
    contacts.log(application, by=volunteer, at=now, **told)
    outcome.verify(application, by=volunteer, at=now, outcome="not_genuine", summary="Nobody is there.")


def posted(client: Client, letter: PostalLetter) -> Any:
    return client.post(reverse("defections:postal_letter_posted", args=[letter.pk]), follow=True)


@pytest.mark.policy("D15", "D16")
def test_that_a_form_is_not_genuine_is_written_by_post_until_it_is_posted(
    client: Client, clerk: Person, volunteer: Person, application: Application
) -> None:
    find_not_genuine(application, volunteer)
    letter = PostalLetter.objects.get()
    line = f"{application.reference}: The form could not be confirmed"
    assert f"Write by post: {line}" in words(client.get("/"))
    mail = Message.objects.get(kind="defections/mail/post_letter", address=clerk.email)
    assert letter.get_absolute_url() in mail.text
    assert line in words(client.get(LIST))
    sheet = words(client.get(letter.get_absolute_url()))
    assert "This says nothing about you as a person" in sheet
    assert "Ashdown" not in sheet
    listed = reverse("admin:defections_postalletter_changelist") + "?waiting=1"
    assert application.reference in words(client.get(listed))
    move = reverse("admin:defections_postalletter_move", args=[letter.pk, "posted"])
    assert client.post(move).status_code == 302
    assert application.reference not in words(client.get(listed))
    assert "not waiting to be posted" in words(posted(client, letter))
    assert line not in words(client.get(LIST))
    assert "Write by post" not in words(client.get("/"))
    event = Event.objects.get(verb="application.letter_posted")
    assert (event.by, event.data["kind"]) == (clerk.pk, "not_genuine")


@pytest.mark.policy("D15")
def test_the_cover_sheet_bears_the_address_as_it_was_corrected(
    client: Client, clerk: Person, volunteer: Person, application: Application
) -> None:
    home = {
        "line_1": "13 Larkspur Terrace",
        "line_2": "",
        "town": "Bath",
        "county": "",
        "postcode": "BA1 1AA",
    }
    grounds = {"source": "applicant", "how": "Said so on the phone.", "finding": "confirmed"}
    page = reverse("defections:desk_correct", args=[application.pk, "address", 0])
    assert client_of(volunteer).post(page, {**home, **grounds}).status_code == 302
    find_not_genuine(application, volunteer)
    cover = reverse("defections:postal_letter_cover", args=[PostalLetter.objects.get().pk])
    shown = words(client.get(cover))
    assert "13 Larkspur Terrace" in shown
    assert Event.objects.filter(verb="application.viewed", by=clerk.pk).count() == 2


@pytest.mark.policy("D15", "D16")
def test_a_question_goes_by_post_and_the_office_enters_the_answer(
    client: Client, clerk: Person, volunteer: Person, application: Application
) -> None:
    query = queries.ask(application, by=volunteer, at=timezone.now(), question="Since when in Weston?")
    letter = PostalLetter.objects.get(query=query)
    assert "Since when in Weston?" in words(client.get(letter.get_absolute_url()))
    assert Event.objects.get(verb="application.letter_printed").by == clerk.pk
    posted(client, letter)
    address = reverse("defections:postal_letter_answer", args=[letter.pk])
    assert address in client.get(LIST).content.decode()
    assert "Write the answer" in words(client.post(address, {"answer": " "}))
    client.post(address, {"answer": "Since 2010."})
    assert Query.objects.get().answer == "Since 2010."
    assert Event.objects.get(verb="application.answered").by == clerk.pk
    assert Message.objects.filter(kind="defections/mail/answered", address=volunteer.email).exists()
    assert client.get(address).status_code == 404
    client.force_login(volunteer)
    for page in (LIST, letter.get_absolute_url(), address):
        assert client.get(page).status_code == 403


def test_a_letter_that_is_of_no_use_any_more_waits_no_longer(
    client: Client, clerk: Person, volunteer: Person, application: Application
) -> None:
    first = queries.ask(application, by=volunteer, at=timezone.now(), question="Where?")
    queries.take_back(first, by=volunteer, at=timezone.now())
    queries.ask(application, by=volunteer, at=timezone.now(), question="When?")
    assert "A question of the research" in words(client.get(LIST))
    withdrawal.withdraw(application, at=timezone.now(), by=clerk)
    shown = words(client.get(LIST))
    assert "A question of the research" not in shown
    assert "Confirmation that it is withdrawn" in shown
    requests.erase_for(application, by=clerk, at=timezone.now(), known_by="letter")
    assert [letter.kind for letter in PostalLetter.objects.all()] == ["erased"]
    sheet = words(client.get(PostalLetter.objects.get().get_absolute_url()))
    assert "we have erased what you gave us" in sheet


def test_nobody_is_written_to_by_post_who_has_an_address(volunteer: Person) -> None:
    made = make_application(at=timezone.now())
    claims.claim(made, by=volunteer, at=timezone.now())
    find_not_genuine(made, volunteer)
    Application.objects.update(closed_at=timezone.now())
    erasure.erase(made, at=timezone.now(), because=Because.OVER)
    assert not PostalLetter.objects.exists()
