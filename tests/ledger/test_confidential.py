"""Confidential mails: nothing readable in the row, the mail as it was meant, nothing left afterwards."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.db import connection

from ledger import outbox
from ledger.keyring import KeyringError
from ledger.models import Message
from ledger.outbox import Letter

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 22, 12, tzinfo=UTC)


def queue(key: str = "code:1", address: str = "robin@example.org") -> Message:
    outbox.queue_confidential([Letter(key, "defections/mail/code", address, {"code": "QXZ-JKW"})], at=AT)
    return Message.objects.get(key=key)


def row_as_text(message: Message) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(m)::text FROM ledger_message m WHERE id = %s", [message.pk])
        return str(cursor.fetchone()[0])


def test_the_row_tells_neither_the_address_nor_the_text() -> None:
    row = queue()
    assert (row.address, row.subject, row.text) == ("", "", "")
    for secret in ("robin", "QXZ-JKW", b"robin".hex(), b"QXZ".hex()):
        assert secret not in row_as_text(row)
    assert row.content.address == "robin@example.org"
    assert "QXZ-JKW" in row.content.text


def test_it_goes_out_once_and_nothing_is_left() -> None:
    row = queue()
    queue()  # the same key again
    assert outbox.send_due(AT) == 1
    assert [letter.to for letter in mail.outbox] == [["robin@example.org"]]
    assert "QXZ-JKW" in mail.outbox[0].body
    row.refresh_from_db()
    assert (row.sent_at, row.sealed, row.text) == (AT, None, "")
    assert outbox.send_due(AT) == 0


def test_one_that_is_given_up_leaves_nothing_either() -> None:
    row, at = queue(address=f"a@{'ä' * 60}.org"), AT
    for _ in range(outbox.MOST_TRIES):
        at += timedelta(days=1)
        outbox.send_due(at)
    row.refresh_from_db()
    assert row.given_up_at == at
    assert row.sealed is None


def test_what_was_sealed_for_one_message_does_not_open_in_another() -> None:
    one, other = queue(), queue("code:2", "sam@example.org")
    Message.objects.filter(pk=one.pk).update(sealed=other.sealed)
    with pytest.raises(KeyringError):
        _ = Message.objects.get(pk=one.pk).content
