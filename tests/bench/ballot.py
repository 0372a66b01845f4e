"""A large ballot as a whole: opening it, and its count from sealed votes to what is published."""

import sys
import time
from typing import Any

from django.utils import timezone

from ballots import opening, tally
from ballots.models import Ballot
from tests.bench import fresh
from tests.bench.gauge import read
from tests.bench.report import Section, Table, number, seconds
from tests.bench.voters import enlarge_roll, fill_roll, make_announced_ballot, make_members, tidy
from tests.factories import end_now


def measure(quick: bool) -> Section:
    """Everything about a large ballot."""
    table = Table(
        "A large ballot, in the worker's one process",
        ("roll", "opening", "count", "of it a vote", "added memory"),
        notes=[
            "Opening: the roll frozen with a reason for each entry, and a letter for everybody on it written.",
            "Count: all votes unsealed and stored, counted and published, envelopes erased, letters written.",
        ],
    )
    opening_with = 1_000 if quick else 10_000
    for size in [1_000] if quick else [10_000, 100_000]:
        sys.stderr.write(f"  a roll of {size} ...\n")
        ballot, opened = fresh.call(__name__, "open_with", roll=opening_with, votes=size)
        counted = fresh.call(__name__, "count", ballot=ballot, votes=size)
        table.add(
            number(size),
            seconds(opened) if size == opening_with else "-",
            seconds(counted["seconds"]),
            seconds(counted["seconds"] / size),
            f"{number(counted['added_mb'])} MB",
        )
    return Section([table])


def open_with(roll: int, votes: int) -> tuple[str, float]:
    """A ballot opened with so many voters, its roll then enlarged to `votes`, all of them sealed; and the seconds.

    The seconds are those of the opening alone.
    """
    ballot = make_announced_ballot(make_members(roll))
    began = time.perf_counter()
    opening.open_now(ballot, at=timezone.now())
    taken = time.perf_counter() - began
    ballot.refresh_from_db()
    if votes > roll:
        enlarge_roll(ballot, votes)
    tidy()
    fill_roll(ballot)
    return str(ballot.pk), taken


def count(ballot: str, votes: int) -> dict[str, Any]:
    """What `count_now` takes from the close on; AssertionError unless it counts so many votes."""
    closed = Ballot.objects.get(pk=ballot)
    end_now(closed)
    tally.close_now(closed)
    reading = read(lambda: tally.count_now(closed, at=timezone.now()))
    closed.refresh_from_db()
    if closed.outcome["turnout"] != votes:
        raise AssertionError(f"{votes} people voted, and {closed.outcome['turnout']} votes were counted")
    return {"seconds": reading.seconds, "added_mb": reading.added_mb}
