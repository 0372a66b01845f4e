"""Mails to applicants: sealed in the outbox, neutral in subject and sender, always sent (FRONTEND, Patterns)."""

from collections.abc import Mapping
from datetime import datetime

from defections import posting
from defections.models import Application, PostalLetter
from ledger.outbox import Letter, queue_confidential
from members import mails
from members.mails import Always

_FOLDER = "defections/mail"
mails.classify(
    _FOLDER,
    {
        "code": Always.APPLICATION,
        "received": Always.APPLICATION,
        "asked": Always.APPLICATION,
        "not_genuine": Always.APPLICATION,
        "draft_ends": Always.APPLICATION,
        "erased": Always.APPLICATION,
        "data_given": Always.APPLICATION,
        "email_changes": Always.APPLICATION,
        "email_changed": Always.APPLICATION,
        "email_confirm": Always.SECURITY,
    },
)
# What is written by post where no address is known; the rest is handed over, or says itself.
_BY_POST = {"not_genuine": PostalLetter.Kind.NOT_GENUINE, "erased": PostalLetter.Kind.ERASED}


def queue(
    application: Application,
    what: str,
    *,
    at: datetime,
    about: str = "",
    more: Mapping[str, object] | None = None,
) -> bool:
    """Queues the mail `what` to the applicant, once for each `about`; whether an address is known.

    Where none is, the general secretary's people are asked to write by post what has to be told. The templates are
    given the reference, and `more` where they need it: nothing personal. Raises Erased.
    """
    if not application.email:
        if what in _BY_POST:
            posting.need(application, _BY_POST[what], at=at)
        return False
    context: dict[str, object] = {"reference": application.reference, **(more or {})}
    key = f"application-{what}:{about or application.pk}"
    queue_confidential([Letter(key, f"{_FOLDER}/{what}", application.email, context)], at=at)
    return True
