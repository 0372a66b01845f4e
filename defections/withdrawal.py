"""The applicant takes the application back, at any time until the letter."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from decisions import defection
from defections import applicant_letters, case_letters, cases, membership
from defections.errors import NotCleared, WrongMoment
from defections.models import Application
from ledger import events
from members.models import Person


def issues_before_withdrawing(application: Application) -> list[str]:
    """Sentences that say why it cannot be withdrawn; empty when it can."""
    if application.withdrawn_at is not None:
        return [_("This application has been withdrawn already.")]
    if not application.is_open:
        return [_("This application is over: there is nothing left to withdraw.")]
    return []


def may_withdraw_for(person: Person, at: datetime) -> bool:
    """Whether the person may do so for an applicant who asked for it: whoever acts as the general secretary."""
    return cases.acts_for_party(person, at)


@transaction.atomic
def withdraw(application: Application, *, at: datetime, by: Person | None = None) -> None:
    """Ends the application on whatever stage it is; `by` None is the applicant themselves.

    A matter that is not settled is taken from its assembly, with any open ballot given up and its votes erased; the
    members are told. Where the assembly had accepted and the letter has not gone, the membership that this began ends.
    Raises WrongMoment, or NotCleared for somebody who may not do it for the applicant.
    """
    if by is not None and not may_withdraw_for(by, at):
        raise NotCleared(
            _("Only the applicant, or for them whoever acts as general secretary, withdraws it.")
        )
    application = cases.locked(application)
    if issues := issues_before_withdrawing(application):
        raise WrongMoment(" ".join(issues))
    application.withdrawn_at = at
    application.save(update_fields=["withdrawn_at"])
    events.record("application.withdrawn", application, at=at, by=by.pk if by else None)
    decision = application.decision
    if decision is not None and decision.is_unsettled:
        defection.withdraw(decision, at=at, reason=_("The applicant withdrew."), by=by)
        case_letters.queue_ended(decision, at=at)
    elif decision is not None:
        membership.take_back(application, at=at)
    application.claims.filter(let_go_at=None).update(let_go_at=at)
    applicant_letters.queue_withdrawn(application, at=at)
