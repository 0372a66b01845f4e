"""Marked values, one for each thing that an applicant or a volunteer gives, and finding them in anything.

A marker is found however its value is written: letter case, spacing and punctuation aside, dates in any order.
"""

import base64
import hashlib
import re
from calendar import month_name
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from defections.catalogue import SECTIONS

_LETTERS = "bcdfghjklmnpqrstvwxz"
_MONTHS = [month for month in month_name if month]
_PUNCTUATION = re.compile(r"[\s\-()+.,/]+")


@dataclass(frozen=True)
class Marker:
    """What was given (`value`), what it is called here, and how it may be written."""

    name: str
    value: str
    plain: tuple[str, ...] = ()  # looked for in text in lower case
    packed: tuple[str, ...] = field(default=())  # looked for in text without spaces and punctuation


def word(name: str) -> str:
    """A word that stands nowhere else: letters only, so that it fits a name, a mail address and a file's name."""
    digest = hashlib.sha256(name.encode()).digest()
    return "Zq" + "".join(_LETTERS[byte % len(_LETTERS)] for byte in digest[:9])


def _word(name: str, around: str = "{}") -> Marker:
    made = word(name)
    return Marker(name, around.format(made), (made.lower(),))


def _phone(name: str, number: str) -> Marker:
    return Marker(name, number, packed=(number.removeprefix("+44"),))


def _month(name: str, value: str) -> Marker:
    year, number = value.split("-")
    full = _MONTHS[int(number) - 1]
    ways = (value, f"{full} {year}", f"{full[:3]} {year}", f"{number}/{year}", f"{int(number)}/{year}")
    return Marker(name, value, tuple(way.lower() for way in ways))


def _day(name: str, value: str) -> Marker:
    day = date.fromisoformat(value)
    full = _MONTHS[day.month - 1]
    ways = {
        value,
        f"{day:%d/%m/%Y}",
        f"{day.day}/{day.month}/{day.year}",
        f"{day:%d.%m.%Y}",
        f"{day:%m/%d/%Y}",
    }
    for month in (full, full[:3], f"{full[:3]}."):
        ways |= {
            f"{day.day} {month} {day.year}",
            f"{month} {day.day}, {day.year}",
            f"{day.day} {month}, {day.year}",
        }
    return Marker(name, value, tuple(sorted(way.lower() for way in ways)))


# --- What the form asks for: by the keys of the lines ---------------------------------------------------
_FORM = (
    _word("name.given_name"),
    _word("name.family_name"),
    _word("name.legal_given_name"),
    _word("name.legal_family_name"),
    _day("birth.date_of_birth", "1951-11-29"),
    _phone("phones.home_phone", "+441225496173"),
    _phone("phones.mobile_phone", "+447700900417"),
    _word("address.line_1", "217 {} Terrace"),
    _word("address.line_2", "Lower {}"),
    _word("address.town"),
    _word("address.county"),
    Marker("address.postcode", "BA19 7XZ", packed=("ba197xz",)),
    _word("office.body", "{} Council"),
    _word("office.area", "{} ward"),
    _month("office.held_since", "1987-08"),
    _word("office.elected_as"),
    _word("party.party", "{} Alliance"),
    _word("links.statement", "I sing in the {} choir"),
    _month("links.resident_since", "1992-03"),
    _word("employment.1.title"),
    _word("employment.1.employer"),
    _word("employment.1.employer_address", "3 {} Yard"),
    _month("employment.1.began", "1994-02"),
    _word("employment.2.title"),
    _word("employment.2.employer"),
    _word("employment.2.employer_address", "8 {} Mews"),
    _month("employment.2.began", "1979-04"),
    _month("employment.2.ended", "1983-10"),
    _word("public_accounts.1.platform"),
    _word("public_accounts.1.account", "@{}@social.example"),
    _word("public_accounts.2.platform"),
    _word("public_accounts.2.account"),
)
# Items in which no word fits: yes or no, a choice from a list, a moment.
WITHOUT_A_WORD = {
    *("name.legal_differs", "office.level", "party.is_independent", "society.constituency", "links.basis"),
    *("employment.is_employed", "employment.is_complete", "employment.1.ended", "public_accounts.has_any"),
    *(
        "private_accounts.exist",
        "private_accounts.promised_at",
        "principles.agreed_at",
        "consensus.agreed_at",
    ),
    "declaration.declared_at",
    # In place of an address here: nobody has both.
    *("address.is_abroad", "address.postal_lines", "address.country"),
}
# What an assembly's members are given of it (D17), written out here by hand and not taken from the catalogue.
COPY = frozenset(
    {
        *("name.given_name", "name.family_name", "office.body", "corrected area", "office.held_since"),
        *(
            "office.elected_as",
            "party.party",
            "links.statement",
            "employment.1.title",
            "employment.1.employer",
        ),
        *("employment.1.began", "employment.2.title", "employment.2.employer", "employment.2.began"),
        *("employment.2.ended", "public_accounts.1.platform", "public_accounts.1.account"),
        *("public_accounts.2.platform", "public_accounts.2.account"),
    }
)

