"""Marked values, one for each thing that an applicant or a volunteer gives."""

import hashlib
from calendar import month_name
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from defections.catalogue import SECTIONS

_LETTERS = "bcdfghjklmnpqrstvwxz"
_MONTHS = [month for month in month_name if month]
BEGINNING = "Zq"  # of every word


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
    return BEGINNING + "".join(_LETTERS[byte % len(_LETTERS)] for byte in digest[:9])


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


# --- What one applicant gives -------------------------------------------------------------------------------
_WORDS = {  # by the keys of the lines; "{}" is the word
    "name.given_name": "{}",
    "name.family_name": "{}",
    "name.legal_given_name": "{}",
    "name.legal_family_name": "{}",
    "address.line_1": "217 {} Terrace",
    "address.line_2": "Lower {}",
    "address.town": "{}",
    "address.county": "{}",
    "office.body": "{} Council",
    "office.area": "{} ward",
    "office.elected_as": "{}",
    "party.party": "{} Alliance",
    "links.statement": "I sing in the {} choir",
    "employment.1.title": "{}",
    "employment.1.employer": "{}",
    "employment.1.employer_address": "3 {} Yard",
    "employment.2.title": "{}",
    "employment.2.employer": "{}",
    "employment.2.employer_address": "8 {} Mews",
    "public_accounts.1.platform": "{}",
    "public_accounts.1.account": "@{}@social.example",
    "public_accounts.2.platform": "{}",
    "public_accounts.2.account": "@{}@social.example",
}
_MONTHS_GIVEN = (
    *("office.held_since", "links.resident_since"),
    *("employment.1.began", "employment.2.began", "employment.2.ended"),
)
# Items in which no word fits: yes or no, a choice from a list, a moment.
WITHOUT_A_WORD = {
    *("name.legal_differs", "office.level", "party.is_independent", "society.constituency", "links.basis"),
    *("employment.is_employed", "employment.is_complete", "employment.1.ended", "public_accounts.has_any"),
    *("private_accounts.exist", "private_accounts.promised_at"),
    *("principles.agreed_at", "consensus.agreed_at", "declaration.declared_at"),
    # In place of an address here: nobody has both.
    *("address.is_abroad", "address.postal_lines", "address.country"),
}
# What an assembly's members are given of it (D17), written out here by hand and not taken from the catalogue.
_COPY = (
    *("name.given_name", "name.family_name", "office.body", "corrected area", "office.held_since"),
    *("office.elected_as", "party.party", "links.statement", "employment.1.title", "employment.1.employer"),
    *("employment.1.began", "employment.2.title", "employment.2.employer", "employment.2.began"),
    *("employment.2.ended", "public_accounts.1.platform", "public_accounts.1.account"),
    *("public_accounts.2.platform", "public_accounts.2.account"),
)
# What comes along, and is written about it.
_ELSEWHERE = {
    "email": "{}@example.org",
    "search": "{}",  # typed where the constituency is looked for
    "mistyped phone": "{}",  # typed where a number is asked for, and shown again
    "typed passage": "the {} affair",  # in the statement: a reader takes it out by hand
    "check note": "{}",
    "corrected area": "{} ward",  # in the place of office.area
    "corrected line": "Near {}",  # in the place of address.line_2
    "correction how": "{}",
    "contact note": "{}",
    "question": "{}",
    "answer": "{}",
    "summary": "{}",
    "keep reason": "{}",
    "sent back": "{}",
    "another time": "{}",
    "account name": "{}",
}
_OF_FILES = (
    *("pdf name", "pdf info", "pdf text", "jpeg name", "jpeg exif", "jpeg comment", "png name", "png text"),
    "refused file name",
)
_OF_PAPER = ("kept where", "refused scan name")


@dataclass(frozen=True)
class Given:
    """All that one applicant gives, each piece with a marker of its own, named `prefix` and what it is.

    Calling it gives the value of a piece. Months are as in `_MONTHS_GIVEN`; phones begin with +44.
    """

    prefix: str
    born: str
    home_phone: str
    mobile_phone: str
    postcode: str
    months: tuple[str, ...]
    more: tuple[str, ...] = ()

    def __call__(self, name: str) -> str:
        """What is given."""
        return MARKERS[self.prefix + name].value

    def named(self, *names: str) -> frozenset[str]:
        """The markers of these pieces."""
        return frozenset(self.prefix + name for name in names)

    @property
    def all(self) -> frozenset[str]:
        """Every marker of this applicant."""
        return frozenset(marker.name for marker in self.markers())

    @property
    def copy(self) -> frozenset[str]:
        """Those that the members of the deciding assembly are shown (D17)."""
        return self.named(*_COPY)

    @property
    def account(self) -> frozenset[str]:
        """Those of which an account consists."""
        return self.named("email", "name.given_name", "name.family_name")

    def markers(self) -> Iterator[Marker]:
        """Each piece with its marker."""
        words = {**_WORDS, **_ELSEWHERE, **dict.fromkeys((*_OF_FILES, *self.more), "{}")}
        yield from (_word(self.prefix + name, around) for name, around in words.items())
        months = zip(_MONTHS_GIVEN, self.months, strict=True)
        yield from (_month(self.prefix + name, month) for name, month in months)
        yield _day(f"{self.prefix}birth.date_of_birth", self.born)
        yield _phone(f"{self.prefix}phones.home_phone", self.home_phone)
        yield _phone(f"{self.prefix}phones.mobile_phone", self.mobile_phone)
        packed = self.postcode.replace(" ", "").lower()
        yield Marker(f"{self.prefix}address.postcode", self.postcode, packed=(packed,))


ONLINE = Given(
    "",
    born="1951-11-29",
    home_phone="+441225496173",
    mobile_phone="+447700900417",
    postcode="BA19 7XZ",
    months=("1987-08", "1992-03", "1994-02", "1979-04", "1983-10"),
)
PAPER = Given(
    "on paper: ",
    born="1948-06-17",
    home_phone="+441225496284",
    mobile_phone="+447700900528",
    postcode="BA18 6WV",
    months=("1990-06", "1988-09", "1996-07", "1974-01", "1977-12"),
    more=_OF_PAPER,
)
MARKERS: dict[str, Marker] = {marker.name: marker for given in (ONLINE, PAPER) for marker in given.markers()}
EVERY = frozenset(MARKERS)


def value(name: str) -> str:
    """What is given for one marker of the form that was filled in online."""
    return ONLINE(name)


def item_keys_without_marker(given: Given) -> set[str]:
    """Items of the catalogue that no marker and no exception names, a row's as "employment.1.title"."""
    wanted = {f"{section.key}.{item.name}" for section in SECTIONS for item in section.items}
    wanted |= {f"{section.key}.1.{item.name}" for section in SECTIONS for item in section.rows}
    return set(given.named(*(wanted - WITHOUT_A_WORD)) - EVERY)
