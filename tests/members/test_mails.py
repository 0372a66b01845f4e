"""Choosing which mails to get, and stopping a kind of mail in one click (RFC 8058)."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assemblies.models import Assembly
from ballots import clock as ballots_clock
from harmony.clock import sweep
from ledger.models import Event, Message
from members import mails
from members.digest_time import Frequency, next_due
from members.mails import Stream
from members.models import Person
from tests.decisions.climbing import called
from tests.factories import make_assembly, make_decision, make_members, make_open_ballot, make_participation
from tests.login import log_in

pytestmark = pytest.mark.django_db
PREFERENCES = "/account/mails/"
ALL_AT_ONCE = [stream.value for stream in mails.AT_ONCE]


def call_mail(member: Person, secretary: Person, assembly: Assembly) -> Message:
    """The mail that asks the member to answer a call, sent by the clock."""
    called(make_decision(assembly, secretary), secretary)
    assert sweep(timezone.now()) == []
    return Message.objects.get(kind="decisions/mail/called", address=member.email)


def link_in(message: Message) -> str:
    """The path of the address at the end of a mail."""
    return urlsplit(message.text.strip().splitlines()[-1]).path


# --- What a mail carries ------------------------------------------------------------------------------
def test_a_mail_that_can_be_stopped_says_how_in_its_headers_and_at_its_end(
    member: Person, secretary: Person, assembly: Assembly
) -> None:
    message = call_mail(member, secretary, assembly)
    (sent,) = [one for one in mail.outbox if one.to == [member.email]]
    read = message_from_bytes(sent.message().as_bytes(), policy=default)
    assert read["List-Unsubscribe"].strip() == f"<{message.unsubscribe}>"
    assert read["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert read["List-Id"].startswith("<calls.")
    assert sent.body.strip().endswith(message.unsubscribe)
    assert message.stream == Stream.CALLS


def test_a_mail_that_is_always_sent_offers_no_way_to_stop_it(member: Person, assembly: Assembly) -> None:
    make_open_ballot(assembly)
    sweep(timezone.now())
    (sent,) = [one for one in mail.outbox if one.to == [member.email]]
    assert b"List-Unsubscribe" not in sent.message().as_bytes()
    assert "/mails/stop/" not in sent.body


def test_a_code_for_logging_in_offers_no_way_to_stop_it(client: Client, member: Person) -> None:
    log_in(client, member)
    assert Message.objects.get(address=member.email).unsubscribe == ""


# --- Stopping in one click ----------------------------------------------------------------------------
def test_a_mailbox_stops_a_stream_in_one_click_without_log_in_or_session(
    member: Person, secretary: Person, assembly: Assembly
) -> None:
    link = link_in(call_mail(member, secretary, assembly))
    mailbox = Client(enforce_csrf_checks=True)
    response = mailbox.post(link, {"List-Unsubscribe": "One-Click"})
    assert response.status_code == 200
    assert "You get no more of these mails" in response.content.decode()
    assert "sessionid" not in response.cookies
    assert mails.wanted_by(member) == set(Stream) - {Stream.CALLS}
    called(make_decision(assembly, secretary, title="Another"), secretary)
    assert Message.objects.filter(kind="decisions/mail/called", address=member.email).count() == 1
    event = Event.objects.get(verb="person.mails_stopped")
    assert (event.subject_id, event.by) == (str(member.pk), None)


def test_opening_the_address_stops_nothing_and_asks_with_a_button(
    client: Client, member: Person, secretary: Person, assembly: Assembly
) -> None:
    link = link_in(call_mail(member, secretary, assembly))
    page = client.get(link).content.decode()
    assert "Stop these mails?" in page
    assert "Calls for consensus" in page
    assert member.email not in page
    assert member.name not in page
    assert mails.wanted_by(member) == set(Stream)


def test_stopping_twice_changes_nothing_more(client: Client, member: Person) -> None:
    link = mails.stopping_address(member, Stream.TASKS)
    for _ in range(2):
        assert client.post(link).status_code == 200
    assert "You get no more" in client.get(link).content.decode()
    assert Event.objects.filter(verb="person.mails_stopped").count() == 1


def test_the_digest_is_stopped_by_its_address_too(client: Client, member: Person) -> None:
    client.post(mails.stopping_address(member, Stream.DIGEST))
    member.refresh_from_db()
    assert (member.digest, member.digest_due_at) == (Frequency.NONE, None)


@pytest.mark.parametrize("harm", ["x", "", "other", "stream"])
def test_a_wrong_address_says_so_and_stops_nothing(client: Client, member: Person, harm: str) -> None:
    good = mails.stopping_address(member, Stream.CALLS)
    wrong = {
        "x": good[:-2] + "x/",
        "": "/account/mails/stop/nothing/",
        "other": good.replace(member.pk.hex, "0" * 32),
        "stream": good.replace("calls", "tasks"),
    }[harm]
    for response in (client.get(wrong), client.post(wrong)):
        assert response.status_code == 404
        assert "This link is not whole" in response.content.decode()
    assert mails.wanted_by(member) == set(Stream)


def test_the_address_is_no_log_in(client: Client, member: Person) -> None:
    client.post(mails.stopping_address(member, Stream.CALLS))
    assert client.get("/account/").status_code == 302


# --- Choosing -----------------------------------------------------------------------------------------
def test_somebody_chooses_which_mails_they_get(client: Client, member: Person) -> None:
    log_in(client, member)
    page = client.get(PREFERENCES).content.decode()
    assert "Every Monday" in page
    assert "A ballot on whose roll you are has opened" in page
    assert "Nobody’s vote may be lost" in page
    response = client.post(PREFERENCES, {"digest": "daily", "at_once": ["calls", "tasks"]}, follow=True)
    assert "Your choice of mails is saved." in response.content.decode()
    member.refresh_from_db()
    assert mails.wanted_by(member) == {Stream.DIGEST, Stream.CALLS, Stream.TASKS}
    assert member.digest == Frequency.DAILY
    assert "Digest: Every day" in response.content.decode()
    assert Event.objects.filter(verb="person.mails_chosen", by=member.pk).count() == 1
    client.post(PREFERENCES, {"digest": "none", "at_once": ALL_AT_ONCE})
    assert mails.wanted_by(Person.objects.get(pk=member.pk)) == set(mails.AT_ONCE)


@pytest.mark.parametrize("bad", [{}, {"digest": "hourly"}, {"digest": "daily", "at_once": ["vote"]}])
def test_a_choice_that_is_none_is_refused_and_changes_nothing(
    client: Client, member: Person, bad: dict[str, str]
) -> None:
    log_in(client, member)
    assert "Choose" in client.post(PREFERENCES, bad).content.decode()
    assert mails.wanted_by(Person.objects.get(pk=member.pk)) == set(Stream)


def test_the_account_leads_to_the_choice(client: Client, member: Person) -> None:
    log_in(client, member)
    assert reverse("members:mail_preferences") in client.get("/account/").content.decode()


def test_each_person_stops_their_own_mails_only(
    client: Client, member: Person, participant: Person, secretary: Person, assembly: Assembly
) -> None:
    client.post(mails.stopping_address(member, Stream.CALLS))
    called(make_decision(assembly, secretary), secretary)
    told = set(Message.objects.filter(kind="decisions/mail/called").values_list("address", flat=True))
    assert told == {participant.email}


def test_no_reminder_of_a_ballot_goes_to_somebody_who_turned_it_off(client: Client) -> None:
    assembly = make_assembly()
    off, on = make_members(assembly, 2)
    client.post(mails.stopping_address(off, Stream.REMINDERS))
    ballot = make_open_ballot(assembly)
    ballots_clock.remind_due(ballot.closes_at - (ballot.closes_at - ballot.opens_at) / 10)
    reminded = set(Message.objects.filter(kind="ballots/mail/reminder").values_list("address", flat=True))
    assert reminded == {on.email}
    opened = set(Message.objects.filter(kind="ballots/mail/opened").values_list("address", flat=True))
    assert opened == {on.email, off.email}


def test_a_digest_is_due_unless_none_is_wanted(member: Person) -> None:
    for wrong in ({"digest_due_at": None}, {"digest": "none"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Person.objects.filter(pk=member.pk).update(**wrong)


def test_somebody_new_gets_a_weekly_digest(db: None) -> None:
    person = make_members(make_assembly(), 1)[0]
    make_participation(person, make_assembly())
    assert person.digest == Frequency.WEEKLY
    assert person.digest_due_at == next_due("weekly", timezone.now())


# --- When a digest is due -----------------------------------------------------------------------------
def utc(*when: int) -> datetime:
    return datetime(*when, tzinfo=UTC)  # type: ignore[misc]


@pytest.mark.parametrize(
    ("frequency", "after", "due"),
    [
        ("weekly", utc(2026, 11, 22, 12), utc(2026, 11, 23, 8)),  # a Sunday: the next morning
        ("weekly", utc(2026, 11, 23, 7, 59, 59), utc(2026, 11, 23, 8)),
        ("weekly", utc(2026, 11, 23, 8), utc(2026, 11, 30, 8)),
        ("daily", utc(2026, 11, 22, 8), utc(2026, 11, 23, 8)),
        ("daily", utc(2026, 11, 22, 7), utc(2026, 11, 22, 8)),
        ("daily", utc(2027, 3, 27, 8), utc(2027, 3, 28, 7)),  # the clocks go forward that night
        ("daily", utc(2027, 3, 28, 7), utc(2027, 3, 29, 7)),
        ("weekly", utc(2027, 3, 22, 8), utc(2027, 3, 29, 7)),
        ("daily", utc(2026, 10, 24, 7), utc(2026, 10, 25, 8)),  # the clocks go back that night
        ("weekly", utc(2026, 10, 19, 7), utc(2026, 10, 26, 8)),
        ("weekly", utc(2026, 7, 5, 23, 30), utc(2026, 7, 6, 7)),  # Monday in London already
        ("none", utc(2026, 7, 5), None),
    ],
)
def test_a_digest_is_due_at_eight_in_london(frequency: str, after: datetime, due: datetime | None) -> None:
    assert next_due(frequency, after) == due
