"""The outbox: messages are rows, queued in the transaction that gives rise to them, sent afterwards."""

import logging
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from smtplib import SMTPException

from celery import current_app
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.template.loader import render_to_string
from kombu.exceptions import OperationalError

from ledger.models import Message

log = logging.getLogger(__name__)

MOST_TRIES = 12
KEPT_DAYS = 30
AT_A_TIME = 500
NOWHERE = ".invalid"  # ends the address of an account that has none: no mail is queued for it (RFC 2606)


@dataclass(frozen=True)
class Letter:
    """A message yet to be queued: what makes it unique, to whom, and what its templates need.

    The subject is the template `<kind>_subject.txt`, the text `<kind>_message.txt`, in the folder that the
    kind names ("ballots/mail/opened"). `stream` names the sort of mail that it is to those who choose among them;
    where the person can choose to get no more of it, `unsubscribe` is the https address that ends it in one
    click (RFC 8058): it stands in the headers and at the end of the text.
    """

    key: str
    kind: str
    address: str
    context: dict[str, object]
    stream: str = ""
    unsubscribe: str = ""


def queue(letters: Iterable[Letter], *, at: datetime) -> None:
    """Queues the letters in the caller's transaction; one whose key was queued before is left out.

    Once the transaction is in, the worker is nudged; should the broker be away, the next sweep sends.
    """
    Message.objects.bulk_create(
        (_row(letter, at) for letter in letters if not letter.address.endswith(NOWHERE)),
        ignore_conflicts=True,
        batch_size=1000,
    )
    transaction.on_commit(nudge)


def queue_secret(key: str, kind: str, address: str, subject: str, text: str, *, at: datetime) -> None:
    """Queues a text that was rendered elsewhere (a login code) and is to be erased once it is sent."""
    Message.objects.create(
        key=key,
        kind=kind,
        address=address,
        subject=subject[:250],
        text=text,
        is_secret=True,
        queued_at=at,
        not_before=at,
    )
    transaction.on_commit(nudge)


def queue_confidential(letters: Iterable[Letter], *, at: datetime) -> None:
    """Queues letters of which nobody may learn from the database to whom they go or what they say.

    As `queue`, but address, subject and text are sealed in the row and erased once sent; the key and the kind of
    the letter stay readable, so they hold nothing personal. Raises KeyringError.
    """
    Message.objects.bulk_create(
        (_sealed_row(letter, at) for letter in letters), ignore_conflicts=True, batch_size=1000
    )
    transaction.on_commit(nudge)


def _sealed_row(letter: Letter, at: datetime) -> Message:
    row = _row(letter, at)
    row.seal(row.content)
    row.address = row.subject = row.text = ""
    row.is_secret = True
    return row


def _row(letter: Letter, at: datetime) -> Message:
    context = {"site_name": settings.SITE_NAME, "site_url": settings.SITE_URL, **letter.context}
    subject = " ".join(render_to_string(f"{letter.kind}_subject.txt", context).split())
    text = render_to_string(f"{letter.kind}_message.txt", context).strip() + "\n"
    if letter.unsubscribe:
        text += render_to_string("ledger/mail/_unsubscribe.txt", {"unsubscribe": letter.unsubscribe})
    return Message(
        key=letter.key,
        kind=letter.kind,
        address=letter.address,
        subject=subject[:250],
        text=text,
        stream=letter.stream,
        unsubscribe=letter.unsubscribe,
        queued_at=at,
        not_before=at,
    )


def nudge() -> None:
    """Asks a worker to send now. Only a wish: what it misses, the sweep finds."""
    try:
        current_app.send_task("ledger.tasks.send_due_messages", expires=60, retry=False)
    except (OperationalError, OSError):
        log.warning("The broker is away: messages wait for the next sweep.")


def send_due(at: datetime) -> int:
    """Sends what is due at `at` over one connection; returns how many messages went out.

    Each message has a transaction of its own, and one that another worker holds is left to it. One that fails,
    for whatever reason, is tried again later, at growing intervals and after those that never failed, and given
    up after MOST_TRIES. When the mail server itself cannot be reached nothing counts as tried: all of it waits
    for the next sweep. A worker killed between the mail server's yes and the commit sends that one mail again,
    under the same Message-ID.
    """
    if not Message.objects.due(at).exists():
        return 0
    sent = 0
    connection = get_connection()
    try:
        for _ in range(AT_A_TIME):
            connection.open()  # does nothing while it is open
            outcome = _send_next(at, connection)
            if outcome is None:
                break
            sent += outcome
    except (SMTPException, OSError) as error:
        log.warning("The mail server cannot be reached, mails wait: %s", type(error).__name__)
    finally:
        _close(connection)
    return sent


@transaction.atomic
def _send_next(at: datetime, connection: BaseEmailBackend) -> int | None:
    """Sends one due message: 1 when it went out, 0 when it did not, None when none is due."""
    message = Message.objects.due(at).in_order().select_for_update(skip_locked=True).first()
    if message is None:
        return None
    try:
        _send(message, connection)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one mail, the others go out
        log.warning(
            "Message %s of kind %s did not go out: %s", message.pk, message.kind, type(error).__name__
        )
        _close(connection)  # it may be what broke; the next message opens a fresh one
        _put_off(message, at)
        return 0
    message.sent_at = at
    message.erase_secrets()
    message.save(update_fields=["sent_at", "text", "sealed"])
    return 1


def _send(message: Message, connection: BaseEmailBackend) -> None:
    """Hands one message to the mail server. Raises what Python's and Django's mail modules raise, and
    SMTPException where the server was handed nothing.
    """
    content = message.content
    mail = EmailMessage(
        content.subject,
        content.text,
        to=[content.address],
        headers=message.headers(_domain()),
        connection=connection,
    )
    if not mail.send():
        raise SMTPException("The mail server was handed nothing.")


def _close(connection: BaseEmailBackend) -> None:
    with suppress(SMTPException, OSError):  # a server that is gone needs no goodbye
        connection.close()


def _put_off(message: Message, at: datetime) -> None:
    message.tries += 1
    if message.tries >= MOST_TRIES:
        message.given_up_at = at
        message.erase_secrets()
    else:
        message.not_before = at + timedelta(seconds=30 * 2**message.tries)
    message.save(update_fields=["tries", "given_up_at", "not_before", "text", "sealed"])


def erase_old(at: datetime) -> int:
    """Deletes the messages settled more than KEPT_DAYS before `at`; returns how many.

    Their keys go with them: a key says who was sent what. Nothing is queued twice by that, since whatever queues
    a letter stamps its own row as told.
    """
    return Message.objects.settled_before(at - timedelta(days=KEPT_DAYS)).delete()[0]


def _domain() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
