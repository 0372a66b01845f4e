"""Applying again after an application is over: allowed, at once, or after REAPPLICATION_DAYS where it was declined.

The time runs from the letter. It counts by the address of the application that was declined, so no longer than that
is kept (DEFECTIONS_OVER_MONTHS; the settings refuse a longer one). A form that is filled in meanwhile
is kept for it: see `retention.clock_of`.
"""

from datetime import datetime

from django.conf import settings
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from defections.models import Application, Letter
from harmony.time import days_later


def earliest_after(declined_at: datetime) -> datetime:
    """From when somebody may apply again who was declined then."""
    return days_later(declined_at, settings.REAPPLICATION_DAYS)


def earliest_for(application: Application) -> datetime | None:
    """From when the owner of this address can send one again; None where none was declined, or there is no wait."""
    mark = application.email_mark
    if mark is None or not settings.REAPPLICATION_DAYS:
        return None
    declined = Letter.objects.filter(application__email_mark=mark, kind=Letter.Kind.DECLINE)
    last = declined.order_by("-sent_at").first()
    return earliest_after(last.sent_at) if last else None


def issues_before_sending(application: Application, at: datetime) -> list[str]:
    """Why the owner of this address, declined of late, cannot send another one yet; empty when they can."""
    earliest = earliest_for(application)
    if earliest is None or at >= earliest:
        return []
    day = date_format(localtime(earliest), "j F Y")
    return [_("You can apply again from %(day)s. What you have filled in is kept until then.") % {"day": day}]
