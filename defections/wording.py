"""An application's answers as the applicant is shown them: every item that was asked for, those left empty too."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import phonenumbers
from django.utils.translation import gettext as _
from phonenumbers import NumberParseException, PhoneNumberFormat

from defections import lines
from defections.catalogue import SECTIONS, Basis, Item, Section
from defections.completeness import Given


@dataclass(frozen=True)
class Told:
    """One item: its name in the catalogue, what it is called, and what was given, in words; "" for nothing."""

    name: str
    label: str
    words: str


@dataclass(frozen=True)
class SectionTold:
    """One section: its items, and where it repeats the items of each row."""

    section: Section
    items: list[Told]
    rows: list[list[Told]]


def in_words(answers: Mapping[str, Given]) -> list[SectionTold]:
    """Every section of the form in order, with what was given so far; questions that do not arise are left out."""
    return [_section(section, answers.get(section.key, {})) for section in SECTIONS]


def _section(section: Section, given: Given) -> SectionTold:
    items = [_told(section, item, given) for item in section.items if _arises(section.key, item.name, given)]
    rows = [[_told(section, item, row) for item in section.rows] for row in given.get("rows") or []]
    return SectionTold(section, items, rows)


def _arises(section: str, name: str, given: Given) -> bool:
    """Whether the form asks for this, after what was answered before."""
    if name in ("legal_given_name", "legal_family_name"):
        return bool(given.get("legal_differs"))
    if section == "address":
        return _is_of_address(name, is_abroad=bool(given.get("is_abroad")))
    if (section, name) == ("party", "party"):
        return not given.get("is_independent")
    if name == "resident_since":
        return given.get("basis") == Basis.RESIDENCE
    return name != "is_complete"


def _is_of_address(name: str, *, is_abroad: bool) -> bool:
    """Whether an item belongs to an address abroad, or to one in the United Kingdom."""
    return (name in ("is_abroad", "postal_lines", "country")) is is_abroad


def _told(section: Section, item: Item, given: Given) -> Told:
    return Told(item.name, str(item.label), value_in_words(section.key, item.name, given.get(item.name)))


def value_in_words(section: str, name: str, value: Any) -> str:
    """One value of the catalogue in words; "" for none, and "Present" for a job without an end."""
    if (section, name) == ("employment", "ended") and value == "":
        return _("Present")
    if value is None or value == "":
        return ""
    if name.endswith("_phone"):
        return spoken_phone(str(value))
    return lines.text_of(f"{section}.{name}", value)


def spoken_phone(number: str) -> str:
    """A stored number as people of the United Kingdom write it."""
    try:
        parsed = phonenumbers.parse(number, "GB")
    except NumberParseException:
        return number
    is_british = parsed.country_code == 44
    style = PhoneNumberFormat.NATIONAL if is_british else PhoneNumberFormat.INTERNATIONAL
    return str(phonenumbers.format_number(parsed, style))


def month_of(text: str) -> date | None:
    """The first day of a month that the catalogue writes as "2019-05"; None for any other text."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return None
