"""Which assembly decides on a released application, why, and how the case moves to another (D18).

The constituency's assembly if it decides on defections, else its city's, else its region's, else the assembly with
the elections duty; one that could not handle the case is left out. Where nobody can take it, it waits: the people
who run the party are told, and the sweep tries again.
"""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from assemblies.models import Assembly, Duty, Kind
from defections import cases, corrections, routing_letters
from defections.errors import DefectionError, Incomplete, NotCleared, WrongMoment
from defections.models import Application, ApplicationQuerySet, Routing, SocietyTerms
from defections.records import is_own
from ledger import events
from ledger.due import each
from members.models import Person

Reason = Routing.Reason
_REASONS = {Kind.CONSTITUENCY: Reason.LOCAL, Kind.CITY: Reason.CITY, Kind.REGION: Reason.REGION}


# --- Choosing -----------------------------------------------------------------------------------------
def choose(application: Application, at: datetime) -> tuple[Assembly, Routing.Reason] | None:
    """The assembly that is to have the application at `at`, with the reason; None where no assembly can."""
    refused = _refused(application)
    for assembly in _area(application, at):
        if assembly.pk not in refused and _decides(assembly):
            return assembly, _REASONS[Kind(assembly.kind)]
    elections = Duty.objects.holder_at(Duty.Name.ELECTIONS, at)
    if elections is not None and elections.is_open_at(at) and elections.pk not in refused:
        return elections, Reason.ELECTIONS
    return None


def _area(application: Application, at: datetime) -> Iterator[Assembly]:
    """The assemblies of the applicant's area that are open, smallest first."""
    chosen = corrections.section_as_corrected(application, "society").get("constituency", "")
    home = Assembly.objects.filter(pk=_uuid(chosen)).first()
    for assembly in home.area() if home else ():
        if assembly.is_open_at(at) and assembly.is_geographical:
            yield assembly


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


def _decides(assembly: Assembly) -> bool:
    terms = SocietyTerms.objects.filter(assembly=assembly).first()
    return terms is not None and terms.decides


def _refused(application: Application) -> set[UUID]:
    """The assemblies that had the case and have not said since that they can decide."""
    left = application.routings.filter(ended_at__isnull=False).select_related("assembly__defection_terms")
    return {routing.assembly_id for routing in left if not _has_said_since(routing)}


def _has_said_since(routing: Routing) -> bool:
    terms = getattr(routing.assembly, "defection_terms", None)
    return terms is not None and terms.decides and terms.changed_at > (routing.ended_at or terms.changed_at)


# --- Routing ------------------------------------------------------------------------------------------
@transaction.atomic
def route(
    application: Application, *, at: datetime, by: Person | None = None, explanation: str = ""
) -> Routing | None:
    """Gives a released application that no assembly has to the one that is to have it; None where none can.

    The matter is opened there in the same transaction. Raises WrongMoment before the release, when it is over,
    and when an assembly has it.
    """
    row = cases.locked(application)
    copy = getattr(row, "copy", None)
    if not row.is_open or copy is None or copy.released_at is None:
        raise WrongMoment(_("An application goes to an assembly once its copy is released."))
    if current(row) is not None:
        raise WrongMoment(_("The application is with an assembly already."))
    chosen = choose(row, at)
    if chosen is None:
        routing_letters.queue_stuck(row, at=at)
        return None
    return _give(row, *chosen, at=at, by=by, explanation=explanation)


def _give(
    application: Application,
    assembly: Assembly,
    reason: Routing.Reason,
    *,
    at: datetime,
    by: Person | None,
    explanation: str,
) -> Routing:
    made = Routing.objects.create(
        application=application,
        assembly=assembly,
        reason=reason,
        explanation=explanation,
        routed_at=at,
        routed_by=by,
    )
    facts = {"assembly": str(assembly.pk), "reason": str(reason)}
    events.record("application.routed", application, at=at, by=by.pk if by else None, data=facts)
    cases.open_case(application, at=at, by=by)
    return made


def current(application: Application) -> Routing | None:
    """Where the application is now."""
    return application.routings.filter(ended_at=None).select_related("assembly", "supported_by").first()


def route_due(at: datetime) -> None:
    """Tries again for every released application that no assembly has. For the sweep."""
    each(waiting(), lambda application: _try_again(application, at))


def waiting() -> ApplicationQuerySet:
    """The released applications that no assembly has."""
    with_one = Routing.objects.filter(application=OuterRef("pk"), ended_at=None)
    return Application.objects.in_hand().filter(~Exists(with_one), copy__released_at__isnull=False)


@transaction.atomic
def _try_again(application: Application, at: datetime) -> None:
    found = Application.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=application.pk)
    row = found.first()
    if row is not None and row.is_open and current(row) is None:
        route(row, at=at)


# --- Moving, supporting -------------------------------------------------------------------------------
@transaction.atomic
def hand_on(application: Application, *, by: Person, at: datetime, because: str) -> Routing | None:
    """The assembly that has the case cannot handle it: it goes to the next, which opens the matter anew.

    What was said stays with the assembly where it was said. Raises NotCleared unless `by` acts for the assembly,
    WrongMoment once it has decided, Incomplete without a reason. None: nobody can take it, and it waits.
    """
    row = cases.locked(application)
    routing = require_handler(row, by, at)
    _leave(row, routing, because=because, by=by, at=at)
    return route(row, at=at, by=by, explanation=because.strip())


