"""Applying again after a decline: allowed, at once or after REAPPLICATION_DAYS."""

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


def issues_before_sending(application: Application, at: datetime) -> list[str]:
    """Why the owner of this address, declined of late, cannot send another one yet; empty when they can."""
    mark = application.email_mark
    if mark is None:
        return []
    declined = Letter.objects.filter(application__email_mark=mark, kind=Letter.Kind.DECLINE)
    last = declined.order_by("-sent_at").first()
    if last is None or at >= earliest_after(last.sent_at):
        return []
    day = date_format(localtime(earliest_after(last.sent_at)), "j F Y")
    return [_("You can apply again from %(day)s. What you have filled in is kept until then.") % {"day": day}]
