"""The applicant's invitation to the hustings on their own case, and their answer to it (D20, D27, D28).

It is made and sent by itself when the hustings is called, and anew when it is moved: see `apps.py`, which has these
called at such moments. A hustings to which the applicant was not invited in time does not count as held.
"""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from decisions.gatherings import locked_gathering
from decisions.models import Decision, Gathering
from defections import applicant_letters, case_letters, cases, vault
from defections.errors import Incomplete, WrongMoment
from defections.models import Application, HustingsInvitation
from harmony.time import days_later
from ledger import events

LONGEST_MESSAGE = 2000  # characters
Reply = HustingsInvitation.Reply


def _case_of(decision: Decision | None) -> Application | None:
    if decision is None or not decision.is_confidential:
        return None
    return Application.objects.filter(decision=decision).first()


def invitation_of(gathering: Gathering) -> HustingsInvitation | None:
    """The applicant's invitation to the gathering, or None."""
    rows = HustingsInvitation.objects.select_related("application", "gathering__assembly")
    return rows.filter(gathering=gathering).first()


def current(application: Application) -> HustingsInvitation | None:
    """The invitation to the hustings that is to come, or was last held; None where there is none."""
    rows = application.invitations.filter(
        gathering__cancelled_at=None, gathering__decision=application.decision_id
    )
    return rows.select_related("application", "gathering__assembly").order_by("sent_at").last()


# --- What a hustings takes ----------------------------------------------------------------------------------
def issues_before_scheduling(
    *, decision: Decision, kind: str, starts_at: datetime, at: datetime
) -> list[str]:
    """Why a hustings cannot start then: the applicant is told HUSTINGS_NOTICE_DAYS ahead (D20)."""
    if kind != Gathering.Kind.HUSTINGS or _case_of(decision) is None:
        return []
    days = settings.HUSTINGS_NOTICE_DAYS
    if starts_at >= days_later(at, days):
        return []
    return [
        ngettext(
            "The applicant is invited at least %(days)d day ahead: choose a later time.",
            "The applicant is invited at least %(days)d days ahead: choose a later time.",
            days,
        )
        % {"days": days}
    ]


def issues_before_holding(*, gathering: Gathering) -> list[str]:
    """Why a hustings on a case cannot count as held: the applicant was not invited to it, or not in time (D20)."""
    if not gathering.is_hustings or _case_of(gathering.decision) is None:
        return []
    invitation = invitation_of(gathering)
    if invitation is None or invitation.starts_at != gathering.starts_at:
        return [_("The applicant has not been invited to this hustings, so it does not count. Call another.")]
    in_time = days_later(invitation.sent_at, settings.HUSTINGS_NOTICE_DAYS) <= gathering.starts_at
    if in_time or invitation.reply == Reply.ACCEPTED:
        return []
    return [_("The applicant was invited too late to this hustings, so it does not count. Call another.")]


# --- Made, moved and called off -----------------------------------------------------------------------------
def invite(*, gathering: Gathering, at: datetime) -> None:
    """Invites the applicant to a hustings on their case that was just called; nothing for another gathering."""
    application = _case_of(gathering.decision)
    if application is None or not gathering.is_hustings:
        return
    invitation = HustingsInvitation.objects.create(
        application=application, gathering=gathering, starts_at=gathering.starts_at, sent_at=at
    )
    facts = {"gathering": str(gathering.pk)}
    events.record("application.invited", application, at=at, by=gathering.called_by_id, data=facts)
    applicant_letters.queue_invitation(invitation, at=at)


def follow(*, gathering: Gathering, at: datetime) -> None:
    """Tells the applicant of a change; to another time they are invited anew, and their answer is asked for again."""
    invitation = _for_update(gathering)
    if invitation is None:
        return
    moved = invitation.starts_at != gathering.starts_at
    if moved:
        invitation.starts_at, invitation.sent_at = gathering.starts_at, at
        invitation.reply, invitation.replied_at, invitation.message_sealed = "", None, None
        invitation.accepted_code_at = None
        invitation.save()
        facts = {"gathering": str(gathering.pk)}
        events.record("application.invited", invitation.application, at=at, data=facts)
    applicant_letters.queue_changed(invitation, moved=moved, at=at)


