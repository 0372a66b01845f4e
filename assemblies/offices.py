"""Offices over time: made and changed by staff; a term ends on its date, and its holder can resign before (P9)."""

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from assemblies.errors import OfficeFullError
from assemblies.models import Office, Term
from ledger import events, outbox
from ledger.due import each
from members import mails
from members.mails import Always
from members.models import Person

_FOLDER = "assemblies/mail"
mails.classify(_FOLDER, {"resigned": Always.OFFICE})


CHANGEABLE = ("seats", "term_months")  # of an office; its assembly and what it is stay as they were made


@transaction.atomic
def make(office: Office, *, at: datetime, by: Person | None = None) -> None:
    """Saves a new office, vacant as yet, and records it. Raises ValidationError for what a constraint refuses."""
    office.validate_constraints()
    office.save(force_insert=True)
    _record("office.made", office, at, by, {name: getattr(office, name) for name in CHANGEABLE})


@transaction.atomic
def change(office: Office, *, at: datetime, by: Person | None = None) -> list[str]:
    """Saves what differs between `office`, as changed by the caller, and its row; returns the fields' names.

    A term that has begun keeps its length. Raises OfficeFullError for fewer seats than are taken, and
    ValidationError for what a constraint refuses.
    """
    before = Office.objects.select_for_update(of=("self",)).get(pk=office.pk)
    changed = [name for name in CHANGEABLE if getattr(before, name) != getattr(office, name)]
    if not changed:
        return []
    if office.seats < before.seats_needed_at(at):
        raise OfficeFullError(_("More people than that hold this office or are elected to it."))
    office.validate_constraints()
    office.save(update_fields=changed)
    _record("office.changed", office, at, by, {name: getattr(office, name) for name in changed})
    return changed


def _record(verb: str, office: Office, at: datetime, by: Person | None, facts: dict[str, int]) -> None:
    about = {"assembly": str(office.assembly_id), "role": office.role}
    events.record(verb, office, at=at, by=by.pk if by else None, data={**about, **facts})


def end_terms_due(at: datetime) -> None:
    """Stamps the terms whose end has come; for the sweep. What anybody may do never waits for it."""
    each(Term.objects.due_to_run_out(at), lambda term: term.run_out(at=at))


@transaction.atomic
def resign(term: Term, *, by: Person, at: datetime) -> None:
    """The holder gives up the office at `at`, also one to which they were elected and that is still to begin.

    Whoever acts for the assembly now is told. Raises PermissionDenied for anybody else, WrongMomentError when
    the term is over.
    """
    if term.person_id != by.pk:
        raise PermissionDenied(_("Only whoever holds an office can resign from it."))
    term.end(at=at, by=by)
    events.record("term.resigned", term, at=at, by=by.pk)
    assembly = term.office.assembly
    outbox.queue(
        (
            mails.letter(
                f"resigned:{term.pk}:{servant.pk}",
                f"{_FOLDER}/resigned",
                servant,
                {"assembly": assembly, "office": term.office, "holder": by, "person": servant},
            )
            for servant in assembly.acting_at(at)
            if servant.pk != by.pk
        ),
        at=at,
    )
