"""What was given and turned out to be otherwise: corrections laid over the answers, which stay as given (D16, D17).

For the software's own work: nobody is shown any of it but through `records`.
"""

from collections.abc import Mapping
from typing import Any

from defections import intake, lines
from defections.models import Application

Answers = Mapping[str, Mapping[str, Any]]


def values_of(application: Application) -> dict[str, Any]:
    """What was corrected, by key of the line; "" where nothing should have been given. Raises Erased, VaultError."""
    return {row.item: row.value for row in application.corrections.all()}


def applied(answers: Answers, values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """`answers` ({section: {item: value}}) with the corrections in place of what was given; a row may be new."""
    made = {section: _copied(given) for section, given in answers.items()}
    for key, value in values.items():
        section, row, name = lines.parts_of(key)
        given = made.setdefault(section, {})
        if row:
            rows = given.setdefault("rows", [])
            rows.extend({} for _missing in range(row - len(rows)))
            given = rows[row - 1]
        given[name] = value
    return made


def answers_as_corrected(application: Application) -> dict[str, dict[str, Any]]:
    """Every section as it stands now. Raises Erased or VaultError."""
    return applied(intake.answers(application), values_of(application))


def section_as_corrected(application: Application, section: str) -> dict[str, Any]:
    """One section as it stands now; empty when it was not begun. Raises Erased or VaultError."""
    return answers_as_corrected(application).get(section, {})


def _copied(given: Mapping[str, Any]) -> dict[str, Any]:
    rows = {"rows": [dict(row) for row in given["rows"]]} if "rows" in given else {}
    return {**given, **rows}
