"""How often somebody is sent their digest, and when the next is due."""

from datetime import UTC, datetime, time, timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from harmony.time import LONDON

HOUR = time(8)  # wall-clock time in London; no clock change ever takes it away or doubles it
MONDAY = 0


class Frequency(models.TextChoices):
    """How often."""

    DAILY = "daily", _("Every day")
    WEEKLY = "weekly", _("Every Monday")
    NONE = "none", _("Never")


def next_due(frequency: str, after: datetime) -> datetime | None:
    """The first 08:00 in London later than `after`, of any day or of a Monday, in UTC; None for never."""
    if frequency == Frequency.NONE:
        return None
    today = after.astimezone(LONDON).date()
    days = (today + timedelta(days=ahead) for ahead in range(9))
    moments = (
        datetime.combine(day, HOUR, LONDON).astimezone(UTC)
        for day in days
        if frequency == Frequency.DAILY or day.weekday() == MONDAY
    )
    return next(moment for moment in moments if moment > after)


def first_due() -> datetime | None:
    """When somebody whose account is made now gets their first digest."""
    return next_due(Frequency.WEEKLY, timezone.now())
