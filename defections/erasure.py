"""Erasing an application: every sealed column and both wrapped keys go, and with them what any backup holds.

What stays in the rows is what settings.DEFECTIONS_KEPT_BY_LAW tells the applicant: the reference, the dates, the
assembly, what was decided, the kind of letter. An application under a legal hold is never erased.
"""

from datetime import datetime
from enum import StrEnum

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from defections.errors import Held, WrongMoment
from defections.models import (
    Application,
    HustingsInvitation,
    Letter,
    PostalLetter,
    ResumeCode,
    SanitisedCopy,
)
from ledger import events
from members.models import Person


class Because(StrEnum):
    """Why something was erased, as the record has it."""

    DRAFT = "draft"  # not sent in time
    DISCARDED = "discarded"  # a draft, thrown away by its applicant
    OVER = "over"  # declined, withdrawn or not genuine, long enough ago
    ACCEPTED = "accepted"  # what was given, long enough after the letter
    REQUEST = "request"
    COPY = "copy"  # the sanitised copy and the letter of somebody accepted, long enough after


def was_accepted(application: Application) -> bool:
    """Whether it ended with a letter of acceptance."""
    letter = getattr(application, "letter", None)
    return letter is not None and letter.kind == Letter.Kind.ACCEPTANCE


def keeps_copy(application: Application, because: Because) -> bool:
    """Whether the sanitised copy and the letter outlast the erasure: after an acceptance, for a time of their own."""
    if not was_accepted(application):
        return False
    return because != Because.REQUEST or settings.DEFECTIONS_COPY_OUTLASTS_REQUEST


def require_erasable(application: Application) -> None:
    """Raises Held under a legal hold; WrongMoment when it was erased before, or is in hand."""
    if application.erased_at is not None:
        raise WrongMoment(_("The personal data of this application has been erased already."))
    if application.is_held:
        raise Held
    if application.is_open:
        raise WrongMoment(_("This application is in hand: it has to be withdrawn before it can be erased."))


@transaction.atomic
def erase(application: Application, *, at: datetime, because: Because, by: Person | None = None) -> None:
    """Erases what the applicant gave and what was found out about them; the copy and the letter unless they stay.

    `by` None is the applicant or the clock. Raises Held, or WrongMoment when it was erased before or is in hand
    (it has to be withdrawn first).
    """
    row = Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
    require_erasable(row)
    copy_stays = keeps_copy(row, because)
    _erase_rows(row)
    if not copy_stays:
        _erase_copy(row, at)
    if row.email_mark is not None:
        ResumeCode.objects.filter(email_mark=row.email_mark).delete()
    row.key_wrapped = row.email_mark = row.email_sealed = row.arrival_sealed = row.summary_sealed = None
    if not copy_stays:
        row.person = None
    row.erased_at = at
    row.save()
    facts = {"because": str(because), "copy_stays": copy_stays}
    events.record("application.erased", row, at=at, by=by.pk if by else None, data=facts)


@transaction.atomic
def erase_copy(application: Application, *, at: datetime) -> None:
    """Erases the sanitised copy and the text of the letter, where what was given has gone before. Raises Held."""
    row = Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
    if row.erased_at is None:
        raise WrongMoment(_("What the applicant gave is erased before the copy that was made of it."))
    if row.is_held:
        raise Held
    _erase_copy(row, at)
    row.person = None
    row.save(update_fields=["person"])
    events.record("application.copy_erased", row, at=at, data={"because": str(Because.COPY)})


def _erase_rows(application: Application) -> None:
    """What was given, found out and written down goes; free text in what stays is taken out."""
    for rows in (
        application.answers,
        application.checks,
        application.corrections,
        application.evidence,
        application.contacts,
        application.queries,
        application.claims,
        application.conflicts,
        application.holds,
        application.email_changes,
        application.postal_letters.exclude(kind=PostalLetter.Kind.ERASED),
    ):
        rows.all().delete()
    HustingsInvitation.objects.filter(application=application).update(
        message_sealed=None, barred_because_sealed=None, bar_answers_sealed=None
    )
    application.routings.exclude(explanation="").update(explanation="")
    application.routings.exclude(ended_because="").update(ended_because=_("Erased"))
    SanitisedCopy.objects.filter(application=application).update(review_sealed=None)


def _erase_copy(application: Application, at: datetime) -> None:
    SanitisedCopy.objects.filter(application=application, erased_at=None).update(
        key_wrapped=None, content_sealed=None, review_sealed=None, erased_at=at
    )
    Letter.objects.filter(application=application).update(sealed=None)
