"""Who takes part as a matter of course (P2).

A home constituency enrols people there, in its city and in its region; a membership of the party enrols them
in the core assemblies. Moving home moves them; a membership that lapses removes nobody, it only takes the vote.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from assemblies.errors import WrongMomentError, WrongPlaceError
from assemblies.models import Assembly, Participation
from ledger import events
from members.models import Person

_AT_A_TIME = 100  # people enrolled in one transaction

Origin = Participation.Origin
Ending = Participation.Ending


def locked(person: Person) -> Person:
    """The person's row, read again under the lock that every change of who takes part where begins with.

    Call it in a transaction. Rows that point to the person can still be written meanwhile.
    """
    return Person.objects.select_for_update(no_key=True).get(pk=person.pk)


def home_of(person: Person, at: datetime) -> Assembly | None:
    """The person's home constituency at `at`, or None where they have named none."""
    home = (
        person.participations.in_force_at(at)
        .homes()
        .select_related("assembly__within__within")
        .order_by("-began_at")
        .first()
    )
    return home.assembly if home else None


@transaction.atomic
def set_home(
    person: Person, constituency: Assembly, *, at: datetime, by: Person | None = None
) -> list[Participation]:
    """Makes `constituency` the person's home from `at` on; returns the participations that this began.

    They take part there, in its city where it has one and in its region; what their old home alone had brought
    ends. A member is enrolled in the core assemblies too (P2). Repeating it changes nothing. Raises
    WrongPlaceError for an assembly that is no constituency, WrongMomentError for one that is not open.
    """
    if not constituency.is_constituency:
        raise WrongPlaceError(_("Your home is a constituency: choose one."))
    if not constituency.is_open_at(at):
        raise WrongMomentError(_("This constituency is not open: choose another."))
    person = locked(person)
    before = home_of(person, at)
    area = constituency.area()
    area_ids = {assembly.pk for assembly in area}
    for old in person.participations.filter(ended_at=None, origin=Origin.HOME).exclude(assembly__in=area_ids):
        _end(old, Ending.MOVED, at)
    begun = _enrol_at_home(person, area, at)
    if before != constituency:
        facts = {"from": str(before.pk) if before else None, "to": str(constituency.pk)}
        events.record("home set", person, at=at, by=(by or person).pk, data=facts)
    return begun + _enrol_in_core(person, at)


@transaction.atomic
def enrol(person: Person, *, at: datetime) -> list[Participation]:
    """Begins what a member lacks at `at` of the core assemblies and of their home area; returns these.

    Nothing for somebody who is no member at `at`. Repeating it changes nothing.
    """
    person = locked(person)
    if not person.is_member_at(at):
        return []
    home = home_of(person, at)
    begun = _enrol_at_home(person, home.area(), at) if home else []
    return begun + _enrol_in_core(person, at)


def due(at: datetime) -> QuerySet[Person]:
    """The members of the party who, at `at`, lack a core assembly or the city or region of their home."""
    core = Assembly.objects.core_at(at)
    in_all_of_them = (
        Participation.objects.filter(ended_at=None, assembly__in=core)
        .order_by()
        .values("person")
        .annotate(n=Count("pk"))
        .filter(n__gte=core.count())
        .values("person")
    )
    lacks = Q(pk__in=_homes_without("assembly__within", at))
    lacks |= Q(pk__in=_homes_without("assembly__within__within", at))
    if core.exists():
        lacks |= ~Q(pk__in=in_all_of_them)
    return Person.objects.members_at(at).filter(lacks)


def _homes_without(larger: str, at: datetime) -> QuerySet:
    """The ids of the people who take no part in what their home constituency lies in, by the lookup `larger`."""
    there = Participation.objects.filter(ended_at=None, person=OuterRef("person"), assembly=OuterRef(larger))
    homes = Participation.objects.in_force_at(at).homes()
    lacking = homes.filter(~Exists(there), **{f"{larger}__in": Assembly.objects.open_at(at)})
    return lacking.values("person")


def enrol_due(at: datetime) -> int:
    """Enrols every member who lacks something at `at`; returns how many people that were. For the sweep.

    In transactions of a hundred people each; people whom another worker holds are left to it.
    """
    done = 0
    while found := _enrol_some(at):
        done += found
    return done


@transaction.atomic
def _enrol_some(at: datetime) -> int:
    ids = list(due(at).order_by("pk").values_list("pk", flat=True)[:_AT_A_TIME])
    people = Person.objects.filter(pk__in=ids).select_for_update(no_key=True, skip_locked=True)
    return sum(bool(enrol(person, at=at)) for person in people)


def _enrol_at_home(person: Person, area: Iterable[Assembly], at: datetime) -> list[Participation]:
    """Begins what the person lacks of `area`; what they had joined of their own accord becomes home."""
    held = {p.assembly_id: p for p in person.participations.filter(ended_at=None, assembly__in=list(area))}
    new = []
    for assembly in area:
        old = held.get(assembly.pk)
        if (old is not None and old.is_home) or not assembly.is_open_at(at):
            continue
        if old is not None:
            _end(old, Ending.BECAME_HOME, at)
        new.append(Participation(person=person, assembly=assembly, began_at=at, origin=Origin.HOME))
    return _begin(person, new, at)


def _enrol_in_core(person: Person, at: datetime) -> list[Participation]:
    """Begins what a member lacks of the core assemblies; nothing for anybody else."""
    if not person.is_member_at(at):
        return []
    held = person.participations.filter(ended_at=None).values("assembly")
    lacking = Assembly.objects.core_at(at).exclude(pk__in=held)
    new = [Participation(person=person, assembly=one, began_at=at, origin=Origin.CORE) for one in lacking]
    return _begin(person, new, at)


def _begin(person: Person, new: list[Participation], at: datetime) -> list[Participation]:
    """Saves the new rows and records them as one event about the person."""
    if new:
        Participation.objects.bulk_create(new)
        facts = {"origin": new[0].origin, "assemblies": [str(row.assembly_id) for row in new]}
        events.record("enrolled", person, at=at, data=facts)
    return new


def _end(participation: Participation, because: str, at: datetime) -> None:
    participation.ended_at = max(at, participation.began_at)
    participation.ended_because = because
    participation.save(update_fields=["ended_at", "ended_because"])
