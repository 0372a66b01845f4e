"""The ladder in real Chromium, with the real web server, worker and beat: a quick chat, and a deadlock to its end.

A day is five seconds long here (DAY_SECONDS); nothing else is shortened, and every window ends by itself. The chat
takes place while the others wait for their moot, which begins at the next full minute.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser

from assemblies.models import Assembly
from decisions.models import Decision, Gathering
from harmony.time import london_day
from ledger.models import Event
from members.models import Person
from tests.browser.conftest import Visitor
from tests.browser.hands import call_gathering, fill_in, fill_in_day, follow, press, says
from tests.factories import make_assembly, make_members, make_term
from tests.login import log_in
from tests.real_servers import wait_for, whole_site

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.servers, pytest.mark.browser]

DAY_SECONDS = 5


@dataclass
class Stage:
    """The site with its servers, on which people appear with a browser of their own."""

    browser: Browser
    url: str
    visitors: list[Visitor] = field(default_factory=list)

    def enter(self, person: Person | None, *, width: int = 1280, scripts: bool = True) -> Visitor:
        """Somebody at a screen of this width, logged in (None: a stranger)."""
        visitor = Visitor(self.browser, self.url, width=width, scripts=scripts)
        visitor.page.set_default_timeout(30_000)
        self.visitors.append(visitor)
        if person is not None:
            client = Client()
            log_in(client, person)
            visitor.take_over(client)
        return visitor


@pytest.fixture
def stage(chromium: Browser, tmp_path: Path) -> Iterator[Stage]:
    """The whole site, with short days."""
    with whole_site(tmp_path, DAY_SECONDS=str(DAY_SECONDS)) as url:
        made = Stage(chromium, url)
        yield made
        for visitor in made.visitors:
            visitor.close()


def propose(visitor: Visitor, assembly: Assembly, title: str, *options: str) -> Decision:
    """Proposes from the assembly's page, with two options."""
    visitor.goto(assembly.get_absolute_url())
    visitor.examine("walk-assembly")
    follow(visitor, "Propose something")
    fill_in(visitor, title=title, text="The lease *ends* in May.")
    fill_in(visitor, **{f"option_{n}": name for n, name in enumerate(options, 1)})
    visitor.examine("walk-propose")
    press(visitor, "Propose it")
    visitor.examine("walk-proposed")
    return Decision.objects.get(title=title)


def comment(visitor: Visitor, decision: Decision, text: str) -> None:
    """Says something on the matter."""
    visitor.goto(decision.get_absolute_url())
    fill_in(visitor, text=text)
    press(visitor, "Say it")
    assert says(visitor, text)
    visitor.examine("walk-talk")


def call(visitor: Visitor, decision: Decision, option: str) -> None:
    """Calls for consensus on an option."""
    visitor.goto(decision.get_absolute_url())
    follow(visitor, "Call for consensus")
    visitor.page.get_by_label(option).check()
    visitor.examine("walk-call-choose")
    press(visitor, "Continue")
    visitor.examine("walk-call-confirm")
    press(visitor, "Open the call")


def answer(visitor: Visitor, title: str, stance: str, reason: str = "") -> None:
    """Finds the call on the home page and answers it."""
    visitor.goto("/")
    with visitor.page.expect_navigation():
        visitor.page.get_by_role("link", name=re.compile(f"Can you agree.*{re.escape(title)}")).click()
    follow(visitor, "Answer the call")
    visitor.page.get_by_label(re.compile(f"^{stance}:")).check()
    if reason:
        fill_in(visitor, reason=reason)
    visitor.examine("walk-answer", targets=True)
    press(visitor, "Give my answer")


def state_outcome(visitor: Visitor, decision: Decision, text: str) -> None:
    """Writes down what was decided."""
    visitor.goto(decision.get_absolute_url())
    follow(visitor, "Write down the outcome")
    fill_in(visitor, text=text)
    visitor.examine("walk-outcome")
    press(visitor, "Save it")
    assert says(visitor, text)


def name_task(visitor: Visitor, decision: Decision, title: str, owner: Person) -> None:
    """Names a task, due in ten days."""
    visitor.goto(decision.get_absolute_url())
    follow(visitor, "Name a task")
    day = london_day(timezone.now()) + timedelta(days=10)
    fill_in(visitor, title=title)
    fill_in_day(visitor, day)
    visitor.page.get_by_label("Who does it?").select_option(label=owner.name)
    visitor.examine("walk-task")
    press(visitor, "Name it")
    visitor.examine("walk-task-named")


