"""Made-up votes, plain and sealed. No Django here: the sealing runs in processes of its own."""

import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context
from uuid import UUID

from ballots.sealing import Binding, new_mark, new_tracker, seal

OPTIONS = ("Apples", "Pears", "Plums", "Cherries", "Quinces", "Medlars", "Figs", "Leave things as they are")
_CAMPS = 30
_SEED = 2026
_PROCESSES = 2

Scores = tuple[int, ...]


def people_like_votes(number: int) -> Iterator[Scores]:
    """Votes in which people agree, as they do: 30 camps, and from 0 to 3 scores of a voter's own."""
    draw = random.Random(_SEED)  # noqa: S311
    width = len(OPTIONS)
    camps = [draw.choices(range(6), k=width) for _ in range(_CAMPS)]
    for _ in range(number):
        vote = list(draw.choice(camps))
        for _ in range(draw.choice((0, 0, 0, 1, 1, 2, 3))):
            vote[draw.randrange(width)] = draw.randrange(6)
        yield tuple(vote)


def scattered_votes(number: int) -> Iterator[Scores]:
    """Votes that are as different as can be: each score drawn by itself. The worst case of a count."""
    draw = random.Random(_SEED)  # noqa: S311
    for _ in range(number):
        yield tuple(draw.choices(range(6), k=len(OPTIONS)))


def sealed_votes(
    entries: Sequence[UUID], *, ballot: UUID, definition_digest: str, public_key: bytes
) -> list[tuple[UUID, bytes]]:
    """A real envelope for each of the roll `entries`, sealed in two processes; no database is touched."""
    size = max(1, len(entries) // (4 * _PROCESSES))
    votes = people_like_votes(len(entries))
    rows = iter(zip(entries, votes, strict=True))
    jobs = []
    while chunk := list(islice(rows, size)):
        jobs.append((chunk, ballot, definition_digest, public_key))
    with ProcessPoolExecutor(_PROCESSES, mp_context=get_context("spawn")) as pool:
        return [pair for part in pool.map(_seal_chunk, jobs) for pair in part]


def _seal_chunk(job: tuple[list[tuple[UUID, Scores]], UUID, str, bytes]) -> list[tuple[UUID, bytes]]:
    chunk, ballot, digest, public_key = job
    return [
        (
            entry,
            seal(
                scores,
                new_tracker(),
                mark=new_mark(),
                public_key=public_key,
                binding=Binding(ballot, digest, entry),
            ),
        )
        for entry, scores in chunk
    ]
