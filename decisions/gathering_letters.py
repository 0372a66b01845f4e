"""What people are told of a gathering, each once: called, changed, called off; registered; barred and reviewed.

Mails hold no join link: people join through the site, so that a bar stops it and a change needs no new mail.
"""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.urls import reverse

from decisions.models import Bar, Gathering, Referral, Registration
from ledger import outbox
from ledger.outbox import Letter
from members.models import Person


def queue_invited(gathering: Gathering, people: Iterable[Person], *, at: datetime) -> None:
    """Asks people to a gathering."""
    outbox.queue(_letters("invited", gathering, people, "invited"), at=at)


def queue_moved(gathering: Gathering, *, at: datetime) -> None:
    """Tells everybody asked or registered when and where it is now, once for each change."""
    people = gathering.people_at(at)
    outbox.queue(_letters("moved", gathering, people, f"moved{gathering.sequence}"), at=at)


def queue_off(gathering: Gathering, people: Iterable[Person], *, at: datetime) -> None:
    """Tells those who were asked or registered that it does not take place."""
    outbox.queue(_letters("off", gathering, people, "off"), at=at)


def queue_registered(registration: Registration, *, at: datetime) -> None:
    """Confirms a registration, with the code of conduct, the way in and the calendar file."""
    key = f"registered{registration.registered_at.timestamp():.0f}"
    gathering = registration.gathering
    found = _letters("registered", gathering, [registration.person], key, registration=registration)
    outbox.queue(found, at=at)


def queue_barred(bar: Bar, referral: Referral, *, at: datetime) -> None:
    """Tells somebody that they are barred, why, that it is being reviewed, and how to answer."""
    outbox.queue(_about("barred", referral, bar.person), at=at)


def queue_referred(referral: Referral, people: Iterable[Person], *, at: datetime) -> None:
    """Tells those who act for the assembly with the resolutions duty that there is a referral to review."""
    for person in people:
        outbox.queue(_about("referred", referral, person), at=at)


def queue_outcome(referral: Referral, *, at: datetime) -> None:
    """Tells the person concerned what the review found."""
    outbox.queue(_about("outcome", referral, referral.bar.person), at=at)


def _letters(
    what: str, gathering: Gathering, people: Iterable[Person], key: str, **more: object
) -> Iterable[Letter]:
    shared = {
        "gathering": gathering,
        "page": _address("gathering_detail", gathering),
        "calendar": _address("gathering_calendar", gathering),
        "way_in": _address("gathering_join", gathering),
        **more,
    }
    for person in people:
        context = {**shared, "person": person}
        yield Letter(
            f"gathering_{key}:{gathering.pk}:{person.pk}",
            f"decisions/mail/gathering_{what}",
            person.email,
            context,
        )


def _address(name: str, gathering: Gathering) -> str:
    return settings.SITE_URL + reverse(f"decisions:{name}", args=[gathering.pk])


def _about(what: str, referral: Referral, person: Person) -> Iterable[Letter]:
    context = {
        "referral": referral,
        "bar": referral.bar,
        "gathering": referral.bar.gathering,
        "person": person,
        "page": settings.SITE_URL + referral.get_absolute_url(),
    }
    kind = f"decisions/mail/gathering_{what}"
    yield Letter(f"gathering_{what}:{referral.pk}:{person.pk}", kind, person.email, context)
