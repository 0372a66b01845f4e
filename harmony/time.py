"""London wall-clock days: a leaf module that every floor may import."""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

LONDON = ZoneInfo("Europe/London")


def days_later(at: datetime, days: int) -> datetime:
    """The same wall-clock time in London `days` days after `at`, in UTC, also across a clock change.

    Seven days from Thursday 19:00 is the next Thursday 19:00 (DESIGN, How an assembly decides). Where that
    hour does not exist (the last Sunday of March) the time is an hour later; where it comes twice, the first.
    A demonstration whose DAY_SECONDS are fewer than a day has counts so many seconds for each.
    """
    if settings.DAY_SECONDS < settings.WHOLE_DAY and at.tzinfo is not None:
        return at + timedelta(seconds=days * settings.DAY_SECONDS)
    return whole_days_later(at, days)


def whole_days_later(at: datetime, days: int) -> datetime:
    """As `days_later`, for what a demonstration with shorter days does not shorten either."""
    if at.tzinfo is None:
        raise ValueError("days_later needs a time with a zone")
    local = at.astimezone(LONDON)
    wall = (local + timedelta(days=days)).replace(fold=0)
    return wall.astimezone(UTC)


def months_later(at: datetime, months: int) -> datetime:
    """The same wall-clock time in London `months` months after `at`, in UTC; in a shorter month its last day.

    An hour that does not exist or comes twice is treated as `days_later` does.
    """
    local = at.astimezone(LONDON)
    year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    wall = local.replace(year=year, month=month + 1, day=min(local.day, last), fold=0)
    return wall.astimezone(UTC)


def hours(number: float) -> timedelta:
    """So many hours; in a demonstration with shorter days, hours of such a day."""
    return timedelta(hours=number) * (settings.DAY_SECONDS / settings.WHOLE_DAY)


def iso(at: datetime) -> str:
    """`at` in UTC as ISO 8601 with microseconds and Z: the one form in which times are published."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def london_day(at: datetime) -> date:
    """The calendar day in London at the moment `at`."""
    return at.astimezone(LONDON).date()
