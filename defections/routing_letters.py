"""What the people who run the party and its assemblies are told when a case moves; no mail names the applicant."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.urls import reverse

from assemblies.models import Assembly, Duty, Kind
from defections.models import Application, Routing
from ledger import outbox
from members import mails
from members.mails import Always
from members.models import Person

_FOLDER = "defections/mail"
mails.classify(_FOLDER, {"stuck": Always.OFFICE, "supported": Always.OFFICE, "replaced": Always.OFFICE})


def queue_stuck(application: Application, *, at: datetime) -> None:
    """Tells those with the operations duty, and the general secretary, that no assembly can take a case; once."""
    operations = Duty.objects.holder_at(Duty.Name.OPERATIONS, at)
    party = Assembly.objects.open_at(at).filter(kind=Kind.PARTY).first()
    people = {person for assembly in (operations, party) if assembly for person in assembly.acting_at(at)}
    _queue("stuck", f"{application.pk}", people, {"reference": application.reference}, at=at)


def queue_supported(routing: Routing, *, at: datetime) -> None:
    """Tells those who act for the assembly that has the case who helps them."""
    context = {"routing": routing, "reference": routing.application.reference}
    _queue("supported", f"{routing.pk}", routing.assembly.acting_at(at), context, at=at)


def queue_replaced(routing: Routing, *, at: datetime) -> None:
    """Tells those who acted for the assembly that had the case that another has it now, and why."""
    context = {"routing": routing, "reference": routing.application.reference}
    _queue("replaced", f"{routing.pk}", routing.assembly.acting_at(at), context, at=at)


def _queue(
    what: str, about: str, people: Iterable[Person], context: dict[str, object], *, at: datetime
) -> None:
    page = settings.SITE_URL + reverse("defections:routing_list")
    letters = (
        mails.letter(
            f"case-{what}:{about}:{person.pk}",
            f"{_FOLDER}/{what}",
            person,
            {"person": person, "page": page, **context},
        )
        for person in people
    )
    outbox.queue(letters, at=at)
