"""The ballots' pages as a browser without scripts uses them, through Django's test client."""

import re
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from ballots.models import Ballot
from members.models import Person
from tests.login import log_in
from tests.plain_browser import forms_in

Fields = dict[str, Any]


def page(name: str, ballot: Ballot) -> str:
    """The address of one of the ballot's pages."""
    return reverse(f"ballots:{name}", args=[ballot.pk])


def client_of(person: Person) -> Client:
    """A browser in which the person has just logged in."""
    client = Client()
    log_in(client, person)
    return client


def fields(response: HttpResponse, action: str) -> Fields:
    """What the page's form to `action` sends untouched."""
    text = response.content.decode()
    (found,) = (sent for there, sent in forms_in(text) if there.endswith(action))
    return dict(found)


def scores(*given: int | None) -> Fields:
    """The fields for these scores, in the order of the options; None leaves one blank."""
    return {f"score-{place}": str(score) for place, score in enumerate(given, 1) if score is not None}


def checked(client: Client, ballot: Ballot, *given: int | None) -> HttpResponse:
    """Opens the form, fills it in and asks for the check page."""
    form = client.get(page("ballot_vote", ballot))
    assert form.status_code == 200, form.content.decode()
    return client.post(page("ballot_check", ballot), {**fields(form, "/vote/check/"), **scores(*given)})


def voted(client: Client, ballot: Ballot, *given: int | None) -> HttpResponse:
    """The same, and casts it: the receipt."""
    return client.post(page("ballot_cast", ballot), fields(checked(client, ballot, *given), "/vote/cast/"))


def tracker_in(response: HttpResponse) -> str:
    """The tracker on a receipt."""
    found = re.search(r'id="tracker">([0-9A-Z-]+)<', response.content.decode())
    assert found, response.content.decode()
    return found.group(1)


def told(response: HttpResponse) -> str:
    """The words of a page: its text without markup, each run of white space a single space."""
    text = response.content.decode()
    main = text[text.index("<main") : text.index("</main>")]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())
