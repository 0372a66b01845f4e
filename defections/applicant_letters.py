"""What an applicant is told by mail, each once: sealed in the outbox, with subjects that tell a bystander nothing."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse

from defections import posting
from defections.models import Application, HustingsInvitation, PostalLetter
from ledger.outbox import Letter, queue_confidential
from members import mails
from members.mails import Always

_FOLDER = "defections/mail"
mails.classify(
    _FOLDER,
    {
        "hustings_invited": Always.PROMISED,
        "hustings_changed": Always.PROMISED,
        "hustings_off": Always.PROMISED,
        "hustings_barred": Always.CONDUCT,
        "bar_reviewed": Always.CONDUCT,
        "withdrawn": Always.PART,
        "letter": Always.PART,
    },
)


def queue_invitation(invitation: HustingsInvitation, *, at: datetime) -> None:
    """Invites to the hustings, with the date and how to answer; where it is stands on their page."""
    _queue_invitation("hustings_invited", invitation, f"{invitation.pk}:invited", at=at)


def queue_changed(invitation: HustingsInvitation, *, moved: bool, at: datetime) -> None:
    """Tells of another time, which needs an answer anew, or of another place."""
    key = f"{invitation.pk}:changed{invitation.gathering.sequence}:{at.timestamp():.0f}"
    _queue_invitation("hustings_changed", invitation, key, at=at, moved=moved)


def queue_called_off(invitation: HustingsInvitation, *, at: datetime) -> None:
    """Tells that the hustings does not take place."""
    _queue_invitation("hustings_off", invitation, f"{invitation.pk}:off", at=at)


def queue_barred(invitation: HustingsInvitation, *, at: datetime) -> None:
    """Tells that they take no further part in the hustings, on which ground, that it is reviewed, and how to answer."""
    if not _queue(
        "hustings_barred", invitation.application, f"{invitation.pk}:barred", at=at, invitation=invitation
    ):
        posting.need(invitation.application, PostalLetter.Kind.BARRED, at=at, invitation=invitation)


def queue_bar_reviewed(invitation: HustingsInvitation, *, at: datetime) -> None:
    """Tells what the review of the bar found."""
    key = f"{invitation.pk}:reviewed"
    if not _queue("bar_reviewed", invitation.application, key, at=at, invitation=invitation):
        posting.need(invitation.application, PostalLetter.Kind.REVIEWED, at=at, invitation=invitation)


def queue_withdrawn(application: Application, *, at: datetime) -> None:
    """Confirms that the application is withdrawn, and what happens with the data."""
    if not _queue("withdrawn", application, f"{application.pk}:withdrawn", at=at):
        posting.need(application, PostalLetter.Kind.WITHDRAWN, at=at)


def queue_letter(application: Application, subject: str, text: str, *, at: datetime) -> None:
    """Sends the letter that ends the application."""
    _queue("letter", application, f"{application.pk}:letter", at=at, subject=subject, text=text)


def _queue_invitation(
    what: str, invitation: HustingsInvitation, key: str, *, at: datetime, **more: object
) -> None:
    """By mail; where there is no address, those who act as general secretary are asked to post it."""
    if not _queue(what, invitation.application, key, at=at, invitation=invitation, **more):
        posting.ask(invitation, key=key, at=at)


def _queue(what: str, application: Application, key: str, *, at: datetime, **more: object) -> bool:
    """Whether there is an address; where there is none nothing is queued: such an applicant is written to by post."""
    address = application.email
    if not address:
        return False
    page = settings.SITE_URL + reverse("defections:resume_ask")
    letter = Letter(f"applicant:{key}", f"{_FOLDER}/{what}", address, {"page": page, **more})
    queue_confidential([letter], at=at)
    return True
