"""Invitations of applicants without an email address: the general secretary has them posted (D15, D20)."""

from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse

from assemblies.models import Assembly, Kind
from defections.models import Application, HustingsInvitation
from ledger import outbox
from members import mails
from members.mails import Always

_KIND = "defections/mail/post_invitation"
mails.classify("defections/mail", {"post_invitation": Always.OFFICE})


def invitations(at: datetime) -> QuerySet[HustingsInvitation]:
    """Those to meetings that are to come, also where one was called off, of applicants without an address."""
    applications = Application.objects.in_hand().filter(email_sealed=None)
    rows = HustingsInvitation.objects.filter(application__in=applications, gathering__ends_at__gt=at)
    return rows.filter(gathering__held_at=None).select_related("application", "gathering__assembly")


def ask(invitation: HustingsInvitation, *, key: str, at: datetime) -> None:
    """Tells those who act as general secretary that an invitation, or a change of one, has to be posted."""
    path = reverse("defections:invitation_print", args=[invitation.pk])
    context = {"reference": invitation.application.reference, "page": settings.SITE_URL + path}
    party = Assembly.objects.open_at(at).filter(kind=Kind.PARTY).first()
    outbox.queue(
        (
            mails.letter(f"post:{key}:{one.pk}", _KIND, one, {**context, "person": one})
            for one in (party.acting_at(at) if party else ())
        ),
        at=at,
    )
