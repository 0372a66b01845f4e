"""A defection from the form to the letter in real Chromium, with the real web server, worker and beat.

Three journeys: an applicant on a phone who is accepted by a STAR ballot, with another's form that came by post while
people wait for the hustings; and one who is declined. A day is five seconds long (DAY_SECONDS), so that
the invitation's notice and the vote take no longer than a minute. The seven days of a defection's deliberation are
whole days in the database and are not shortened: there, and only there, a test moves the two moments back.
"""

import email
import email.policy
import re
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from allauth.account.internal.userkit import user_id_to_str
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.db.models import F
from django.test import Client
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Browser

from assemblies.models import Assembly, Clearance, Kind, Office
from decisions import deliberation
from decisions.models import Decision, Gathering, Referral, Registration
from defections import intake
from defections.models import Application
from defections.stages import Stage as CaseStage
from defections.stages import stage_of
from harmony.time import london_day
from members.models import Person
from tests.browser.conftest import Visitor
from tests.browser.hands import call_gathering, fill_in, fill_in_day, follow, press, says
from tests.browser.test_decision_walks import DAY_SECONDS, Stage, vote, waits_until
from tests.browser.test_defection_form_walk import (
    Form,
    about_the_links,
    about_the_office,
    about_the_person,
    about_work_and_accounts,
    agreements,
)
from tests.decisions.meetings import make_resolutions
from tests.defections.cases import hold_hustings
from tests.defections.desk_walk import address
from tests.defections.making import (
    full_answers,
    make_application,
    make_constituency,
    make_release,
    make_terms,
    make_volunteer,
)
from tests.defections.researching import fresh, release
from tests.factories import make_assembly, make_member, make_participation, make_person, make_term
from tests.login import RECORDS, make_app
from tests.real_servers import wait_for, whole_site

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.servers, pytest.mark.browser]

APPLICANT, DECLINED, ON_PAPER = "rowan@example.org", "hazel@example.org", "linden@example.org"
VOTING_DAYS = 14  # of five seconds: three people vote within them


class House(Stage):
    """The site with its servers, its mails, and people who come in with a browser of their own."""

    mails: Path

    def enter(self, person: Person | None, *, width: int = 1280, scripts: bool = True) -> Visitor:
        """Somebody at a screen of this width, whose log-in was a moment ago (None: a stranger)."""
        visitor = Visitor(self.browser, self.url, width=width, scripts=scripts)
        visitor.page.set_default_timeout(30_000)
        self.visitors.append(visitor)
        if person is not None:
            client = Client()
            client.force_login(person)
            session = client.session
            session[RECORDS] = [{"method": "code", "at": time.time()}]
            session[f"{RECORDS}_user"] = user_id_to_str(person)
            session.save()
            visitor.take_over(client)
        return visitor

    def mails_to(self, address: str, subject: str) -> list[str]:
        """The texts of the mails that went to the address with this subject, oldest first."""
        found = []
        for path in sorted(self.mails.glob("*.log"), key=lambda path: path.stat().st_mtime):
            for raw in path.read_bytes().split(b"\n" + b"-" * 79 + b"\n"):
                mail = email.message_from_bytes(raw, policy=email.policy.default)
                body = mail.get_body(preferencelist=("plain",))
                if mail["To"] == address and mail["Subject"] == subject and body is not None:
                    found.append((mail["Date"].datetime, body.get_content()))
        return [text for _sent, text in sorted(found)]

    def wait_for_mail(self, address: str, subject: str, *, after: int = 0) -> str:
        """The newest such mail, once there are more than `after`."""
        wait_for(lambda: len(self.mails_to(address, subject)) > after, f"a mail “{subject}”", 40)
        return self.mails_to(address, subject)[-1]


@pytest.fixture
def house(chromium: Browser, tmp_path: Path) -> Iterator[House]:
    """The whole site with short days; the admin and the research want a second step."""
    more = {"DAY_SECONDS": str(DAY_SECONDS), "ADMIN_NEEDS_MFA": "true", "HUSTINGS_NOTICE_DAYS": "1"}
    with whole_site(tmp_path, **more) as url:
        made = House(chromium, url)
        made.mails = tmp_path / "mail"
        yield made
        for visitor in made.visitors:
            visitor.close()


