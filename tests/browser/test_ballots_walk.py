"""The ballots' pages in real Chromium: by keyboard alone, in the dark, with the longest names, and their refusals."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from assemblies.models import Assembly
from ballots.models import Ballot
from harmony.clock import sweep
from members.models import Person
from tests.ballots.pages import page as address
from tests.browser.conftest import Visitor
from tests.browser.hands import press
from tests.factories import cast_vote, count_ballot, make_ballot, make_members, make_open_ballot
from tests.login import age_login, log_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

NAMES = [
    "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch",
    "The Old Fire Station in Sheepcote Street",
    "Yes",
    "No",
    "Re-open nominations",
]
WAYS = [(320, "light", True), (320, "dark", False), (1280, "dark", True)]


@pytest.fixture(params=WAYS, ids=lambda way: f"{way[0]}-{way[1]}{'' if way[2] else '-plain'}")
def visitor(request: pytest.FixtureRequest, chromium: Browser, live_server: LiveServer) -> Iterator[Visitor]:
    """Somebody who has come to the site."""
    cache.clear()  # what limits log-ins lies in a table of its own, which outlasts a test that commits
    width, scheme, scripts = request.param
    visitor = Visitor(chromium, live_server.url, width=width, scripts=scripts)
    visitor.page.emulate_media(color_scheme=scheme)
    yield visitor
    visitor.close()


def enter(visitor: Visitor, person: Person, login_age: float = 0) -> None:
    """Comes with a log-in of this age in seconds."""
    client = Client()
    log_in(client, person)
    age_login(client, login_age)
    visitor.take_over(client)


def make_wordy_ballot(assembly: Assembly, **fields: object) -> Ballot:
    """An open ballot with long names, an explanation, and a statement for each option."""
    now = timezone.now()
    ballot = make_ballot(
        assembly, NAMES, explanation="The lease *ends*.", opens_at=now, announced_at=now, **fields
    )
    ballot.options.update(statement="It is **cheap**.\n\n- and near\n- and [open late](https://example.org/)")
    sweep(now)
    ballot.refresh_from_db()
    return ballot


def test_long_names_statements_and_several_seats_fit_on_every_page_in_light_and_dark(
    visitor: Visitor, assembly: Assembly, member: Person
) -> None:
    others = make_members(assembly, 11)
    ballot = make_wordy_ballot(assembly, seats=2)
    enter(visitor, member)
    visitor.goto(address("ballot_detail", ballot))
    visitor.examine("wordy-ballot")
    visitor.goto(address("ballot_vote", ballot))
    group = visitor.page.get_by_role("group", name=NAMES[0])
    group.get_by_text("Read about it").click()
    assert group.get_by_text("and near").is_visible()
    visitor.examine("wordy-vote", targets=True)
    press(visitor, "Check your scores")
    visitor.examine("wordy-check")
    press(visitor, "Cast my vote")
    visitor.examine("wordy-receipt")
    for person in others:
        cast_vote(ballot, person, 5, 4, 3, 2, 0)
    count_ballot(ballot)
    for name in ("ballot_detail", "ballot_result", "ballot_votes", "ballot_vote"):
        visitor.goto(address(name, ballot))
        visitor.examine(f"wordy-{name}")


def tab_to(visitor: Visitor, name: str) -> None:
    """Tabs on until the focus is on a control of this name, and sees that the focus is drawn."""
    named = "e => (e.labels?.[0] ?? e).textContent.replace(/\\s+/g, ' ').trim()"
    for _ in range(60):
        visitor.page.keyboard.press("Tab")
        control = visitor.page.locator(":focus")
        if control.evaluate(named) == name:
            assert control.evaluate("e => getComputedStyle(e).outlineStyle") != "none"
            return
    raise AssertionError(f"no way by Tab to {name!r}")


def test_the_whole_vote_can_be_given_by_keyboard_alone(
    visitor: Visitor, assembly: Assembly, member: Person
) -> None:
    ballot = make_open_ballot(assembly, ["Apples", "Pears"])
    enter(visitor, member)
    visitor.goto(address("ballot_vote", ballot))
    first, second = visitor.page.locator(".score__name").all_inner_texts()
    tab_to(visitor, f"0 out of 5 for {first}")
    visitor.page.keyboard.press("ArrowRight")
    visitor.page.keyboard.press("ArrowRight")
    tab_to(visitor, f"0 out of 5 for {second}")
    visitor.page.keyboard.press("Space")
    visitor.page.keyboard.press("ArrowLeft")  # round to 5
    checked = [radio.get_attribute("value") for radio in visitor.page.locator("input:checked").all()]
    assert checked == ["2", "5"]
    for button in ("Check your scores", "Cast my vote"):
        tab_to(visitor, button)
        with visitor.page.expect_navigation():
            visitor.page.keyboard.press("Enter")
    assert "Your vote is cast" in visitor.page.locator("h1").inner_text()
    count_ballot(ballot)
    assert sorted(ballot.votes.get().scores) == [2, 5]


def test_refusals_and_drafts_are_fit_for_everybody(
    visitor: Visitor, assembly: Assembly, member: Person, participant: Person, secretary: Person
) -> None:
    ballot = make_open_ballot(assembly)
    draft = make_ballot(assembly, question="A draft")
    enter(visitor, participant)
    for name in ("ballot_vote", "ballot_detail"):
        visitor.goto(address(name, ballot))
        visitor.examine(f"not-on-the-roll-{name}")
    enter(visitor, member)
    visitor.goto(f"{address('ballot_vote', ballot)}?link=nonsense")
    assert "This link does not work here" in visitor.page.locator("h1").inner_text()
    visitor.examine("wrong-link")
    count_ballot(ballot)
    visitor.goto(address("ballot_vote", ballot))
    visitor.examine("too-late")
    visitor.goto(address("ballot_result", ballot))
    visitor.examine("nobody-voted")
    enter(visitor, secretary)
    for path in ("/ballots/", address("ballot_detail", draft)):
        visitor.goto(path)
        visitor.examine("draft")


def test_scores_outlast_a_login_that_grew_old_on_the_check_page(
    visitor: Visitor, assembly: Assembly, member: Person
) -> None:
    ballot = make_open_ballot(assembly, ["Apples", "Pears"])
    enter(visitor, member)
    visitor.goto(address("ballot_vote", ballot))
    visitor.page.get_by_label("5 out of 5 for Pears").check()
    press(visitor, "Check your scores")
    visitor.page.locator("input[name=admission]").first.evaluate("e => e.value = 'worn out'")
    enter(visitor, member, login_age=2 * 3600)
    visitor.page.locator("form[action$='/vote/cast/'] input[name=csrfmiddlewaretoken]").evaluate(
        "(e, token) => e.value = token", csrf_of(visitor)
    )
    press(visitor, "Cast my vote")
    assert "Log in again to vote" in visitor.page.locator("h1").inner_text()
    visitor.examine("login-too-old")
    with visitor.context.expect_page() as opened:
        visitor.page.get_by_role("link", name="Log in again (opens a new tab)").click()
    assert "/account/again/" in opened.value.url
    session = next(c["value"] for c in visitor.context.cookies() if c["name"] == "sessionid")
    client = Client()
    client.cookies["sessionid"] = session
    age_login(client, 0)
    press(visitor, "I have logged in again: carry on")
    assert "Your vote is cast" in visitor.page.locator("h1").inner_text()
    count_ballot(ballot)
    assert ballot.votes.get().scores == [0, 5]


def csrf_of(visitor: Visitor) -> str:
    """The token that the visitor's cookie asks for."""
    return next(c["value"] for c in visitor.context.cookies() if c["name"] == "csrftoken")  # type: ignore[no-any-return]


def test_with_a_script_the_form_counts_along_and_the_tracker_can_be_copied(
    chromium: Browser, live_server: LiveServer, assembly: Assembly, member: Person
) -> None:
    ballot = make_open_ballot(assembly, ["Apples", "Pears"])
    visitor = Visitor(chromium, live_server.url)
    visitor.context.grant_permissions(["clipboard-read", "clipboard-write"])
    enter(visitor, member)
    visitor.goto(address("ballot_vote", ballot))
    told = visitor.page.locator("[data-scored]")
    assert told.inner_text() == "0 of 2 scored"
    visitor.page.get_by_label("4 out of 5 for Pears").check()
    assert told.inner_text() == "1 of 2 scored"
    press(visitor, "Check your scores")
    press(visitor, "Cast my vote")
    visitor.page.get_by_role("button", name="Copy the tracker").click()
    visitor.page.get_by_role("button", name="Copied").wait_for()
    copied = visitor.page.evaluate("navigator.clipboard.readText()")
    assert copied == visitor.page.locator("#tracker").inner_text()
    visitor.close()
