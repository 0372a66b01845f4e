"""The whole slice in real Chromium, with the real web server, worker and beat: from log-in to a verified receipt."""

import json
import re
import subprocess
import sys
from contextlib import ExitStack
from datetime import timedelta
from email import message_from_string
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Browser

from assemblies.models import Assembly
from ballots.models import Ballot
from members.models import Person
from tests.browser.conftest import Visitor
from tests.factories import cast_vote, make_ballot, make_members
from tests.real_servers import wait_for, whole_site

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.servers, pytest.mark.browser]

SCORES = {"Ash": 5, "Birch": 2, "Cherry": 0, "Rowan, which birds like best of all": 4}
OPEN_FOR = timedelta(seconds=100)  # long enough for four people to vote, one after the other
WAYS = [(320, True), (320, False), (1280, True), (1280, False)]


def latest_mail(var: Path, address: str, subject: str) -> str:
    """The text of the newest mail to the address whose subject has these words; empty where there is none."""
    texts = [path.read_text() for path in sorted((var / "mail").glob("*.log"))]
    mails = [
        message_from_string(part)
        for text in texts
        for part in text.split("\n" + "-" * 79 + "\n")
        if part.strip()
    ]
    found = [mail for mail in mails if mail["To"] == address and subject in str(mail["Subject"])]
    return found[-1].get_payload(decode=True).decode() if found else ""


def log_in(visitor: Visitor, person: Person, var: Path) -> None:
    """Logs in by a code that comes by mail, sent by the worker."""
    visitor.goto("/account/login/")
    visitor.examine("login")
    visitor.page.get_by_label("Email").fill(person.email)
    visitor.page.locator("main form button").first.click()
    code = ""

    def has_come() -> bool:
        nonlocal code
        found = re.search(
            r"^\s*([A-Z0-9]{3,}(?:-[A-Z0-9]+)?)\s*$", latest_mail(var, person.email, "code"), re.M
        )
        code = found.group(1) if found else ""
        return bool(code)

    wait_for(has_come, f"the code comes by mail to {person.email}")
    visitor.examine("login-code")
    visitor.page.get_by_label("Code").fill(code)
    visitor.page.locator("main form button").first.click()
    visitor.page.wait_for_url(visitor.site + "/")
    visitor.examine("home")


def cast(visitor: Visitor, ballot: Ballot) -> str:
    """Finds the ballot from the home page, scores, checks, changes a score, casts; the tracker of the receipt."""
    page = visitor.page
    visitor.goto("/")
    visitor.examine("home-to-vote")
    page.get_by_role("link", name=re.compile(ballot.question)).first.click()
    page.get_by_role("link", name="Back to the ballot").click()
    visitor.examine("ballot")
    page.get_by_role("main").get_by_role("link", name="Vote", exact=True).click()
    visitor.examine("vote", targets=True)
    assert page.locator("input[type=radio]:checked").count() == 0
    order = page.locator("legend").all_inner_texts()
    for name in ("Ash", "Birch"):
        page.get_by_label(f"out of 5 for {name}").nth(SCORES[name]).check(force=True)
    page.get_by_role("button", name="Check your scores").click()
    visitor.examine("check")
    assert "0 (left blank)" in page.inner_text("main")
    page.get_by_role("button", name=re.compile("Change")).first.click()
    assert page.locator("legend").all_inner_texts() == order, "the order drawn for this voter stays"
    assert page.locator("input[type=radio]:checked").count() == 2, "what was left blank stays blank"
    for name, score in SCORES.items():
        page.get_by_label(f"out of 5 for {name}").nth(score).check(force=True)
    page.get_by_role("button", name="Check your scores").click()
    page.get_by_role("button", name="Cast").click()
    visitor.examine("receipt")
    assert "Your vote is cast" in page.inner_text("h1")
    tracker = page.inner_text("#tracker").strip()
    page.reload()
    assert page.inner_text("#tracker").strip() == tracker, "the same form again gives the same receipt"
    return tracker