@transaction.atomic
def support(application: Application, *, by: Person, at: datetime) -> None:
    """The assembly with the elections duty helps the one that has the case, which stays the one that decides.

    Those who act for it may then take the steps of the matter that its secretary may: call the hustings, conduct it.

    Raises NotCleared unless `by` acts for that assembly; WrongMoment when it has or supports the case already.
    """
    row = cases.locked(application)
    routing = _held(row)
    _refuse_own(row, by)
    elections = require_elections(by, at)
    if elections.pk in (routing.assembly_id, routing.supported_by_id):
        raise WrongMoment(_("Your assembly has or supports this case already."))
    routing.supported_by = elections
    routing.save(update_fields=["supported_by"])
    if row.decision is not None:
        row.decision.helped_by = elections
        row.decision.save(update_fields=["helped_by"])
    facts = {"assembly": str(routing.assembly_id), "supported_by": str(elections.pk)}
    events.record("application.supported", row, at=at, by=by.pk, data=facts)
    routing_letters.queue_supported(routing, at=at)


@transaction.atomic
def replace(application: Application, *, by: Person, at: datetime, because: str) -> Routing:
    """The assembly with the elections duty takes over a case from one that lacks capacity, or that nobody has (D18).

    Raises NotCleared unless `by` acts for that assembly, WrongMoment when it has the case or once it is decided,
    Incomplete without a reason.
    """
    row = cases.locked(application)
    _refuse_own(row, by)
    elections = require_elections(by, at)
    if not because.strip():
        raise Incomplete(_("Say why your assembly takes the case over."))
    if waiting().filter(pk=row.pk).exists():
        return _give(row, elections, Reason.ELECTIONS, at=at, by=by, explanation=because.strip())
    routing = _held(row)
    if elections.pk == routing.assembly_id:
        raise WrongMoment(_("Your assembly has this case already."))
    _leave(row, routing, because=because, by=by, at=at)
    routing_letters.queue_replaced(routing, at=at)
    return _give(row, elections, Reason.ELECTIONS, at=at, by=by, explanation=because.strip())


def acts_for(assembly: Assembly, person: Person, at: datetime) -> bool:
    """Whether the person acts as the assembly's secretary at `at`."""
    return assembly.acting_at(at).filter(pk=person.pk).exists()


def require_handler(application: Application, by: Person, at: datetime) -> Routing:
    """Where the case is. Raises NotCleared unless `by` acts there, WrongMoment where no assembly has it."""
    routing = _held(application)
    _refuse_own(application, by)
    if not acts_for(routing.assembly, by, at):
        raise NotCleared(
            _("Only the secretary or a deputy of the assembly that has the case can hand it on.")
        )
    return routing


def _refuse_own(application: Application, by: Person) -> None:
    if is_own(application, by):
        raise NotCleared(_("Nobody decides where their own case goes."))


def _held(application: Application) -> Routing:
    routing = current(application)
    if routing is None or not application.is_open:
        raise WrongMoment(_("No assembly has this case now."))
    return routing


def require_elections(by: Person, at: datetime) -> Assembly:
    """The assembly with the elections duty, for which `by` acts. Raises NotCleared."""
    elections = Duty.objects.holder_at(Duty.Name.ELECTIONS, at)
    if elections is None or not acts_for(elections, by, at):
        raise NotCleared(
            _("Only those who act for the assembly with the elections duty support or replace another.")
        )
    return elections


def _leave(application: Application, routing: Routing, *, because: str, by: Person, at: datetime) -> None:
    if not because.strip():
        raise Incomplete(_("Say why the case moves."))
    cases.leave(application, reason=because, at=at, by=by)
    routing.ended_at, routing.ended_because = at, because.strip()
    routing.save(update_fields=["ended_at", "ended_because"])
    facts = {"assembly": str(routing.assembly_id)}
    events.record("application.moved_on", application, at=at, by=by.pk, data=facts)


# --- What a society asks, and whether it decides (D11, D18) --------------------------------------------
@transaction.atomic
def set_terms(
    assembly: Assembly, *, by: Person, at: datetime, decides: bool, links: str, residence_months: int | None
) -> SocietyTerms:
    """What the assembly of an area asks of applicants, and whether it can decide on them.

    Raises NotCleared unless `by` acts for it, DefectionError for an assembly of no area. Cases that it has stay.
    """
    require_terms_setter(assembly, by, at)
    Assembly.objects.select_for_update(of=("self",), no_key=True).get(pk=assembly.pk)
    values = {"decides": decides, "links": links.strip(), "residence_months": residence_months}
    terms = SocietyTerms.objects.filter(assembly=assembly).first() or SocietyTerms(assembly=assembly)
    for name, value in values.items():
        setattr(terms, name, value)
    terms.changed_at, terms.changed_by = at, by
    terms.save()
    facts = {"decides": decides, "residence_months": residence_months}
    events.record("assembly.defection_terms_set", assembly, at=at, by=by.pk, data=facts)
    return terms


def require_terms_setter(assembly: Assembly, by: Person, at: datetime) -> None:
    """Raises NotCleared unless `by` acts for the assembly at `at`, DefectionError for an assembly of no area."""
    if not acts_for(assembly, by, at):
        raise NotCleared(
            _("Only the assembly’s secretary or a deputy says what it asks, and whether it can decide.")
        )
    if not assembly.is_geographical:
        raise DefectionError(_("Only the assemblies of areas decide on officials who wish to come over."))