def tell_called_off(*, gathering: Gathering, at: datetime) -> None:
    """Tells the applicant that the hustings does not take place, unless they themselves have withdrawn."""
    invitation = _for_update(gathering)
    if invitation is not None and invitation.application.withdrawn_at is None:
        applicant_letters.queue_called_off(invitation, at=at)


def _for_update(gathering: Gathering) -> HustingsInvitation | None:
    rows = HustingsInvitation.objects.select_for_update(of=("self",))
    return rows.select_related("application", "gathering__assembly").filter(gathering=gathering).first()


def locked(invitation: HustingsInvitation) -> HustingsInvitation:
    """The invitation as it is now, with its application and its gathering, all under a lock.

    In this order, in which withdrawing and moving the gathering take them too: the matter, the application, the
    gathering, the invitation.
    """
    application = cases.locked(invitation.application)
    gathering = locked_gathering(invitation.gathering)
    row = HustingsInvitation.objects.select_for_update(of=("self",)).get(pk=invitation.pk)
    row.application, row.gathering = application, gathering
    return row


# --- The answer ---------------------------------------------------------------------------------------------
def issues_before_answering(invitation: HustingsInvitation, at: datetime) -> list[str]:
    """Sentences that say why the applicant cannot answer any more; empty when they can."""
    gathering = invitation.gathering
    if not invitation.application.is_open:
        return [_("Your application is over.")]
    if gathering.cancelled_at is not None or gathering.held_at is not None or at >= gathering.ends_at:
        return [_("This meeting is over or was called off.")]
    if invitation.barred_at is not None:
        return [_("You take no further part in this meeting, in the room or online.")]
    return []


@transaction.atomic
def answer(
    invitation: HustingsInvitation, reply: str, *, at: datetime, accepts_code: bool = False, message: str = ""
) -> None:
    """The applicant's answer, in place of an earlier one; those who run the case are told that there is one.

    Raises WrongMoment (over, called off, barred) or Incomplete: without the code of conduct nobody comes (D28), and
    another time needs a word on which.
    """
    invitation = locked(invitation)
    if issues := issues_before_answering(invitation, at):
        raise WrongMoment(" ".join(issues))
    message = message.strip()
    if reply == Reply.ACCEPTED and not accepts_code:
        raise Incomplete(_("Accept the code of conduct to come."))
    if reply == Reply.ANOTHER_TIME and not message:
        raise Incomplete(_("Say which times would suit you."))
    if reply not in Reply.values or len(message) > LONGEST_MESSAGE:
        raise Incomplete(_("Choose one of the answers."))
    invitation.reply, invitation.replied_at = reply, at
    invitation.accepted_code_at = at if reply == Reply.ACCEPTED else None
    place = vault.place_of("invitation", invitation.pk, "message")
    invitation.message_sealed = invitation.application.seal(message, place) if message else None
    invitation.save(update_fields=["reply", "replied_at", "accepted_code_at", "message_sealed"])
    facts = {"gathering": str(invitation.gathering_id), "reply": str(reply)}
    events.record("application.invitation_answered", invitation.application, at=at, data=facts)
    case_letters.queue_answered(invitation, at=at)


def way_in(invitation: HustingsInvitation, at: datetime) -> str:
    """The link of an online hustings, for an applicant who has accepted; raises WrongMoment (D30)."""
    if issues := issues_before_answering(invitation, at):
        raise WrongMoment(" ".join(issues))
    if invitation.reply != Reply.ACCEPTED:
        raise WrongMoment(_("Accept the invitation first."))
    if not invitation.gathering.link:
        raise WrongMoment(_("This meeting is in the room only: it has no link."))
    return invitation.gathering.link
