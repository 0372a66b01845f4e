"""How long an application is kept, and what the clock does when the time is up (docs/data-protection.md).

Days and months are London's. Every window is half open: what ends at a moment is erased at that moment. A legal
hold stops every clock.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from defections import applicant_mails, erasure, reapplying
from defections.erasure import Because
from defections.models import Application, ApplicationQuerySet, Letter
from harmony.time import days_later, months_later
from ledger import events
from ledger.due import each

# Candidates are looked for a little early; which are due is said by `clock_of` alone.
_SLACK = timedelta(days=4)


@dataclass(frozen=True)
class Clock:
    """When something of an application is erased, why then, and whether a hold has stopped it."""

    ends_at: datetime
    because: Because
    label: Promise
    is_held: bool

    def is_due(self, at: datetime) -> bool:
        """Whether it is to be erased at `at`."""
        return at >= self.ends_at and not self.is_held


_LABELS = {
    Because.DRAFT: _("A draft is erased if it is not sent in time"),
    Because.OVER: _("Everything personal is erased after the application is over"),
    Because.ACCEPTED: _("What was given on the form and found in the research is erased after an acceptance"),
    Because.COPY: _("The version that the assembly read, and the letter, are erased"),
}


def clock_of(application: Application) -> Clock | None:
    """What is erased next and when; None while the application is in hand, and once all is erased."""
    found = next_of(application)
    if found is None:
        return None
    because, ends_at = found
    return Clock(ends_at, because, _LABELS[because], application.is_held)


def next_of(application: Application) -> tuple[Because, datetime] | None:
    """Why and when something of it is erased next, holds aside; None as for `clock_of`."""
    if application.erased_at is not None:
        return _next_of_copy(application)
    if application.is_draft:
        return Because.DRAFT, days_later(_draft_since(application), settings.DEFECTIONS_DRAFT_DAYS)
    if application.withdrawn_at is not None:
        return Because.OVER, months_later(application.withdrawn_at, settings.DEFECTIONS_OVER_MONTHS)
    if application.closed_at is None:
        return None
    if erasure.was_accepted(application):
        return Because.ACCEPTED, days_later(application.closed_at, settings.DEFECTIONS_ACCEPTED_DAYS)
    return Because.OVER, months_later(application.closed_at, settings.DEFECTIONS_OVER_MONTHS)


def _draft_since(application: Application) -> datetime:
    """From when the time of a draft runs: it was last saved, or after a decline from when it can be sent."""
    earliest = reapplying.earliest_for(application)
    return max(application.saved_at, earliest) if earliest else application.saved_at


def _next_of_copy(application: Application) -> tuple[Because, datetime] | None:
    copy = getattr(application, "copy", None)
    if copy is None or copy.erased_at is not None or application.closed_at is None:
        return None
    return Because.COPY, months_later(application.closed_at, settings.DEFECTIONS_COPY_MONTHS)


def warning_at(application: Application) -> datetime:
    """When the applicant of a draft is told that it is about to go."""
    days = settings.DEFECTIONS_DRAFT_DAYS - settings.DEFECTIONS_DRAFT_WARNING_DAYS
    return days_later(_draft_since(application), days)


# --- The clock's steps ------------------------------------------------------------------------------
def warn_due(at: datetime) -> None:
    """Mails the applicant of every draft that is about to go, once after each time it was saved. For the sweep."""
    days = settings.DEFECTIONS_DRAFT_DAYS - settings.DEFECTIONS_DRAFT_WARNING_DAYS
    rows = Application.objects.drafts().filter(
        Q(warned_at=None) | Q(warned_at__lt=F("saved_at")),
        saved_at__lte=days_later(at, -days) + _SLACK,
        email_sealed__isnull=False,
    )
    each(rows, lambda row: _warn(row, at))


@transaction.atomic
def _warn(application: Application, at: datetime) -> None:
    row = _locked(application)
    if row is None or not row.is_draft or row.email_sealed is None or at < warning_at(row):
        return
    if row.warned_at is not None and row.warned_at >= row.saved_at:
        return
    clock = clock_of(row)
    if clock is None or clock.is_due(at) or clock.is_held:
        return
    row.warned_at = at
    row.save(update_fields=["warned_at"])
    about = f"{row.pk}:{row.saved_at.isoformat()}"
    applicant_mails.queue(row, "draft_ends", at=at, about=about, more={"ends_at": clock.ends_at})
    events.record("application.warned", row, at=at)


def erase_due(at: datetime) -> None:
    """Erases every application whose time is up and that no hold keeps. For the sweep."""
    each(_candidates(at), lambda row: _erase_if_due(row, at))


def _candidates(at: datetime) -> Iterator[Application]:
    kept = Application.objects.filter(erased_at=None).not_held()
    over = months_later(at, -settings.DEFECTIONS_OVER_MONTHS) + _SLACK
    accepted = days_later(at, -settings.DEFECTIONS_ACCEPTED_DAYS) + _SLACK
    of_acceptance = Q(letter__kind=Letter.Kind.ACCEPTANCE)
    yield from kept.drafts().filter(saved_at__lte=days_later(at, -settings.DEFECTIONS_DRAFT_DAYS) + _SLACK)
    yield from kept.filter(withdrawn_at__lte=over)
    yield from kept.filter(of_acceptance, closed_at__lte=accepted, withdrawn_at=None)
    yield from kept.filter(~of_acceptance, closed_at__lte=over, withdrawn_at=None)


@transaction.atomic
def _erase_if_due(application: Application, at: datetime) -> None:
    row = _locked(application)
    clock = clock_of(row) if row is not None and row.erased_at is None else None
    if row is not None and clock is not None and clock.is_due(at):
        erasure.erase(row, at=at, because=clock.because)


def erase_copies_due(at: datetime) -> None:
    """Erases the sanitised copies and letters that have been kept long enough after an acceptance. For the sweep."""
    each(_copies(at), lambda row: _erase_copy_if_due(row, at))


def _copies(at: datetime) -> ApplicationQuerySet:
    since = months_later(at, -settings.DEFECTIONS_COPY_MONTHS) + _SLACK
    return Application.objects.filter(
        erased_at__isnull=False, closed_at__lte=since, copy__isnull=False, copy__erased_at=None
    ).not_held()


@transaction.atomic
def _erase_copy_if_due(application: Application, at: datetime) -> None:
    row = _locked(application)
    clock = clock_of(row) if row is not None and row.erased_at is not None else None
    if row is not None and clock is not None and clock.is_due(at):
        erasure.erase_copy(row, at=at)


def _locked(application: Application) -> Application | None:
    """The row under a lock, read again; None where another worker has it."""
    rows = Application.objects.select_for_update(skip_locked=True, of=("self",))
    return rows.filter(pk=application.pk).first()
