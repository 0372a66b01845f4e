"""Ages on London dates: plain values in, plain values out."""

from datetime import UTC, date, datetime, time

from harmony.time import LONDON

OLDEST = 130  # years; a date of birth further back is a slip of the pen


def birthday(born: date, age: int) -> date:
    """The day on which somebody born on `born` becomes `age`; the 29th of February is kept on 1 March."""
    year = born.year + age
    try:
        return born.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


def age_on(born: date, day: date) -> int:
    """How old, in whole years, somebody born on `born` is on `day`; negative before they were born."""
    years = day.year - born.year
    return years if birthday(born, years) <= day else years - 1


def reached_at(born: date, age: int) -> datetime:
    """The moment, in UTC, at which somebody born on `born` becomes `age`: when that birthday begins in London."""
    return datetime.combine(birthday(born, age), time(), LONDON).astimezone(UTC)


def looked_at_from(passes_at: datetime | None) -> date | None:
    """From which day on an age that passes at `passes_at` is looked at: the 1st of January of that London year.

    So what is stored names a year of birth and no birthday. None where no age ever passes.
    """
    return None if passes_at is None else date(passes_at.astimezone(LONDON).year, 1, 1)


def is_plausible(born: date, at: datetime) -> bool:
    """Whether somebody who uses this site at `at` can have been born on `born`."""
    return 0 <= age_on(born, at.astimezone(LONDON).date()) <= OLDEST
