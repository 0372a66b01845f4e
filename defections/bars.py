"""An applicant who is barred from their own hustings (D28 to D30): referred and reviewed like everybody else.

The referral stands in the list of the assembly with the resolutions duty, under the application's reference. What
happened, and what the applicant answers, is sealed with the application: whoever reviews opens it here, and every
look is an Event.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from decisions import conduct
from decisions.conduct import LONGEST_ANSWER, Told
from decisions.gatherings import require_conductor
from decisions.models import Ground, Referral
from defections import applicant_letters, hustings, records, vault
from defections.errors import Incomplete, WrongMoment
from defections.models import Application, HustingsInvitation
from harmony.time import iso
from ledger import events
from members.models import Person

MOST_ANSWERS = 20


@sensitive_variables("reason")
@transaction.atomic
def bar(invitation: HustingsInvitation, *, by: Person, at: datetime, ground: str, reason: str) -> Referral:
    """Bars the applicant from the hustings, at once, and refers it to the assembly with the resolutions duty.

    Their way in stops working; their application goes on. Raises NotEntitled, WrongMoment (called off, barred
    already) or Incomplete without a ground and what happened.
    """
    invitation = hustings.locked(invitation)
    application, gathering = invitation.application, invitation.gathering
    require_conductor(gathering, by, at)
    if gathering.cancelled_at is not None or invitation.barred_at is not None:
        raise WrongMoment(_("This meeting was called off, or the applicant is barred from it already."))
    if ground not in Ground.values or not reason.strip():
        raise Incomplete(_("Choose which of the four grounds was broken, and say what happened."))
    guest = _("The applicant of %(reference)s") % {"reference": application.reference}
    referral = conduct.bar_guest(gathering, guest=guest, by=by, at=at, ground=ground)
    invitation.barred_at, invitation.barred_ground, invitation.bar = at, ground, referral.bar
    invitation.barred_because_sealed = application.seal(reason.strip(), _place(invitation, "barred_because"))
    invitation.save(update_fields=["barred_at", "barred_ground", "bar", "barred_because_sealed"])
    facts = {"gathering": str(gathering.pk), "ground": str(ground)}
    events.record("application.barred", application, at=at, by=by.pk, data=facts)
    applicant_letters.queue_barred(invitation, at=at)
    return referral


def of_applicant(application: Application) -> HustingsInvitation | None:
    """The invitation to the hustings from which the applicant was barred last, with its referral; None for none."""
    rows = application.invitations.filter(bar__isnull=False).select_related(
        "bar__referral", "gathering__assembly"
    )
    return rows.order_by("barred_at").last()


# --- The applicant's answer ---------------------------------------------------------------------------------
def issues_before_answering(invitation: HustingsInvitation) -> list[str]:
    """Sentences that say why the applicant cannot answer any more; empty when they can."""
    if invitation.bar is None or not invitation.bar.referral.is_waiting:
        return [_("The review of this bar has ended.")]
    if invitation.application.erased_at is not None:
        return [_("Your application has been erased: nothing can be added to it.")]
    if len(answers(invitation)) >= MOST_ANSWERS:
        return [
            _("You have answered %(n)d times: those who review it read all of that.") % {"n": MOST_ANSWERS}
        ]
    return []


@sensitive_variables("text")
@transaction.atomic
def answer(invitation: HustingsInvitation, *, at: datetime, text: str) -> None:
    """What the applicant says about the bar, beside what they have said before; until the review ends.

    Raises WrongMoment, or Incomplete for nothing and for too much.
    """
    invitation = hustings.locked(invitation)
    if issues := issues_before_answering(invitation):
        raise WrongMoment(" ".join(issues))
    if not 0 < len(text.strip()) <= LONGEST_ANSWER:
        raise Incomplete(_("Write between 1 and %(n)d characters.") % {"n": LONGEST_ANSWER})
    if invitation.bar is not None:
        conduct.note_answer(invitation.bar.referral, at=at)
    said = [*answers(invitation), {"at": iso(at), "text": text.strip()}]
    invitation.bar_answers_sealed = invitation.application.seal(said, _place(invitation, "bar_answers"))
    invitation.save(update_fields=["bar_answers_sealed"])
    events.record("application.bar_answered", invitation.application, at=at)


def answers(invitation: HustingsInvitation) -> list[dict[str, str]]:
    """What the applicant has said about the bar, as {"at": moment, "text": words}. Raises Erased or VaultError."""
    return _opened(invitation, "bar_answers") or []


def because(invitation: HustingsInvitation) -> str:
    """What happened, in the words of whoever barred the applicant, or "". Raises Erased or VaultError."""
    return _opened(invitation, "barred_because") or ""


def _opened(invitation: HustingsInvitation, part: str) -> Any:
    sealed = getattr(invitation, f"{part}_sealed")
    return invitation.application.unseal(sealed, _place(invitation, part)) if sealed is not None else None


def _place(invitation: HustingsInvitation, part: str) -> str:
    return vault.place_of("invitation", invitation.pk, part)


# --- The review ---------------------------------------------------------------------------------------------
def _invitation_of(referral: Referral) -> HustingsInvitation | None:
    rows = HustingsInvitation.objects.select_related("application", "gathering__assembly", "bar")
    return rows.filter(bar=referral.bar_id).first()


@transaction.atomic
def told(*, referral: Referral, by: Person, at: datetime) -> list[Told]:
    """What happened and what the applicant answered, for somebody who reviews it; nothing of another referral.

    Records that they looked. Called by `conduct.told`, which has seen to it that they review it.
    """
    invitation = _invitation_of(referral)
    if invitation is None:
        return []
    application = invitation.application
    if application.erased_at is not None:
        return [Told(_("What happened"), _("It was erased with the application."), application.erased_at)]
    records.record_look(application, "referral", by=by, at=at, purpose="review")
    happened = Told(_("What happened"), because(invitation), referral.opened_at)
    said = [Told(_("The applicant’s answer"), one["text"], moment_of(one)) for one in answers(invitation)]
    if application.email_sealed is None:
        by_post = _("By post, to the general secretary: ask there whether something has come.")
        said.append(Told(_("How the applicant answers"), by_post, referral.opened_at))
    return [happened, *said]


def moment_of(said: dict[str, str]) -> datetime:
    """When one of `answers` was given."""
    return datetime.fromisoformat(said["at"])


def tell_outcome(*, referral: Referral, at: datetime) -> None:
    """Tells the applicant what the review found; nothing where the referral is about somebody else."""
    invitation = _invitation_of(referral)
    if invitation is not None and invitation.application.erased_at is None:
        applicant_letters.queue_bar_reviewed(invitation, at=at)
