"""Changing the email address of an application: by its applicant, or by the office where the old mailbox is lost.

The applicant proves the new address with a code mailed to it. At the office one of the general secretary's people
enters the address, and somebody else, cleared for research, calls the applicant on a number on file; the applicant
says the address again. Then the old address is told, from whose page the change can be stopped, and the first code
that is used at the new one confirms it. No event and no mail names either address.
"""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from defections import applicant_mails, cases, concerned, corrections, lines, paper, records
from defections.errors import Incomplete, NotCleared, WrongMoment
from defections.models import Application, EmailChange, ResumeCode
from harmony.time import days_later
from ledger import events
from ledger.due import each
from ledger.outbox import Letter, queue_confidential
from members.models import Person

LASTS_DAYS = 14
LONGEST_NOTE = 1000  # characters


# --- By the applicant -----------------------------------------------------------------------------------
@sensitive_variables("address")
@transaction.atomic
def change_own(application: Application, address: str, *, at: datetime) -> None:
    """Puts `address`, to which its owner has just shown that they read it, in the place of the old one.

    The old one is told. A change at the office that was under way is stopped. Raises WrongMoment when all of the
    application is erased, when it is the address already, or when there is an open application from it.
    """
    row = cases.locked(application)
    if row.erased_at is not None:
        raise WrongMoment(_("The personal data of this application has been erased already."))
    if row.email.casefold() == address.strip().casefold():
        raise WrongMoment(_("That is the address that we write to already."))
    _put(row, address, at=at, how="applicant")
    for change in row.email_changes.filter(confirmed_at=None, stopped_at=None):
        _end(change, stopped_at=at)
    application.refresh_from_db()


# --- At the office --------------------------------------------------------------------------------------
@sensitive_variables("address", "made")
@transaction.atomic
def ask(application: Application, address: str, *, by: Person, at: datetime) -> EmailChange:
    """Enters a new address for an applicant who lost the old mailbox, or never gave an address.

    Nothing changes and nobody is written to before `record_call`. Raises NotCleared unless `by` is one of the
    general secretary's people; WrongMoment unless the application is in hand, and while a change is under way.
    """
    paper.require_clerk(by, at)
    row = cases.locked(application)
    if records.is_own(row, by):
        raise NotCleared(_("Nobody handles their own application."))
    _require_in_hand(row)
    if row.email.casefold() == address.strip().casefold():
        raise WrongMoment(_("That is the address that we write to already."))
    for old in row.email_changes.filter(confirmed_at=None, stopped_at=None):
        if old.is_waiting_at(at):
            raise WrongMoment(_("A change of this address is under way already: stop that one first."))
        _end(old, stopped_at=old.ends_at)
    made = EmailChange(application=row, asked_at=at, asked_by=by, ends_at=days_later(at, LASTS_DAYS))
    made.set_email(address)
    made.save(force_insert=True)
    events.record("application.email_change_asked", row, at=at, by=by.pk)
    return made


def issues_before_calling(change: EmailChange, at: datetime) -> list[str]:
    """Why no call about it can be recorded now, as sentences; who may is for `require_caller` to say."""
    if not change.is_waiting_at(at) or not change.application.is_open:
        return [_("This change is over: have the address entered again.")]
    if change.called_at is not None:
        return [_("The call has been recorded already: the applicant’s code at the new address comes next.")]
    return []


def require_caller(change: EmailChange, by: Person, at: datetime) -> None:
    """Raises NotCleared unless `by` is cleared for research, impartial, and not who entered the address."""
    records.require_researcher(by, at)
    records.require_impartial(change.application, by)
    if change.asked_by_id == by.pk:
        raise NotCleared(_("You entered this address: somebody else calls the applicant."))


@transaction.atomic
def numbers(change: EmailChange, *, by: Person, at: datetime) -> list[lines.Line]:
    """The phone numbers on file, for the call; the look is recorded. Raises as `record_call`, the text aside."""
    _require_call(change, by, at)
    records.record_look(change.application, "phones", by=by, at=at)
    return lines.of_section("phones", corrections.section_as_corrected(change.application, "phones"))


@sensitive_variables("address", "note")
@transaction.atomic
def record_call(change: EmailChange, *, by: Person, at: datetime, address: str, note: str) -> None:
    """Writes down that `by` called the applicant, who said `address`; the old address and the new one are told.

    Raises NotCleared as `require_caller`, WrongMoment with the issues, Incomplete without a note or where `address`
    is not the one that was entered.
    """
    row = cases.locked(change.application)
    found = _locked(change)
    found.application = row
    _require_call(found, by, at)
    if not note.strip():
        raise Incomplete(_("Say who was spoken to, and what was said."))
    if found.email.casefold() != address.strip().casefold():
        raise Incomplete(
            _(
                "This is not the address that was entered. Have the applicant spell it; if it was entered wrongly, "
                "stop the change and have it entered again."
            )
        )
    found.called_at, found.called_by = at, by
    found.note_sealed = row.seal(note.strip(), found.place("note"))
    found.save(update_fields=["called_at", "called_by", "note_sealed"])
    events.record("application.email_change_called", row, at=at, by=by.pk)
    applicant_mails.queue(row, "email_changes", at=at, about=str(found.pk), more={"ends_at": found.ends_at})
    key, kind = f"application-email_confirm:{found.pk}", "defections/mail/email_confirm"
    queue_confidential([Letter(key, kind, found.email, {"ends_at": found.ends_at})], at=at)


