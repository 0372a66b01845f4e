"""Names are found whatever the accents, the case and a slip of the keyboard."""

import pytest

from assemblies.models import Assembly
from assemblies.search import MOST, find, fold

NAMES = [
    "Ynys Môn",
    "Montgomeryshire and Glyndŵr",
    "Leeds East",
    "Leeds North East",
    "East Leeds Circle",
    "Hull",
]
EVERYTHING = [Assembly(name=f"{name} Constituency Society", place=name) for name in NAMES]
EVERYTHING.append(
    Assembly(name="Cardiff East Constituency Society", place="Cardiff East", other_name="Dwyrain Caerdydd")
)
EVERYTHING.append(Assembly(name="Disabled People’s Assembly"))


def places(query: str) -> list[str]:
    return [one.short_name for one in find(query, EVERYTHING).assemblies]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("ynys mon", ["Ynys Môn"]),
        ("YNYS MÔN", ["Ynys Môn"]),
        ("glyndwr", ["Montgomeryshire and Glyndŵr"]),
        ("Glyndŵr", ["Montgomeryshire and Glyndŵr"]),
        ("montgomeryshire & glyn", ["Montgomeryshire and Glyndŵr"]),
        ("caerdydd", ["Cardiff East"]),
        ("leeds east", ["Leeds East", "East Leeds Circle", "Leeds North East"]),
        ("disabled peoples", ["Disabled People’s Assembly"]),
        ("people's", ["Disabled People’s Assembly"]),
        ("ull", ["Hull"]),
        ("  hull  ", ["Hull"]),
        ("nowhere at all", []),
        ("%", []),
        ("", []),
    ],
)
def test_what_is_found_and_in_which_order(query: str, found: list[str]) -> None:
    assert places(query) == found


def test_a_slip_offers_names_that_look_alike() -> None:
    found = find("Cardif Est", EVERYTHING)
    assert not found.assemblies
    assert [one.short_name for one in found.perhaps] == ["Cardiff East"]


def test_a_common_word_shows_so_many_and_counts_the_rest() -> None:
    many = [Assembly(name=f"Society {n}") for n in range(MOST + 7)]
    found = find("society", many)
    assert (len(found.assemblies), found.more) == (MOST, 7)


def test_folding_keeps_letters_and_digits_only() -> None:
    assert fold(" Stoke-on-Trent  Central (North) 2 ") == "stoke on trent central north 2"