def with_members(place: str) -> tuple[Assembly, list[Person]]:
    """The society of a constituency that decides, with a secretary and two other members."""
    assembly = make_constituency(place, voting_days=VOTING_DAYS)
    make_terms(assembly, decides=True, links="Work, family or volunteering here.", residence_months=12)
    people = [make_member(f"{name} {place}") for name in ("Sam", "Mona", "Rudi")]
    for person in people:
        make_participation(person, assembly)
    make_term(people[0], assembly)
    return assembly, people


def code_in(text: str) -> str:
    """The code that stands on a line of its own."""
    found = re.search(r"^    ([A-Z0-9-]{6,})$", text, re.MULTILINE)
    assert found, text
    return found.group(1)


# --- The applicant ------------------------------------------------------------------------------------
def go_on(house: House, visitor: Visitor, address: str) -> None:
    """Into the application of the address, by a mailed code."""
    before = len(house.mails_to(address, "Your code"))
    visitor.goto("/applications/go-on/")
    visitor.page.get_by_label("Email address").fill(address)
    press(visitor, "Send me a code")
    visitor.page.get_by_label("Code").fill(code_in(house.wait_for_mail(address, "Your code", after=before)))
    press(visitor, "Continue")


def fill_the_form(house: House, phone: Visitor, photo: Path) -> Application:
    """The whole public form, sent (D2 to D14)."""
    form = Form(phone)
    phone.goto("/applications/")
    form.at("Come over", "start")
    go_on(house, phone, APPLICANT)
    about_the_person(form)
    about_the_office(form)
    about_the_links(form, photo)
    about_work_and_accounts(form)
    agreements(form)
    form.follow("Check your answers and send")
    form.follow("Continue to the declaration")
    form.page.locator("[name=agreed]").check()
    form.press("Send the form")
    form.at("We have your form", "sent")
    application = Application.objects.get()
    assert application.reference in phone.page.inner_text("main")
    house.wait_for_mail(APPLICANT, f"We have received your form: {application.reference}")
    return application


def answer_the_question(house: House, browser: Visitor) -> None:
    """On another browser, got into by a code, the applicant answers what the research asks."""
    house.wait_for_mail(APPLICANT, "You have a question to answer")
    go_on(house, browser, APPLICANT)
    browser.examine("defection-mine-question")
    follow(browser, "Answer")
    browser.examine("defection-question")
    fill_in(browser, answer="Since the by-election of May 2019.")
    press(browser, "Send the answer")
    browser.examine("defection-mine-answered")


def accept_the_invitation(house: House, browser: Visitor) -> None:
    """The applicant says that they come, by the code of conduct (D20, D28)."""
    house.wait_for_mail(APPLICANT, "An invitation waits for your answer")
    browser.goto("/applications/mine/")
    browser.examine("defection-mine-invited")
    browser.goto("/applications/mine/meeting/")
    browser.examine("defection-invitation")
    follow(browser, "I will come")
    press(browser, "Accept the invitation")
    browser.examine("defection-accept-error")
    browser.page.get_by_label("I accept this code of conduct").check()
    press(browser, "Accept the invitation")
    browser.examine("defection-accepted")


# --- The research -------------------------------------------------------------------------------------
def log_in_with_app(house: House, desk: Visitor, person: Person, secret: str) -> None:
    """The research's door: a code by mail, and a second step with an authenticator app."""
    desk.goto("/applications/desk/")
    desk.page.get_by_label("Email address").fill(person.email)
    press(desk, "Send me a code")
    wait_for(lambda: bool(codes_to(house, person)), "the code to log in", 40)
    desk.page.get_by_label("Code").fill(codes_to(house, person).pop())
    press(desk, "Continue")
    assert desk.page.get_by_role("heading", name="Second step").is_visible()
    code = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
    desk.page.get_by_label("Code").fill(code)
    press(desk, "Log in")


def codes_to(house: House, person: Person) -> set[str]:
    """The codes that went to somebody's address."""
    found: set[str] = set()
    for path in house.mails.glob("*.log"):
        for raw in path.read_bytes().split(b"\n" + b"-" * 79 + b"\n"):
            mail = email.message_from_bytes(raw, policy=email.policy.default)
            body = mail.get_body(preferencelist=("plain",))
            if mail["To"] == person.email and body is not None:
                found |= set(re.findall(r"^    ([A-Z0-9-]{6,})$", body.get_content(), re.MULTILINE))
    return found


