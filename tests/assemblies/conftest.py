"""A small country: one region with a city of two constituencies and a third outside it, and another region."""

from dataclasses import dataclass

import pytest

from assemblies.models import Assembly, Kind
from tests.factories import make_assembly


@dataclass(frozen=True)
class Country:
    """Its areas by name."""

    yorkshire: Assembly
    leeds: Assembly
    leeds_east: Assembly
    leeds_west: Assembly
    skipton: Assembly
    wales: Assembly
    cardiff: Assembly


def make_area(place: str, kind: Kind, within: Assembly | None = None, **fields: object) -> Assembly:
    """An area named as our own file names them."""
    slug = f"{place.lower().replace(' ', '-')}-{kind.value}"
    name = f"{place} {kind.label} Society"
    return make_assembly(name, slug=slug, place=place, kind=kind, within=within, **fields)


@pytest.fixture
def country(db: None) -> Country:
    """The small country."""
    yorkshire = make_area("Yorkshire", Kind.REGION)
    leeds = make_area("Leeds", Kind.CITY, yorkshire)
    wales = make_area("Wales", Kind.REGION)
    return Country(
        yorkshire=yorkshire,
        leeds=leeds,
        leeds_east=make_area("Leeds East", Kind.CONSTITUENCY, leeds, hex_q=60, hex_r=-20),
        leeds_west=make_area("Leeds West", Kind.CONSTITUENCY, leeds, hex_q=59, hex_r=-20),
        skipton=make_area("Skipton", Kind.CONSTITUENCY, yorkshire, hex_q=58, hex_r=-20),
        wales=wales,
        cardiff=make_area(
            "Cardiff East", Kind.CONSTITUENCY, wales, other_name="Dwyrain Caerdydd", hex_q=50, hex_r=-40
        ),
    )


@pytest.fixture
def core(db: None) -> Assembly:
    """A core assembly."""
    return make_assembly("Research Working Group", kind=Kind.WORKING_GROUP, is_core=True)


@pytest.fixture
def youth(db: None) -> Assembly:
    """An assembly for people aged 18 to 30."""
    return make_assembly("Youth Assembly", slug="youth", kind=Kind.IDENTITY, minimum_age=18, maximum_age=30)