@transaction.atomic
def stop(change: EmailChange, *, at: datetime, by: Person | None = None) -> None:
    """Stops a change; `by` None is the applicant. Raises WrongMoment when it is over, NotCleared.

    Of the party's people those may who may enter one, and those who may make the call.
    """
    row = cases.locked(change.application)
    found = _locked(change)
    found.application = row
    if by is not None and not paper.may_enter(by, at):
        require_caller(found, by, at)
    if not found.is_waiting_at(at):
        raise WrongMoment(_("This change is over already."))
    _end(found, stopped_at=at)
    events.record("application.email_change_stopped", row, at=at, by=by.pk if by else None)


@sensitive_variables("address")
@transaction.atomic
def take_up(address: str, *, at: datetime) -> Application | None:
    """Confirms the change that waits for `address`, whose owner has just shown with a code that they read it.

    Gives the application, or None where none waits. Raises WrongMoment when the address has an open application.
    """
    waiting = EmailChange.objects.waiting_at(at).of_new(address).filter(called_at__isnull=False)
    found = waiting.order_by("asked_at").first()
    if found is None:
        return None
    row = cases.locked(found.application)
    change = _locked(found)
    if not change.is_waiting_at(at) or not row.is_open:
        return None
    _put(row, address, at=at, how="office")
    _end(change, confirmed_at=at)
    return row


def end_due(at: datetime) -> None:
    """Ends every change that was not confirmed in time, and erases its address. For the sweep."""
    each(EmailChange.objects.due_to_end(at), lambda row: _run_out(row, at))


@transaction.atomic
def _run_out(change: EmailChange, at: datetime) -> None:
    due = EmailChange.objects.due_to_end(at).select_for_update(skip_locked=True, of=("self",))
    row = due.select_related("application").filter(pk=change.pk).first()
    if row is not None:
        _end(row, stopped_at=row.ends_at)
        events.record("application.email_change_ended", row.application, at=at)


def is_awaited(address: str, at: datetime) -> bool:
    """Whether a change waits for the code of this address."""
    return EmailChange.objects.waiting_at(at).of_new(address).filter(called_at__isnull=False).exists()


def to_call(person: Person, at: datetime) -> list[EmailChange]:
    """The changes about which `person`, who is cleared for research, can call an applicant at `at`."""
    rows = EmailChange.objects.waiting_at(at).filter(
        called_at=None, application__in=Application.objects.in_hand()
    )
    rows = rows.exclude(asked_by=person).exclude(application__entered_by=person)
    rows = rows.exclude(application__conflicts__person=person).select_related("application")
    return [row for row in rows if not records.is_own(row.application, person)]


# --- Both -----------------------------------------------------------------------------------------------
def _require_in_hand(application: Application) -> None:
    if not application.is_open:
        raise WrongMoment(
            _("This application is not in hand: a form that is not sent is begun anew with the new address.")
            if application.is_draft
            else _("This application is over: nobody is written to about it any more.")
        )


def _require_call(change: EmailChange, by: Person, at: datetime) -> None:
    require_caller(change, by, at)
    if issues := issues_before_calling(change, at):
        raise WrongMoment(" ".join(issues))


def _locked(change: EmailChange) -> EmailChange:
    return EmailChange.objects.select_for_update(of=("self",)).get(pk=change.pk)


def _end(
    change: EmailChange, *, confirmed_at: datetime | None = None, stopped_at: datetime | None = None
) -> None:
    change.confirmed_at, change.stopped_at = confirmed_at, stopped_at
    change.email_mark = change.email_sealed = None
    change.save(update_fields=["confirmed_at", "stopped_at", "email_mark", "email_sealed"])


def _put(row: Application, address: str, *, at: datetime, how: str) -> None:
    """Seals the address in the row, which is locked; accounts of either address are kept from what is said (D26).

    Whoever was in the form by the old address is out of it (applicant.application_of).
    """
    if Application.objects.of_email(address).not_over().exclude(pk=row.pk).exists():
        raise _taken()
    applicant_mails.queue(row, "email_changed", at=at, about=f"{row.pk}:{at.isoformat()}")
    row.person = cases.account_of(row)
    if row.person is not None:
        concerned.find_matters(row.person.pk, at=at)
    if row.email_mark is not None:
        ResumeCode.objects.filter(email_mark=row.email_mark).delete()
    row.set_email(address)
    row.email_changed_at = at
    try:
        with transaction.atomic():
            row.save(update_fields=["person", "email_mark", "email_sealed", "email_changed_at"])
    except IntegrityError:  # somebody was faster on another connection
        raise _taken() from None
    events.record("application.email_changed", row, at=at, data={"how": how})
    for account in _accounts_of(address):
        concerned.find_matters(account, at=at)


def _accounts_of(address: str) -> list[UUID]:
    return list(Person.objects.filter(email__iexact=address.strip()).values_list("pk", flat=True))


def _taken() -> WrongMoment:
    return WrongMoment(
        _("There is an open application from this address already: two cannot have the same one.")
    )
