"""The ballots' pages in a real browser: by keyboard alone, on a phone, in the dark, with and without scripts."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page
from pytest_django.live_server_helper import LiveServer

from assemblies.models import Assembly
from ballots.models import Ballot
from harmony.clock import sweep
from members.models import Person
from tests.ballots.pages import page as address
from tests.factories import cast_vote, count_ballot, make_ballot, make_members, make_open_ballot
from tests.login import log_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
DANGLING = """() => [...document.querySelectorAll('[aria-labelledby], [aria-describedby], label[for], a[href^="#"]')]
  .flatMap(e => [e.getAttribute('aria-labelledby'), e.getAttribute('aria-describedby'), e.htmlFor, e.hash?.slice(1)])
  .filter(Boolean).flatMap(ids => ids.split(' ')).filter(id => !document.getElementById(id))"""


@pytest.fixture(autouse=True)
def _limits_start_anew(transactional_db: None) -> None:
    """What counts log-ins lies in a table of its own, which outlasts a test that commits."""
    cache.clear()


class Window:
    """A window of a browser; every page it comes to is examined."""

    def __init__(self, context: BrowserContext, site: str, *, scripts: bool = True) -> None:
        self.context, self.site, self.scripts = context, site, scripts
        self.page: Page = context.new_page()
        self.said: list[str] = []
        self.page.on("console", self._hear)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "status of 4" not in message.text:
            self.said.append(message.text)

    def log_in(self, person: Person) -> None:
        client = Client()
        log_in(client, person)
        cookies = [{"name": c.key, "value": c.value, "url": self.site} for c in client.cookies.values()]
        self.context.add_cookies(cookies)  # type: ignore[arg-type]

    def go(self, path: str) -> None:
        self.page.goto(self.site + path)
        self.examine()

    def press(self, name: str) -> None:
        """Presses the button, and examines the page that answers."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=name, exact=True).click()
        self.examine()

    def examine(self) -> None:
        """axe finds nothing, nothing hangs over the side, no reference leads nowhere, no message in the console."""
        where = f"{self.page.url} at {self.page.viewport_size}"
        if self.scripts:  # axe is a script itself
            found = Axe().run(self.page, options=RULES).response["violations"]
            assert found == [], f"{where}: {[(rule['id'], rule['nodes'][0]['html']) for rule in found]}"
        assert self.page.evaluate(SIDEWAYS) <= 0, f"{where} scrolls sideways"
        assert self.page.evaluate(DANGLING) == [], where
        assert self.said == [], where


@pytest.fixture(
    params=[(320, "light", True), (320, "dark", False), (1280, "light", False), (1280, "dark", True)]
)
def window(request: pytest.FixtureRequest, browser: Browser, live_server: LiveServer) -> Iterator[Window]:
    width, scheme, scripts = request.param
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, java_script_enabled=scripts
    )
    yield Window(context, live_server.url, scripts=scripts)
    context.close()


def make_wordy_ballot(assembly: Assembly, names: list[str]) -> Ballot:
    """An open ballot with an explanation, and a statement for each option."""
    now = timezone.now()
    ballot = make_ballot(assembly, names, explanation="The lease *ends*.", opens_at=now, announced_at=now)
    ballot.options.update(statement="It is **cheap**.\n\n- and near\n- and [open late](https://example.org/)")
    sweep(now)
    ballot.refresh_from_db()
    return ballot


@pytest.mark.policy("A10")
def test_a_member_votes_changes_scores_and_reads_the_result_at_any_width_with_and_without_scripts(
    window: Window, assembly: Assembly, member: Person
) -> None:
    names = [
        "The Old Fire Station in Sheepcote Street",
        "Friends Meeting House",
        "Llanfairpwllgwyngyllgogerychwyrndrobwll",
    ]
    others = make_members(assembly, 11)
    ballot = make_wordy_ballot(assembly, names)
    window.log_in(member)
    window.go("/ballots/")
    window.go(address("ballot_detail", ballot))
    window.page.get_by_role("link", name="Vote", exact=True).click()
    window.examine()
    assert window.page.locator("input:checked").count() == 0
    group = window.page.get_by_role("group", name=names[0])
    group.get_by_text("Read about it").click()
    assert group.get_by_text("and near").is_visible()
    group.get_by_label(f"5 out of 5 for {names[0]}").check()
    window.press("Check your scores")
    assert window.page.get_by_text("(left blank)").count() == 2
    window.press("Change")
    assert group.get_by_label(f"5 out of 5 for {names[0]}").is_checked()
    window.page.get_by_label(f"3 out of 5 for {names[1]}").check()
    window.press("Check your scores")
    window.press("Cast my vote")
    tracker = window.page.locator("#tracker").inner_text()
    for person in others:
        cast_vote(ballot, person, 5, 4, 0)
    count_ballot(ballot)
    for name in ("ballot_detail", "ballot_result", "ballot_vote"):
        window.go(address(name, ballot))
    window.go(address("ballot_votes", ballot))
    window.page.get_by_label("Your tracker").fill(tracker.lower())
    window.press("Find")
    notice = window.page.get_by_role("region", name="Your vote was counted like this")
    assert notice.locator(".score-chip").all_inner_texts() == ["5", "3", "0"]
    window.go("/ballots/how-star-is-counted/")


