"""The web servers beside each other: the plainest page, and the pages that every voter sees."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from ballots.forms import field_name
from ballots.models import Ballot
from members.models import Person
from tests.bench.load import Answers, send
from tests.bench.report import Section, Table, number, seconds
from tests.bench.serving import CLIENTS, SERVERS, Browser, Site, log_in, site
from tests.bench.voters import make_members, make_open_ballot


@dataclass(frozen=True)
class Page:
    """A page by its name here, and the request for it by one browser."""

    name: str
    request: Callable[[Site, Browser], str]


def measure(quick: bool) -> Section:
    """Every page by every server."""
    ballot = make_open_ballot(make_members(CLIENTS))
    browsers = log_in(list(Person.objects.filter(roll_entries__ballot=ballot)))
    found: dict[tuple[str, str], tuple[Answers, float]] = {}
    memory = {}
    pages = _pages(ballot)
    for server in SERVERS:
        with site(server) as running:
            for page in pages:
                found[page.name, server] = _load(running, page, browsers, 1.0 if quick else 5.0)
            memory[server] = running.memory_mb()
    table = Table(
        f"Pages: {CLIENTS} clients over kept connections, logged in",
        ("", "server", "a second", "p50", "p95", "p99", "processor time a page"),
        notes=[
            "Memory of the server's processes after it: "
            + ", ".join(f"{server} {number(memory[server])} MB" for server in SERVERS)
            + "."
        ],
    )
    for page in pages:
        for server in SERVERS:
            answers, used = found[page.name, server]
            table.add(
                page.name,
                server,
                number(answers.rate),
                *(seconds(answers.percentile(share)) for share in (50, 95, 99)),
                seconds(used),
            )
    return Section([table])


def _pages(ballot: Ballot) -> list[Page]:
    scores = {field_name(option["key"]): "3" for option in ballot.terms["options"]}
    check = reverse("ballots:ballot_check", args=[ballot.pk])

    def plain(address: str) -> Callable[[Site, Browser], str]:
        return lambda running, browser: browser.get(running, address)

    return [
        Page("/healthy/", plain(reverse("healthy"))),
        Page("the ballot's page", plain(reverse("ballots:ballot_detail", args=[ballot.pk]))),
        Page("the voting form", plain(reverse("ballots:ballot_vote", args=[ballot.pk]))),
        Page("the check page", lambda running, browser: browser.post(running, check, scores)),
    ]


def _load(running: Site, page: Page, browsers: list[Browser], longest: float) -> tuple[Answers, float]:
    """Asks for the page for so many seconds; the answers, and the server's processor seconds for each."""
    clients = [[page.request(running, browser)] for browser in browsers]
    send(running.port, clients, seconds=0.5, again=True)  # to warm up
    answers, used = running.used_by(lambda: send(running.port, clients, seconds=longest, again=True))
    if set(answers.statuses) != {"200"}:
        raise AssertionError(f"{page.name}: {answers.statuses}\n{answers.odd}")
    return answers, used / answers.number
