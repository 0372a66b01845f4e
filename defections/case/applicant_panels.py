"""What the case adds to the applicant's own page."""

from datetime import datetime
from typing import Any

from defections import bars, hustings, letters, timelines, withdrawal
from defections.errors import Erased
from defections.models import Application, Letter
from defections.timelines import Audience


def stages(application: Application, _at: datetime) -> dict[str, Any] | None:
    """How far it has come; nothing for a draft, which has its task list."""
    if application.sent_at is None:
        return None
    return {"legs": timelines.of(application, Audience.APPLICANT), "heading": "own-stages"}


def invitation(application: Application, at: datetime) -> dict[str, Any] | None:
    """The invitation to the hustings, with what the applicant answered."""
    found = hustings.current(application)
    if found is None or not application.is_open:
        return None
    return {
        "invitation": found,
        "gathering": found.gathering,
        "can_answer": not hustings.issues_before_answering(found, at),
    }


def bar(application: Application, _at: datetime) -> dict[str, Any] | None:
    """That they are barred from a hustings, while it is reviewed and afterwards."""
    found = bars.of_applicant(application)
    if found is None or found.bar is None:
        return None
    return {"invitation": found, "referral": found.bar.referral}


def letter(application: Application, _at: datetime) -> dict[str, Any] | None:
    """The letter, once it was sent, to be read again."""
    found = Letter.objects.filter(application=application).select_related("application__copy").first()
    if found is None:
        return None
    try:
        return {"letter": found, "text": letters.opened(found).text}
    except Erased:
        return {"letter": found, "text": ""}


def way_out(application: Application, _at: datetime) -> dict[str, Any] | None:
    """The door out."""
    return None if withdrawal.issues_before_withdrawing(application) else {"application": application}
