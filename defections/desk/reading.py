"""A section of the form as the desk reads it: what was given, beside what it was corrected to."""

from dataclasses import dataclass
from typing import Any

from defections import corrections, lines
from defections.catalogue import BY_KEY
from defections.desk import correcting, correction_pages
from defections.lines import Line
from defections.models import Correction
from defections.records import OpenedSection


@dataclass(frozen=True)
class ReadLine:
    """One line: as it stands now, and what was given where that was something else."""

    line: Line
    given: str  # in words; "" for nothing
    correction: Correction | None
    step: str  # the page on which it is corrected; "" where it cannot be

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


def read(opened: OpenedSection, section: str) -> list[ReadLine]:
    """Every line that was given or corrected, in the order of the form."""
    given = {line.key: line for line in lines.of_section(section, opened.given)}
    now = {line.key: line for line in lines_now(opened, section)}
    return [
        ReadLine(
            now.get(key) or given[key],
            given[key].text if key in given else "",
            opened.corrections.get(key),
            correction_pages.step_of(key, opened.given) if correcting.is_correctable(key) else "",
        )
        for key in _in_order(section, {**given, **now})
    ]


def by_row(found: list[ReadLine]) -> list[tuple[int, list[ReadLine]]]:
    """The lines of each row; 0 is what stands outside of the rows."""
    rows = sorted({one.line.row for one in found})
    return [(row, [one for one in found if one.line.row == row]) for row in rows]


def _in_order(section: str, found: dict[str, Line]) -> list[str]:
    known = BY_KEY[section]
    names = [item.name for item in (*known.items, *known.rows)]
    return sorted(found, key=lambda key: (found[key].row, names.index(found[key].item.name)))
