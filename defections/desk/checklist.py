"""The checklist: one line for each item of data that was given, with what was found, how, and by whom (D16)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from defections import corrections, lines
from defections.desk.claims import held
from defections.errors import Incomplete, WrongMoment
from defections.models import Application, Check, Evidence
from ledger import events
from members.models import Person


@dataclass(frozen=True)
class Finding:
    """What somebody found about one line: a Check.Finding, how it was checked, and ids of evidence."""

    finding: str
    note: str
    evidence: tuple[UUID, ...] = ()


def lines_to_check(answers: Mapping[str, Mapping[str, Any]]) -> list[lines.Line]:
    """The lines of the checklist: each item that the research checks, in the order of the form."""
    return [line for line in lines.of_answers(answers) if line.item.checked]


def unchecked(application: Application) -> list[lines.Line]:
    """The lines that nobody has written a finding for yet."""
    done = set(application.checks.values_list("item", flat=True))
    return [
        line for line in lines_to_check(corrections.answers_as_corrected(application)) if line.key not in done
    ]


@sensitive_variables("findings")
@transaction.atomic
def check(application: Application, findings: Mapping[str, Finding], *, by: Person, at: datetime) -> int:
    """Writes down what `by` found, by key of the line; the number of lines that this wrote or changed.

    Raises NotCleared, WrongMoment as `claims.held`, and once the outcome is recorded; Incomplete for a finding
    without a note or about what was not given.
    """
    row = held(application, by, at)
    if row.verified_at is not None:
        raise WrongMoment(_("The outcome is recorded: the checklist stands as it is."))
    known = {line.key for line in lines_to_check(corrections.answers_as_corrected(row))}
    changed = 0
    for key, found in findings.items():
        if key not in known:
            raise Incomplete(_("This was not given, so it is not checked."))
        if found.finding not in Check.Finding.values or not found.note.strip():
            raise Incomplete(_("Say what you found and how you checked it."))
        changed += _write(row, key, found, by=by, at=at)
    return changed


def _write(application: Application, key: str, found: Finding, *, by: Person, at: datetime) -> bool:
    """Whether anything was written: a finding that stands as it was keeps who made it and when."""
    existing = application.checks.filter(item=key).first()
    evidence = _evidence(application, found.evidence)
    note = found.note.strip()
    if existing is not None and _says(existing, found.finding, note, evidence):
        return False
    values = {
        "finding": found.finding,
        "note_sealed": application.seal(note, Check.place(application, key)),
        "checked_by": by,
        "checked_at": at,
    }
    row, _made = Check.objects.update_or_create(application=application, item=key, defaults=values)
    row.evidence.set(evidence)
    facts = {"item": key, "finding": found.finding}
    events.record("application.checked", application, at=at, by=by.pk, data=facts)
    return True


def restate(application: Application, key: str, finding: str, how: str, *, by: Person, at: datetime) -> None:
    """The finding about a line that was corrected, in the caller's transaction; a note that there is stays."""
    existing = application.checks.filter(item=key).first()
    found = Finding(finding, how)
    if existing is not None:
        found = Finding(finding, existing.note, tuple(existing.evidence.values_list("pk", flat=True)))
    _write(application, key, found, by=by, at=at)


def _evidence(application: Application, ids: Iterable[UUID]) -> set[Evidence]:
    return set(application.evidence.filter(pk__in=list(ids)).defer("content_sealed"))


def _says(existing: Check, finding: str, note: str, evidence: set[Evidence]) -> bool:
    has = set(existing.evidence.defer("content_sealed"))
    return existing.finding == finding and existing.note == note and has == evidence