def check_every_line(desk: Visitor, application: Application) -> None:
    """Takes the application on, opens each part of the form and writes what was found about every line."""
    desk.examine("defection-desk-list")
    follow(desk, application.reference)
    press(desk, "Take it on")
    desk.examine("defection-desk-case")
    parts = desk.page.locator("main a[href*='/sections/']").evaluate_all("all => all.map(a => a.href)")
    for part in parts:
        desk.goto(part)
        confirmed = desk.page.locator("input[type=radio][value=confirmed]")
        for number in range(confirmed.count()):
            confirmed.nth(number).check()
        for note in desk.page.locator("textarea[name^='note-']").all():
            note.fill("Seen in the public record.")
        desk.examine(f"defection-desk-{part.rstrip('/').rpartition('/')[2]}")
        if confirmed.count():
            press(desk, "Save")


def speak_and_ask(desk: Visitor, application: Application) -> None:
    """A direct contact, and a question (D16)."""
    desk.goto(address("desk_contacts", application))
    for name, value in (("way", "phone"), ("is_direct", "yes"), ("was_reached", "yes")):
        desk.page.locator(f"[name={name}][value={value}]").check()
    fill_in(desk, note="Spoke for ten minutes.")
    press(desk, "Put it in the log")
    desk.examine("defection-desk-contacts")
    desk.goto(address("desk_queries", application))
    fill_in(desk, question="Since when have you sat on the council?")
    press(desk, "Ask")
    desk.examine("defection-desk-asked")


def find_genuine(desk: Visitor, application: Application) -> None:
    """The outcome, and the copy with a passage taken out of it, handed to a second reader (D16, D17)."""
    desk.goto(address("desk_outcome", application))
    desk.page.get_by_label("Genuine: the assembly gets a copy").check()
    fill_in(desk, summary="All of it is confirmed.")
    desk.examine("defection-desk-outcome")
    press(desk, "Record the outcome")
    fill_in(desk, passage="on the register")
    press(desk, "Take it out")
    assert says(desk, "[removed]")
    removes = desk.page.locator("input[type=radio][value=remove]")
    for number in range(removes.count()):
        removes.nth(number).check()
    if removes.count():
        press(desk, "Save")
    desk.examine("defection-desk-copy")
    press(desk, "Hand it over")
    desk.examine("defection-desk-handed-over")


def release_as_second(second: Visitor, application: Application) -> Decision:
    """Somebody else reads it and releases it; it is with its assembly by itself (D17, D18)."""
    second.goto(address("desk_case", application))
    follow(second, "Read the copy")
    second.examine("defection-desk-release")
    press(second, "Release the copy")
    second.examine("defection-desk-released")
    decision = fresh(application).decision
    assert decision is not None
    return decision


# --- The assembly -------------------------------------------------------------------------------------
def call_hustings(chair: Visitor, decision: Decision) -> Gathering:
    """Calls the hustings for the next full minute that leaves the notice; for the one after, where that has passed."""
    chair.goto("/")
    chair.examine("defection-home-secretary")
    chair.goto(decision.get_absolute_url())
    chair.examine("defection-case")
    hustings = call_gathering(chair, decision, ahead=timedelta(seconds=12), link="Call the hustings")
    chair.examine("defection-hustings")
    return hustings


def ask_at(visitor: Visitor, gathering: Gathering, text: str) -> None:
    """Registers by the code of conduct and asks a question."""
    visitor.goto(gathering.get_absolute_url())
    follow(visitor, "Register")
    visitor.page.get_by_label("In the room").check()
    visitor.page.get_by_label("I accept the code of conduct").check()
    press(visitor, "Register")
    visitor.goto(f"{gathering.get_absolute_url()}questions/")
    visitor.page.get_by_label("Your question").fill(text)
    press(visitor, "Ask")
    visitor.examine("defection-asked", targets=True)


def conduct(chair: Visitor, gathering: Gathering, barred: Person) -> None:
    """One question let through and answered, one refused on its ground, and whoever asked it barred (D27 to D30)."""
    page = gathering.get_absolute_url()
    chair.goto(f"{page}questions/")
    press(chair, "Let it through")
    follow(chair, "Refuse")
    chair.page.get_by_label("Endorsing or perpetuating stereotypes").check()
    press(chair, "Refuse the question")
    press(chair, "Answered")
    chair.examine("defection-judged", targets=True)
    chair.goto(f"{page}door/")
    follow(chair, f"Bar {barred.name}")
    chair.page.get_by_label("Endorsing or perpetuating stereotypes").check()
    chair.page.get_by_label("What happened?").fill("Went on shouting it after the refusal.")
    press(chair, "Bar from this gathering")
    chair.examine("defection-barred")
    assert not Registration.objects.in_force().filter(person=barred).exists()


