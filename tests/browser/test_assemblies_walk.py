"""The assemblies' pages in real Chromium: found, joined, left, with and without scripts, wide and narrow."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from assemblies import enrolment, loading
from assemblies.models import Assembly
from members.models import Person
from tests.browser.conftest import Visitor
from tests.factories import make_member

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

WAYS = [(320, True), (320, False), (1280, True), (1280, False)]


@pytest.fixture
def party(transactional_db: None) -> Assembly:
    """The party's own assemblies, all seven hundred of them."""
    loading.load(loading.read(loading.OWN_FILE), at=timezone.now() - timedelta(days=1))
    return Assembly.objects.get(slug="harmony-party")


@pytest.fixture(params=WAYS, ids=[f"{width}{'' if scripts else '-plain'}" for width, scripts in WAYS])
def visitor(
    request: pytest.FixtureRequest, chromium: Browser, live_server: LiveServer, party: Assembly
) -> Iterator[Visitor]:
    """Somebody who has come to the site."""
    width, scripts = request.param
    visitor = Visitor(chromium, live_server.url, width=width, scripts=scripts)
    yield visitor
    visitor.close()


def log_in(visitor: Visitor, person: Person) -> None:
    """Logs the visitor in as the person."""
    client = Client()
    client.force_login(person)
    visitor.take_over(client)


@pytest.mark.policy("P10", "A6")
def test_anybody_finds_an_assembly(visitor: Visitor) -> None:
    page = visitor.page
    visitor.goto("/assemblies/")
    visitor.examine("directory")
    page.get_by_label("Name of an assembly or a place").fill("caerdydd")
    page.get_by_role("button", name="Search").click()
    visitor.examine("search")
    page.get_by_role("link", name="Cardiff East Constituency Society").click()
    visitor.examine("constituency")
    page.get_by_role("link", name="Constituency Societies Committee").click()
    visitor.examine("committee")
    page.get_by_role("link", name="650 assemblies of this kind").click()
    visitor.examine("constituencies")

    visitor.goto("/assemblies/places/")
    visitor.examine("places")
    page.get_by_text("Yorkshire and the Humber (54 constituencies)").click()
    page.get_by_text("Leeds (7 constituencies)").click()
    page.get_by_role("link", name="Leeds East", exact=True).click()
    assert page.url.endswith("/assemblies/leeds-east-constituency/")
    visitor.goto("/assemblies/places/")
    page.locator(".hexmap a").filter(has_text=re.compile("^Ynys Môn$")).locator("use").click()
    assert page.url.endswith("/assemblies/ynys-mon-constituency/")


@pytest.mark.policy("P2", "A4", "A5")
def test_a_member_names_their_home_joins_and_leaves(visitor: Visitor) -> None:
    page = visitor.page
    person = make_member()
    log_in(visitor, person)
    visitor.goto("/assemblies/yours/")
    visitor.examine("yours-empty")
    page.get_by_role("link", name="Choose it").click()
    visitor.examine("home")
    page.get_by_label("All constituencies, by region").select_option(label="Leeds East")
    page.get_by_role("button", name="Continue").click()
    visitor.examine("home-set")
    page.get_by_role("button", name="Yes, this is my home").click()
    visitor.examine("yours")
    home = enrolment.home_of(person, timezone.now())
    assert home is not None
    assert home.slug == "leeds-east-constituency"

    visitor.goto("/assemblies/youth-assembly/")
    page.get_by_role("link", name="Take part", exact=True).click()
    page.get_by_role("button", name="Take part").click()
    visitor.examine("join-errors")
    page.get_by_label("Day").fill("1")
    page.get_by_label("Month").fill("March")
    page.get_by_label("Year").fill(str(timezone.localdate().year - 20))
    page.get_by_role("button", name="Take part").click()
    visitor.examine("joined")
    assert page.get_by_text("You take part in the Youth Assembly now.").is_visible()

    visitor.goto("/assemblies/disabled-peoples-assembly/join/")
    page.get_by_role("button", name="Take part").click()
    visitor.examine("statement")
    page.get_by_label("I am disabled, as I understand it myself.").check()
    page.get_by_role("button", name="Take part").click()
    page.get_by_role("link", name="Leave this assembly").click()
    visitor.examine("leave")
    page.get_by_role("button", name="Leave").click()
    assert page.get_by_text("You have left the Disabled People’s Assembly.").is_visible()
    visitor.goto("/assemblies/places/")
    visitor.examine("places-home")
