"""The applicant's calendar file (RFC 5545): a meeting, and not a word of what it is about."""

from datetime import UTC
from urllib.parse import urlsplit

import icalendar
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from defections.models import HustingsInvitation


def of(invitation: HustingsInvitation) -> bytes:
    """The file of one invitation as the meeting stands now; where it is only after it was accepted."""
    gathering = invitation.gathering
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    calendar = icalendar.Calendar()
    calendar.add("prodid", f"-//{settings.SITE_NAME}//{host}//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    event = icalendar.Event()
    event.add("uid", f"{invitation.pk}@{host}")
    event.add("sequence", gathering.sequence)
    event.add("dtstamp", gathering.revised_at.astimezone(UTC).replace(microsecond=0))
    event.add("dtstart", gathering.starts_at.astimezone(UTC))
    event.add("dtend", gathering.ends_at.astimezone(UTC))
    event.add("summary", _("Meeting"))
    event.add("status", "CANCELLED" if gathering.cancelled_at else "CONFIRMED")
    if invitation.reply == HustingsInvitation.Reply.ACCEPTED:
        event.add("location", ", ".join(gathering.address.splitlines()) or _("Online"))
    event.add("url", settings.SITE_URL + reverse("defections:resume_ask"))
    calendar.add_component(event)
    return calendar.to_ical()