def hold_and_deliberate(chair: Visitor, gathering: Gathering, decision: Decision) -> None:
    """Held; the deliberation begins, for seven days and no fewer (D21)."""
    wait_for(lambda: timezone.now() >= gathering.starts_at, "the hustings begins", 100)
    chair.goto(gathering.get_absolute_url())
    press(chair, "It was held")
    chair.goto(decision.get_absolute_url())
    follow(chair, "Begin the deliberation")
    fill_in(chair, days=6)
    press(chair, "Begin it")
    chair.examine("defection-deliberation-too-short")
    fill_in(chair, days=7)
    press(chair, "Begin it")
    chair.examine("defection-deliberating")
    decision.refresh_from_db()
    assert decision.deliberation_began_at is not None
    assert decision.deliberation_ends_at is not None
    assert decision.deliberation_ends_at - decision.deliberation_began_at >= timedelta(days=7, hours=-1)
    # These days are the database's own, so that no setting shortens them: eight of them pass here.
    pass_days(gathering, "starts_at", "ends_at", "held_at")
    pass_days(decision, "deliberation_began_at", "deliberation_ends_at")


def pass_days(row: Gathering | Decision, *moments: str) -> None:
    """Moves these moments of the row eight days into the past."""
    earlier = {name: F(name) - timedelta(days=8) for name in moments}
    type(row)._default_manager.filter(pk=row.pk).update(**earlier)


def decide(decision: Decision, voters: list[Visitor], accept: int, decline: int) -> None:
    """The ballot opens by itself, these vote, and its count settles the matter (D22, D23)."""
    waits_until(decision, 20, "the ballot opens by itself", ballot__opened_at__isnull=False)
    for voter in voters:
        vote(voter, decision.title, ("Accept", accept), ("Decline", decline))
    waits_until(decision, VOTING_DAYS * DAY_SECONDS, "it is settled", settled_at__isnull=False)
    assert decision.settled_by == "ballot"
    assert decision.ballot is not None
    assert decision.ballot.outcome["turnout"] == len(voters)


def send_the_letter(chair: Visitor, decision: Decision) -> None:
    """Read first, then sent; it is made from the result alone (D24 to D26)."""
    chair.goto(decision.get_absolute_url())
    chair.examine("defection-decided")
    follow(chair, "Read and send the letter")
    chair.examine("defection-letter")
    press(chair, "Send the letter")
    chair.examine("defection-letter-sent")


# --- The journeys -------------------------------------------------------------------------------------
def on_paper(house: House, clerk: Person, assembly: Assembly, scan: Path) -> None:
    """The general secretary's people enter what came by post, with its scan, and it reaches the desk (D15)."""
    desk = house.enter(clerk)
    desk.goto("/applications/paper/")
    desk.examine("defection-paper-list")
    follow(desk, "Enter a form")
    desk.page.locator("[name=origin][value=post]").check()
    fill_in_day(desk, london_day(timezone.now()))
    fill_in(desk, email=ON_PAPER, kept_where="The safe, folder 3")
    desk.page.locator("[name=signed]").check()
    desk.examine("defection-paper-begin")
    press(desk, "Continue")
    desk.examine("defection-paper-tasks")
    application = Application.objects.get(origin="post")
    desk.goto("/applications/paper/scans/")
    desk.page.locator("[name=file]").set_input_files(scan)
    press(desk, "Add this file")
    desk.examine("defection-paper-scans")
    desk.goto("/applications/form/name/")
    desk.examine("defection-paper-name")
    # The other pages are those of the applicant's own form, walked through above.
    for section, given in full_answers(assembly).items():
        intake.save_section(application, section, given, at=timezone.now(), by=clerk)
    desk.goto("/applications/paper/hand-over/")
    desk.examine("defection-paper-hand-over")
    press(desk, "Hand it over")
    desk.examine("defection-paper-done")
    house.wait_for_mail(ON_PAPER, f"We have received your form: {application.reference}")


