"""A hustings in real Chromium: phones in the room without scripts, a desk with them; every page examined."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from assemblies.models import Assembly
from decisions.models import Gathering, Referral, Registration
from harmony.time import LONDON
from members.models import Person
from tests.browser.conftest import Visitor
from tests.browser.hands import follow, press
from tests.decisions.meetings import LINK, make_resolutions
from tests.login import log_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


class Room:
    """The site as people in the room see it, each with a browser of their own."""

    def __init__(self, browser: Browser, site: str, width: int, scripts: bool) -> None:
        self.browser, self.site, self.width, self.scripts = browser, site, width, scripts
        self.visitors: list[Visitor] = []

    def visitor(self, person: Person | None) -> Visitor:
        """A browser, logged in."""
        visitor = Visitor(self.browser, self.site, width=self.width, scripts=self.scripts)
        self.visitors.append(visitor)
        if person is not None:
            client = Client()
            log_in(client, person)
            visitor.take_over(client)
        return visitor


@pytest.fixture(params=[(320, False), (320, True), (1280, True)])
def room(request: pytest.FixtureRequest, chromium: Browser, live_server: LiveServer) -> Iterator[Room]:
    width, scripts = request.param
    made = Room(chromium, live_server.url, width, scripts)
    yield made
    for visitor in made.visitors:
        visitor.close()


@pytest.mark.policy("P4", "D27", "D29", "D30")
def test_a_hustings_from_the_call_to_the_review(
    room: Room, assembly: Assembly, secretary: Person, member: Person, participant: Person
) -> None:
    _committee, reviewer = make_resolutions()
    chair = room.visitor(secretary)
    call(chair, assembly)
    gathering = Gathering.objects.get()
    page = gathering.get_absolute_url()

    phone = room.visitor(member)
    register(phone, page)
    ask(phone, page, "How will you vote on the library?")
    other = room.visitor(participant)
    other.goto(page)
    register(other, page)
    ask(other, page, "Something that breaks the code?")

    now = timezone.now()
    Gathering.objects.update(starts_at=now - timedelta(minutes=5), ends_at=now + timedelta(hours=2))
    judge(chair, page)
    bar(chair, page, participant)

    phone.goto(f"{page}questions/")
    assert phone.page.get_by_text("How will you vote on the library?").count()
    assert not phone.page.get_by_text("Something that breaks the code?").count()
    other.goto(f"{page}join/")
    assert other.page.get_by_text("You have been barred from this gathering").count()
    other.examine("gathering-refused")
    other.goto(page)
    other.examine("gathering-barred")
    review(other, room.visitor(reviewer))
    finish(chair, page, member)
    nobody = room.visitor(None)
    nobody.goto(page)
    nobody.examine("gathering-held")
    assert LINK not in nobody.page.content()


def call(chair: Visitor, assembly: Assembly) -> None:
    day = timezone.now().astimezone(LONDON) + timedelta(days=20)
    chair.goto(f"/decisions/gatherings/call/{assembly.slug}/")
    press(chair, "Call the gathering")
    chair.examine("gathering-call-errors")
    chair.page.get_by_label("A hustings: an applicant or candidates are heard").check()
    chair.page.get_by_label("Title").fill("Hustings for the council seat of Upper Wharfedale and Littondale")
    chair.page.get_by_label("Day", exact=True).last.fill(str(day.day))
    chair.page.get_by_label("Month").fill(str(day.month))
    chair.page.get_by_label("Year").fill(str(day.year))
    chair.page.get_by_label("Starts at").fill("7pm")
    chair.page.get_by_label("Ends at").fill("9pm")
    chair.page.get_by_label("Address").fill("Friends Meeting House\n17 Sheepcote Street")
    chair.page.get_by_label("Link").fill(LINK)
    chair.page.get_by_label("Agenda").fill("1. Welcome\n2. The applicant speaks\n3. Questions")
    chair.examine("gathering-call")
    press(chair, "Call the gathering")
    chair.examine("gathering-chair")
    for link in (
        "Invite an assembly or a person",
        "Change title, place, link or agenda",
        "Move it to another time",
        "Call it off",
        "Hand over the chair",
        "Door list and attendance",
    ):
        address = chair.page.url
        follow(chair, link)
        chair.examine("gathering-" + link.split(" ")[0].lower())
        chair.goto(address)


def register(phone: Visitor, page: str) -> None:
    phone.goto(page)
    follow(phone, "Register")
    phone.page.get_by_label("In the room").check()
    press(phone, "Register")
    phone.examine("gathering-register-errors")
    phone.page.get_by_label("I accept the code of conduct").check()
    press(phone, "Register")
    phone.examine("gathering-registered", targets=True)
    assert phone.page.get_by_role("link", name="Join online").get_attribute("href") == f"{page}join/"


def ask(phone: Visitor, page: str, text: str) -> None:
    phone.goto(f"{page}questions/")
    phone.page.get_by_label("Your question").fill(text)
    press(phone, "Ask")
    assert phone.page.get_by_text("With the chair").count()
    phone.examine("question-asked", targets=True)


def judge(chair: Visitor, page: str) -> None:
    chair.goto(f"{page}questions/")
    chair.examine("question-chair", targets=True)
    press(chair, "Let it through")
    follow(chair, "Refuse")
    chair.examine("question-refuse")
    chair.page.get_by_label("Endorsing or perpetuating stereotypes").check()
    press(chair, "Refuse the question")
    chair.examine("question-judged", targets=True)
    press(chair, "Answered")


def bar(chair: Visitor, page: str, person: Person) -> None:
    chair.goto(f"{page}door/")
    chair.examine("door-before")
    follow(chair, f"Bar {person.name}")
    chair.examine("gathering-bar")
    chair.page.get_by_label("Inciting, supporting or calling for hate speech").check()
    chair.page.get_by_label("What happened?").fill("Called for violence against a group of people.")
    press(chair, "Bar from this gathering")
    chair.examine("door-barred")
    chair.page.emulate_media(media="print")
    chair.picture("door-print")
    chair.page.emulate_media(media="screen")
    assert not Registration.objects.in_force().filter(person=person).exists()


def review(other: Visitor, reviewer: Visitor) -> None:
    follow(other, "Read why, and answer")
    other.examine("referral-mine")
    follow(other, "Answer")
    other.page.get_by_label("Your answer").fill("I was misheard.")
    other.examine("referral-answer")
    press(other, "Save")
    reviewer.goto("/decisions/referrals/")
    reviewer.examine("referral-list")
    reviewer.goto(Referral.objects.get().get_absolute_url())
    reviewer.examine("referral")
    follow(reviewer, "Record the outcome")
    reviewer.page.get_by_label("The code was broken; the person is warned").check()
    reviewer.page.get_by_label("What was found, and why").fill("Three people heard it.")
    reviewer.examine("referral-decide")
    press(reviewer, "Save")
    reviewer.examine("referral-decided")


def finish(chair: Visitor, page: str, member: Person) -> None:
    chair.goto(f"{page}door/")
    chair.page.get_by_label(f"{member.name} came").check()
    press(chair, "Save who came")
    chair.goto(page)
    press(chair, "It was held")
    follow(chair, "Publish the notes")
    chair.page.get_by_label("Notes").fill("The applicant spoke and answered one question.")
    chair.examine("gathering-notes")
    press(chair, "Publish the notes")
    chair.examine("gathering-after")
    chair.goto("/decisions/gatherings/")
    chair.examine("gathering-list")
    chair.goto("/decisions/gatherings/calendars/")
    press(chair, "For all that concerns you")
    chair.examine("calendar-list")