def do_task(visitor: Visitor, title: str) -> None:
    """Finds the task on the home page, reports on it and finishes it."""
    visitor.goto("/")
    visitor.examine("walk-home-task")
    visitor.page.get_by_role("link", name=f"Task: {title}").click()
    follow(visitor, f"Report on: {title}")
    fill_in(visitor, text="Half of it is done.")
    visitor.examine("walk-report")
    press(visitor, "Send the report")
    assert says(visitor, "Half of it is done.")
    with visitor.page.expect_navigation():
        visitor.page.get_by_role("link", name=re.compile(f"^It is done ?: {title}$")).click()
    visitor.examine("walk-finish")
    press(visitor, "Yes, it is done")
    visitor.examine("walk-done")


def read_register(visitor: Visitor, decision: Decision, *words: str) -> None:
    """Finds the matter in the public register by its title, with these words in its entry."""
    visitor.goto("/decisions/")
    visitor.page.get_by_label("Words").fill(decision.title)
    with visitor.page.expect_navigation():
        visitor.page.locator("main form button").first.click()
    visitor.examine("walk-register")
    for word in (decision.title, *words):
        assert says(visitor, word), word
    visitor.goto(decision.get_absolute_url())
    visitor.examine("walk-read")


def verbs(decision: Decision) -> list[str]:
    """What the record says was done with the matter, in order."""
    about = Event.objects.filter(subject_kind="decisions.decision", subject_id=str(decision.pk))
    return [
        verb.removeprefix("decision.") for verb in about.order_by("at", "id").values_list("verb", flat=True)
    ]


def quick_chat(stage: Stage) -> None:
    """Three members of an assembly settle a simple matter in minutes, without a meeting, and do its work (A9)."""
    began = timezone.now()
    assembly = make_assembly("Hartley Green", cooling_off_days=30)
    people = make_members(assembly, 3)
    desk = stage.enter(people[0])
    phone = stage.enter(people[1], width=320)
    plain = stage.enter(people[2], width=320, scripts=False)
    decision = propose(
        desk, assembly, "Where do we meet this winter?", "The Old Library", "The Fox and Hounds"
    )
    comment(phone, decision, "The library has a ramp.")
    comment(plain, decision, "And it is free on Thursdays.")
    call(desk, decision, "The Old Library")
    desk.examine("walk-called")
    answer(desk, decision.title, "Agree")
    answer(phone, decision.title, "Agree")
    phone.examine("walk-answered")
    assert not says(phone, "Decided:")
    answer(plain, decision.title, "Agree")
    plain.examine("walk-settled")
    assert says(plain, "Decided: The Old Library")
    decision.refresh_from_db()
    made = decision.calls.get()
    assert (decision.settled_by, made.account["members_agree"]) == ("consensus", 3)
    assert made.ended_at is not None
    assert made.ended_at < made.ends_at, "at once, without waiting for the end"
    assert not decision.gatherings.exists()
    state_outcome(desk, decision, "We meet in the library from November.")
    name_task(desk, decision, "Book the hall", people[1])
    do_task(phone, "Book the hall")
    read_register(stage.enter(None), decision, "Decided by consensus", "The Old Library", "done")
    assert timezone.now() - began < timedelta(minutes=5)
    assert verbs(decision) == [
        "proposed", "commented", "commented", "called", "answered", "answered", "answered",
        "consensus", "settled", "outcome_stated", "task_named",
    ]  # fmt: skip


def register(visitor: Visitor, title: str) -> None:
    """Finds the moot on the home page and registers for it."""
    visitor.goto("/")
    visitor.page.get_by_role("link", name=f"Gathering: {title}").click()
    follow(visitor, "Register")
    visitor.page.get_by_label("In the room").check()
    visitor.page.get_by_label("I accept the code of conduct").check()
    visitor.examine("walk-register-moot")
    press(visitor, "Register")
    visitor.examine("walk-registered")


