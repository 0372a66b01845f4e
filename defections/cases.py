"""A case: the application with an assembly, from the decision that is made of it until that is taken back (D19).

Whoever locks both takes the decision first and the application after it, as the clock does when it settles.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from assemblies.models import Assembly, Kind
from decisions import defection
from decisions.models import Decision
from decisions.proposals import locked as locked_decision
from defections import case_letters
from defections.errors import WrongMoment
from defections.models import Application, Routing
from ledger import events
from members.models import Person


def of_decision(decision: Decision) -> Application | None:
    """The application that the decision settles now, or None: it may have moved on, or be of another kind."""
    return Application.objects.filter(decision=decision).first()


def routing_of(application: Application) -> Routing | None:
    """Which assembly has the application now, or None."""
    return application.routings.filter(ended_at=None).select_related("assembly").first()


def account_of(application: Application) -> Person | None:
    """The account of the applicant: the one named, or that of their address; None where they have none."""
    if application.person is not None:
        return application.person
    address = application.email
    return Person.objects.filter(email__iexact=address).first() if address else None


def acts_for_party(person: Person, at: datetime) -> bool:
    """Whether the person acts as the party's own secretary, the general secretary."""
    return Assembly.objects.served_by(person, at).filter(kind=Kind.PARTY).exists()


def locked(application: Application) -> Application:
    """The application as it is now under a lock, with its decision locked before it; call within a transaction."""
    row = Application.objects.get(pk=application.pk)
    while True:
        decision = row.decision
        if decision is not None:
            locked_decision(decision)
        row = Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
        if row.decision_id == (decision.pk if decision else None):
            return row


def issues_before_opening(application: Application) -> list[str]:
    """Sentences that say why no assembly can be given the matter now; empty when one can (D17, D18)."""
    if not application.is_open:
        return [_("This application is not in hand: it was not sent, or it is over.")]
    if application.verification != Application.Verification.GENUINE:
        return [_("The research comes first: nobody has found this application genuine yet.")]
    issues = []
    copy = getattr(application, "copy", None)
    if copy is None or copy.released_at is None:
        issues.append(_("The sanitised copy has not been released yet."))
    elif copy.erased_at is not None:
        issues.append(_("The sanitised copy has been erased."))
    if routing_of(application) is None:
        issues.append(_("Choose the assembly first: the application is with none."))
    if application.decision_id is not None:
        issues.append(_("The assembly has the matter already."))
    return issues


@transaction.atomic
def open_case(application: Application, *, at: datetime, by: Person | None = None) -> Decision:
    """Makes the matter that the routed assembly decides, and tells its members; raises WrongMoment (D17 to D19).

    Needs a released sanitised copy and a current routing. `by` is who had the case given to the assembly.
    """
    application = locked(application)
    if issues := issues_before_opening(application):
        raise WrongMoment(" ".join(issues))
    routing = application.routings.select_related("assembly").get(ended_at=None)
    application.person = account_of(application)
    decision = defection.propose(
        routing.assembly, reference=application.reference, at=at, concerns=application.person, by=by
    )
    routing.decision = application.decision = decision
    routing.save(update_fields=["decision"])
    application.save(update_fields=["decision", "person"])
    facts = {"decision": str(decision.pk), "assembly": str(routing.assembly_id)}
    events.record("application.case_opened", application, at=at, by=by.pk if by else None, data=facts)
    case_letters.queue_opened(decision, at=at)
    return decision


@transaction.atomic
def leave(application: Application, *, reason: str, at: datetime, by: Person | None = None) -> None:
    """Takes the matter from its assembly, so that another can have it; nothing where it is with none (D18).

    What was said there stays with the members of that assembly. Ending the routing is the caller's. Raises
    WrongMoment once the assembly has decided, or without a reason.
    """
    application = locked(application)
    decision = application.decision
    if decision is None:
        return
    if decision.settled_at is not None:
        raise WrongMoment(_("The assembly has decided: the case stays where it is."))
    if not reason.strip():
        raise WrongMoment(_("Say why the case moves."))
    defection.withdraw(decision, at=at, reason=reason.strip(), by=by)
    application.decision = None
    application.save(update_fields=["decision"])
    facts = {"decision": str(decision.pk), "assembly": str(decision.assembly_id)}
    events.record("application.case_left", application, at=at, by=by.pk if by else None, data=facts)
    case_letters.queue_ended(decision, at=at)
