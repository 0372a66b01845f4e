"""Mails to applicants: sealed in the outbox, neutral in subject and sender, always sent (FRONTEND, Patterns)."""

from collections.abc import Mapping
from datetime import datetime

from defections.models import Application
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
    },
)


def queue(
    application: Application,
    what: str,
    *,
    at: datetime,
    about: str = "",
    more: Mapping[str, object] | None = None,
) -> bool:
    """Queues the mail `what` to the applicant, once for each `about`; whether an address is known.

    The templates are given the reference, and `more` where they need it: nothing personal. Raises Erased.
    """
    if not application.email:
        return False
    context: dict[str, object] = {"reference": application.reference, **(more or {})}
    key = f"application-{what}:{about or application.pk}"
    queue_confidential([Letter(key, f"{_FOLDER}/{what}", application.email, context)], at=at)
    return True
