"""What was given on the form, line by line, in words: for the research, the copy and whoever else shows it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import phonenumbers
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from assemblies.models import Assembly
from defections.catalogue import BY_KEY, SECTIONS, Basis, Item, Level, Section
from harmony.time import LONDON


@dataclass(frozen=True)
class Line:
    """One item of data that was given. `row` counts from 1 in a section that repeats; it is 0 elsewhere."""

    key: str  # "office.body", "employment.1.title"
    section: Section
    item: Item
    row: int
    value: Any

    @property
    def label(self) -> str:
        """What it is, in words."""
        return str(self.item.label)

    @property
    def text(self) -> str:
        """What was given, in words."""
        return text_of(f"{self.section.key}.{self.item.name}", self.value)

    @property
    def is_free(self) -> bool:
        """Whether somebody typed it, rather than choosing or dating it."""
        return isinstance(self.value, str) and f"{self.section.key}.{self.item.name}" not in _WORDS


def of_section(section: str, given: Mapping[str, Any]) -> list[Line]:
    """The lines of one section, in the order of the form; what was left empty has none."""
    return list(_lines(BY_KEY[section], given))


def of_answers(answers: Mapping[str, Mapping[str, Any]]) -> list[Line]:
    """The lines of all `answers` ({section: {item: value}}), in the order of the form."""
    return [line for section in SECTIONS for line in _lines(section, answers.get(section.key, {}))]


def of_arrival(arrival: Mapping[str, str]) -> list[tuple[str, str]]:
    """What was written down about a form that came by post or email (see `paper.begin`), as labels and texts."""
    labels = {
        "way": _("How it came"),
        "arrived_on": _("When it arrived"),
        "signed_pledges": _("Signed pledges"),
        "kept_where": _("Where the paper is kept"),
    }
    texts = {**arrival, "arrived_on": day(arrival["arrived_on"])} if arrival else {}
    return [(label, texts[name]) for name, label in labels.items() if name in texts]


def key_of(section: str, row: int, name: str) -> str:
    """The key of the line of an item; `row` counts from 1, 0 for an item outside of the rows."""
    return f"{section}.{row}.{name}" if row else f"{section}.{name}"


def parts_of(key: str) -> tuple[str, int, str]:
    """The section, the row (0 for none) and the name of the item that a key of a line is made of."""
    section, _dot, rest = key.partition(".")
    row, _dot, name = rest.rpartition(".")
    return section, int(row) if row.isdecimal() else 0, name


def of_envelope(address: Mapping[str, Any]) -> list[str]:
    """The section "address" as it stands on an envelope, line by line; what was left empty has none."""
    names = ("country",) if address.get("is_abroad") else ("line_1", "line_2", "town", "county", "postcode")
    abroad = str(address.get("postal_lines") or "").splitlines() if address.get("is_abroad") else []
    found = [*abroad, *(str(address.get(name) or "") for name in names)]
    return [line.strip() for line in found if line.strip()]


def _lines(section: Section, given: Mapping[str, Any]) -> Iterator[Line]:
    for item in section.items:
        if _is_given(given.get(item.name)):
            yield Line(key_of(section.key, 0, item.name), section, item, 0, given[item.name])
    for number, row in enumerate(given.get("rows", []), 1):
        for item in section.rows:
            if _is_given(row.get(item.name)):
                yield Line(key_of(section.key, number, item.name), section, item, number, row[item.name])


def _is_given(value: Any) -> bool:
    return value is not None and value != ""


def text_of(key: str, value: Any) -> str:
    """The value of an item ("office.level") in words; one that does not fit its item as it stands."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    try:
        return _WORDS[key](value) if key in _WORDS else str(value)
    except (ValueError, TypeError, phonenumbers.NumberParseException):
        return str(value)


def day(value: str) -> str:
    """ "1977-03-27" as 27 March 1977."""
    return date_format(date.fromisoformat(value), "j F Y")


def month(value: str) -> str:
    """ "1977-03" as March 1977."""
    return date_format(date.fromisoformat(f"{value}-01"), "F Y")


def phone(value: str) -> str:
    """A number of this country as it is dialled here, any other with its country's."""
    number = phonenumbers.parse(value, "GB")
    is_home = number.country_code == 44
    kind = (
        phonenumbers.PhoneNumberFormat.NATIONAL if is_home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    )
    return phonenumbers.format_number(number, kind)


def _moment(value: str) -> str:
    return date_format(datetime.fromisoformat(value).astimezone(LONDON).date(), "j F Y")


def _assembly(value: str) -> str:
    found = Assembly.objects.filter(pk=UUID(value)).first()
    return found.name if found else value


_WORDS: dict[str, Callable[[str], str]] = {
    "birth.date_of_birth": day,
    "phones.home_phone": phone,
    "phones.mobile_phone": phone,
    "office.level": lambda value: str(Level(value).label),
    "office.held_since": month,
    "society.constituency": _assembly,
    "links.basis": lambda value: str(Basis(value).label),
    "links.resident_since": month,
    "employment.began": month,
    "employment.ended": month,
    "private_accounts.promised_at": _moment,
    "principles.agreed_at": _moment,
    "consensus.agreed_at": _moment,
    "declaration.declared_at": _moment,
}
