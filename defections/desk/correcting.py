"""Correcting what was given: the applicant's answer says otherwise, or the research finds out (D16, D17).

A correction can be made from the taking on until the copy is handed over, also after the outcome: an applicant may
still be asked while the copy is made. What was given stays beside it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from defections import corrections, intake, lines, records
from defections.catalogue import BY_KEY
from defections.corrections import Answers
from defections.desk import checklist, claims
from defections.errors import DefectionError, Incomplete, WrongMoment
from defections.models import Application, Check, Correction
from ledger import events
from members.models import Person


@dataclass(frozen=True)
class Grounds:
    """Where a correction comes from (a Correction.Source), how it is known, and a Check.Finding about it."""

    source: str
    how: str
    finding: str


def is_correctable(key: str) -> bool:
    """Whether a line of the form can be corrected: what somebody agreed to or promised stays as they said it."""
    section, row, name = lines.parts_of(key)
    known = BY_KEY.get(section)
    among = () if known is None else known.rows if row else known.items
    return any(item.name == name and item.is_fact for item in among)


def require_open(application: Application, *, by: Person, at: datetime) -> None:
    """Raises as `records.require_reader`; WrongMoment unless `by` has it and the copy is not handed over."""
    records.require_reader(application, by, at)
    if not records.has_taken_on(application, by):
        raise WrongMoment(_("Take the application on first: whoever has it works on it."))
    copy = getattr(application, "copy", None)
    if copy is not None and copy.prepared_at is not None:
        raise WrongMoment(_("The copy waits for release. Take it back first to change it."))


def can_correct(application: Application, person: Person) -> bool:
    """Whether a page that `person` may read offers it."""
    copy = getattr(application, "copy", None)
    return records.has_taken_on(application, person) and (copy is None or copy.prepared_at is None)


@sensitive_variables("values", "grounds", "given", "now", "key", "value")
@transaction.atomic
def correct(
    application: Application, values: Mapping[str, Any], grounds: Grounds, *, by: Person, at: datetime
) -> int:
    """Writes down what is right, by key of the line and as the catalogue writes it; the number of lines changed.

    What is as it was given needs no correction: one that there was is taken away. Raises as `require_open`;
    Incomplete without grounds or where nothing changes; DefectionError for what the form does not ask for.
    """
    row = claims.held(application, by, at)
    require_open(row, by=by, at=at)
    if not grounds.how.strip() or grounds.source not in Correction.Source.values:
        raise Incomplete(_("Say where the correct answer comes from, and how you know."))
    if grounds.finding not in Check.Finding.values:
        raise Incomplete(_("Choose what was found about the answer as corrected."))
    given = intake.answers(row)
    stands = corrections.values_of(row)
    now = corrections.applied(given, stands)
    changed = {key: value for key, value in values.items() if _value(now, key) != value}
    _refuse_unknown(now, changed)
    if not changed:
        raise Incomplete(_("This is what stands there already. Change what is wrong."))
    for key, value in changed.items():
        if _value(given, key) == value:
            row.corrections.filter(item=key).delete()
        else:
            _write(row, key, value, grounds, by=by, at=at)
    _restate(row, changed, corrections.applied(given, stands | changed), grounds, by=by, at=at)
    facts = {
        "items": sorted(changed),
        "section": lines.parts_of(next(iter(changed)))[0],
        "source": grounds.source,
    }
    events.record("application.corrected", row, at=at, by=by.pk, data=facts)
    return len(changed)


@transaction.atomic
def take_back(application: Application, key: str, *, by: Person, at: datetime) -> None:
    """Takes a correction away: what was given stands again. Raises as `require_open`, DefectionError for none."""
    row = claims.held(application, by, at)
    require_open(row, by=by, at=at)
    number, _rows = row.corrections.filter(item=key).delete()
    if not number:
        raise DefectionError(_("This correction is not there any more."))
    events.record("application.correction_taken_back", row, at=at, by=by.pk, data={"item": key})


def _refuse_unknown(now: Answers, values: Mapping[str, Any]) -> None:
    for key in values:
        section, row, _name = lines.parts_of(key)
        entries = len(now.get(section, {}).get("rows", []))
        if not is_correctable(key) or row > min(entries + 1, intake.MOST_ROWS):
            raise DefectionError(_("The form does not ask for this, or it is not for us to correct."))


def _value(answers: Answers, key: str) -> Any:
    """What stands at the key of a line, "" for nothing."""
    section, row, name = lines.parts_of(key)
    given: Mapping[str, Any] = answers.get(section, {})
    if row:
        rows = given.get("rows", [])
        given = rows[row - 1] if row <= len(rows) else {}
    found = given.get(name)
    return "" if found is None else found


def _write(
    application: Application, key: str, value: Any, grounds: Grounds, *, by: Person, at: datetime
) -> None:
    place = Correction.place
    values = {
        "value_sealed": application.seal(value, place(application, key, "value")),
        "source": grounds.source,
        "how_sealed": application.seal(grounds.how.strip(), place(application, key, "how")),
        "corrected_by": by,
        "corrected_at": at,
    }
    Correction.objects.update_or_create(application=application, item=key, defaults=values)


def _restate(
    application: Application,
    changed: Mapping[str, Any],
    now: Answers,
    grounds: Grounds,
    *,
    by: Person,
    at: datetime,
) -> None:
    """Writes the finding about each line of the checklist that is there after the correction."""
    there = {line.key for line in checklist.lines_to_check(now)}
    for key in changed:
        if key in there:
            checklist.restate(application, key, grounds.finding, grounds.how.strip(), by=by, at=at)
