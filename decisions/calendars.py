"""Calendar files (RFC 5545): one gathering's, and feeds behind secret addresses.

No file holds a join link: calendars are copied and shared, and a bar could not reach into them. They lead to the
gathering's page, where whoever has registered finds the way in.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import icalendar
from django.conf import settings
from django.core import signing
from django.db import transaction
from django.utils.translation import gettext as _

from assemblies.models import Assembly
from decisions.models import Feed, Gathering
from ledger import events
from members.models import Person

CONTENT_TYPE = "text/calendar; charset=utf-8; method=PUBLISH"
_SALT = "decisions.calendars"
_REFRESH = timedelta(hours=1)
MOST_IN_A_FEED = 500  # gatherings, the earliest of those that a feed holds


def of_gathering(gathering: Gathering) -> bytes:
    """The calendar file of one gathering, as it stands now."""
    return _file([gathering], name="")


def of_feed(feed: Feed, *, at: datetime) -> bytes:
    """What the feed's person may have in their calendar at `at`: theirs, or the one assembly's."""
    if feed.assembly is None:
        rows, name = Gathering.objects.concerning(feed.person, at), _("Harmony gatherings")
    else:
        barred = feed.person.bars.values("gathering")
        rows = Gathering.objects.visible_to(feed.person, at).of_assembly(feed.assembly).exclude(pk__in=barred)
        name = feed.assembly.name
    rows = Gathering.objects.filter(pk__in=rows.in_calendars_at(at).values("pk"))
    return _file(rows.select_related("assembly").order_by("starts_at")[:MOST_IN_A_FEED], name=name)


def _file(gatherings: Iterable[Gathering], *, name: str) -> bytes:
    calendar = icalendar.Calendar()
    calendar.add("prodid", f"-//{settings.SITE_NAME}//{_domain()}//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("calscale", "GREGORIAN")
    if name:
        calendar.add("x-wr-calname", name)
        calendar.add("refresh-interval", _REFRESH, parameters={"value": "DURATION"})
        calendar.add("x-published-ttl", _REFRESH)
    for gathering in gatherings:
        calendar.add_component(_event(gathering))
    return calendar.to_ical()


def _event(gathering: Gathering) -> icalendar.Event:
    page = settings.SITE_URL + gathering.get_absolute_url()
    event = icalendar.Event()
    event.add("uid", f"{gathering.pk}@{_domain()}")
    event.add("sequence", gathering.sequence)
    event.add("dtstamp", _seconds(gathering.revised_at))
    event.add("last-modified", _seconds(gathering.revised_at))
    event.add("dtstart", gathering.starts_at.astimezone(UTC))
    event.add("dtend", gathering.ends_at.astimezone(UTC))
    event.add("summary", f"{gathering.title} ({gathering.assembly})")
    event.add("status", "CANCELLED" if gathering.cancelled_at else "CONFIRMED")
    event.add("location", ", ".join(gathering.address.split("\n")).replace("\r", "") or _("Online"))
    event.add("description", _("Where, agenda and registration: %(page)s") % {"page": page})
    event.add("url", page)
    return event


def _seconds(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(microsecond=0)


def _domain() -> str:
    return urlsplit(settings.SITE_URL).hostname or "localhost"


# --- Feeds ------------------------------------------------------------------------------------------------
def address_of(feed: Feed) -> str:
    """The secret part of the feed's address; another after each reset."""
    return signing.Signer(sep=".", salt=_SALT).sign(str(feed.nonce))


def feed_at(address: str) -> Feed | None:
    """The feed at this address, or None for one that was never ours, was reset, or whose account is closed."""
    try:
        nonce = UUID(signing.Signer(sep=".", salt=_SALT).unsign(address))
    except (signing.BadSignature, ValueError):
        return None
    rows = Feed.objects.select_related("person", "assembly")
    return rows.filter(nonce=nonce, person__is_active=True).first()


@transaction.atomic
def make_feed(person: Person, assembly: Assembly | None, *, at: datetime) -> Feed:
    """The person's feed of all that concerns them, or of one assembly; made where there is none."""
    feed, made = Feed.objects.get_or_create(person=person, assembly=assembly, defaults={"made_at": at})
    if made:
        events.record("feed.made", feed, at=at, by=person.pk)
    return feed


@transaction.atomic
def reset(feed: Feed, *, at: datetime) -> Feed:
    """Gives the feed a new address; the old one stops working at once."""
    feed = Feed.objects.select_for_update(of=("self",)).get(pk=feed.pk)
    feed.nonce = uuid4()
    feed.save(update_fields=["nonce"])
    events.record("feed.reset", feed, at=at, by=feed.person_id)
    return feed


@transaction.atomic
def stop(feed: Feed, *, at: datetime) -> None:
    """Ends the feed: its address stops working."""
    events.record("feed.stopped", feed, at=at, by=feed.person_id)
    feed.delete()
