"""A defection as a matter of an assembly: made, and taken back, by the floor above alone (D19)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from assemblies.models import Assembly
from ballots import abandonment
from decisions import calls, gatherings
from decisions.errors import WrongMoment
from decisions.models import Decision, Option
from decisions.proposals import locked
from ledger import events
from members.models import Person


@transaction.atomic
def propose(
    assembly: Assembly,
    *,
    reference: str,
    at: datetime,
    concerns: Person | None = None,
    by: Person | None = None,
) -> Decision:
    """The matter of an application, to accept or to decline it, by the assembly's rules; it names nobody.

    The title is public, so that `reference` must tell nothing. To decline leaves things as they are. The applicant,
    where they have an account, is whom it `concerns`.
    """
    decision = Decision.objects.create(
        assembly=assembly,
        kind=Decision.Kind.DEFECTION,
        title=_("Defection application %(reference)s") % {"reference": reference},
        text=_(
            "An official has applied to come over to the party. What they gave, without their contact details, "
            "stands on this page for the members of the assembly. Invite them to a hustings, talk it through, "
            "and decide."
        ),
        proposed_at=at,
        concerns=concerns,
        quorum=assembly.quorum,
        cooling_off_days=assembly.cooling_off_days,
        deliberation_days=assembly.deliberation_days,
        voting_days=assembly.voting_days,
    )
    Option.objects.bulk_create(
        [
            Option(decision=decision, position=1, name=_("Accept")),
            Option(decision=decision, position=2, name=_("Decline"), leaves_things=True),
        ]
    )
    events.record("decision.proposed", decision, at=at, by=by.pk if by else None)
    return decision


def accepted(decision: Decision) -> bool:
    """Whether a settled defection was accepted. Raises WrongMoment before it is settled."""
    if decision.settled_at is None:
        raise WrongMoment(_("There is no outcome yet: the matter is not settled."))
    return decision.options.filter(won_at__isnull=False, leaves_things=False).exists()


@transaction.atomic
def withdraw(decision: Decision, *, at: datetime, reason: str, by: Person | None = None) -> None:
    """Takes the matter from the assembly on whatever rung it is, with a reason for its members.

    A call that stands is stopped, gatherings to come are called off, and an open ballot is given up with all its votes
    erased. What was said stays for those who could read it. Raises WrongMoment once it is settled or withdrawn.
    """
    decision = locked(decision)
    if not decision.is_unsettled:
        raise WrongMoment(_("This matter is settled or withdrawn."))
    call = decision.calls.standing().select_for_update().first()
    if call is not None:
        call.decision = decision
        calls.stop(call, at=at)
    decision.withdrawn_at, decision.withdrawn_because = at, reason
    decision.save(update_fields=["withdrawn_at", "withdrawn_because"])
    events.record("decision.withdrawn", decision, at=at, by=by.pk if by else None)
    gatherings.call_off_all(decision, at=at, reason=_("The matter was withdrawn."), by=by)
    if decision.ballot is not None:
        abandonment.abandon(decision.ballot, at=at, by=by)
