"""Counting: from Python tuples and from stored votes, beside numpy's bare column sums and beside starvote."""

import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import starvote
from django.db import connection
from django.utils import timezone

from assemblies.models import Assembly
from ballots import star
from ballots.models import Ballot, Vote
from ballots.sealing import new_tracker, tracker_text
from tests.bench import fresh
from tests.bench.gauge import read, seconds_of
from tests.bench.report import Section, Table, Target, number, seconds, times
from tests.bench.voters import make_members, tidy
from tests.bench.votes import OPTIONS, Scores, people_like_votes, scattered_votes

_MAKERS: dict[str, Callable[[int], Iterator[Scores]]] = {
    "as people vote": people_like_votes,
    "no two alike": scattered_votes,
}
_STARVOTE_MOST = 100_000


def measure(quick: bool) -> Section:
    """Everything about counting."""
    section = Section()
    section.tables.append(_tuples_table([10_000] if quick else [10_000, 100_000, 1_000_000]))
    table, targets = _stored_table(
        [("as people vote", 100_000)]
        if quick
        else [
            *(("as people vote", size) for size in (10_000, 100_000, 1_000_000)),
            ("no two alike", 1_000_000),
        ]
    )
    section.tables.append(table)
    section.targets += targets
    return section


def _tuples_table(sizes: list[int]) -> Table:
    head = ("votes", "star.count", "added memory", "numpy sums", "", "numpy from tuples", "", "starvote", "")
    table = Table(
        f"Counting votes that are Python tuples, {len(OPTIONS)} options",
        head,
        notes=[
            "numpy adds up columns and nothing else: no check of a vote, no pairwise table, no five-star counts;",
            "'sums' of an array that is ready, 'from tuples' with the array made of the same tuples first.",
            f"starvote gets dictionaries that are ready; above {number(_STARVOTE_MOST)} its time is scaled (~) in",
            "proportion, which flatters it: it grows faster. Ratios: their time by ours; over 1, ours is faster.",
        ],
    )
    for size in sizes:
        ours = fresh.call(__name__, "from_tuples", votes=size)
        numpy = fresh.call(__name__, "by_numpy", votes=size)
        other = _starvote(size)
        cells: list[str] = []
        for theirs in (numpy["sums"], numpy["from_tuples"], other):
            cells += [seconds(theirs), times(theirs / ours["seconds"])]
        if size > _STARVOTE_MOST:
            cells[-2] = f"~ {cells[-2]}"
        table.add(number(size), seconds(ours["seconds"]), f"{number(ours['added_mb'])} MB", *cells)
    return table


def _starvote(votes: int) -> float:
    """Seconds that starvote takes for so many votes, scaled where that is more than it can manage."""
    least = min(votes, _STARVOTE_MOST)
    taken: float = fresh.call(__name__, "by_starvote", votes=least)
    return taken * votes / least


def from_tuples(votes: int) -> dict[str, Any]:
    """`star.count` of votes that are in memory already, each for itself."""
    pairs = [(scores, 1) for scores in people_like_votes(votes)]
    reading = read(lambda: star.count(OPTIONS, pairs))
    return {"seconds": reading.seconds, "added_mb": reading.added_mb}


def by_numpy(votes: int) -> dict[str, float]:
    """Seconds that numpy takes to add up the columns."""
    rows = list(people_like_votes(votes))
    ready = np.array(rows, dtype=np.uint8)
    return {
        "sums": seconds_of(lambda: ready.sum(axis=0), times=5),
        "from_tuples": seconds_of(lambda: np.array(rows, dtype=np.uint8).sum(axis=0)),
    }


def by_starvote(votes: int) -> float:
    """Seconds that starvote takes; raises AssertionError where it elects another than we do."""
    rows = list(people_like_votes(votes))
    papers = [dict(zip(OPTIONS, scores, strict=True)) for scores in rows]
    reading = read(lambda: starvote.election(starvote.star, papers))
    ours = star.count(OPTIONS, ((scores, 1) for scores in rows)).winners
    if tuple(reading.answer) != ours:
        raise AssertionError(f"starvote elects {reading.answer}, star.count {ours}")
    return reading.seconds


# --- From the database --------------------------------------------------------------------------------
def _stored_table(elections: list[tuple[str, int]]) -> tuple[Table, list[Target]]:
    table = Table(
        "Counting stored votes: equal votes grouped in SQL, then star.count",
        ("votes", "different", "grouped()", "star.count", "together", "added memory", "numpy", ""),
        notes=[
            "'as people vote': 30 camps, and up to three scores of a voter's own. 'no two alike': every score drawn",
            "by itself, the worst case; no real ballot looks like it.",
            "numpy: its column sums over an array made of the same rows, fetched one by one; its time by ours.",
        ],
    )
    largest = (0, 0.0, 0.0)
    for kind, size in elections:
        say(f"storing {size} votes, {kind} ...")
        ballot = fresh.call(__name__, "store", votes=size, kind=kind)
        found = fresh.call(__name__, "from_database", ballot=ballot)
        bare = fresh.call(__name__, "numpy_from_database", ballot=ballot)
        together = found["grouped"] + found["count"]
        table.add(
            f"{number(size)} {kind}",
            number(found["different"]),
            seconds(found["grouped"]),
            seconds(found["count"]),
            seconds(together),
            f"{number(found['added_mb'])} MB",
            seconds(bare),
            times(bare / together),
        )
        if kind == "as people vote":
            largest = (size, together, found["added_mb"])
    size, together, added = largest
    return table, [
        Target(f"{number(size)} stored votes counted", together, 2 * size / 1_000_000, "s"),
        Target(f"memory added by counting {number(size)} stored votes", added, 150, "MB"),
    ]


def say(text: str) -> None:
    """Tells whoever waits what is being done."""
    sys.stderr.write(f"  {text}\n")
    sys.stderr.flush()


def store(votes: int, kind: str) -> str:
    """A ballot with so many counted votes, written by COPY as the count writes them; its id."""
    now = timezone.now()
    society = Assembly.objects.first() or make_members(1)
    ballot = Ballot.objects.create(
        assembly=society, question="Which fruit?", opens_at=now, closes_at=now + timedelta(days=1)
    )
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {Vote._meta.db_table} (id, ballot_id, tracker, scores) FROM STDIN") as copy,
    ):
        for scores in _MAKERS[kind](votes):
            copy.write_row((uuid4(), ballot.pk, tracker_text(new_tracker()), list(scores)))
    tidy()
    return str(ballot.pk)


def from_database(ballot: str) -> dict[str, float]:
    """What the count does with stored votes: `grouped()`, and `star.count` of that."""
    stored = Ballot.objects.get(pk=UUID(ballot))
    times_taken: list[float] = []

    def count() -> int:
        grouped: list[Any] = []
        times_taken.append(seconds_of(lambda: grouped.extend(stored.votes.grouped())))
        times_taken.append(seconds_of(lambda: star.count(OPTIONS, grouped)))
        return len(grouped)

    reading = read(count)
    grouped, counted = times_taken
    return {
        "grouped": grouped,
        "count": counted,
        "different": reading.answer,
        "added_mb": reading.added_mb,
    }


def numpy_from_database(ballot: str) -> float:
    """Seconds to fetch every vote as it is stored, make an array of them, and add up its columns."""
    rows = Vote.objects.filter(ballot=UUID(ballot)).values_list("scores", flat=True)
    connection.ensure_connection()
    return seconds_of(lambda: np.array(list(rows.iterator(chunk_size=5000)), dtype=np.uint8).sum(axis=0))
