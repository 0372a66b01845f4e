"""Everybody who is not of the research desk, each in a world of few assemblies."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from assemblies.models import Assembly, Duty, Kind
from members.models import Person
from tests import factories
from tests.defections.making import make_volunteer
from tests.defections.researching import make_terms


@dataclass
class World:
    """The assemblies and the people; `crowd` are those who must see nothing but what is theirs, by what they are."""

    constituency: Assembly
    volunteer: Person
    second: Person
    secretary: Person
    members: list[Person]
    barred: Person
    crowd: dict[str, Person | None] = field(default_factory=dict)

    @property
    def of_the_assembly(self) -> set[str]:
        """Those of the crowd who are members of the deciding assembly."""
        return {"member", "secretary", "barred member"}


def make_world(at: datetime) -> World:
    """The people of the story, all since long before `at`."""
    region = factories.make_assembly("Region of the West", kind=Kind.REGION, place="West")
    city = factories.make_assembly("City Society", kind=Kind.CITY, place="Great City", within=region)
    constituency = factories.make_assembly(
        "Bath Constituency Society", kind=Kind.CONSTITUENCY, place="Bath", within=city
    )
    make_terms(constituency, residence_months=12)
    party = factories.make_assembly("The party", kind=Kind.PARTY)
    volunteer, second = (make_volunteer(name=name) for name in ("Rita Researcher", "Sol Second"))
    members = [_member(f"Member {number}", constituency) for number in range(4)]
    secretary = _member("Sam Secretary", constituency)
    factories.make_term(secretary, constituency)
    barred = _member("Barry Barred", constituency)
    world = World(constituency, volunteer, second, secretary, members, barred)
    world.crowd = {
        "anonymous": None,
        "outsider": factories.make_person("Olive Outsider"),
        "participant": _participant("Peter Participant", constituency),
        "member": members[0],
        "secretary": secretary,
        "barred member": barred,
        "member of the city": _member("Mia Member", city),
        "secretary of the city": _secretary("Sid Secretary", city),
        "general secretary": _secretary("Gwen General", party),
        "site staff": factories.make_person("Stan Staff", is_staff=True),
        "superuser": factories.make_person("Sue Super", is_staff=True, is_superuser=True),
        "operations": make_volunteer(Duty.Name.OPERATIONS, "Otto Operations"),
        "elections": make_volunteer(Duty.Name.ELECTIONS, "Ella Elections"),
        "resolutions": make_volunteer(Duty.Name.RESOLUTIONS, "Rob Resolutions"),
        "volunteer not cleared": _uncleared("Una Uncleared"),
        "volunteer whose clearance ran out": _expired("Xena Expired", at),
    }
    return world


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


def _uncleared(name: str) -> Person:
    person = make_volunteer(name=name)
    person.clearances.all().delete()
    return person


def _expired(name: str, at: datetime) -> Person:
    person = make_volunteer(name=name)
    person.clearances.update(granted_at=at - timedelta(days=400), expires_at=at - timedelta(days=1))
    return person
