"""Offices over time: a term ends on its date, and its holder can resign before (P9)."""

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from assemblies.models import Term
from ledger import events, outbox
from ledger.due import each
from members import mails
from members.mails import Always
from members.models import Person

_FOLDER = "assemblies/mail"
mails.classify(_FOLDER, {"resigned": Always.OFFICE})


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
