"""Taking an application on, letting go of it, and declaring a conflict of interest (D16)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from assemblies.clearances import cleared
from assemblies.models import Duty
from defections import records
from defections.errors import DefectionError, WrongMoment
from defections.models import Application, Claim, Conflict
from ledger import events
from members.models import Person


def locked(application: Application) -> Application:
    """The application under lock, for the length of the transaction."""
    return Application.objects.select_for_update(of=("self",)).get(pk=application.pk)


def current(application: Application) -> Claim | None:
    """Who has it now."""
    return application.claims.filter(let_go_at=None).select_related("person").first()


def held(application: Application, by: Person, at: datetime) -> Application:
    """The application under lock, which `by` may open and has taken on. Raises NotCleared, WrongMoment, Erased."""
    row = locked(application)
    records.require_reader(row, by, at)
    if not records.has_taken_on(row, by):
        raise WrongMoment(_("Take the application on first: whoever has it works on it."))
    return row


@transaction.atomic
def claim(application: Application, *, by: Person, at: datetime) -> Claim:
    """`by` takes the application on at `at`; nothing happens when they have it already.

    One whose holder is not cleared any more can be taken over. Raises NotCleared for whoever may not; WrongMoment
    when somebody else has it, or when it is not the research's any more.
    """
    row = locked(application)
    records.require_researcher(by, at)
    records.require_impartial(row, by)
    if not row.is_open:
        raise WrongMoment(_("This application is over, or has not been sent yet."))
    if _is_released(row):
        raise WrongMoment(_("The copy is released: the research on this application is finished."))
    holder = current(row)
    if holder is not None and holder.person_id == by.pk:
        return holder
    if holder is not None:
        if cleared(holder.person, Duty.Name.RESEARCH, at):
            raise WrongMoment(
                _(
                    "%(person)s has taken this application on already. Take on another, or ask them to let go of it."
                )
                % {"person": holder.person.name}
            )
        end(holder, because=Claim.Why.HANDED_ON, at=at)
    made = Claim.objects.create(application=row, person=by, claimed_at=at)
    events.record("application.claimed", row, at=at, by=by.pk)
    return made


@transaction.atomic
def let_go(application: Application, *, by: Person, at: datetime, because: str) -> None:
    """`by` lets go of the application; with a conflict they are kept from it for good.

    Raises WrongMoment when they do not have it, DefectionError for a reason that is none.
    """
    row = locked(application)
    holder = current(row)
    if holder is None or holder.person_id != by.pk:
        raise WrongMoment(_("You do not have this application."))
    if because not in (Claim.Why.HANDED_ON, Claim.Why.CONFLICT):
        raise DefectionError(_("Choose why you let go of it."))
    end(holder, because=because, at=at, by=by)
    if because == Claim.Why.CONFLICT:
        _keep_from(row, by, at)


@transaction.atomic
def declare_conflict(application: Application, *, by: Person, at: datetime) -> None:
    """`by`, who is cleared for research, cannot be impartial about the application: others handle it."""
    row = locked(application)
    records.require_researcher(by, at)
    holder = current(row)
    if holder is not None and holder.person_id == by.pk:
        end(holder, because=Claim.Why.CONFLICT, at=at, by=by)
    _keep_from(row, by, at)


def end(claim: Claim, *, because: str, at: datetime, by: Person | None = None) -> None:
    """Ends a claim, in the caller's transaction and under the application's lock."""
    claim.let_go_at, claim.let_go_because = at, because
    claim.save(update_fields=["let_go_at", "let_go_because"])
    facts = {"person": str(claim.person_id), "because": str(because)}
    events.record("application.let_go", claim.application, at=at, by=by.pk if by else None, data=facts)


def _keep_from(application: Application, person: Person, at: datetime) -> None:
    _row, made = Conflict.objects.get_or_create(
        application=application, person=person, defaults={"declared_at": at}
    )
    if made:
        events.record("application.conflict_declared", application, at=at, by=person.pk)


def _is_released(application: Application) -> bool:
    copy = getattr(application, "copy", None)
    return copy is not None and copy.released_at is not None
