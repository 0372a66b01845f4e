"""Codes by mail, with which the owner of an address begins a form or goes on with theirs, on any device.

What is done, and what the page answers, is the same whether or not somebody has begun a form with the address.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from uuid import UUID

from allauth.account.adapter import get_adapter
from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac
from django.views.decorators.debug import sensitive_variables

from defections import email_changes, intake, vault
from defections.models import Application, ResumeCode
from ledger import keyring
from ledger.outbox import Letter, queue_confidential
from members import mails
from members.mails import Always

LASTS_SECONDS = 15 * 60
MOST_TRIES = 5
_KEPT = timedelta(days=1)
mails.classify("defections/mail", {"code": Always.SECURITY})


class Outcome(Enum):
    """What became of a code that somebody typed."""

    RIGHT = auto()
    WRONG = auto()
    GONE = auto()  # none was sent, it ran out, was used, or was tried too often


@dataclass(frozen=True)
class Taken:
    """A code that was tried; `address` is whose it was when it was the right one, else ""."""

    outcome: Outcome
    address: str = ""


@sensitive_variables("address", "code")
@transaction.atomic
def send(address: str, *, at: datetime) -> ResumeCode:
    """Mails a fresh code to `address`. Codes of days past are cleared away meanwhile."""
    ResumeCode.objects.filter(made_at__lt=at - _KEPT).delete()
    code = get_adapter().generate_login_code()
    row = ResumeCode(email_mark=vault.lookup_marks(address)[0], made_at=at)
    row.email_sealed = keyring.current().wrap("application", address.strip().encode(), context=_context(row))
    row.digest = _digest(row, code)
    row.save()
    queue_confidential(
        [Letter(f"form-code:{row.pk}", "defections/mail/code", address, {"code": code})], at=at
    )
    return row


def is_waiting(code_id: UUID | str, at: datetime) -> bool:
    """Whether a code that still counts waits to be typed in."""
    row = ResumeCode.objects.filter(pk=code_id).first()
    return row is not None and row.is_open_at(at, seconds=LASTS_SECONDS, most_tries=MOST_TRIES)


@sensitive_variables("typed", "address")
@transaction.atomic
def take(code_id: UUID | str, typed: str, *, at: datetime) -> Taken:
    """Tries what was typed against one code; right, it is used up and its address erased here."""
    row = ResumeCode.objects.select_for_update().filter(pk=code_id).first()
    if row is None or not row.is_open_at(at, seconds=LASTS_SECONDS, most_tries=MOST_TRIES):
        return Taken(Outcome.GONE)
    if not constant_time_compare(bytes(row.digest), _digest(row, typed)):
        row.tries += 1
        row.save(update_fields=["tries"])
        return Taken(Outcome.WRONG if row.tries < MOST_TRIES else Outcome.GONE)
    sealed = bytes(row.email_sealed or b"")
    address = keyring.current().unwrap("application", sealed, context=_context(row)).decode()
    row.used_at, row.email_sealed = at, None
    row.save(update_fields=["used_at", "email_sealed"])
    return Taken(Outcome.RIGHT, address)


@sensitive_variables("address")
@transaction.atomic
def application_for(address: str, *, at: datetime) -> tuple[Application, bool]:
    """The application that the owner of `address` goes on with, and whether it was begun just now.

    That is the open one; else one whose change to this address waits for just this, which is thereby confirmed; else
    the newest of those that are over and not erased; else a new draft. Raises WrongMoment where a new one is needed
    and no form is published.
    """
    known = Application.objects.of_email(address)
    found = known.not_over().first() or email_changes.take_up(address, at=at)
    found = found or known.filter(erased_at=None).first()
    return (found, False) if found else (intake.start(address, at=at), True)


def _context(row: ResumeCode) -> str:
    return f"defections.code:{row.pk}"


def _digest(row: ResumeCode, code: str) -> bytes:
    """A keyed digest of the code as people type it: without dashes, spaces and case."""
    plain = "".join(character for character in code.upper() if character.isalnum())
    return salted_hmac("defections.codes", f"{row.pk}:{plain}", algorithm="sha256").digest()