def test_the_whole_vote_can_be_given_by_keyboard_alone(
    window: Window, assembly: Assembly, member: Person
) -> None:
    ballot = make_open_ballot(assembly, ["Apples", "Pears"])
    window.log_in(member)
    window.go(address("ballot_vote", ballot))
    keys = window.page.keyboard

    def tab_to(name: str) -> None:
        """Tabs on until the focus is on a control of this name, and sees that the focus is drawn."""
        for _ in range(60):
            keys.press("Tab")
            control = window.page.locator(":focus")
            label = control.evaluate("e => (e.labels?.[0] ?? e).textContent.replace(/\\s+/g, ' ').trim()")
            if label == name:
                assert control.evaluate("e => getComputedStyle(e).outlineStyle") != "none"
                return
        raise AssertionError(f"no way by Tab to {name!r}")

    first, second = window.page.locator(".score__name").all_inner_texts()
    tab_to(f"0 out of 5 for {first}")
    keys.press("ArrowRight")
    keys.press("ArrowRight")
    tab_to(f"0 out of 5 for {second}")
    keys.press("Space")
    keys.press("ArrowLeft")  # round to 5
    checked = [radio.get_attribute("value") for radio in window.page.locator("input:checked").all()]
    assert checked == ["2", "5"]
    for button in ("Check your scores", "Cast my vote"):
        tab_to(button)
        with window.page.expect_navigation():
            keys.press("Enter")
    assert "Your vote is cast" in window.page.locator("h1").inner_text()
    count_ballot(ballot)
    assert sorted(ballot.votes.get().scores) == [2, 5]


def test_refusals_and_lists_of_all_kinds_are_fit_for_everybody(
    window: Window, assembly: Assembly, member: Person, participant: Person, secretary: Person
) -> None:
    ballot = make_open_ballot(assembly, ["A", "B", "C", "D", "E"], seats=2)
    make_ballot(assembly, question="A draft")
    people = make_members(assembly, 1)
    window.log_in(participant)
    window.go(address("ballot_vote", ballot))
    assert "You cannot vote" in window.page.locator("h1").inner_text()
    window.log_in(member)
    window.go(f"{address('ballot_vote', ballot)}?link=nonsense")
    assert "link" in window.page.locator("h1").inner_text()
    cast_vote(ballot, member, 5, 0, 0, 1, 2)
    count_ballot(ballot)
    window.go(address("ballot_votes", ballot))
    window.go(address("ballot_result", ballot))
    window.log_in(secretary)
    window.go("/ballots/")
    assert people


def test_with_a_script_the_form_counts_along_and_the_tracker_can_be_copied(
    browser: Browser, live_server: LiveServer, assembly: Assembly, member: Person
) -> None:
    ballot = make_open_ballot(assembly, ["Apples", "Pears"])
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    window = Window(context, live_server.url)
    window.log_in(member)
    window.go(address("ballot_vote", ballot))
    told = window.page.locator("[data-scored]")
    assert told.inner_text() == "0 of 2 scored"
    window.page.get_by_label("4 out of 5 for Pears").check()
    assert told.inner_text() == "1 of 2 scored"
    window.press("Check your scores")
    window.press("Cast my vote")
    window.page.get_by_role("button", name="Copy the tracker").click()
    window.page.get_by_role("button", name="Copied").wait_for()
    copied = window.page.evaluate("navigator.clipboard.readText()")
    assert copied == window.page.locator("#tracker").inner_text()
    context.close()
