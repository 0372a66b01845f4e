"""Real Chromium, and what every page must hold beside what a test is about."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Locator, Page, sync_playwright

from tests.chromium import launch_options

# Playwright's synchronous interface runs an event loop in this thread; Django would refuse to work beside it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
    "resultTypes": ["violations"],
}
# Only what is wrong comes back: of each thing that is right axe tells too, and that takes longer than the looking.
VIOLATIONS = """async rules => (await axe.run(rules)).violations.map(
  violation => [violation.id, ...violation.nodes.map(node => node.html.slice(0, 200))]
)"""

# Every id that an aria attribute, a label or a link within the page names must exist.
DANGLING = """() => {
  const missing = [];
  for (const name of ["aria-labelledby", "aria-describedby", "aria-controls", "aria-owns", "for"])
    for (const element of document.querySelectorAll(`[${name}]`))
      for (const id of element.getAttribute(name).split(/\\s+/).filter(Boolean))
        if (!document.getElementById(id)) missing.push(`${name}=${id}`);
  for (const link of document.querySelectorAll('a[href^="#"]'))
    if (!document.getElementById(link.getAttribute("href").slice(1))) missing.push(link.getAttribute("href"));
  return missing;
}"""
SMALL_TARGETS = """() => [...document.querySelectorAll("input[type=radio], input[type=checkbox], button, .button")]
  .filter(e => e.offsetParent && e.type !== "hidden")
  .map(e => [e.name || e.textContent.trim(), e.getBoundingClientRect()])
  .filter(([, box]) => box.width < 44 || box.height < 43.5)
  .map(([name, box]) => `${name}: ${Math.round(box.width)} x ${Math.round(box.height)}`)"""


click = Locator.click


def click_and_load(self: Locator, **options: Any) -> None:
    """Clicks, and waits for the page that this may have opened.

    Playwright's own click comes back when the next page has begun: still empty at times, so that what looks at it at
    once (a count, an evaluation) finds nothing in it, and nothing wrong.
    """
    click(self, **options)
    self.page.wait_for_load_state()


Locator.click = click_and_load  # type: ignore[method-assign]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One Chromium for all browser tests."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        yield browser
        browser.close()


class Visitor:
    """Somebody at a screen of one width, with or without scripts, whose every page is examined."""

    def __init__(self, browser: Browser, site: str, *, width: int = 1280, scripts: bool = True) -> None:
        self.site, self.width, self.scripts = site, width, scripts
        self.complaints: list[str] = []
        self.context: BrowserContext = browser.new_context(
            viewport={"width": width, "height": 900}, java_script_enabled=scripts, locale="en-GB"
        )
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(15_000)
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script error: {error}"))

    def _hear(self, message: Any) -> None:
        if message.type == "error" and "status of 4" not in message.text:
            self.complaints.append(f"console: {message.text}")

    def take_over(self, client: Client) -> None:
        """Goes on in the session of a test client, which is logged in."""
        cookies = client.cookies.values()
        self.context.add_cookies([{"name": c.key, "value": c.value, "url": self.site} for c in cookies])

    def goto(self, path: str) -> None:
        """Opens an address of the site."""
        self.page.goto(path if path.startswith("http") else self.site + path)

    def picture(self, name: str) -> None:
        """A screenshot in the folder named by SCREENSHOTS, where that is set."""
        if folder := os.environ.get("SCREENSHOTS"):
            Path(folder).mkdir(parents=True, exist_ok=True)
            plain = "" if self.scripts else "-plain"
            self.page.screenshot(path=f"{folder}/{name}-{self.width}{plain}.png", full_page=True)

    def examine(self, name: str, *, targets: bool = False) -> None:
        """Asserts what holds on every page: axe finds nothing, no id dangles, nothing scrolls sideways, no complaint.

        With `targets` also that controls are at least 44 px wide and high.
        """
        self.picture(name)
        where = f"{name} at {self.width} px, {self.page.url}"
        if self.scripts:  # axe itself is a script; the page it sees is the same from the server
            self.ask_axe(where)
        assert self.page.evaluate(DANGLING) == [], where
        wide = self.page.evaluate(
            "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert wide <= 0, f"{where} scrolls sideways by {wide} px"
        if targets:
            assert self.page.evaluate(SMALL_TARGETS) == [], where
        assert self.complaints == [], where

    def ask_axe(self, where: str) -> None:
        """Asserts that axe-core finds no violation of WCAG 2.2 AA or of good practice."""
        heard = len(self.complaints)
        self.page.evaluate(AXE_SCRIPT)
        assert self.page.evaluate(VIOLATIONS, RULES) == [], where
        # To read a sheet that another imports axe makes a style of its own, which the policy blocks.
        own = [one for one in self.complaints[heard:] if "Applying inline style" in one]
        self.complaints = [one for one in self.complaints if one not in own]

    def close(self) -> None:
        """Ends the visit."""
        self.context.close()
