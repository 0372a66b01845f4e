"""How a race begins: declared by the assembly, opened by an application, by the clock in time, or anew (A13, A14)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils.translation import gettext as _

from assemblies.models import Assembly, Office, Term
from assemblies.models.office import most_at_once
from decisions import race_letters
from decisions.errors import NotEntitled, WrongMoment
from decisions.gatherings import may_convene
from decisions.models import Decision, Race
from decisions.races import in_words
from harmony.time import days_later, hours
from ledger import events
from ledger.due import each
from members.models import Person

NOMINATION_DAYS = 7  # DESIGN, Secretary race
HUSTINGS_DAYS = 14  # to find an evening, invite people to it, and hold it


def days_needed(assembly: Assembly) -> int:
    """How many days before the end of a term the race for its seat is declared: the longest way up the ladder.

    Nominations (7), the hustings (14), the assembly's cooling-off, deliberation and voting: 40 by the defaults.
    """
    rules = assembly.cooling_off_days + assembly.deliberation_days + assembly.voting_days
    return NOMINATION_DAYS + HUSTINGS_DAYS + rules


def nominations_end(at: datetime) -> datetime:
    """When the nominations of a race that is declared at `at` end: 7 London days later."""
    return days_later(at, NOMINATION_DAYS)


def title_of(office: Office) -> str:
    """What a race for the office is called."""
    return (
        _("%(role)s of the %(assembly)s") % {"role": office.get_role_display(), "assembly": office.assembly}
    )[:160]


@dataclass(frozen=True)
class Plan:
    """What a race for an office would fill: so many seats, vacant ones and those of the terms that it follows."""

    seats: int
    follows: Sequence[Term]


def plan(office: Office, at: datetime) -> Plan:
    """The seats that have to be filled at `at`, beside those for which somebody is elected already.

    Vacant seats and those whose term ends within `days_needed`; where there is none of these, those held without
    an end, as terms are that were loaded.
    """
    running = list(office.terms.overlapping(at, None).order_by(F("ends_at").asc(nulls_last=True), "began_at"))
    held = [term for term in running if term.is_in_force_at(at)]
    until = at + hours(24 * days_needed(office.assembly))
    vacant = office.free_seats_at(at)
    becoming = max(0, office.seats - vacant - most_at_once(running, until))
    ending = [term for term in held if term.ends_at is not None and term.ends_at <= until]
    follows = ending[max(0, len(ending) - becoming) :]
    if not vacant and not follows:
        follows = [term for term in held if term.ends_at is None]
    return Plan(vacant + len(follows), follows)


def issues_before_declaring(office: Office, at: datetime) -> list[str]:
    """Sentences that say why no race can be declared for the office at `at`; empty when somebody entitled can."""
    if not office.assembly.is_open_at(at):
        return [_("This assembly has closed, or has not been formed yet.")]
    if office.races.running().exists():
        return [_("There is a race for this office already.")]
    if not plan(office, at).seats:
        return [_held_until(office, at)]
    return []


def _held_until(office: Office, at: datetime) -> str:
    first = office.terms.in_force_at(at).order_by(F("ends_at").asc(nulls_last=True)).first()
    lead = hours(24 * days_needed(office.assembly))
    if first is None or first.ends_at is None or first.ends_at - lead <= at:
        return _("Somebody is elected already for every seat that becomes free.")
    due_at = first.ends_at - lead
    return _(
        "Every seat is held; the first term ends on %(end)s. Its race is declared by itself on %(due)s."
    ) % {
        "end": in_words(first.ends_at),
        "due": in_words(due_at),
    }


def require_declarer(office: Office, by: Person, at: datetime) -> None:
    """Raises NotEntitled unless the person may declare races: as secretary, or where there is none, any member."""
    if not may_convene(office.assembly, by, at):
        raise NotEntitled(
            _(
                "A race is declared by the assembly’s secretary or a deputy, or where there is no secretary by any "
                "member taking part."
            )
        )


def locked_office(office: Office) -> Office:
    """The office read anew under a lock, so that one race is opened for it; call within a transaction."""
    return Office.objects.select_for_update(of=("self",)).select_related("assembly").get(pk=office.pk)


@transaction.atomic
def declare(office: Office, *, by: Person, at: datetime) -> Race:
    """Declares a race for every seat that has to be filled: nominations open for 7 London days (A13).

    Raises NotEntitled or WrongMoment.
    """
    office = locked_office(office)
    require_declarer(office, by, at)
    issues = issues_before_declaring(office, at)
    if issues:
        raise WrongMoment(" ".join(issues))
    planned = plan(office, at)
    return open_race(office, planned.seats, cause=Race.Cause.DECLARED, by=by, at=at, follows=planned.follows)


def open_race(
    office: Office,
    seats: int,
    *,
    cause: str,
    by: Person | None,
    at: datetime,
    follows: Iterable[Term] = (),
    reopens: Race | None = None,
) -> Race:
    """Opens nominations for `seats` seats; the caller has checked that it may be, and holds the office's lock."""
    assembly = office.assembly
    decision = Decision.objects.create(
        assembly=assembly,
        kind=Decision.Kind.RACE,
        title=title_of(office),
        proposed_by=by,
        proposed_at=at,
        quorum=assembly.quorum,
        cooling_off_days=assembly.cooling_off_days,
        deliberation_days=assembly.deliberation_days,
        voting_days=assembly.voting_days,
    )
    race = Race.objects.create(
        decision=decision,
        office=office,
        cause=cause,
        seats=seats,
        reopens=reopens,
        nominations_end_at=nominations_end(at),
    )
    race.follows.set(follows)
    facts = {"office": office.pk, "seats": seats, "cause": str(cause)}
    events.record("decision.race_declared", decision, at=at, by=by.pk if by else None, data=facts)
    race_letters.queue_declared(race, at=at)
    return race