def log_in_as_member(house: House, browser: Visitor) -> None:
    """Whoever was accepted logs in by a code to the address of the application (D24)."""
    person = Person.objects.get(email=APPLICANT)
    assert person.is_member_at(timezone.now())
    before = codes_to(house, person)
    browser.goto("/account/login/")
    browser.page.get_by_label("Email address").fill(APPLICANT)
    press(browser, "Send me a code")
    wait_for(lambda: bool(codes_to(house, person) - before), "the code to log in", 40)
    browser.page.get_by_label("Code").fill((codes_to(house, person) - before).pop())
    press(browser, "Continue")
    browser.goto("/")
    browser.examine("defection-home-member")


@pytest.mark.policy("D14", "D15", "D16", "D17", "D19", "D20", "D21", "D22", "D24", "D27", "D28", "D29", "D30")
def test_an_applicant_comes_over_from_the_form_to_membership_and_another_form_comes_by_post(
    house: House, tmp_path: Path
) -> None:
    make_release()
    bath, people = with_members("Bath")
    make_constituency("Bristol Central")
    party = make_assembly("Harmony Party", kind=Kind.PARTY)
    clerk = make_person("Gail Secretary")
    make_term(clerk, party, Office.Role.SECRETARY)
    _committee, reviewer = make_resolutions()
    first, second = make_volunteer(name="Rita First"), make_volunteer(name="Sol Second")
    secrets = {person.pk: make_app(person) for person in (first, second, clerk)}
    photo = tmp_path / "letter.jpg"
    Image.new("RGB", (80, 60), "teal").save(photo)

    phone = house.enter(None, width=320)
    application = fill_the_form(house, phone, photo)
    desk = house.enter(None)
    log_in_with_app(house, desk, first, secrets[first.pk])
    check_every_line(desk, application)
    speak_and_ask(desk, application)
    other = house.enter(None)
    answer_the_question(house, other)
    find_genuine(desk, application)
    decision = release_as_second(house.enter(second), application)

    chair, member, rowdy = (
        house.enter(person, width=width) for person, width in zip(people, (1280, 320, 320), strict=True)
    )
    gathering = call_hustings(chair, decision)
    accept_the_invitation(house, other)
    ask_at(member, gathering, "How did you vote on the library?")
    ask_at(rowdy, gathering, "Something that breaks the code?")
    conduct(chair, gathering, people[2])
    judge = house.enter(reviewer)
    judge.goto(Referral.objects.get().get_absolute_url())
    judge.examine("defection-referral")
    on_paper(house, clerk, bath, photo)
    desk.goto("/applications/desk/")
    assert says(desk, Application.objects.get(origin="post").reference)

    hold_and_deliberate(chair, gathering, decision)
    decide(decision, [chair, member, rowdy], 5, 0)
    send_the_letter(chair, decision)
    assert "complete" in house.wait_for_mail(APPLICANT, "A letter for you")
    phone.goto("/applications/mine/")
    phone.examine("defection-mine-accepted")
    assert says(phone, "Accepted")
    log_in_as_member(house, other)


@pytest.mark.policy("D22", "D26")
def test_an_assembly_declines_and_the_letter_gives_no_reasons(house: House) -> None:
    make_release()
    wells, people = with_members("Wells")
    month = timezone.now() - timedelta(days=30)
    application = make_application(email=DECLINED, constituency=wells, at=month)
    first, second = make_volunteer(), make_volunteer()
    Clearance.objects.update(granted_at=month)
    case = release(application, month + timedelta(days=2), by=first, second=second)
    called = timezone.now() - timedelta(days=25)
    gathering = hold_hustings(case, people[0], at=called, starts_at=called + timedelta(days=9))
    decision = Decision.objects.get(application=case)
    chair, *others = (house.enter(person, width=320) for person in people)
    # Begun where the hustings ended, it has run its seven days: the clock opens the ballot.
    deliberation.begin(decision, by=people[0], at=gathering.ends_at)
    decide(decision, [chair, *others], 0, 5)
    send_the_letter(chair, decision)
    text = house.wait_for_mail(DECLINED, "A letter for you")
    assert "reasons" in text
    assert not re.search(r"\b[0-5] out of 5|votes?\b.*\d", text)
    mine = house.enter(None, width=320)
    go_on(house, mine, DECLINED)
    mine.examine("defection-mine-declined")
    assert says(mine, "Not accepted")
    assert stage_of(fresh(case)) is CaseStage.DECLINED
