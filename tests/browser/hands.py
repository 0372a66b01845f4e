"""What people do on a page, whichever it is: press, follow, fill in, read."""

import re
from datetime import date, datetime, timedelta

from django.utils import timezone

from decisions.models import Decision, Gathering
from harmony.time import LONDON
from tests.browser.conftest import Visitor


def press(visitor: Visitor, name: str) -> None:
    """Presses the button of this name, and waits for the page that answers."""
    with visitor.page.expect_navigation():
        visitor.page.get_by_role("button", name=name, exact=True).first.click()


def follow(visitor: Visitor, name: str) -> None:
    """Follows the link of this name."""
    with visitor.page.expect_navigation():
        visitor.page.get_by_role("link", name=name, exact=True).first.click()


def fill_in(visitor: Visitor, **fields: object) -> None:
    """Fills in text boxes by the names of their fields."""
    for name, value in fields.items():
        visitor.page.locator(f"[name={name}]").fill(str(value))


def fill_in_day(visitor: Visitor, day: date) -> None:
    """Fills in a day's three boxes."""
    for label, value in (("Day", day.day), ("Month", day.month), ("Year", day.year)):
        visitor.page.get_by_label(label, exact=True).last.fill(str(value))


def says(visitor: Visitor, words: str) -> bool:
    """Whether the page's main part has these words."""
    return words in re.sub(r"\s+", " ", visitor.page.inner_text("main"))


def next_minute(at: datetime) -> datetime:
    """The first full minute at or after `at`."""
    return (at + timedelta(seconds=59, microseconds=999_999)).replace(second=0, microsecond=0)


def call_gathering(
    visitor: Visitor, decision: Decision, *, ahead: timedelta, link: str = "Call a gathering"
) -> Gathering:
    """Calls a gathering by the link of the matter's page, for the first full minute that is `ahead`.

    Where that has passed meanwhile, for the one after.
    """
    visitor.goto(decision.get_absolute_url())
    follow(visitor, link)
    visitor.page.get_by_label("Address").fill("The Old Library")
    while "/call/" in visitor.page.url:
        starts = next_minute(timezone.now() + ahead).astimezone(LONDON)
        fill_in_day(visitor, starts.date())
        visitor.page.get_by_label("Starts at").fill(f"{starts:%H:%M}")
        visitor.page.get_by_label("Ends at").fill(f"{starts + timedelta(hours=1):%H:%M}")
        press(visitor, "Call the gathering")
    return Gathering.objects.get(decision=decision)