# --- What comes along -------------------------------------------------------------------------------------
_ELSEWHERE = (
    _word("email", "{}@example.org"),
    _word("search", "{}"),  # typed where the constituency is looked for
    _word("mistyped phone", "{}"),  # typed where a number is asked for, and shown again
    _word("typed passage", "the {} affair"),  # in the statement: a reader takes it out by hand
    _word("pdf name"),
    _word("pdf info"),
    _word("pdf text"),
    _word("jpeg name"),
    _word("jpeg exif"),
    _word("jpeg comment"),
    _word("png name"),
    _word("png text"),
    _word("refused file name"),
    _word("check note"),
    _word("corrected area", "{} ward"),  # in the place of office.area
    _word("corrected line", "Near {}"),  # in the place of address.line_2
    _word("correction how"),
    _word("contact note"),
    _word("question"),
    _word("answer"),
    _word("summary"),
    _word("keep reason"),
    _word("sent back"),
    _word("another time"),
    _word("account name"),
)
MARKERS: dict[str, Marker] = {marker.name: marker for marker in (*_FORM, *_ELSEWHERE)}
EVERY = frozenset(MARKERS)
_NUMBERS = frozenset(name for name in EVERY if word(name) not in MARKERS[name].value)


def value(name: str) -> str:
    """What is given for one marker."""
    return MARKERS[name].value


def item_keys_without_marker() -> set[str]:
    """Items of the catalogue that no marker and no exception names, a row's as "employment.1.title"."""
    wanted = {f"{section.key}.{item.name}" for section in SECTIONS for item in section.items}
    wanted |= {f"{section.key}.1.{item.name}" for section in SECTIONS for item in section.rows}
    return wanted - EVERY - WITHOUT_A_WORD


# --- Finding them -----------------------------------------------------------------------------------------
def found_in(text: str, among: Collection[str] = EVERY) -> set[str]:
    """The names of the markers in a text."""
    plain = text.casefold()
    if "zq" not in plain:  # as nearly always: no word is there
        among = [name for name in among if name in _NUMBERS]
    packed = _PUNCTUATION.sub("", plain)
    return {name for name in among if _is_in(MARKERS[name], plain, packed)}


def _is_in(marker: Marker, plain: str, packed: str) -> bool:
    return any(way in plain for way in marker.plain) or any(way in packed for way in marker.packed)


def found_in_bytes(content: bytes, among: Collection[str] = EVERY) -> set[str]:
    """The names of the markers in bytes: as text in UTF-8 or UTF-16, and as hexadecimal or base64 of either."""
    found = found_in(content.decode("utf-8", "replace"), among)
    lower = content.lower()
    for name in set(among) - found:
        if any(
            way in (content if is_case_kept else lower) for way, is_case_kept in _disguises(MARKERS[name])
        ):
            found.add(name)
    return found


@cache
def _disguises(marker: Marker) -> tuple[tuple[bytes, bool], ...]:
    """Ways in which the value stands in a dump, each with whether letter case counts."""
    return tuple(dict.fromkeys(_made_disguises(marker)))


def _made_disguises(marker: Marker) -> Iterator[tuple[bytes, bool]]:
    for text in {marker.value, marker.value.lower(), *_bare(marker)}:
        for encoded in (text.encode(), text.encode("utf-16-le")):
            yield encoded.hex().encode(), False
            yield from ((way, True) for way in _base64_of(encoded))
        yield text.lower().encode("utf-16-le"), False


def _bare(marker: Marker) -> Iterable[str]:
    """The word alone, without what stands around it."""
    made = word(marker.name)
    return (made, made.lower()) if made in marker.value else marker.packed


def _base64_of(content: bytes) -> Iterator[bytes]:
    """What is sure to stand in the base64 of anything that has `content` in it, wherever it begins."""
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + content).rstrip(b"=")
        start, end = -(-before * 8 // 6), (before + len(content)) * 8 // 6
        yield encoded[start:end]
