"""What people are told of a gathering, each once: called, changed, called off; registered; barred and reviewed.

Mails hold no join link: people join through the site, so that a bar stops it and a change needs no new mail.
Of a gathering that is not for everybody's eyes nobody is told who may not see it then.
"""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.urls import reverse

from decisions.models import Gathering, Referral, Registration
from ledger import outbox
from ledger.outbox import Letter
from members import mails
from members.mails import Always, Stream
from members.models import Person

_FOLDER = "decisions/mail"
mails.classify(
    _FOLDER,
    {
        "gathering_invited": Stream.GATHERINGS,
        "gathering_moved": Stream.GATHERINGS,  # promised to those who have registered
        "gathering_off": Stream.GATHERINGS,
        "gathering_registered": Always.PROMISED,
        "gathering_barred": Always.CONDUCT,
        "gathering_referred": Always.OFFICE,
        "gathering_outcome": Always.CONDUCT,
    },
)


def queue_invited(gathering: Gathering, people: Iterable[Person], *, at: datetime) -> None:
    """Asks people to a gathering, whoever called it too: it belongs in their calendar."""
    outbox.queue(_letters("invited", gathering, people, "invited", at=at), at=at)


def queue_moved(gathering: Gathering, *, at: datetime) -> None:
    """Tells everybody asked or registered when and where it is now, once for each change."""
    people = gathering.people_at(at)
    outbox.queue(_letters("moved", gathering, people, f"moved{gathering.sequence}", at=at), at=at)


def queue_off(gathering: Gathering, people: Iterable[Person], *, at: datetime) -> None:
    """Tells those who were asked or registered that it does not take place."""
    outbox.queue(_letters("off", gathering, people, "off", at=at), at=at)


def queue_registered(registration: Registration, *, at: datetime) -> None:
    """Confirms a registration, with the code of conduct, the way in and the calendar file."""
    key = f"registered{registration.registered_at.timestamp():.0f}"
    gathering = registration.gathering
    found = _letters("registered", gathering, [registration.person], key, at=at, registration=registration)
    outbox.queue(found, at=at)


def queue_barred(person: Person, referral: Referral, *, at: datetime) -> None:
    """Tells somebody that they are barred, why, that it is being reviewed, and how to answer."""
    outbox.queue(_about("barred", referral, person), at=at)


def queue_referred(referral: Referral, people: Iterable[Person], *, at: datetime) -> None:
    """Tells those who act for the assembly with the resolutions duty that there is a referral to review."""
    for person in people:
        outbox.queue(_about("referred", referral, person), at=at)


def queue_outcome(person: Person, referral: Referral, *, at: datetime) -> None:
    """Tells the person concerned what the review found."""
    outbox.queue(_about("outcome", referral, person), at=at)


def key_of_invitation(gathering: Gathering, person: Person) -> str:
    """The outbox key under which the person was asked to the gathering."""
    return _key("invited", gathering, person)


def _key(what: str, gathering: Gathering, person: Person) -> str:
    return f"gathering_{what}:{gathering.pk}:{person.pk}"


def _letters(
    what: str, gathering: Gathering, people: Iterable[Person], key: str, *, at: datetime, **more: object
) -> Iterable[Letter]:
    """Letters to those who may see the gathering at `at` and want such mails, or were promised them."""
    shared = {
        "gathering": gathering,
        "page": _address("gathering_detail", gathering),
        "calendar": _address("gathering_calendar", gathering),
        "way_in": _address("gathering_join", gathering),
        **more,
    }
    kind = f"{_FOLDER}/gathering_{what}"
    promised = set(gathering.registrations.in_force().values_list("person_id", flat=True))
    muting = mails.muting(kind) - promised
    for person in _allowed(gathering, people, at):
        if person.pk not in muting:
            sort = Always.PROMISED if person.pk in promised else None
            context = {**shared, "person": person}
            yield mails.letter(_key(key, gathering, person), kind, person, context, sort=sort)


def _allowed(gathering: Gathering, people: Iterable[Person], at: datetime) -> Iterable[Person]:
    """Those of `people` who may see the gathering at `at`; see `GatheringQuerySet.visible_to`."""
    if not gathering.is_private:
        return people
    asked = set(gathering.audience_at(at).values_list("pk", flat=True))
    this = Gathering.objects.filter(pk=gathering.pk)
    return [one for one in people if one.pk in asked or this.visible_to(one, at).exists()]


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
    kind = f"{_FOLDER}/gathering_{what}"
    yield mails.letter(f"gathering_{what}:{referral.pk}:{person.pk}", kind, person, context)
