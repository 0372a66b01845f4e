"""Votes, checked and packed a byte for each score, and what is added up from them.

Packed votes are a `Blocks`: for each weight (how many equal votes a row stands for) the rows that carry it,
one after another, one byte for each option. A million votes on ten options take 10 MB like this, and the
standard library's own loops over bytes and big integers count them in a fraction of a second.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, combinations, islice
from typing import Any

from ballots.star_errors import TallyError, VoteError

HIGHEST = 5
SCORES = range(HIGHEST + 1)
CHUNK = 4096  # votes checked at a time
SLICE = 65536  # rows compared at a time: small enough for a processor's cache

Scores = tuple[int, ...]
Vote = tuple[Scores, int]
Blocks = dict[int, bytearray]


@dataclass(frozen=True)
class Tally:
    """What a STAR count is decided by: everything that the votes add up to.

    `distribution` tells for each option how many votes gave it 0, 1, 2, 3, 4 and 5;
    `pairwise[a][b]` is the number of votes that score `a` higher than `b`.
    """

    turnout: int
    distribution: Mapping[Any, tuple[int, ...]]
    pairwise: Mapping[Any, Mapping[Any, int]]

    @cached_property
    def totals(self) -> dict[Hashable, int]:
        """The sum of each option's scores."""
        return {
            option: sum(score * number for score, number in enumerate(numbers))
            for option, numbers in self.distribution.items()
        }

    @cached_property
    def five_stars(self) -> dict[Hashable, int]:
        """How many votes gave each option the highest score."""
        return {option: numbers[HIGHEST] for option, numbers in self.distribution.items()}


def pack(votes: Iterable[Vote], width: int) -> Blocks:
    """Check and pack `votes`, pairs of a tuple of `width` scores 0..5 and a weight of at least 1.

    `votes` may be an iterator of any length: it is read once and not kept. Raises VoteError, naming the
    first faulty vote by its place (1 = first).
    """
    blocks: Blocks = defaultdict(bytearray)
    read = 0
    for chunk in _chunks(votes):
        packed = _pack_chunk(chunk, width)
        if packed is None:
            _refuse(chunk, width, read)
        else:
            _append(blocks, packed, chunk, width)
        read += len(chunk)
    return dict(blocks)


def _chunks(votes: Iterable[Vote]) -> Iterator[list[Vote]]:
    try:
        stream = iter(votes)
    except TypeError:
        raise VoteError("The votes must be an iterable of pairs of scores and weight.") from None
    while chunk := list(islice(stream, CHUNK)):
        yield chunk


def _pack_chunk(chunk: list[Vote], width: int) -> bytes | None:
    """All scores of `chunk` as bytes, or None if anything at all is wrong with any of its votes.

    It asks of the whole chunk what `_fault` asks of one vote. Types are compared exactly, for `True` would
    otherwise pass as 1.
    """
    try:
        rows, weights = zip(*chunk, strict=True)
    except (TypeError, ValueError):
        return None
    if set(map(type, rows)) != {tuple} or set(map(len, rows)) != {width}:
        return None
    if set(map(type, weights)) != {int} or min(weights) < 1:
        return None
    scores = list(chain.from_iterable(rows))
    if set(map(type, scores)) != {int} or min(scores) < 0 or max(scores) > HIGHEST:
        return None
    return bytes(scores)


def _refuse(chunk: list[Vote], width: int, read: int) -> None:
    for number, vote in enumerate(chunk, read + 1):
        if fault := _fault(vote, width):
            raise VoteError(f"Vote {number} {fault}.")
    raise AssertionError("the check of a chunk and the check of a vote disagree")


def _fault(vote: object, width: int) -> str | None:
    """What is wrong with one vote, as the rest of a sentence, or None."""
    try:
        parts: tuple[object, ...] = tuple(vote)  # type: ignore[arg-type]
    except TypeError:
        parts = ()
    if len(parts) != 2:
        return "is not a pair of scores and weight"
    scores, weight = parts
    if type(scores) is not tuple:
        return "has scores that are not a tuple"
    if len(scores) != width:
        return f"has {len(scores)} scores where there are {width} options"
    if any(type(score) is not int or score not in SCORES for score in scores):
        return f"has a score that is not a whole number from 0 to {HIGHEST}"
    if type(weight) is not int or weight < 1:
        return "has a weight that is not a whole number of at least 1"
    return None


def _append(blocks: Blocks, packed: bytes, chunk: list[Vote], width: int) -> None:
    weights = [weight for _, weight in chunk]
    if weights.count(weights[0]) == len(weights):
        blocks[weights[0]] += packed
        return
    for place, weight in enumerate(weights):
        blocks[weight] += packed[place * width : (place + 1) * width]


def add_up(options: Sequence[Hashable], blocks: Blocks) -> Tally:
    """Add up packed votes whose rows follow the order of `options`."""
    width = len(options)
    turnout = 0
    distribution = [[0] * len(SCORES) for _ in options]
    above = [[0] * width for _ in options]
    for weight, rows in blocks.items():
        turnout += weight * (len(rows) // width)
        for start in range(0, len(rows), SLICE * width):
            piece = rows[start : start + SLICE * width]
            columns = [piece[place::width] for place in range(width)]
            for numbers, column in zip(distribution, columns, strict=True):
                for score in SCORES:
                    numbers[score] += weight * column.count(score)
            _add_preferences(above, columns, weight)
    return Tally(
        turnout,
        {option: tuple(numbers) for option, numbers in zip(options, distribution, strict=True)},
        {
            option: {other: number for other, number in zip(options, row, strict=True) if other != option}
            for option, row in zip(options, above, strict=True)
        },
    )


def _add_preferences(above: list[list[int]], columns: list[bytearray], weight: int) -> None:
    """Add to `above[a][b]` how often column `a` is higher than column `b`, `weight` times.

    A column is read as one big number with a byte for each vote. In each byte, a + 128 - b - 1 has its
    highest bit set exactly when a > b, and never borrows from the next byte because scores stay under 128:
    so two subtractions compare all votes at once and the set bits are the votes that prefer `a`.
    """
    ones = int.from_bytes(b"\x01" * len(columns[0]), "little")
    high = ones << 7
    numbers = [int.from_bytes(column, "little") for column in columns]
    for a, b in combinations(range(len(numbers)), 2):
        for one, other in ((a, b), (b, a)):
            preferred = ((numbers[one] | high) - numbers[other] - ones) & high
            above[one][other] += weight * preferred.bit_count()


def check(tally: Tally, options: Sequence[Hashable]) -> None:
    """Raise TallyError where published figures cannot come from any votes on `options`."""
    rows = {option: tally.pairwise.get(option, {}) for option in options}
    if set(tally.distribution) != set(options) or any(
        set(row) != set(options) - {option} for option, row in rows.items()
    ):
        raise TallyError("The published figures do not cover every option.")
    scores = [number for numbers in tally.distribution.values() for number in numbers]
    preferences = [number for row in rows.values() for number in row.values()]
    if any(type(number) is not int or number < 0 for number in (tally.turnout, *scores, *preferences)):
        raise TallyError("The published figures must be whole numbers of votes.")
    for numbers in tally.distribution.values():
        if len(numbers) != len(SCORES) or sum(numbers) != tally.turnout:
            raise TallyError("The published scores of an option do not add up to the turnout.")
    for a, b in combinations(options, 2):
        if rows[a][b] + rows[b][a] > tally.turnout:
            raise TallyError("The published preferences between two options exceed the turnout.")
