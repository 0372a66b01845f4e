"""What the page of a defection shows beside what every matter's page does: the way, the copy, what runs it."""

from typing import Any

from decisions import matter as matters
from decisions.entitlement import may_facilitate
from decisions.matter import Matter
from defections import cases, hustings, letters, sanitising, timelines
from defections.errors import Erased
from defections.models import Application, Letter
from defections.timelines import Audience


def _case(matter: Matter) -> Application | None:
    """The application behind a defection, or None: of another kind of matter, or moved on to another assembly."""
    return cases.of_decision(matter.decision) if matter.decision.is_confidential else None


def audience_of(matter: Matter) -> Audience:
    """As whom the reader of the page sees the case."""
    person = matter.reader.person
    if person is not None and may_facilitate(matter.decision, person, matter.at):
        return Audience.SECRETARY
    may_read = person is not None and matters.may_read(matter.decision, person, matter.at)
    return Audience.MEMBERS if may_read else Audience.PUBLIC


def stages(matter: Matter) -> dict[str, Any] | None:
    """The way of the case, for whoever looks."""
    application = _case(matter)
    if application is None:
        return None
    return {"legs": timelines.of(application, audience_of(matter)), "heading": "case-stages"}


def copy(matter: Matter) -> dict[str, Any] | None:
    """The sanitised copy, for the members of the deciding assembly alone (D17)."""
    application = _case(matter)
    if application is None or not matter.reader.may_read or application.withdrawn_at is not None:
        return None
    found = getattr(application, "copy", None)
    if found is None or found.released_at is None:
        return None
    try:
        parts = sanitising.laid_out(found.content)
    except Erased:
        return {"is_erased": True}
    return {"parts": parts, "released_at": found.released_at}


def running(matter: Matter) -> dict[str, Any] | None:
    """The applicant's answer to the invitation, and the letter, for those who run the case."""
    application, person = _case(matter), matter.reader.person
    if application is None or person is None or not may_facilitate(matter.decision, person, matter.at):
        return None
    invitation = hustings.current(application)
    found: dict[str, Any] = {
        "application": application,
        "invitation": invitation,
        "message": _message(invitation),
        "is_unsettled": matter.decision.is_unsettled,
        "has_no_address": application.is_open and application.email_sealed is None,
        "letter": Letter.objects.filter(application=application).first(),
    }
    if invitation is not None and invitation.gathering.is_open_at(matter.at) and invitation.barred_at is None:
        has_begun = invitation.gathering.starts_at <= matter.at
        found["bars"] = has_begun and invitation.gathering.is_conducted_by(person, matter.at)
    if letters.may_send(application, person, matter.at):
        found["letter_issues"] = letters.issues_before_sending(application)
        found["sends"] = True
    return found


def _message(invitation: Any) -> str:
    try:
        return invitation.message if invitation else ""
    except Erased:
        return ""
