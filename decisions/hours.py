"""A day and an hour as people in London say it, turned into a moment; at a clock change some hours cannot be."""

from datetime import UTC, date, datetime, time

from harmony.time import LONDON


class NoSuchHour(ValueError):
    """The clocks skip this hour (the last Sunday of March)."""


class DoubtfulHour(ValueError):
    """The clocks pass this hour twice (the last Sunday of October)."""


def moment(day: date, hour: time) -> datetime:
    """The moment, in UTC, at which it is `hour` on `day` in London. Raises NoSuchHour or DoubtfulHour."""
    first = datetime.combine(day, hour.replace(fold=0), LONDON).astimezone(UTC)
    second = datetime.combine(day, hour.replace(fold=1), LONDON).astimezone(UTC)
    if first.astimezone(LONDON).replace(tzinfo=None) != datetime.combine(day, hour):
        raise NoSuchHour(hour.isoformat("minutes"))
    if first != second:
        raise DoubtfulHour(hour.isoformat("minutes"))
    return first
