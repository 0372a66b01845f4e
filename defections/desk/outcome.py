"""The outcome of the research: genuine, which leads to a copy for the assembly, or not genuine (D16)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_variables

from defections import applicant_mails, copies, vault
from defections.desk import checklist, claims, contacts
from defections.errors import Incomplete, WrongMoment
from defections.models import Application, Claim
from ledger import events
from members.models import Person

Verification = Application.Verification


def issues_before_verifying(application: Application, outcome: str = Verification.GENUINE) -> list[str]:
    """What has to come before `outcome` is recorded, as sentences; the same for whoever would record it.

    Genuine: every line checked, the applicant reached directly, no question open. Not genuine: the applicant was
    tried directly.
    """
    if outcome == Verification.NOT_GENUINE:
        if contacts.has_tried_applicant(application):
            return []
        return [_("Try to reach the applicant directly first, and write it into the contact log.")]
    issues = []
    if missing := len(checklist.unchecked(application)):
        issues.append(
            ngettext(
                "%(n)d line of the checklist has no finding yet.",
                "%(n)d lines of the checklist have no finding yet.",
                missing,
            )
            % {"n": missing}
        )
    if not contacts.has_reached_applicant(application):
        issues.append(
            _("Nobody has reached the applicant directly yet: the contact log needs one such contact.")
        )
    if application.queries.waiting().exists():
        issues.append(_("A question to the applicant waits for an answer: wait for it, or take it back."))
    return issues


@sensitive_variables("summary")
@transaction.atomic
def verify(application: Application, *, by: Person, at: datetime, outcome: str, summary: str) -> None:
    """Records the outcome. Genuine: the copy is begun. Not genuine: the application is closed, its applicant told.

    Raises NotCleared, WrongMoment as `claims.held`; WrongMoment when it is recorded already, or with the issues;
    Incomplete without an outcome or a summary.
    """
    row = claims.held(application, by, at)
    if row.verified_at is not None:
        raise WrongMoment(_("The outcome has been recorded already."))
    if outcome not in Verification.values or not summary.strip():
        raise Incomplete(_("Choose an outcome, and sum up what it rests on."))
    if issues := issues_before_verifying(row, outcome):
        raise WrongMoment(" ".join(issues))
    row.verification, row.verified_at, row.verified_by = outcome, at, by
    row.summary_sealed = row.seal(summary.strip(), vault.place_of("application", row.pk, "summary"))
    row.save(update_fields=["verification", "verified_at", "verified_by", "summary_sealed"])
    events.record("application.verified", row, at=at, by=by.pk, data={"outcome": outcome})
    if outcome == Verification.GENUINE:
        copies.begin(row, by=by, at=at)
    else:
        _close(row, by=by, at=at)


def _close(application: Application, *, by: Person, at: datetime) -> None:
    application.closed_at = at
    application.save(update_fields=["closed_at"])
    holder = claims.current(application)
    if holder is not None:
        claims.end(holder, because=Claim.Why.FINISHED, at=at, by=by)
    events.record("application.closed", application, at=at, by=by.pk)
    applicant_mails.queue(application, "not_genuine", at=at)
