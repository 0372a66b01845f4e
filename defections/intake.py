"""How an application is begun, filled in, sent and, while it is a draft, thrown away (D14, D15).

The online form and the people who enter what came by post go through here. Events name the section, never what
stands in it.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from defections import completeness, erasure, reapplying, vault
from defections.catalogue import BY_KEY, Section
from defections.completeness import Lack
from defections.erasure import Because
from defections.errors import DefectionError, Incomplete, NotCleared, WrongMoment
from defections.models import Answer, Application, FormRelease
from harmony.time import iso
from ledger import events
from ledger.outbox import Letter, queue_confidential
from members import mails
from members.mails import Always
from members.models import Person

_ALPHABET = "23456789CFGHJMPQRVWX"  # none that is taken for another, and no words
MOST_ROWS = 40
CONTACT_DAYS = 14  # within which a volunteer gets in touch after it was sent
mails.classify("defections/mail", {"received": Always.PART})


class TooManyRows(DefectionError):
    """More jobs or accounts than the form can hold."""


@sensitive_variables("email")
@transaction.atomic
def start(
    email: str,
    *,
    at: datetime,
    origin: str = Application.Origin.ONLINE,
    by: Person | None = None,
    release: FormRelease | None = None,
) -> Application:
    """A new draft for the owner of `email` ("" where none was given on paper), on `release` or the current one.

    Raises WrongMoment when no form has been published, or when the address has an open application already;
    Incomplete for an online form without an address, which nobody could come back to.
    """
    if origin == Application.Origin.ONLINE and not email.strip():
        raise Incomplete(_("A form online needs an email address."))
    release = release or FormRelease.objects.current()
    if release is None or not release.is_published:
        raise WrongMoment(_("There is no form at the moment. Please come back later."))
    if Application.objects.of_email(email).not_over().exists():
        raise _taken()
    made = Application(
        reference=_reference(), release=release, origin=origin, started_at=at, saved_at=at, entered_by=by
    )
    made.key_wrapped = vault.new_key(made.key_context)
    if email.strip():
        made.set_email(email)
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:  # somebody was faster on another connection
        raise _taken() from None
    events.record("application.started", made, at=at, by=_id(by), data={"origin": made.origin})
    return made


def start_again(application: Application, *, at: datetime) -> Application:
    """A new draft for an applicant whose application is over, on the release of today.

    Raises NotCleared for whoever enters a form from paper, WrongMoment while the application is not over, and as
    `start`.
    """
    if application.clerk is not None:
        raise NotCleared(_("A form that came on paper is begun from the list of such forms."))
    if Application.objects.not_over().filter(pk=application.pk).exists():
        raise WrongMoment(_("Your application is not over yet: there is nothing to begin anew."))
    return start(application.email, at=at)


def _taken() -> WrongMoment:
    return WrongMoment(_("There is an open application from this address already: go on with that one."))


def _reference() -> str:
    """A fresh reference, as H-7KPM-3XQ9: not a counter, so that it tells nothing."""
    letters = [secrets.choice(_ALPHABET) for _ in range(8)]
    return f"H-{''.join(letters[:4])}-{''.join(letters[4:])}"


def answers(application: Application) -> dict[str, dict[str, Any]]:
    """What was given so far, by section; sections not begun are left out. Raises Erased or VaultError."""
    rows = Answer.objects.filter(application=application)
    return {
        row.section: application.unseal(row.sealed, Answer.place(application, row.section)) for row in rows
    }


def section_of(application: Application, section: str) -> dict[str, Any]:
    """What was given in one section so far; empty when it was not begun. Raises Erased or VaultError."""
    row = Answer.objects.filter(application=application, section=section).first()
    if row is None:
        return {}
    found: dict[str, Any] = application.unseal(row.sealed, Answer.place(application, section))
    return found


@sensitive_variables("data")
@transaction.atomic
def save_section(
    application: Application, section: str, data: Mapping[str, Any], *, at: datetime, by: Person | None = None
) -> None:
    """Seals `data` as the answer to a section of a draft, in the place of what was there.

    `data` goes by the names of the catalogue; "rows" in a section that repeats. Raises DefectionError for a
    section or a name that the catalogue does not have or for too many rows, WrongMoment once it was sent.
    """
    by = by or application.clerk
    known = BY_KEY.get(section)
    if known is None:
        raise DefectionError(_("The form has no such section."))
    _refuse_unknown(known, data)
    row = draft_under_lock(application)
    sealed = row.seal(dict(data), Answer.place(row, section))
    Answer.objects.update_or_create(
        application=row, section=section, defaults={"sealed": sealed, "saved_at": at}
    )
    row.saved_at = application.saved_at = at
    row.save(update_fields=["saved_at"])
    events.record("application.section_saved", row, at=at, by=_id(by), data={"section": section})


@sensitive_variables("changes")
@transaction.atomic
def update_section(
    application: Application,
    section: str,
    changes: Mapping[str, Any],
    *,
    at: datetime,
    by: Person | None = None,
) -> dict[str, Any]:
    """Puts `changes` into what was given in a section, the rest as it was; returns the whole. Raises as `save_section`.

    So two pages of one section, open side by side, lose nothing of each other.
    """
    by = by or application.clerk
    row = draft_under_lock(application)
    whole = {**section_of(row, section), **changes}
    save_section(row, section, whole, at=at, by=by)
    application.saved_at = at
    return whole


def _refuse_unknown(section: Section, data: Mapping[str, Any]) -> None:
    rows = data.get("rows", [])
    allowed = {item.name for item in section.items} | ({"rows"} if section.rows else set())
    in_rows = {item.name for item in section.rows}
    if set(data) - allowed or any(set(row) - in_rows for row in rows):
        raise DefectionError(_("The form does not ask for this."))
    if len(rows) > MOST_ROWS:
        raise TooManyRows(_("That is more than the form can hold: %(most)d at most.") % {"most": MOST_ROWS})


def draft_under_lock(application: Application) -> Application:
    """The row, locked, read again. Raises WrongMoment unless it is a draft still."""
    row = Application.objects.select_for_update().get(pk=application.pk)
    if row.sent_at is not None:
        raise WrongMoment(_("This application has been sent: it cannot be changed any more."))
    if not row.is_draft:
        raise WrongMoment(_("This application is over: it cannot be changed any more."))
    return row


def is_still_draft(application: Application) -> bool:
    """Whether the row, read again, is a draft."""
    return Application.objects.drafts().filter(pk=application.pk).exists()


def issues_before_sending(application: Application) -> list[Lack]:
    """What has to be put right before it can be sent, the declaration aside (it is given with the sending)."""
    return [lack for lack in completeness.lacks(answers(application)) if lack.section != "declaration"]


@transaction.atomic
def send(application: Application, *, at: datetime, by: Person | None = None) -> None:
    """Declares and sends a draft: from now on it is with the Research Working Group (D16).

    Mails the reference to the applicant, where an address is known. Raises WrongMoment when it was sent before
    or is over, Incomplete with the first thing that is missing.
    """
    row = draft_under_lock(application)
    if lacking := issues_before_sending(row):
        raise Incomplete(lacking[0].sentence)
    if issues := reapplying.issues_before_sending(row, at):
        raise WrongMoment(" ".join(issues))
    save_section(row, "declaration", {"declared_at": iso(at)}, at=at, by=by)
    row.sent_at = application.sent_at = at
    row.save(update_fields=["sent_at"])
    events.record("application.sent", row, at=at, by=_id(by), data={"origin": row.origin})
    if row.email:
        context = {"reference": row.reference}
        letter = Letter(f"application-sent:{row.pk}", "defections/mail/received", row.email, dict(context))
        queue_confidential([letter], at=at)


@transaction.atomic
def erase_draft(application: Application, *, at: datetime, by: Person | None = None) -> None:
    """Throws a draft away at once, with its key and all that was sealed. Raises WrongMoment when it is none, Held."""
    row = draft_under_lock(application)
    erasure.erase(row, at=at, because=Because.DISCARDED, by=by or application.clerk)
    application.erased_at = at


def _id(person: Person | None) -> UUID | None:
    return person.pk if person else None