def hold(visitor: Visitor, moot: Gathering) -> None:
    """Says that the moot was held, once it has begun, and publishes its notes."""
    wait_for(lambda: timezone.now() >= moot.starts_at, "the moot begins", 100)
    visitor.goto(moot.get_absolute_url())
    press(visitor, "It was held")
    follow(visitor, "Publish the notes")
    visitor.page.get_by_label("Notes").fill("We looked at both halls and stayed divided.")
    visitor.examine("walk-notes")
    press(visitor, "Publish the notes")
    assert says(visitor, "stayed divided")


def deliberate(visitor: Visitor, decision: Decision, days: int) -> None:
    """Begins the deliberation."""
    visitor.goto(decision.get_absolute_url())
    follow(visitor, "Begin the deliberation")
    fill_in(visitor, days=days)
    visitor.examine("walk-deliberate")
    press(visitor, "Begin it")
    assert says(visitor, "The deliberation ends on")
    visitor.examine("walk-deliberating")


def vote(visitor: Visitor, question: str, *scores: tuple[str, int]) -> None:
    """Finds the ballot on the home page and votes."""
    visitor.goto("/")
    visitor.examine("walk-home-vote")
    with visitor.page.expect_navigation():
        visitor.page.get_by_role("link", name=f"Vote: {question}").click()
    for name, score in scores:
        visitor.page.get_by_label(f"out of 5 for {name}").nth(score).check(force=True)
    visitor.examine("walk-vote", targets=True)
    press(visitor, "Check your scores")
    visitor.examine("walk-check")
    press(visitor, "Cast my vote")
    assert says(visitor, "Your vote is cast")
    visitor.examine("walk-receipt")


def waits_until(decision: Decision, seconds: float, what: str, **facts: object) -> None:
    """Returns once the clock has brought the matter there."""
    rows = Decision.objects.filter(pk=decision.pk, **facts)
    wait_for(rows.exists, what, seconds + 30)
    decision.refresh_from_db()


@pytest.mark.policy("A8", "A9", "A10", "A15", "P4", "P5", "P6", "P9", "P10")
def test_a_deadlock_goes_through_moot_and_ballot_to_its_work_and_a_quick_chat_is_settled_meanwhile(
    stage: Stage,
) -> None:
    assembly = make_assembly("Hartley Heath", cooling_off_days=4, deliberation_days=1, voting_days=8)
    secretary, *others = make_members(assembly, 3)
    make_term(secretary, assembly)
    desk = stage.enter(secretary)
    phone = stage.enter(others[0], width=320)
    plain = stage.enter(others[1], width=320, scripts=False)
    decision = propose(plain, assembly, "Which hall do we rent?", "The Old Library", "The Fox and Hounds")

    call(desk, decision, "The Old Library")
    answer(phone, decision.title, "Object", "Nobody gets there without a car.")
    waits_until(decision, 4 * DAY_SECONDS, "the call falls at its end", calls__result="fell")
    phone.goto(decision.get_absolute_url())
    assert says(phone, "There is no consensus yet.")
    phone.examine("walk-fallen")

    moot = call_gathering(desk, decision, ahead=timedelta(seconds=6))
    desk.examine("walk-moot")
    register(phone, decision.title)
    register(plain, decision.title)
    quick_chat(stage)
    hold(desk, moot)
    deliberate(desk, decision, 1)

    waits_until(decision, DAY_SECONDS, "the ballot opens by itself", ballot__opened_at__isnull=False)
    for visitor, library, fox in ((desk, 5, 1), (phone, 0, 5), (plain, 1, 4)):
        vote(visitor, decision.title, ("The Old Library", library), ("The Fox and Hounds", fox))
    desk.goto(decision.get_absolute_url())
    desk.examine("walk-voting")
    waits_until(decision, 8 * DAY_SECONDS, "the result is taken up by itself", settled_at__isnull=False)
    assert decision.settled_by == "ballot"
    assert decision.ballot is not None
    assert decision.ballot.outcome["turnout"] == 3

    state_outcome(desk, decision, "Two of three preferred the pub, which has a bus stop.")
    name_task(desk, decision, "Sign the lease", others[1])
    do_task(plain, "Sign the lease")
    read_register(stage.enter(None), decision, "Decided by ballot", "The Fox and Hounds", "done")
    assert verbs(decision) == [
        "proposed", "called", "answered", "call_fell", "gathering_called", "gathering_held",
        "deliberation_began", "deliberation_ended", "ballot_opened", "settled", "outcome_stated", "task_named",
    ]  # fmt: skip
