"""A section of the form as the desk reads it: what was given, beside what it was corrected to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.forms import BoundField

from defections import corrections, lines
from defections.catalogue import BY_KEY
from defections.desk import correcting, correction_pages
from defections.lines import Line
from defections.models import Check, Correction
from defections.records import OpenedSection


@dataclass(frozen=True)
class ReadLine:
    """One line: as it stands now, and what was given where that was something else."""

    line: Line
    given: str  # in words; "" for nothing
    correction: Correction | None
    step: str  # the page on which it is corrected; "" where it cannot be
    check: Check | None = None
    fields: tuple[BoundField, ...] = ()  # for the finding; none where it is not checked, or not now

    @property
    def text(self) -> str:
        """As it stands now, in words; "" where nothing should have been given."""
        return self.line.text if self.correction is None or self.correction.value != "" else ""


def lines_now(opened: OpenedSection, section: str) -> list[Line]:
    """The lines of the section with the corrections in the place of what was given."""
    return lines.of_section(section, now_of(opened, section))


def now_of(opened: OpenedSection, section: str) -> dict[str, Any]:
    """The answer to the section with the corrections in the place of what was given."""
    values = {key: row.value for key, row in opened.corrections.items()}
    return corrections.applied({section: opened.given}, values)[section]


def read(
    opened: OpenedSection,
    section: str,
    *,
    checks: Mapping[str, Check] | None = None,
    fields: Mapping[str, list[BoundField]] | None = None,
) -> list[ReadLine]:
    """Every line that was given or corrected, in the order of the form; `checks` and `fields` by key of the line."""
    given = {line.key: line for line in lines.of_section(section, opened.given)}
    now = {line.key: line for line in lines_now(opened, section)}
    return [
        ReadLine(
            now.get(key) or given[key],
            given[key].text if key in given else "",
            opened.corrections.get(key),
            correction_pages.step_of(key, opened.given) if correcting.is_correctable(key) else "",
            (checks or {}).get(key),
            tuple((fields or {}).get(key, ())),
        )
        for key in _in_order(section, {**given, **now})
    ]


@dataclass(frozen=True)
class Entry:
    """The lines of one row, or (row 0) those outside of the rows."""

    row: int
    to_check: list[ReadLine]  # with fields for what was found
    others: list[ReadLine]


def by_row(found: list[ReadLine]) -> list[Entry]:
    """The lines of each row."""
    rows: dict[int, list[ReadLine]] = {}
    for one in found:
        rows.setdefault(one.line.row, []).append(one)
    return [
        Entry(row, [one for one in rows[row] if one.fields], [one for one in rows[row] if not one.fields])
        for row in sorted(rows)
    ]


def _in_order(section: str, found: dict[str, Line]) -> list[str]:
    known = BY_KEY[section]
    names = [item.name for item in (*known.items, *known.rows)]
    return sorted(found, key=lambda key: (found[key].row, names.index(found[key].item.name)))
