"""Everybody who is not of the research desk, each in a world of few assemblies."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from assemblies.models import Assembly, Duty, Kind
from decisions.models import Feed
from members.models import Person
from tests import factories
from tests.defections.making import make_volunteer
from tests.defections.researching import make_terms


@dataclass
class Society:
    """An assembly that decides: its secretary, and who votes."""

    assembly: Assembly
    secretary: Person
    members: list[Person]


@dataclass
class World:
    """The assemblies and the people; `crowd` are those who must see nothing but what is theirs, by what they are.

    `local` decides on applicants of its own; `city` on those from `elsewhere`, whose society decides on none.
    """

    local: Society
    city: Society
    elsewhere: Assembly
    volunteer: Person
    second: Person
    general: Person
    barred: Person
    crowd: dict[str, Person | None] = field(default_factory=dict)


# Those of the crowd who are members of an assembly that decides.
LOCAL = frozenset({"member", "secretary", "barred member"})
CITY = frozenset({"member of the city", "secretary of the city"})


def make_world(at: datetime) -> World:
    """The people of the story, all since long before `at`."""
    region = factories.make_assembly("Region of the West", kind=Kind.REGION, place="West", slug="west")
    city = factories.make_assembly(
        "City Society", kind=Kind.CITY, place="Great City", within=region, slug="city"
    )
    bath, elsewhere = (
        factories.make_assembly(
            f"{place} Constituency Society",
            kind=Kind.CONSTITUENCY,
            place=place,
            within=city,
            slug=place.lower(),
        )
        for place in ("Bath", "Wells")
    )
    party = factories.make_assembly("The party", kind=Kind.PARTY, slug="party")
    world = World(
        _society(bath, "Sam Secretary"),
        _society(city, "Sid Secretary"),
        elsewhere,
        make_volunteer(name="Rita Researcher"),
        make_volunteer(name="Sol Second"),
        _secretary("Gwen General", party),
        _member("Barry Barred", bath),
    )
    world.crowd = {**_of_the_assemblies(world), **_of_the_whole_party(at)}
    for person in world.crowd.values():
        if person is not None:
            Feed.objects.create(person=person, made_at=at)
    return world


def _society(assembly: Assembly, secretary: str) -> Society:
    make_terms(assembly, residence_months=12)
    members = [_member(f"Member {number}", assembly) for number in range(3)]
    return Society(assembly, _secretary(secretary, assembly), members)


def _of_the_assemblies(world: World) -> dict[str, Person | None]:
    return {
        "anonymous": None,
        "participant": _participant("Peter Participant", world.local.assembly),
        "member": world.local.members[0],
        "secretary": world.local.secretary,
        "barred member": world.barred,
        "member of the city": world.city.members[0],
        "secretary of the city": world.city.secretary,
        "general secretary": world.general,
    }


def _of_the_whole_party(at: datetime) -> dict[str, Person | None]:
    return {
        "outsider": factories.make_person("Olive Outsider"),
        "site staff": factories.make_person("Stan Staff", is_staff=True),
        "superuser": factories.make_person("Sue Super", is_staff=True, is_superuser=True),
        "operations": make_volunteer(Duty.Name.OPERATIONS, "Otto Operations"),
        "elections": _acting(Duty.Name.ELECTIONS, "Ella Elections"),
        "resolutions": _acting(Duty.Name.RESOLUTIONS, "Rob Resolutions"),
        "volunteer not cleared": _uncleared("Una Uncleared"),
        "volunteer whose clearance ran out": _expired("Xena Expired", at),
    }


def _member(name: str, assembly: Assembly) -> Person:
    person = factories.make_member(name)
    factories.make_participation(person, assembly)
    return person


def _participant(name: str, assembly: Assembly) -> Person:
    person = factories.make_person(name)
    factories.make_participation(person, assembly)
    return person


def _secretary(name: str, assembly: Assembly) -> Person:
    person = _member(name, assembly)
    factories.make_term(person, assembly)
    return person


def _acting(duty: str, name: str) -> Person:
    """Who is cleared for the duty, and secretary of the assembly that has it."""
    person = make_volunteer(duty, name)
    factories.make_term(person, person.participations.get().assembly)
    return person


def _uncleared(name: str) -> Person:
    person = make_volunteer(name=name)
    person.clearances.all().delete()
    return person


def _expired(name: str, at: datetime) -> Person:
    person = make_volunteer(name=name)
    person.clearances.update(granted_at=at - timedelta(days=400), expires_at=at - timedelta(days=1))
    return person
