"""What follows a decision: the letter, once, from the result alone; and the membership (D24 to D26)."""

import re
import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assemblies import enrolment
from assemblies.models import Assembly, Kind
from decisions import calls, settlement, talk
from defections import cases, intake, letters
from defections.errors import DefectionError, WrongMoment
from defections.models import Application, Letter, PostalLetter
from harmony.clock import sweep
from ledger.models import Event, Message
from members.models import Membership, Person
from tests.decisions.meetings import At
from tests.defections.applying import Applicant
from tests.defections.cases import T0, answer, call_on, decision_of, deliberate, make_case
from tests.defections.making import make_application, make_release
from tests.factories import (
    make_assembly,
    make_member,
    make_membership,
    make_person,
    make_suspension,
    make_term,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(db: None) -> Assembly:
    return make_assembly("Bath", kind=Kind.CONSTITUENCY, place="Bath")


def settled(
    assembly: Assembly, secretary: Person, *members: Person, option: str = "Accept", **fields: Any
) -> Any:
    """A case decided by consensus at the end of its deliberation, by the real clock; and when that was."""
    application = make_case(assembly, **fields)
    deliberate(application, secretary)
    decision = call_on(application, option, secretary, secretary, *members)
    assert sweep(decision.deliberation_ends_at) == []
    application.refresh_from_db()
    return application, decision.deliberation_ends_at


class Desk:
    """Somebody at the letter's pages at one moment."""

    def __init__(self, person: Person, at: datetime) -> None:
        self.at, self.client = at, Client()
        with time_machine.travel(at, tick=False):
            self.client.force_login(person)

    def get(self, application: Application, name: str = "letter_detail") -> Any:
        with time_machine.travel(self.at, tick=False):
            return self.client.get(reverse(f"defections:{name}", args=[application.pk]))

    def post(self, application: Application, name: str = "letter_detail") -> Any:
        with time_machine.travel(self.at, tick=False):
            return self.client.post(reverse(f"defections:{name}", args=[application.pk]))


SHEETS = ("postal_letter_print", "postal_letter_cover")


class Poster:
    """Somebody at the pages of what has to be posted, at one moment."""

    def __init__(self, person: Person, at: datetime) -> None:
        self.at, self.client = at, Client()
        with time_machine.travel(at, tick=False):
            self.client.force_login(person)

    @staticmethod
    def address(posting: PostalLetter, name: str = "postal_letter_print") -> str:
        return reverse(f"defections:{name}", args=[posting.pk])

    def page(self, url: str) -> str:
        with time_machine.travel(self.at, tick=False):
            return self.client.get(url).content.decode()

    def get(self, posting: PostalLetter, name: str) -> Any:
        with time_machine.travel(self.at, tick=False):
            return self.client.get(self.address(posting, name))

    def post(self, posting: PostalLetter, **more: Any) -> Any:
        with time_machine.travel(self.at, tick=False):
            return self.client.post(self.address(posting, "postal_letter_posted"), **more)


def text_to(application: Application) -> str:
    """The one letter in the outbox for the applicant."""
    message = Message.objects.get(kind="defections/mail/letter")
    assert message.content.address == application.email
    assert (message.address, message.subject, message.text) == ("", "", "")
    return message.content.subject + "\n" + message.content.text


# --- The letter ---------------------------------------------------------------------------------------------
@pytest.mark.policy("D24", "D25")
def test_the_letter_of_acceptance_says_that_it_is_complete_and_reminds(
    assembly: Assembly, secretary: Person, member: Person
) -> None:
    application, at = settled(assembly, secretary, member)
    desk = Desk(secretary, at)
    shown = desk.get(application).content.decode()
    assert "Letter of acceptance" in shown
    assert not Letter.objects.exists()
    assert desk.post(application).status_code == 302
    text = text_to(application)
    for said in (
        "Dear Robin Ash",
        "is complete",
        "you may call yourself a Harmony Party representative",
        "You are also a member of the party",
        "Selection is mandatory in the Harmony Party",
        "expected to follow the consensus of the party",
        "free to express your opinions",
    ):
        assert said in text, said
    assert text.splitlines()[0] == "A letter for you"
    letter = Letter.objects.get()
    assert letters.opened(letter).text in text
    assert b"Robin" not in bytes(letter.sealed)
    application.refresh_from_db()
    assert application.closed_at == at
    assert "representative" in Applicant(application, at).text("applicant_detail")


@pytest.mark.policy("D26")
def test_the_letter_of_decline_is_polite_and_says_that_nobody_is_told_the_reasons(
    assembly: Assembly, secretary: Person, member: Person
) -> None:
    application = make_case(assembly)
    talk.say(decision_of(application), by=member, at=T0, text="They shouted at me once")
    deliberate(application, secretary)
    decision = call_on(application, "Decline", secretary, secretary)
    began = decision.deliberation_began_at
    calls.take_position(
        decision.calls.get(), member, "agree", reason="Their voting record", at=began + timedelta(hours=2)
    )
    at = decision.deliberation_ends_at
    sweep(at)
    Desk(secretary, at).post(application)
    text = text_to(application)
    settlement.state_outcome(decision, by=secretary, at=at, text="We doubt that they mean it")
    for said in (
        "thank you for applying",
        "decided not to accept it",
        "nobody is informed of the reasons",
        "a private matter for the members",
        "apply again at any time",
    ):
        assert said in text, said
    assert not re.search(r"\d", text.replace(application.reference, ""))  # nor how many were for it
    assert not Membership.objects.filter(person__email=application.email).exists()
    page = Applicant(application, at).text("applicant_detail")
    assert "private matter" in page
    for said in ("shouted", "voting record", "mean it"):
        assert said not in text + page, said


@pytest.mark.policy("D24", "D26")
def test_there_is_no_letter_before_the_result(assembly: Assembly, secretary: Person, member: Person) -> None:
    application = make_case(assembly)
    decision = deliberate(application, secretary)
    desk = Desk(secretary, decision.deliberation_began_at)
    for reply in (desk.get(application), desk.post(application)):
        assert reply.status_code == 409
        assert "There is no result yet" in reply.content.decode()
    sweep(decision.deliberation_ends_at)  # the ballot is open
    assert Desk(secretary, decision.deliberation_ends_at).post(application).status_code == 409
    assert not Letter.objects.exists()


def test_only_who_acts_for_the_deciding_assembly_sends_it(
    assembly: Assembly, secretary: Person, member: Person, outsider: Person
) -> None:
    elsewhere = make_member()
    make_term(elsewhere, make_assembly("Elsewhere"))
    application, at = settled(assembly, secretary, member)
    for person in (member, outsider, elsewhere, make_person(is_staff=True, is_superuser=True)):
        assert Desk(person, at).get(application).status_code == 403
        assert Desk(person, at).post(application).status_code == 403
    assert not Letter.objects.exists()


def test_a_second_click_sends_no_second_letter(assembly: Assembly, secretary: Person, member: Person) -> None:
    application, at = settled(assembly, secretary, member)
    desk = Desk(secretary, at)
    assert desk.post(application).status_code == 302
    again = desk.post(application)
    assert again.status_code == 409
    assert "has been sent already" in again.content.decode()
    assert "Letter of acceptance" in desk.get(application).content.decode()  # it is kept
    assert Message.objects.filter(kind="defections/mail/letter").count() == 1
    assert Event.objects.filter(verb="application.letter_sent").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_send_one_letter(assembly: Assembly, secretary: Person, member: Person) -> None:
    application, at = settled(assembly, secretary, member)
    barrier, outcomes = threading.Barrier(2), []

    def click() -> None:
        row = Application.objects.get(pk=application.pk)
        barrier.wait()
        try:
            letters.send(row, by=secretary, at=at)
            outcomes.append("sent")
        except WrongMoment:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=click) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["refused", "sent"]
    assert Letter.objects.count() == 1
    assert Message.objects.filter(kind="defections/mail/letter").count() == 1