def look_up(visitor: Visitor, ballot: Ballot, tracker: str) -> None:
    """Reads the result and finds the voter's own vote in the list."""
    page = visitor.page
    visitor.goto(f"/ballots/{ballot.pk}/result/")
    visitor.examine("result")
    assert "Ash" in page.inner_text("main")
    page.get_by_label("Your tracker").fill(tracker.lower().replace("-", " "))
    page.locator("form", has=page.get_by_label("Your tracker")).get_by_role("button").click()
    visitor.examine("found")
    assert tracker in page.inner_text("main")
    assert tracker not in page.url
    for path in (f"/ballots/{ballot.pk}/votes/", "/ballots/how-star-is-counted/", "/ballots/", "/account/"):
        visitor.goto(path)
        visitor.examine(path.strip("/").replace("/", "-").replace(str(ballot.pk), "the"))


@pytest.mark.policy("A10", "P10")
def test_from_log_in_to_a_verified_receipt_on_phone_and_desk_with_and_without_scripts(
    assembly: Assembly, chromium: Browser, tmp_path: Path
) -> None:
    voters = make_members(assembly, 12)
    with ExitStack() as stack:
        url = stack.enter_context(whole_site(tmp_path))
        visits = []
        for person, (width, scripts) in zip(voters, WAYS, strict=False):
            visitor = Visitor(chromium, url, width=width, scripts=scripts)
            stack.callback(visitor.close)
            log_in(visitor, person, tmp_path)
            visits.append((visitor, person))
        now = timezone.now()
        ballot = make_ballot(
            assembly,
            list(SCORES),
            question="Which tree do we plant?",
            opens_at=now,
            announced_at=now,
            closes_at=now + OPEN_FOR,
        )
        wait_for(lambda: is_stamped(ballot, "opened_at"), "the ballot opens by itself")
        ballot.refresh_from_db()
        for person in voters[len(WAYS) :]:
            cast_vote(ballot, person, 5, 0, 3, 1)
        trackers = [cast(visitor, ballot) for visitor, _person in visits]
        wait_for(
            lambda: is_stamped(ballot, "counted_at"),
            "it closes and is counted by itself",
            2 * OPEN_FOR.seconds,
        )
        for (visitor, _person), tracker in zip(visits, trackers, strict=True):
            look_up(visitor, ballot, tracker)
        wait_for(lambda: bool(latest_mail(tmp_path, voters[0].email, "Result")), "the result comes by mail")
        verify(visits[0][0], ballot, trackers[0], latest_mail(tmp_path, voters[0].email, "Result"), tmp_path)


def is_stamped(ballot: Ballot, stamp: str) -> bool:
    return Ballot.objects.filter(pk=ballot.pk, **{f"{stamp}__isnull": False}).exists()


def verify(visitor: Visitor, ballot: Ballot, tracker: str, mail: str, var: Path) -> None:
    """Downloads bundle and verifier as a voter does, and runs it on a bare Python with what the mails said."""
    visitor.goto(f"/ballots/{ballot.pk}/result/")
    files = {}
    for name in ("bundle.json", "verify_ballot.py"):
        with visitor.page.expect_download() as download:
            visitor.page.locator(f'a[href*="{name}"]').first.click()
        files[name] = var / name
        download.value.save_as(files[name])
    digest = re.search(r"\b[0-9a-f]{64}\b", mail)
    assert digest is not None
    command = [sys.executable, "-I", "-S", str(files["verify_ballot.py"]), str(files["bundle.json"])]
    told = ["--digest", digest.group(), "--tracker", tracker]
    done = subprocess.run([*command, *told], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Ash" in done.stdout
    bundle = json.loads(files["bundle.json"].read_text())
    bundle["definition"]["closes_at"] = bundle["definition"]["opens_at"]
    files["bundle.json"].write_text(json.dumps(bundle))
    assert subprocess.run(command, capture_output=True, check=False).returncode == 1
