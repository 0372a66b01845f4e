"""The contact log: with the applicant directly, which the policy asks for, and with others (D16)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from defections import vault
from defections.desk.claims import held
from defections.errors import DefectionError, Incomplete, WrongMoment
from defections.models import Application, Contact
from ledger import events
from members.models import Person


@sensitive_variables("note")
@transaction.atomic
def log(
    application: Application,
    *,
    by: Person,
    at: datetime,
    way: str,
    is_direct: bool,
    was_reached: bool,
    contacted_at: datetime,
    note: str,
) -> Contact:
    """Writes a contact into the log.

    Raises NotCleared, WrongMoment as `claims.held`, and once the outcome is recorded; Incomplete without a note;
    DefectionError for a moment before the application was sent or still to come.
    """
    row = held(application, by, at)
    if row.verified_at is not None:
        raise WrongMoment(_("The outcome is recorded: the contact log stands as it is."))
    if not note.strip():
        raise Incomplete(_("Say who was spoken to, and what was said."))
    if way not in Contact.Way.values:
        raise Incomplete(_("Say how the contact was made."))
    # A contact is entered by the minute, so that one within the minute of the sending came after it.
    if row.sent_at is None or not row.sent_at.replace(second=0, microsecond=0) <= contacted_at <= at:
        raise DefectionError(_("A contact was made after the application was sent, and not in the future."))
    made = Contact(application=row, way=way, is_direct=is_direct, was_reached=was_reached)
    made.note_sealed = row.seal(note.strip(), vault.place_of("contact", made.pk, "note"))
    made.contacted_at, made.entered_by, made.entered_at = contacted_at, by, at
    made.save(force_insert=True)
    facts = {"contact": str(made.pk), "way": way, "is_direct": is_direct, "was_reached": was_reached}
    events.record("application.contact_logged", row, at=at, by=by.pk, data=facts)
    return made


def has_reached_applicant(application: Application) -> bool:
    """Whether the applicant was reached directly, at least once."""
    return application.contacts.filter(is_direct=True, was_reached=True).exists()


def has_tried_applicant(application: Application) -> bool:
    """Whether reaching the applicant directly was tried, at least once."""
    return application.contacts.filter(is_direct=True).exists()
