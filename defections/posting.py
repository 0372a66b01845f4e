"""What is posted to applicants without an email address: the general secretary's people print and post it (D15, D20).

A letter waits in their list, and among what needs them, until one of them says that it was posted. Name and address
stand on a cover sheet alone: they are read from what the applicant gave, only while a letter waits, and every look is
an Event. What is kept bears no address.
"""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from assemblies.models import Assembly, Kind
from defections import cases, corrections, lines, paper, records
from defections.errors import Erased, NotCleared, WrongMoment
from defections.models import (
    Application,
    HustingsInvitation,
    Letter,
    PostalLetter,
    PostalLetterQuerySet,
    Query,
)
from ledger import events, outbox
from members import mails
from members.mails import Always
from members.models import Person

_FOLDER = "defections/mail"
mails.classify(_FOLDER, {"post_invitation": Always.OFFICE, "post_letter": Always.OFFICE})


def invitations(at: datetime) -> QuerySet[HustingsInvitation]:
    """Those to meetings that are to come, also where one was called off, of applicants without an address."""
    applications = Application.objects.in_hand().filter(email_sealed=None)
    rows = HustingsInvitation.objects.filter(application__in=applications, gathering__ends_at__gt=at)
    return rows.filter(gathering__held_at=None).select_related("application", "gathering__assembly")


def waiting(at: datetime) -> PostalLetterQuerySet:
    """The letters to write by post, the oldest first."""
    rows = PostalLetter.objects.waiting_at(at).order_by("needed_at", "pk")
    return rows.select_related("application", "invitation__gathering")


def waiting_for(person: Person, at: datetime) -> list[PostalLetter]:
    """The letters to write for one of those who act as general secretary; none for others."""
    letters = list(waiting(at))
    return letters if letters and cases.acts_for_party(person, at) else []


def ask(invitation: HustingsInvitation, *, key: str, at: datetime) -> None:
    """Has an invitation, or a change of one, posted; `key` names the change."""
    _need(invitation.application, PostalLetter.Kind.INVITATION, at=at, invitation=invitation)
    page = reverse("defections:invitation_print", args=[invitation.pk])
    _tell("post_invitation", invitation.application, page, key=key, at=at)


def need(
    application: Application,
    kind: str,
    *,
    at: datetime,
    query: Query | None = None,
    invitation: HustingsInvitation | None = None,
) -> PostalLetter:
    """Has a letter of this kind (PostalLetter.Kind) written, and tells those who write it."""
    letter = _need(application, kind, at=at, query=query, invitation=invitation)
    key = f"{letter.pk}:{at.isoformat()}"
    _tell("post_letter", application, letter.get_absolute_url(), key=key, at=at)
    return letter


@transaction.atomic
def mark_posted(letter: PostalLetter, *, by: Person, at: datetime) -> None:
    """Says that a letter was posted. Raises NotCleared, or WrongMoment for one that does not wait for it."""
    paper.require_clerk(by, at)
    row = PostalLetter.objects.select_for_update(of=("self",)).get(pk=letter.pk)
    require_waiting(row, at)
    row.posted_at, row.posted_by = at, by
    row.save(update_fields=["posted_at", "posted_by"])
    facts = {"letter": str(row.pk), "kind": row.kind}
    events.record("application.letter_posted", row.application, at=at, by=by.pk, data=facts)
    if row.kind == PostalLetter.Kind.LETTER:
        Letter.objects.filter(application=row.application).update(posted_at=at)


@dataclass(frozen=True)
class Addressee:
    """To whom a letter is posted."""

    name: str
    lines: list[str]


@transaction.atomic
def look_up(letter: PostalLetter, *, by: Person, at: datetime) -> Addressee:
    """Name and address for the cover sheet, and an Event for each that they were looked at.

    Raises NotCleared, also for one's own application; WrongMoment for a letter that does not wait to be posted; Erased.
    """
    paper.require_clerk(by, at)
    row = PostalLetter.objects.select_for_update(of=("self",)).select_related("application").get(pk=letter.pk)
    require_waiting(row, at)
    if records.is_own(row.application, by):
        raise NotCleared(_("Nobody handles their own application."))
    found = addressee_of(row.application)
    for part in ("name", "address"):
        records.record_look(row.application, part, by=by, at=at, purpose="post")
    return found


@sensitive_variables()
def addressee_of(application: Application) -> Addressee:
    """Name and address, corrected where they were given wrong; whoever shows them records the look.

    Raises Erased or VaultError.
    """
    if application.erased_at is not None:
        raise Erased
    name = corrections.section_as_corrected(application, "name")
    full = f"{name.get('given_name', '')} {name.get('family_name', '')}".strip()
    return Addressee(full, lines.of_envelope(corrections.section_as_corrected(application, "address")))


def require_waiting(letter: PostalLetter, at: datetime) -> None:
    """Raises WrongMoment unless the letter waits to be posted."""
    if not PostalLetter.objects.waiting_at(at).filter(pk=letter.pk).exists():
        raise WrongMoment(_("This letter is not waiting to be posted."))


def _need(
    application: Application,
    kind: str,
    *,
    at: datetime,
    query: Query | None = None,
    invitation: HustingsInvitation | None = None,
) -> PostalLetter:
    """The letter; one of the same that was not posted yet says the newest, so there is no second."""
    letter, _is_new = PostalLetter.objects.update_or_create(
        application=application,
        kind=kind,
        query=query,
        invitation=invitation,
        posted_at=None,
        defaults={"needed_at": at},
    )
    return letter


def _tell(what: str, application: Application, path: str, *, key: str, at: datetime) -> None:
    """Mails those who act as general secretary the page to print, and the reference."""
    context = {"reference": application.reference, "page": settings.SITE_URL + path}
    party = Assembly.objects.open_at(at).filter(kind=Kind.PARTY).first()
    outbox.queue(
        (
            mails.letter(f"post:{key}:{one.pk}", f"{_FOLDER}/{what}", one, {**context, "person": one})
            for one in (party.acting_at(at) if party else ())
        ),
        at=at,
    )
