"""The outbox: each mail once, and none that holds up another."""

import smtplib
import socketserver
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse

from ledger import outbox
from ledger.models import Message
from tests.login import newest_code

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = AT + timedelta(hours=1)
UNSENDABLE = f"a@{'ä' * 60}.org"


def queue(key: str, address: str = "mary@example.org", *, at: datetime = AT) -> Message:
    """A queued mail with a text of its own."""
    row = Message(key=key, kind="ballots/mail/opened", address=address, subject=key, text=f"Text of {key}.\n")
    row.queued_at = row.not_before = at
    row.save()
    return row


def sent_to() -> list[str]:
    return [address for letter in mail.outbox for address in letter.to]


@pytest.mark.parametrize(
    "address", [UNSENDABLE, "", "a@b\nBcc: c@example.org", "a@", "@", "a@b@c", "a@" + "." * 3, "x" * 250]
)
def test_whatever_is_wrong_with_one_address_the_next_mail_goes_out(address: str) -> None:
    bad, good = queue("bad", address), queue("good", at=AT + timedelta(seconds=1))
    outbox.send_due(LATER)
    bad.refresh_from_db()
    good.refresh_from_db()
    assert good.sent_at == LATER
    assert "mary@example.org" in sent_to()
    assert (bad.sent_at is None) is (bad.tries == 1)


def test_a_mail_that_cannot_be_sent_is_given_up_after_a_dozen_tries_and_never_blocks() -> None:
    bad = queue("bad", UNSENDABLE)
    at = LATER
    for day in range(outbox.MOST_TRIES):
        at += timedelta(days=1)
        queue(f"good {day}", at=at)
        assert outbox.send_due(at) == 1
    bad.refresh_from_db()
    assert (bad.tries, bad.given_up_at) == (outbox.MOST_TRIES, at)


def test_a_subject_with_a_line_break_fails_alone() -> None:
    Message.objects.filter(pk=queue("bad").pk).update(subject="Two\nlines")
    queue("good")
    assert outbox.send_due(LATER) == 1


def test_login_codes_go_first_then_what_never_failed_then_the_longest_waiting() -> None:
    queue("old")
    queue("new", at=AT + timedelta(seconds=1))
    Message.objects.filter(pk=queue("failed before", at=AT - timedelta(days=1)).pk).update(tries=2)
    outbox.queue_secret("code", "account/login_code", "mary@example.org", "code", "X", at=AT)
    outbox.send_due(LATER)
    assert [letter.subject for letter in mail.outbox] == ["code", "old", "new", "failed before"]


def test_messages_are_deleted_a_month_after_they_are_settled_with_their_keys() -> None:
    sent, given_up, waiting = queue("sent"), queue("given up"), queue("waiting")
    Message.objects.filter(pk=sent.pk).update(sent_at=AT)
    Message.objects.filter(pk=given_up.pk).update(given_up_at=AT)
    month = AT + timedelta(days=outbox.KEPT_DAYS)
    assert outbox.erase_old(month) == 0
    assert outbox.erase_old(month + timedelta(microseconds=1)) == 2
    assert list(Message.objects.all()) == [waiting]


def test_looking_for_the_next_mail_reads_an_index_in_order() -> None:
    for n in range(50):
        queue(f"mail {n}")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        sql, values = Message.objects.due(LATER).in_order().query.sql_with_params()
        cursor.execute(f"EXPLAIN {sql} LIMIT 1", values)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "message_waiting" in plan
    assert "Sort" not in plan


# --- Over SMTP ---------------------------------------------------------------------------------------
class PostOffice(socketserver.ThreadingTCPServer):
    """A mail server that refuses those it is told to, hangs up on others, and counts who called."""

    allow_reuse_address = daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.calls = 0
        self.delivered: list[str] = []


class Conversation(socketserver.StreamRequestHandler):
    """One connection, as far as smtplib speaks."""

    server: PostOffice

    def handle(self) -> None:
        self.server.calls += 1
        self.say("220 ready")
        to = ""
        for line in self.rfile:
            word = line[:4].upper()
            if word == b"RCPT":
                to = line.decode().partition("<")[2].partition(">")[0]
                if to.startswith("hang"):
                    return
                self.say("550 nobody" if to.startswith("refuse") else "250 ok")
            elif word == b"DATA":
                self.say("354 go on")
                while self.rfile.readline().strip() != b".":
                    pass
                self.server.delivered.append(to)
                self.say("250 ok")
            elif word == b"QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@pytest.fixture
def post_office(settings: Any) -> Iterator[PostOffice]:
    with PostOffice() as office:
        threading.Thread(target=office.serve_forever, daemon=True).start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = office.server_address[:2]
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        yield office
        office.shutdown()


def test_a_run_sends_all_it_has_over_one_connection(post_office: PostOffice) -> None:
    for n in range(5):
        queue(f"mail {n}", f"p{n}@example.org")
    assert outbox.send_due(LATER) == 5
    assert (len(post_office.delivered), post_office.calls) == (5, 1)


def test_nothing_due_calls_no_mail_server(post_office: PostOffice) -> None:
    queue("mail", at=LATER)
    assert outbox.send_due(AT) == 0
    assert post_office.calls == 0


@pytest.mark.parametrize("bad", ["refuse@example.org", "hang@example.org", UNSENDABLE])
def test_a_mail_that_the_server_refuses_or_hangs_up_on_fails_alone(post_office: PostOffice, bad: str) -> None:
    failed = queue("bad", bad)
    queue("good", at=AT + timedelta(seconds=1))
    assert outbox.send_due(LATER) == 1
    failed.refresh_from_db()
    assert (failed.tries, failed.sent_at) == (1, None)
    assert post_office.delivered == ["mary@example.org"]


def test_while_the_mail_server_is_away_no_try_is_counted(post_office: PostOffice, settings: Any) -> None:
    waiting = queue("mail")
    post_office.shutdown()
    post_office.server_close()
    with pytest.raises(OSError, match="refused"):
        smtplib.SMTP(settings.EMAIL_HOST, settings.EMAIL_PORT)
    assert outbox.send_due(LATER) == 0
    waiting.refresh_from_db()
    assert (waiting.tries, waiting.not_before) == (0, AT)


# --- Where addresses come in -------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("page", "field"),
    [("account_login", "login"), ("account_signup", "email"), ("account_reset_password", "email")],
)
def test_an_address_to_which_no_mail_can_go_is_refused(client: Client, page: str, field: str) -> None:
    response = client.post(reverse(page), {field: UNSENDABLE, "name": "Mary"})
    assert response.status_code == 200
    assert "We cannot send mail to this address. Check the part after the @." in response.content.decode()
    assert not Message.objects.exists()


def test_an_address_in_other_letters_that_mail_can_reach_is_taken(client: Client) -> None:
    response = client.post(reverse("account_signup"), {"email": "Anna@Münster.example", "name": "Anna"})
    assert response.status_code == 302
    assert newest_code("anna@münster.example")
    outbox.send_due(Message.objects.get().not_before)
    assert sent_to() == ["anna@münster.example"]