@pytest.mark.policy("D15", "D24")
def test_without_an_address_the_general_secretarys_people_post_it_with_a_cover_sheet(
    assembly: Assembly, secretary: Person, member: Person
) -> None:
    general = make_member()
    make_term(general, make_assembly("The Party", kind=Kind.PARTY))
    application, at = settled(assembly, secretary, member, email="-")
    answer(application, "address", {"line_1": "14 Larkspur Terrace", "town": "Bath", "postcode": "BA1 4QX"})
    desk = Desk(secretary, at)
    assert "Make the letter, to be posted" in desk.get(application).content.decode()
    desk.post(application)
    assert not Message.objects.filter(kind="defections/mail/letter").exists()
    posting = PostalLetter.objects.get(kind="letter")
    office, other = Poster(general, at), Poster(secretary, at)
    assert Message.objects.filter(
        kind="defections/mail/post_letter", text__contains=office.address(posting)
    ).exists()
    assert f"Write by post: {posting}" in office.page(reverse("home"))
    assert f"Write by post: {posting}" not in other.page(reverse("home"))
    assert office.address(posting, "postal_letter_cover") in office.page(reverse("defections:paper_list"))
    assert {other.get(posting, name).status_code for name in SHEETS} == {403}
    sheet = office.get(posting, "postal_letter_print").content.decode()
    assert "Dear Robin Ash" in sheet
    for text in (sheet, desk.get(application).content.decode()):
        assert "Larkspur" not in text
    assert not Event.objects.filter(verb="application.viewed", by=general.pk).exists()
    cover = office.get(posting, "postal_letter_cover").content.decode()
    assert "Robin Ash" in cover
    assert "14 Larkspur Terrace" in cover
    looks = Event.objects.filter(verb="application.viewed", by=general.pk).order_by("pk")
    assert [look.data for look in looks] == [{"part": part, "for": "post"} for part in ("name", "address")]
    assert office.post(posting).status_code == 302
    assert "not waiting to be posted" in office.post(posting, follow=True).content.decode()
    assert Letter.objects.get().posted_at == at
    assert Event.objects.filter(verb="application.letter_posted").count() == 1
    for name in SHEETS:
        assert office.get(posting, name).status_code == 404  # the address is not to be seen any more
    person = Application.objects.get(pk=application.pk).person
    assert person.is_member_at(at)
    assert not person.is_active
    assert not Message.objects.filter(address__endswith=".invalid").exists()


