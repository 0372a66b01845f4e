"""Which mails somebody gets: what they choose among, what is always sent and why, and stopping it in one click.

Every floor says of each of its letters which it is (`classify`) and makes it by `letter`, so that none can be queued
that nobody has thought about.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db import models, transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from ledger import events
from ledger.outbox import Letter
from members.digest_time import Frequency
from members.models import MutedStream, Person


class Stream(models.TextChoices):
    """The kinds of mail that people choose among, and can stop in one click."""

    DIGEST = "digest", _("The digest: news, and what needs you soon")
    CALLS = "calls", _("Calls for consensus, and deliberations that begin, where you take part")
    RACES = "races", _("Races for offices where you take part, in which anyone can stand")
    GATHERINGS = "gatherings", _("Invitations to gatherings, and changes to those you are invited to")
    REMINDERS = "reminders", _("A reminder before a ballot closes in which you have not voted")
    TASKS = "tasks", _("Tasks that you have taken on, and reminders when they are late")


class Always(models.TextChoices):
    """The kinds of mail that are always sent."""

    VOTE = "vote", _("A ballot on whose roll you are has opened, and its result")
    PART = "part", _("Your membership, and where you take part: admitted, refused, ended")
    CONDUCT = "conduct", _("A bar from a gathering, and its review")
    PROMISED = "promised", _("A gathering for which you have registered: that you are, and what changes")
    OFFICE = "office", _("What waits for you in an office that you hold, or for which you stand")
    APPLICATION = "application", _("An application that you have made: that it came, questions, its end")
    SECURITY = "security", _("Codes for logging in, and changes to how you log in")


REASONS = {
    Always.VOTE: _("Nobody’s vote may be lost because a mail was turned off."),
    Always.PART: _("It changes what you may do here."),
    Always.CONDUCT: _("You must be able to answer."),
    Always.PROMISED: _("You would stand before a closed door."),
    Always.OFFICE: _("Others wait for you."),
    Always.APPLICATION: _("You must learn what becomes of it."),
    Always.SECURITY: _("They keep your account yours."),
}
AT_ONCE = [stream for stream in Stream if stream is not Stream.DIGEST]

Sort: TypeAlias = Stream | Always

# What each mail is, by its kind: the folder and name of its templates.
SORTS: dict[str, Sort] = {}
# Sent by allauth, through members.accounts: all of them keep an account safe.
_SECURITY = ("account/", "mfa/")
_SALT = "members.mail_stop"


class UnknownLink(ValueError):
    """No address that we have sent."""


def classify(folder: str, sorts: Mapping[str, Sort]) -> None:
    """Says of each letter in `folder` ("ballots/mail") what sort it is; at the top of the module that makes them."""
    SORTS.update({f"{folder}/{name}": sort for name, sort in sorts.items()})


def sort_of(kind: str) -> Sort:
    """What sort of mail a kind is. Raises KeyError for one that nobody has classified."""
    return Always.SECURITY if kind.startswith(_SECURITY) else SORTS[kind]


def willing(people: Iterable[Person], kind: str) -> Iterator[Person]:
    """Those of `people` who get mails of this kind."""
    muted = muting(kind)
    return (person for person in people if person.pk not in muted)


def muting(kind: str) -> set[UUID]:
    """The ids of all who have chosen to get no mails of this kind; of what is always sent, nobody's."""
    sort = sort_of(kind)
    if isinstance(sort, Always):
        return set()
    return set(MutedStream.objects.filter(stream=sort).values_list("person_id", flat=True))


def letter(
    key: str, kind: str, person: Person, context: dict[str, object], *, sort: Sort | None = None
) -> Letter:
    """A letter to the person, with the address that stops its like unless it is always sent.

    `sort` is given where it depends on the person: what is a piece of news to one was promised to another.
    """
    sort = sort or sort_of(kind)
    unsubscribe = stopping_address(person, sort) if isinstance(sort, Stream) else ""
    return Letter(key, kind, person.email, context, stream=sort.value, unsubscribe=unsubscribe)


def stopping_address(person: Person, stream: Stream) -> str:
    """The address that stops a stream for this person. It is signed, logs nobody in and does nothing else."""
    token = signing.Signer(salt=_SALT).sign(f"{stream.value}.{person.pk.hex}")
    return settings.SITE_URL + reverse("members:mail_stop", args=[token])


def read_token(token: str) -> tuple[Person, Stream]:
    """Whose mails of which stream a token stops. Raises UnknownLink."""
    try:
        stream, _dot, pk = signing.Signer(salt=_SALT).unsign(token).partition(".")
        return Person.objects.get(pk=UUID(pk)), Stream(stream)
    except (signing.BadSignature, ValueError, Person.DoesNotExist) as error:
        raise UnknownLink(token) from error


def wanted_by(person: Person) -> set[Stream]:
    """The streams that the person gets."""
    muted = set(person.muted_streams.values_list("stream", flat=True))
    digest = set() if person.digest == Frequency.NONE else {Stream.DIGEST}
    return {stream for stream in AT_ONCE if stream not in muted} | digest


@transaction.atomic
def choose(person: Person, *, digest: str, at_once: Iterable[str], at: datetime) -> None:
    """The person's own choice: how often a digest, and which mails at once."""
    row = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    _set_digest(row, digest, at)
    unwanted = [stream for stream in AT_ONCE if stream not in set(at_once)]
    row.muted_streams.exclude(stream__in=unwanted).delete()
    _mute(row, unwanted, at)
    events.record("person.mails_chosen", row, at=at, by=row.pk)


@transaction.atomic
def stop(person: Person, stream: Stream, *, at: datetime) -> None:
    """Stops a stream, by whoever holds the address in a mail of it; a second time changes nothing."""
    row = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    if stream not in wanted_by(row):
        return
    if stream is Stream.DIGEST:
        _set_digest(row, Frequency.NONE, at)
    else:
        _mute(row, [stream], at)
    events.record("person.mails_stopped", row, at=at, data={"stream": stream.value})


def _set_digest(row: Person, frequency: str, at: datetime) -> None:
    row.set_digest(frequency, at=at)
    row.save(update_fields=["digest", "digest_due_at", "digest_told_at"])


def _mute(row: Person, streams: Iterable[Stream], at: datetime) -> None:
    rows = (MutedStream(person=row, stream=stream, muted_at=at) for stream in streams)
    MutedStream.objects.bulk_create(rows, ignore_conflicts=True)
