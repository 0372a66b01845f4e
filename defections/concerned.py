"""Whoever has an application is kept from what is said on it, also with an account that they open meanwhile (D26)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from decisions.models import Decision
from defections import vault
from defections.models import Application
from ledger import events
from members.models import Person


def on_saved(instance: Person, update_fields: frozenset[str] | None = None, **_signal: Any) -> None:
    """After an account was made or got another address: looks for an application of that address, once it is in."""
    if update_fields is None or "email" in update_fields:
        person_id = instance.pk
        transaction.on_commit(lambda: find_matters(person_id, at=timezone.now()))


@transaction.atomic
def find_matters(person_id: UUID, *, at: datetime) -> None:
    """Says of every matter that was made of this person's application that it concerns them, where none is named."""
    person = Person.objects.filter(pk=person_id).first()
    if person is None or not person.email:
        return
    for application in Application.objects.filter(email_mark__in=vault.lookup_marks(person.email)):
        of_it = Q(application=application) | Q(routing__application=application)
        matters = Decision.objects.filter(of_it, concerns=None).values_list("pk", flat=True)
        if Decision.objects.filter(pk__in=list(matters)).update(concerns=person):
            events.record("application.account_found", application, at=at)