# --- in time, by the clock ----------------------------------------------------------------------------
def race_due_at(term: Term, assembly: Assembly) -> datetime | None:
    """When the race for the seat of `term` is declared by the clock; None for a term without an end."""
    return term.ends_at and term.ends_at - hours(24 * days_needed(assembly))


def terms_due(office: Office, at: datetime) -> list[Term]:
    """The terms of the office that end within the days that a race needs, with no race for their seat yet."""
    followed = Race.follows.through._default_manager.filter(term=OuterRef("pk"))
    running = office.terms.in_force_at(at).filter(ends_at__gt=at).filter(~Exists(followed))
    rows = running.select_related("person").order_by("ends_at", "pk")
    return [row for row in rows if (due_at := race_due_at(row, office.assembly)) and due_at <= at]


def declare_due(at: datetime) -> None:
    """Declares the races for seats whose term is about to end; for the sweep.

    It reads the offices of those terms alone that it is time to look at (`Term.race_look_at`).
    """
    found = set(Term.objects.due_to_look_at(at).values_list("office", flat=True))
    each(Office.objects.filter(pk__in=found), lambda office: declare_in_time(office, at=at))


@transaction.atomic
def declare_in_time(office: Office, *, at: datetime) -> bool:
    """Declares the race for the seats of the office that become free soon, and tells their holders.

    False when it is not due, or another process has. Either way it sets when each term is looked at next.
    """
    rows = Office.objects.select_for_update(skip_locked=True, of=("self",)).select_related("assembly")
    found = rows.filter(pk=office.pk).first()
    if found is None:
        return False
    is_declared = _declare_for(found, terms_due(found, at), at)
    _look_later(found, at)
    return is_declared


def _declare_for(office: Office, due: list[Term], at: datetime) -> bool:
    if not due or office.assembly.closed_at is not None or office.races.running().exists():
        return False
    planned = plan(office, at)
    if not planned.seats:
        return False
    follows = {*planned.follows, *due}
    race = open_race(office, planned.seats, cause=Race.Cause.DUE, by=None, at=at, follows=follows)
    race_letters.queue_ending(race, due, at=at)
    return True


def _look_later(office: Office, at: datetime) -> None:
    """Sets when the running terms are looked at next: when their race is due, or after that once a day.

    Sooner once a race for the office is over (`look_again`), or the rules that say how long one takes have changed.
    """
    for term in office.terms.due_to_look_at(at):
        due_at = race_due_at(term, office.assembly)
        term.race_look_at = due_at if due_at is not None and due_at > at else at + hours(24)
        term.save(update_fields=["race_look_at"])
