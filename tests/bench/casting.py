"""Casting: 50 voters at a time through the real web server, beside the same SQL by pgbench on the same database."""

from dataclasses import dataclass

from django.db import connection
from django.urls import reverse

from ballots import casting
from ballots.forms import field_name
from ballots.models import Ballot
from members.models import Person
from tests.bench import pgbench
from tests.bench.load import Answers, send
from tests.bench.report import Section, Table, Target, number, seconds, times
from tests.bench.serving import CLIENTS, SERVERS, Browser, Site, log_in, site
from tests.bench.voters import make_members, make_open_ballot, tidy
from tests.bench.votes import people_like_votes


@dataclass(frozen=True)
class Voter:
    """Somebody in front of the check page: logged in, with the form that casts."""

    browser: Browser
    fields: dict[str, str]


def measure(quick: bool) -> Section:
    """Everything about casting."""
    size, longest, rounds = (500, 3.0, 1) if quick else (6000, 10.0, 2)
    society = make_members(size)
    voters, through_web = _electorate(make_open_ballot(society))
    script = pgbench.record(make_open_ballot(society))
    found: dict[str, list[tuple[Answers, float]]] = {}
    for _ in range(rounds):  # by turns, so that all meet the same machine
        _empty()
        name, bare = pgbench.run(script, clients=CLIENTS)
        found.setdefault(name, []).append((bare, 0))
        for server in SERVERS:
            _empty()
            found.setdefault(server, []).append(_through(server, through_web, voters, longest))
    best = {name: max(runs, key=lambda run: run[0].rate) for name, runs in found.items()}
    bare_name, *_ = best
    return _section(best, bare_name, size)


def _section(best: dict[str, tuple[Answers, float]], bare_name: str, size: int) -> Section:
    table = Table(
        f"Casting: {CLIENTS} clients, a roll of {number(size)}, each voter once",
        ("", "casts a second", "of bare SQL", "p50", "p95", "p99", "processor time a cast"),
        notes=[
            f"{bare_name}: what casting.cast sends in its transaction, taken down from it, with nothing around it.",
            "The others: the POST of the check page's form, answered with the receipt, over a kept connection.",
            "Processor time is the web server's alone; PostgreSQL and the clients share the same processors.",
        ],
    )
    bare = best[bare_name][0]
    targets = []
    for name, (answers, used) in best.items():
        table.add(
            name,
            number(answers.rate),
            times(answers.rate / bare.rate),
            *(seconds(answers.percentile(share)) for share in (50, 95, 99)),
            seconds(used) if used else "",
        )
        if name in SERVERS:
            targets += [
                Target(
                    f"casts by {name}, of {bare_name}'s rate",
                    answers.rate / bare.rate,
                    0.25,
                    "x",
                    at_least=True,
                ),
                Target(f"casts by {name}, p95", answers.percentile(95) * 1000, 250, "ms"),
            ]
    return Section([table], targets)


def _electorate(ballot: Ballot) -> tuple[list[Voter], Ballot]:
    """Everybody on the ballot's roll, logged in and about to cast."""
    entries = list(ballot.roll.select_related("person"))
    people: list[Person] = [entry.person for entry in entries]
    keys = [option["key"] for option in ballot.terms["options"]]
    voters = []
    for entry, browser, scores in zip(entries, log_in(people), people_like_votes(len(entries)), strict=True):
        fields = {field_name(key): str(score) for key, score in zip(keys, scores, strict=True)}
        voters.append(Voter(browser, {**fields, "prepared": casting.prepare(entry)}))
    return voters, ballot


def _empty() -> None:
    """Takes every vote out again, and the room that this leaves in the table."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ballots_rollentry SET envelope = NULL WHERE envelope IS NOT NULL")
        cursor.execute("VACUUM FULL ballots_rollentry")
    tidy()


def _through(server: str, ballot: Ballot, voters: list[Voter], longest: float) -> tuple[Answers, float]:
    """Casts for so many seconds; the answers, and the server's processor seconds for each."""
    with site(server) as running:
        _warm_up(running, ballot, voters)
        address = reverse("ballots:ballot_cast", args=[ballot.pk])
        requests = [voter.browser.post(running, address, voter.fields) for voter in voters]
        clients = [requests[place::CLIENTS] for place in range(CLIENTS)]
        answers, used = running.used_by(lambda: send(running.port, clients, seconds=longest))
    _check(answers, ballot)
    return answers, used / answers.number


def _warm_up(running: Site, ballot: Ballot, voters: list[Voter]) -> None:
    """Templates are read and connections to the database made before the clock runs."""
    address = reverse("ballots:ballot_vote", args=[ballot.pk])
    send(
        running.port,
        [[voter.browser.get(running, address)] for voter in voters[:CLIENTS]],
        seconds=1.5,
        again=True,
    )


def _check(answers: Answers, ballot: Ballot) -> None:
    """AssertionError unless every cast was answered with a receipt and is stored."""
    stored = ballot.roll.filter(envelope__isnull=False).count()
    if set(answers.statuses) != {"200"} or stored != answers.number or answers.odd:
        raise AssertionError(f"answers {answers.statuses}, but {stored} votes are stored\n{answers.odd}")
