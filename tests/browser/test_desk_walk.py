"""The research desk in real Chromium, on a phone and at a desk; every page examined."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from defections.desk import claims, queries
from defections.models import Application
from members.models import Person
from tests import factories
from tests.browser.conftest import Visitor
from tests.defections.desk_walk import address
from tests.defections.making import make_application, make_constituency, make_volunteer
from tests.defections.researching import check_all, fresh, make_terms, prepare, reach
from tests.login import log_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
STATEMENT = (
    "I have lived in Larkspur Terrace since 2010, and my children went to school there.\n"
    "Ring me on 07700 900456 or write to rowan.ashdown@example.net at any time. I was born in Bath in 1977."
)


@pytest.fixture(params=[320, 1280])
def width(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture
def visitors(chromium: Browser, live_server: LiveServer, width: int) -> Iterator[list[Visitor]]:
    made = [Visitor(chromium, live_server.url, width=width) for _ in range(2)]
    yield made
    for visitor in made:
        visitor.close()


def enter(visitor: Visitor, person: Person) -> None:
    client = Client()
    log_in(client, person)
    visitor.take_over(client)


@pytest.fixture
def application() -> Application:
    constituency = make_constituency()
    make_terms(constituency, links="You work or volunteer here.", residence_months=12)
    links = {"basis": "residence", "statement": STATEMENT, "resident_since": "2010-09"}
    sent = timezone.now() - timedelta(days=6)
    make_application(constituency=constituency, at=sent + timedelta(days=2))
    return make_application(constituency=constituency, answers={"links": links}, at=sent)


def correct_a_job(desk: Visitor) -> None:
    """From the page about employment: first without saying how it is known, then with it."""
    desk.page.click("text=Correct it: Job (1)")
    desk.page.fill("#id_title", "Chief librarian")
    desk.page.click("button:has-text('Save the correction')")
    desk.page.wait_for_selector(".error-summary")
    desk.examine("desk-correct-error")
    desk.page.check("#id_source_0")
    desk.page.fill("#id_how", "Their answer of today.")
    desk.page.check("#id_finding_0")
    desk.page.click("button:has-text('Save the correction')")
    desk.page.wait_for_selector("text=What was given stays beside it")
    desk.examine("desk-employment-corrected")


@pytest.mark.policy("D16", "D17")
def test_an_application_is_checked_and_its_copy_released(
    visitors: list[Visitor], application: Application
) -> None:
    rita, sol = make_volunteer(name="Rita Researcher"), make_volunteer(name="Sol Second")
    desk, other = visitors
    enter(desk, rita)
    enter(other, sol)
    desk.goto(reverse("defections:desk_list"))
    desk.examine("desk-list")
    desk.page.click(f"text={application.reference}")
    desk.page.click("button:has-text('Take it on')")
    desk.examine("desk-case")
    desk.page.click("text=Office held")
    desk.examine("desk-section")
    desk.page.check("[id='id_finding-office.level_0']")
    desk.page.click("button:has-text('Save')")
    desk.page.wait_for_selector(".error-summary")
    desk.examine("desk-section-error")
    desk.page.fill("[id='id_note-office.level']", "The council's own list of members.")
    desk.page.click("button:has-text('Save')")
    desk.goto(address("desk_section", application, "employment"))
    desk.examine("desk-employment")
    correct_a_job(desk)
    now = timezone.now()
    check_all(application, rita, now)
    reach(application, rita, now)
    desk.goto(address("desk_contacts", application))
    desk.examine("desk-contacts")
    query = queries.ask(application, by=rita, at=now, question="Since when do you sit on the council?")
    desk.goto(address("desk_queries", application))
    desk.examine("desk-queries")
    desk.goto(address("desk_outcome", application))
    desk.examine("desk-outcome-issues")
    queries.answer(query, at=timezone.now(), text="Since May 2019.")
    desk.goto(address("desk_outcome", application))
    desk.page.check("#id_outcome_0")
    desk.page.fill("#id_summary", "All of it is confirmed.")
    desk.page.click("button:has-text('Record the outcome')")
    desk.page.wait_for_selector("text=Decide on each suggestion")
    desk.examine("desk-copy")
    prepare(fresh(application), rita, timezone.now())
    other.goto(address("desk_case", application))
    other.examine("desk-case-second")
    other.page.click("text=Read the copy")
    other.page.click("text=Exactly as members will see it")
    other.examine("desk-release")
    other.page.click("button:has-text('Release the copy')")
    other.page.wait_for_selector("text=The copy is released")
    other.examine("desk-list-after")


@pytest.mark.policy("D11", "D18")
def test_a_secretary_sees_where_cases_are(visitors: list[Visitor], application: Application) -> None:
    desk, other = visitors
    rita = make_volunteer()
    claims.claim(application, by=rita, at=timezone.now())
    home = make_constituency("Wells", within=factories.make_assembly("South West", kind="region"))
    secretary = factories.make_member("Sam Secretary")
    factories.make_participation(secretary, home)
    factories.make_term(secretary, home)
    enter(desk, secretary)
    desk.goto(home.get_absolute_url())
    desk.page.click("text=Say what you ask of them")
    desk.examine("society-terms")
    desk.page.check("#id_decides_0")
    desk.page.fill("#id_links", "You work or volunteer here.")
    desk.page.click("button:has-text('Save')")
    desk.page.wait_for_selector("text=This assembly decides on officials")
    desk.examine("society-panel")
    desk.goto(reverse("defections:routing_list"))
    desk.examine("routing-list-empty")
    enter(other, rita)
    other.goto(address("desk_let_go", application))
    other.examine("desk-let-go")
    other.goto("/")
    other.examine("home-desk")
