"""Who takes part as a matter of course (P2).

A home constituency enrols people there, in its city and in its region; a membership of the party enrols them
in the core assemblies. Moving home moves them; a membership that lapses removes nobody, it only takes the vote.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from assemblies.errors import WrongMomentError, WrongPlaceError
from assemblies.models import Assembly, EnrolmentCheck, Participation
from ledger import events
from members.models import Membership, Person

CHECK_EVERY = timedelta(hours=1)  # everybody is looked at so often; new members at every sweep
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
    elsewhere = person.participations.filter(ended_at=None, origin=Origin.HOME)
    for old in elsewhere.exclude(assembly__in=[assembly.pk for assembly in area]):
        _end(old, Ending.MOVED, at)
    begun = _enrol_at_home(person, area, at)
    if before != constituency:
        facts = {"from": str(before.pk) if before else None, "to": str(constituency.pk)}
        events.record("person.home_set", person, at=at, by=(by or person).pk, data=facts)
    return begun + enrol(person, at=at)


@transaction.atomic
def enrol(person: Person, *, at: datetime) -> list[Participation]:
    """Begins what a member lacks at `at` of the core assemblies and of their home area; returns these.

    Nothing for somebody who is no member at `at`. Repeating it changes nothing.
    """
    person = locked(person)
    return _enrol_members([person], at) if person.is_member_at(at) else []


# --- The sweep ------------------------------------------------------------------------------------------
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
    """Enrols members who lack something at `at`; returns how many people that were. For the sweep.

    New members at every call; everybody else once an hour, and as soon as the core assemblies or the areas
    have changed. In transactions of a hundred people each; people whom another worker holds are left to it.
    """
    done = _enrol_all(Membership.objects.due_to_enrol(at).values_list("person", flat=True), at)
    if EnrolmentCheck.objects.take(at, CHECK_EVERY):
        done += _enrol_all(due(at).values_list("pk", flat=True), at)
    return done


def _enrol_all(people: Iterable[UUID], at: datetime) -> int:
    ids = sorted(set(people))
    return sum(_enrol_some(ids[start : start + _AT_A_TIME], at) for start in range(0, len(ids), _AT_A_TIME))


@transaction.atomic
def _enrol_some(ids: list[UUID], at: datetime) -> int:
    free = Person.objects.filter(pk__in=ids).select_for_update(no_key=True, skip_locked=True)
    held = [person.pk for person in free.order_by("pk")]
    # Asked again under the lock: meanwhile somebody may have lapsed.
    members = list(Person.objects.members_at(at).filter(pk__in=held))
    Membership.objects.due_to_enrol(at).filter(person__in=held).update(enrolled_at=at)
    return len({row.person_id for row in _enrol_members(members, at)})


# --- What begins and what ends --------------------------------------------------------------------------
def _enrol_members(members: list[Person], at: datetime) -> list[Participation]:
    """Begins what these members, whose locks the caller holds, lack of core and home; in a few statements."""
    held: dict[UUID, set[UUID]] = defaultdict(set)
    rows = Participation.objects.filter(ended_at=None, person__in=members)
    for person_id, assembly_id in rows.values_list("person_id", "assembly_id"):
        held[person_id].add(assembly_id)
    homes = Participation.objects.in_force_at(at).homes().filter(person__in=members)
    areas = {row.person_id: row.assembly.area() for row in homes.select_related("assembly__within__within")}
    core = list(Assembly.objects.core_at(at))
    begun = []
    for person in members:
        home = [one for one in areas.get(person.pk, []) if one.is_open_at(at)]
        for origin, assemblies in ((Origin.HOME, home), (Origin.CORE, core)):
            lacking = [one for one in assemblies if one.pk not in held[person.pk]]
            begun += _begin(person, lacking, origin, at)
    return begun


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
        new.append(assembly)
    return _begin(person, new, Origin.HOME, at)


def _begin(person: Person, assemblies: list[Assembly], origin: str, at: datetime) -> list[Participation]:
    """Begins the person's part in these and records it as one event about the person."""
    new = [Participation(person=person, assembly=one, began_at=at, origin=origin) for one in assemblies]
    if new:
        Participation.objects.bulk_create(new)
        facts = {"origin": origin, "assemblies": [str(one.pk) for one in assemblies]}
        events.record("person.enrolled", person, at=at, data=facts)
    return new


def _end(participation: Participation, because: str, at: datetime) -> None:
    participation.ended_at = max(at, participation.began_at)
    participation.ended_because = because
    participation.save(update_fields=["ended_at", "ended_because"])
