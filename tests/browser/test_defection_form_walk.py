"""The public form from the first page to the confirmation in real Chromium, every page examined on the way."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from assemblies.models import Kind
from defections.models import Application, Evidence
from ledger.models import Message
from tests import factories
from tests.browser.conftest import Visitor
from tests.defections.making import make_constituency, make_release, make_terms

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
ADDRESS = "rowan@example.org"


@pytest.fixture(params=[(320, False), (1280, True)])
def phone(request: pytest.FixtureRequest, chromium: Browser, live_server: LiveServer) -> Iterator[Visitor]:
    width, scripts = request.param
    visitor = Visitor(chromium, live_server.url, width=width, scripts=scripts)
    yield visitor
    visitor.close()


class Form:
    """Somebody who fills in the form."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor, self.page = visitor, visitor.page

    def press(self, name: str = "Save and continue") -> None:
        """Presses a button, and waits for the page that answers."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=name).first.click()

    def follow(self, name: str) -> None:
        """Follows a link."""
        with self.page.expect_navigation():
            self.page.get_by_role("link", name=name).first.click()

    def at(self, heading: str, name: str) -> None:
        """Asserts which page it is, and examines it."""
        assert heading in self.page.locator("h1").inner_text(), self.page.locator("main").inner_text()
        self.visitor.examine(f"form-{name}", targets=True)

    def fill(self, **fields: str) -> None:
        """Fills in boxes by their names."""
        for name, value in fields.items():
            self.page.locator(f"[name={name}]").fill(value)

    def choose(self, name: str, value: str) -> None:
        """Chooses a radio."""
        self.page.locator(f"[name={name}][value={value}]").check()


def newest_code() -> str:
    """The code in the confidential mail that waits."""
    row = Message.objects.filter(kind="defections/mail/code", sent_at=None).latest("queued_at")
    return next(line.strip() for line in row.content.text.splitlines() if line.startswith("    "))


def get_in(form: Form) -> None:
    form.visitor.goto("/applications/")
    form.at("Come over", "start")
    form.follow("Start now")
    form.at("Your email address", "address-of-mail")
    form.press("Send me a code")
    form.at("Your email address", "address-of-mail-error")
    assert form.page.title().startswith("Error:")
    form.fill(email=ADDRESS)
    form.press("Send me a code")
    form.at("Enter your code", "code")
    form.fill(code=newest_code().lower())
    form.press("Continue")
    form.at("Your form", "tasks-empty")


def about_the_person(form: Form) -> None:
    form.follow("Begin")
    form.at("Your name", "name")
    form.press()
    form.at("Your name", "name-error")
    form.fill(given_name="Rowan", family_name="Ashdown")
    form.choose("legal_differs", "yes")
    form.press()
    form.at("Your legal name", "legal-name")
    form.fill(legal_given_name="Rowena", legal_family_name="Ashdown-Pryce")
    form.press()
    form.at("Your date of birth", "birth")
    form.fill(date_of_birth_day="27", date_of_birth_month="March", date_of_birth_year="77")
    form.press()
    form.at("Your date of birth", "birth-error")
    form.fill(date_of_birth_year="1977")
    form.press()
    form.at("Your phone numbers", "phones")
    form.fill(mobile_phone="07700 900456", home_phone="(01225) 496 123")
    form.press()
    form.at("Your address", "address")
    form.fill(line_1="14 Larkspur Terrace", town="Bath", postcode="ba14qx")
    form.press()


def about_the_office(form: Form) -> None:
    form.at("The office you hold", "office")
    form.press()
    form.at("The office you hold", "office-error")
    form.choose("level", "unitary")
    form.press()
    form.at("More about your office", "office-details")
    form.press()
    form.at("More about your office", "office-details-error")
    form.fill(body="Bath and North East Somerset Council", area="Weston ward", elected_as="Liberal Democrat")
    form.fill(held_since_month="5", held_since_year="2019")
    form.press()
    form.at("Your present party", "party")
    form.choose("is_independent", "no")
    form.press()
    form.at("The name of your party", "party-name")
    form.fill(party="Liberal Democrats")
    form.press()
    form.at("Your local society", "society")
    form.fill(q="bahth")
    form.press("Search")
    form.at("Your local society", "society-perhaps")
    form.fill(q="nowhere at all")
    form.press("Search")
    form.at("Your local society", "society-unknown")
    form.fill(q="bath")
    form.press("Search")
    form.at("Your local society", "society-found")
    form.press("Bath")


def about_the_links(form: Form, photo: Path) -> None:
    form.at("Your links", "links")
    form.choose("basis", "residence")
    form.press()
    form.at("Your residence", "residence")
    form.fill(resident_since_month="9", resident_since_year="2010", statement="I am on the register there.")
    form.press()
    form.at("Documents", "evidence")
    form.press("Add this file")
    form.at("Documents", "evidence-none")
    form.page.locator("[name=file]").set_input_files(__file__)
    form.press("Add this file")
    form.at("Documents", "evidence-wrong")
    form.page.locator("[name=file]").set_input_files(photo)
    form.press("Add this file")
    form.at("Documents", "evidence-added")
    form.press("Continue")


def about_work_and_accounts(form: Form) -> None:
    form.at("Your employment", "employment")
    form.choose("is_employed", "yes")
    form.press()
    form.at("Your jobs", "jobs-none")
    form.choose("more", "yes")
    form.press()
    form.at("Add a job", "job")
    form.press()
    form.at("Add a job", "job-error")
    form.fill(title="Librarian", employer="Fernleigh College", began_month="1", began_year="2015")
    form.page.locator("[name=is_current]").check()
    form.press()
    form.at("Your jobs", "jobs")
    form.follow("Change Librarian")
    form.at("Change a job", "job-change")
    form.fill(title="Chief librarian")
    form.press()
    form.choose("more", "no")
    form.press()
    form.at("Your public accounts", "public-accounts")
    form.choose("has_any", "yes")
    form.press()
    form.choose("more", "yes")
    form.press()
    form.at("Add an account", "account")
    form.fill(platform="Mastodon", account="@rowan@social.example")
    form.press()
    form.at("public accounts", "accounts")
    form.choose("more", "no")
    form.press()


def agreements(form: Form) -> None:
    form.at("Your private accounts", "private-accounts")
    form.choose("exist", "yes")
    form.press()
    form.at("Your private accounts", "private-accounts-error")
    form.page.locator("[name=agreed]").check()
    form.press()
    form.at("The Kernel", "principles")
    form.page.locator("[name=agreed]").check()
    form.press()
    form.at("Party Consensus", "consensus")
    form.press("Save and see all sections")
    form.at("Party Consensus", "consensus-error")
    form.page.locator("[name=agreed]").check()
    form.press("Save and see all sections")
    form.at("Your form", "tasks-full")


@pytest.mark.policy("D4", "D5", "D7", "D8", "D9", "D10", "D11", "D12", "D13", "D14")
def test_the_whole_form(phone: Visitor, tmp_path: Path) -> None:
    make_release()
    region = factories.make_assembly("Western Regional Society", kind=Kind.REGION, place="West")
    bath = make_constituency("Bath", within=region)
    make_constituency("Bristol Central", within=region)
    make_terms(bath, links="Work, family or volunteering within the constituency.", residence_months=12)
    photo = tmp_path / "letter.jpg"
    Image.new("RGB", (80, 60), "teal").save(photo)
    form = Form(phone)
    get_in(form)
    about_the_person(form)
    about_the_office(form)
    about_the_links(form, photo)
    about_work_and_accounts(form)
    agreements(form)

    form.follow("Check your answers and send")
    form.at("Check your answers", "check")
    form.follow("Change Your phone numbers: Mobile phone")
    form.fill(mobile_phone="+44 7700 900457")
    form.press()
    form.at("Check your answers", "check-again")
    assert "07700 900457" in form.page.locator("main").inner_text()
    form.follow("Continue to the declaration")
    form.at("Declare and send", "declare")
    form.press("Send the form")
    form.at("Declare and send", "declare-error")
    form.page.locator("[name=agreed]").check()
    form.press("Send the form")
    form.at("We have your form", "sent")
    application = Application.objects.get()
    assert application.is_open
    assert application.reference in form.page.locator("main").inner_text()
    assert Evidence.objects.count() == 1
    form.follow("See your application")
    form.at("Your application", "mine")
    form.follow("Read or print it")
    form.at("What you told us", "answers")
