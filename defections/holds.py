"""Legal holds: while one stands, an application is not erased, whatever its clock says or the applicant asks."""

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from assemblies.clearances import cleared
from assemblies.models import Duty
from defections.cases import acts_for_party
from defections.errors import Incomplete, WrongMoment
from defections.models import Application, Hold
from ledger import events
from members.models import Person


def may_hold(person: Person, at: datetime) -> bool:
    """Whether `person` places and lifts holds at `at`: cleared for operations, or acting as general secretary."""
    return cleared(person, Duty.Name.OPERATIONS, at) or acts_for_party(person, at)


def require_keeper(person: Person, at: datetime) -> None:
    """Raises PermissionDenied unless `person` may place and lift holds."""
    if not may_hold(person, at):
        raise PermissionDenied(
            _(
                "Only people cleared for operations, and whoever acts as general secretary, place and lift holds."
            )
        )


@transaction.atomic
def place(application: Application, *, by: Person, at: datetime, reason: str) -> Hold:
    """Keeps the application from being erased from `at` on.

    Raises PermissionDenied, Incomplete without a reason, WrongMoment when it is held or erased already.
    """
    require_keeper(by, at)
    row = Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
    if row.is_held:
        raise WrongMoment(_("There is a hold on this application already."))
    if not has_something(row):
        raise WrongMoment(_("Nothing is left of this application that could be held."))
    if not reason.strip():
        raise Incomplete(_("Say why the law requires that it is kept."))
    hold = Hold.objects.create(application=row, reason=reason.strip(), placed_at=at, placed_by=by)
    events.record("application.held", row, at=at, by=by.pk)
    return hold


@transaction.atomic
def lift(application: Application, *, by: Person, at: datetime) -> None:
    """Ends the hold; what is due is erased at the next sweep. Raises PermissionDenied, WrongMoment without one."""
    require_keeper(by, at)
    row = Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
    hold = row.holds.filter(lifted_at=None).first()
    if hold is None:
        raise WrongMoment(_("There is no hold on this application."))
    hold.lifted_at, hold.lifted_by = at, by
    hold.save(update_fields=["lifted_at", "lifted_by"])
    events.record("application.hold_lifted", row, at=at, by=by.pk)


def has_something(application: Application) -> bool:
    """Whether anything sealed is left of it: what was given, or the sanitised copy."""
    if application.erased_at is None:
        return True
    copy = getattr(application, "copy", None)
    return copy is not None and copy.erased_at is None
