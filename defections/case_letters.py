"""What the members and the secretary of a deciding assembly are told of a case. No mail here names the applicant."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings

from decisions.models import Decision
from defections.models import HustingsInvitation
from ledger import outbox
from members import mails
from members.mails import Always, Stream
from members.models import Person

_FOLDER = "defections/mail"
mails.classify(
    _FOLDER,
    {
        "case_opened": Stream.CALLS,
        "case_ended": Stream.CALLS,
        "case_waits": Always.OFFICE,
        "invitation_answered": Always.OFFICE,
        "letter_waits": Always.OFFICE,
    },
)


def queue_opened(decision: Decision, *, at: datetime) -> None:
    """Tells the members of the deciding assembly that a case has come to them, and who acts for it what comes next."""
    members = decision.members_at(at)
    _queue("case_opened", decision, members, at=at)
    _queue("case_waits", decision, decision.assembly.acting_at(at), at=at)


def queue_ended(decision: Decision, *, at: datetime) -> None:
    """Tells the members that the case is not theirs any more."""
    _queue("case_ended", decision, decision.members_at(at), at=at)


def queue_answered(invitation: HustingsInvitation, *, at: datetime) -> None:
    """Tells those who act for the assembly that the applicant has answered; what, stands on the page."""
    gathering = invitation.gathering
    if gathering.decision is not None:
        key = f"{invitation.pk}:{at.isoformat()}"
        acting = gathering.assembly.acting_at(at)
        _queue("invitation_answered", gathering.decision, acting, at=at, key=key)


def queue_letter_waits(decision: Decision, *, key: str, at: datetime) -> None:
    """Reminds those who act for the assembly that the letter waits."""
    _queue("letter_waits", decision, decision.assembly.acting_at(at), at=at, key=key)


def _queue(
    what: str, decision: Decision, people: Iterable[Person], *, at: datetime, key: str = "", **more: object
) -> None:
    kind = f"{_FOLDER}/{what}"
    context = {"decision": decision, "page": settings.SITE_URL + decision.get_absolute_url(), **more}
    outbox.queue(
        (
            mails.letter(
                f"defection_{what}:{key or decision.pk}:{person.pk}",
                kind,
                person,
                {**context, "person": person},
            )
            for person in mails.willing(people, kind)
        ),
        at=at,
    )
