"""What the directory and an assembly's page show: pure reading, each in a fixed number of queries."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Prefetch
from django.utils.translation import gettext_lazy as _

from assemblies import enrolment, joining, panels
from assemblies.models import (
    GEOGRAPHY,
    Assembly,
    AssemblyQuerySet,
    JoinRequest,
    Kind,
    Office,
    Participation,
    Term,
)
from assemblies.models.office import most_at_once
from assemblies.panels import Viewer
from members.models import Person

MOST_NAMED = 12  # members of one kind that a page names one by one; more become a number with a link
MOST_PARTS = 1000  # areas directly within another: always named


KINDS = {
    Kind.REGION: _("Regions"),
    Kind.CITY: _("Cities"),
    Kind.CONSTITUENCY: _("Constituencies"),
    Kind.WORKING_GROUP: _("Working groups"),
    Kind.COMMITTEE: _("Committees"),
    Kind.SOCIETY: _("Societies"),
    Kind.POLICY_SOCIETY: _("Policy societies"),
    Kind.IDENTITY: _("Identity assemblies"),
    Kind.ALLIED: _("Allied assemblies"),
    Kind.PARTY: _("The party"),
}


@dataclass(frozen=True)
class Shelf:
    """A heading of the directory with the assemblies below it."""

    heading: Any
    about: Any
    assemblies: list[Assembly]


_SHELVES = (
    ((Kind.PARTY,), _("The party"), ""),
    (
        (Kind.WORKING_GROUP, Kind.COMMITTEE, Kind.SOCIETY),
        _("Working groups, committees and societies"),
        _("They keep the party going. Anyone can take part."),
    ),
    ((Kind.POLICY_SOCIETY,), _("Policy societies"), _("Where policy is made, one field each.")),
    (
        (Kind.IDENTITY,),
        _("Identity assemblies"),
        _("For people who share something that matters to politics. Each says who may take part."),
    ),
    (
        (Kind.ALLIED,),
        _("Allied assemblies"),
        _("For people who support a community to which they do not belong."),
    ),
)


@dataclass(frozen=True)
class Service:
    """Who serves in an office, who is elected and has yet to begin, and how many seats can be applied for."""

    office: Office
    terms_now: list[Term]
    terms_to_come: list[Term]
    free_seats: int


def _terms_known(at: datetime) -> Prefetch:
    """For offices: each with `terms_known`, those in force at `at` and those that begin later."""
    terms = Term.objects.overlapping(at, None).select_related("person").order_by("began_at")
    return Prefetch("terms", queryset=terms, to_attr="terms_known")


def _service(office: Any, at: datetime) -> Service:
    """How an office with `terms_known` stands at `at`; the same free seats as `Office.free_seats_at` says."""
    now = [term for term in office.terms_known if term.is_in_force_at(at)]
    to_come = [term for term in office.terms_known if term not in now]
    return Service(office, now, to_come, max(0, office.seats - most_at_once(office.terms_known, at)))


def with_secretaries(assemblies: AssemblyQuerySet, at: datetime) -> list[Assembly]:
    """`assemblies` as a list, each with its `secretaries` at `at`: a Service, or None where it has no such office."""
    offices = Office.objects.filter(role=Office.Role.SECRETARY).prefetch_related(_terms_known(at))
    found = assemblies.prefetch_related(Prefetch("offices", queryset=offices, to_attr="secretary_offices"))
    shown: list[Any] = list(found)
    for one in shown:
        one.secretaries = next((_service(office, at) for office in one.secretary_offices), None)
    return shown


def shelves(at: datetime) -> list[Shelf]:
    """The assemblies open at `at` that are no areas, under the headings of the directory."""
    found = Assembly.objects.open_at(at).exclude(kind__in=GEOGRAPHY).select_related("supports")
    assemblies = with_secretaries(found.order_by("name"), at)
    made = [
        Shelf(heading, about, [one for one in assemblies if one.kind in kinds])
        for kinds, heading, about in _SHELVES
    ]
    return [shelf for shelf in made if shelf.assemblies]


@dataclass(frozen=True)
class Group:
    """Assemblies of one kind in a list: named one by one, or where they are many, only counted."""

    kind: str
    label: str
    size: int
    named: list[Assembly]


def groups(assemblies: AssemblyQuerySet, most: int) -> list[Group]:
    """`assemblies` by kind; kinds with more than `most` are only counted. Two queries."""
    sizes = dict(assemblies.order_by().values_list("kind").annotate(n=Count("pk")))
    few = [kind for kind, size in sizes.items() if size <= most]
    named = list(assemblies.filter(kind__in=few).order_by("place", "name"))
    return [
        Group(kind.value, str(KINDS[kind]), sizes[kind], [one for one in named if one.kind == kind])
        for kind in Kind
        if kind in sizes
    ]


@dataclass(frozen=True)
class Standing:
    """How somebody who is logged in stands to an assembly, and what they can do about it."""

    participation: Participation | None
    asked: JoinRequest | None
    is_home: bool
    reasons_against: list[str]
    reasons_against_leaving: list[str]
    asks_birth: bool  # that and nothing else is still needed of them
    lasts_until: datetime | None  # when their part ends by age, or for want of a date of birth

    @property
    def can_join(self) -> bool:
        """Whether there is something to join: they do not take part, have not asked, and nothing is against it."""
        return not (self.participation or self.asked) and (not self.reasons_against or self.asks_birth)

    @property
    def can_leave(self) -> bool:
        """Whether they take part and may leave."""
        return self.participation is not None and not self.reasons_against_leaving


def standing(assembly: Assembly, viewer: Viewer, at: datetime) -> Standing | None:
    """How the viewer stands to the assembly at `at`; None for somebody not logged in."""
    if not isinstance(viewer, Person):
        return None
    found = viewer.participations.in_force_at(at).filter(assembly=assembly)
    participation = found.select_related("assembly", "person").first()
    home = enrolment.home_of(viewer, at) if assembly.is_constituency else None
    reasons = [] if participation else assembly.reasons_against(viewer, at)
    return Standing(
        participation=participation,
        asked=viewer.join_requests.waiting().filter(assembly=assembly).first(),
        is_home=home == assembly,
        reasons_against=reasons,
        reasons_against_leaving=joining.reasons_against_leaving(participation, at) if participation else [],
        asks_birth=assembly.asks_birth_of(viewer) and len(reasons) == (0 if participation else 1),
        lasts_until=_lasts_until(participation) if participation else None,
    )


def _lasts_until(participation: Participation) -> datetime | None:
    """When the person's own part ends by the assembly's ages, for them alone to read; None where it does not."""
    assembly = participation.assembly
    born = participation.person.date_of_birth if assembly.maximum_age is not None else None
    return participation.birth_due_at if born is None else assembly.age_window(born)[1]


def page(assembly: Assembly, viewer: Viewer, at: datetime) -> dict[str, Any]:
    """All that an assembly's page shows to the viewer at `at`."""
    area = assembly.area()
    offices = assembly.offices.prefetch_related(_terms_known(at)).order_by("-role")
    return {
        "assembly": assembly,
        "lies_in": area[1:],
        "services": [_service(office, at) for office in offices],
        "duties": list(assembly.duties.in_force_at(at)),
        "requirements": assembly.requirements(),
        "numbers": assembly.numbers_at(at),
        "parents": list(Assembly.objects.open_at(at).filter(members=assembly).order_by("name")),
        "members": groups(Assembly.objects.open_at(at).filter(member_of=assembly), MOST_NAMED),
        "parts": groups(Assembly.objects.open_at(at).filter(within=assembly), MOST_PARTS),
        "allies": list(assembly.allies.open_at(at).order_by("name")),
        "standing": standing(assembly, viewer, at),
        "panels": panels.shown(assembly, viewer, at),
        "is_open": assembly.is_open_at(at),
    }
