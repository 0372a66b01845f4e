"""What an applicant may ask about their data: a copy of all of it, and erasure; themselves, or staff for them."""

from datetime import datetime

from django.conf import settings
from django.db import models, transaction
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from defections import applicant_mails, erasure, holds, records
from defections.erasure import Because
from defections.models import Application
from defections.office import archive
from ledger import events
from members.models import Person


class KnownBy(models.TextChoices):
    """How staff knew that the person who asked is the applicant."""

    EMAIL = "email", _("They wrote from the address that they gave")
    PHONE = "phone", _("We called them back on the number that they gave")
    LETTER = "letter", _("A signed letter, with the signature of the form")
    PERSON = "person", _("They came in person and showed a document")


@transaction.atomic
def erase(application: Application, *, at: datetime) -> None:
    """Erases it as the applicant asked on their own page, and tells them by mail what stays. Raises as `erasure`."""
    _erase(application, at=at, by=None)


@transaction.atomic
def erase_for(application: Application, *, by: Person, at: datetime, known_by: str) -> None:
    """Erases it for the applicant, who asked staff; `known_by` is one of KnownBy.

    Raises PermissionDenied unless `by` may place holds; as `erasure.erase` otherwise.
    """
    holds.require_keeper(by, at)
    facts = {"what": "erasure", "known_by": str(KnownBy(known_by))}
    events.record("application.requested", application, at=at, by=by.pk, data=facts)
    _erase(application, at=at, by=by)


@sensitive_variables()
@transaction.atomic
def give_for(
    application: Application, *, by: Person, at: datetime, known_by: str, with_others: bool
) -> HttpResponse:
    """The archive for an applicant who asked staff, as a download for whoever hands it on to them.

    Only a volunteer cleared for research makes it, who may read such data anyway: not one with a conflict, not the
    applicant, not whoever entered it from paper. `known_by` is one of KnownBy; `with_others` puts in the notes of
    talks with other people, after a check that they may go out. The applicant is told by mail where there is an
    address. Raises NotCleared, Erased.
    """
    records.require_researcher(by, at)
    records.require_impartial(application, by)
    facts = {"what": "copy", "known_by": str(KnownBy(known_by))}
    events.record("application.requested", application, at=at, by=by.pk, data=facts)
    given = archive.download(application, at=at, by=by, with_others=with_others)
    if application.erased_at is None:
        applicant_mails.queue(application, "data_given", at=at, about=f"{application.pk}:{at.isoformat()}")
    return given


def _erase(application: Application, *, at: datetime, by: Person | None) -> None:
    row = Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
    erasure.require_erasable(row)
    applicant_mails.queue(row, "erased", at=at, more={"kept": settings.DEFECTIONS_KEPT_BY_LAW})
    erasure.erase(row, at=at, because=Because.REQUEST, by=by)
