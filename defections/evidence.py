"""Keeping files with an application: cleaned (see files), sealed, counted; giving them out again."""

from datetime import datetime

from django.db import transaction
from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from defections import files, intake, vault
from defections.errors import BadFile
from defections.models import Application, Evidence
from defections.records import OpenedFile
from ledger import events
from members.models import Person

MOST_FILES = 10  # of the applicant's own


@sensitive_variables("name", "content")
@transaction.atomic
def add(
    application: Application,
    name: str,
    content: bytes,
    *,
    proves: str,
    at: datetime,
    by: Person | None = None,
) -> Evidence:
    """Keeps a file, rebuilt without metadata and sealed. `by` None: the applicant.

    Raises BadFile with a sentence for a file that is not taken, and for one too many of the applicant's own;
    WrongMoment when the applicant has sent the form already.
    """
    taken = files.clean(content)
    if by is None:
        row = intake.draft_under_lock(application)
        if row.evidence.filter(added_by=None).count() >= MOST_FILES:
            raise BadFile(
                _("There are %(n)d files already. Take one out before you add another.") % {"n": MOST_FILES}
            )
        row.saved_at = application.saved_at = at
        row.save(update_fields=["saved_at"])
    made = Evidence(
        application=application,
        proves=proves,
        media_type=taken.media_type,
        size=len(taken.content),
        added_at=at,
        added_by=by,
    )
    shown_as = files.clean_name(name, taken.media_type)
    made.name_sealed = application.seal(shown_as, vault.place_of("evidence", made.pk, "name"))
    made.content_sealed = vault.seal_bytes(
        application.key_wrapped,
        taken.content,
        key_context=application.key_context,
        place=vault.place_of("evidence", made.pk, "content"),
    )
    made.save(force_insert=True)
    _record("application.evidence_added", made, at, by)
    return made


@transaction.atomic
def remove(evidence: Evidence, *, at: datetime) -> None:
    """Takes a file out of a draft again, for good. Raises WrongMoment once the form was sent."""
    intake.draft_under_lock(evidence.application)
    _record("application.evidence_removed", evidence, at, None)
    evidence.delete()


def _record(verb: str, evidence: Evidence, at: datetime, by: Person | None) -> None:
    facts = {"evidence": str(evidence.pk), "proves": evidence.proves, "media_type": evidence.media_type}
    by = by or evidence.application.clerk
    events.record(verb, evidence.application, at=at, by=by.pk if by else None, data=facts)


def as_attachment(evidence: Evidence | OpenedFile) -> HttpResponse:
    """The file, to be saved and never shown within the site, whatever is in it. Raises Erased or VaultError."""
    response = HttpResponse(evidence.content, content_type=evidence.media_type)
    response["Content-Disposition"] = content_disposition_header(True, evidence.name) or "attachment"
    response["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store, private"
    return response