def test_whoever_owes_the_letter_is_reminded_until_it_goes(
    assembly: Assembly, secretary: Person, member: Person
) -> None:
    application, at = settled(assembly, secretary, member)
    told = Message.objects.filter(kind="defections/mail/letter_waits")
    day = timedelta(days=1)
    for later, number in ((3 * day - timedelta(seconds=1), 0), (3 * day, 1), (4 * day, 1), (6 * day, 2)):
        sweep(at + later)
        sweep(at + later)
        assert told.count() == number, later
    assert {one.address for one in told} == {"sam@example.org"}
    letters.send(application, by=secretary, at=at + 7 * day)
    sweep(at + 20 * day)
    assert told.count() == 2


# --- The membership (D24) -----------------------------------------------------------------------------------
@pytest.mark.policy("D24")
def test_an_accepted_applicant_is_made_an_account_and_a_member_at_that_moment(home: Assembly) -> None:
    secretary, member = make_member(), make_member()
    for person in (secretary, member):
        enrolment.set_home(person, home, at=T0)
    make_term(secretary, home)
    application, at = settled(home, secretary, member)
    person = Person.objects.get(email=application.email)
    assert (person.name, person.has_usable_password(), application.person) == ("Robin Ash", False, person)
    assert not person.is_member_at(at - timedelta(microseconds=1))
    assert person.is_member_at(at)
    assert enrolment.home_of(person, at) == home
    # Being a member of the very assembly now, they still do not read what was said on them.
    assert "Parish" not in At(person, at).text("decision_detail", decision_of(application).pk)


@pytest.mark.policy("D24")
def test_an_account_of_that_address_is_joined_and_no_second_membership_made(
    assembly: Assembly, secretary: Person, member: Person
) -> None:
    robin = make_person("Robin", email="robin@example.org")
    application, at = settled(assembly, secretary, member, email="Robin@Example.org")
    assert application.person == robin
    assert robin.memberships.get().began_at == at


@pytest.mark.policy("D24")
@pytest.mark.parametrize("case", ["running", "lapsed", "ended", "suspended"])
def test_memberships_that_there_were_are_handled(
    assembly: Assembly, secretary: Person, member: Person, case: str
) -> None:
    robin = make_person("Robin", email="robin@example.org")
    dates = {
        "lapsed": {"lapses_at": T0 - timedelta(days=9)},
        "ended": {"ended_at": T0 - timedelta(days=9)},
    }
    make_membership(robin, **dates.get(case, {}))
    if case == "suspended":
        make_suspension(robin)
    application, at = settled(assembly, secretary, member, email="robin@example.org")
    rows = robin.memberships.order_by("began_at")
    assert rows.count() == (2 if case in ("lapsed", "ended") else 1)
    assert rows.filter(ended_at=None).count() == 1
    assert robin.is_member_at(at) is (case != "suspended")
    letters.send(application, by=secretary, at=at)
    assert ("your membership is suspended" in text_to(application)) is (case == "suspended")


def test_one_who_withdraws_between_the_decision_and_the_letter_is_no_member(
    assembly: Assembly, secretary: Person, member: Person
) -> None:
    application, at = settled(assembly, secretary, member)
    person = application.person
    later = at + timedelta(hours=1)
    assert Applicant(application, later).post("application_withdraw").status_code == 302
    assert person.is_member_at(at)
    assert not person.is_member_at(later)
    refused = Desk(secretary, later).post(application)
    assert refused.status_code == 409
    assert "has withdrawn" in refused.content.decode()
    sent = settled(assembly, secretary, member)[0]
    letters.send(sent, by=secretary, at=later)
    assert Applicant(sent, later).post("application_withdraw").status_code == 409


# --- Applying again -----------------------------------------------------------------------------------------
def test_after_a_decline_one_can_apply_again_at_once_or_after_the_time_that_is_set(
    assembly: Assembly, secretary: Person, member: Person, settings: Any
) -> None:
    make_release()
    application, at = settled(assembly, secretary, member, option="Decline", email="robin@example.org")
    letters.send(application, by=secretary, at=at)
    again = make_application(email="robin@example.org", is_sent=False, at=at)
    settings.REAPPLICATION_DAYS = 30
    with pytest.raises(WrongMoment, match="You can apply again from"):
        intake.send(again, at=at + timedelta(days=29))
    intake.send(again, at=at + timedelta(days=31))
    other = make_application(email="else@example.org", is_sent=False, at=at)
    intake.send(other, at=at)


def test_a_letter_needs_a_case(assembly: Assembly, secretary: Person) -> None:
    application = make_case(assembly)
    cases.leave(application, reason="Too few", at=timezone.now())
    with pytest.raises(DefectionError):
        letters.send(application, by=secretary, at=timezone.now())
