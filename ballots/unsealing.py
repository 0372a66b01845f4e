"""Opening many envelopes, on all cores.

A large count hands its envelopes to `python -m ballots.unsealing` processes by pipe: a Celery worker's own
processes may not fork, and the key must not travel on a command line. Frames in: the key and what all have in
common, then entry id and envelope, one after the other; out: the votes in the same order, or where it stopped.
"""

import os
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from struct import Struct
from uuid import UUID

from ballots.errors import EnvelopeError
from ballots.sealing import TRACKER_BYTES, Binding, Opener, Unopenable

CHUNK = 20_000
_HEADER = Struct("!32s16s64sHH")
_CHECKOUT = Path(__file__).resolve().parent.parent
_STOPPED = b"!"
_DONE = b"="


def open_envelopes(
    pairs: Iterable[tuple[UUID, bytes]],
    *,
    private_key: bytes,
    ballot: UUID,
    definition_digest: str,
    options: int,
) -> Iterator[bytes]:
    """Tracker and scores (16 bytes and one for each option) of each (roll entry, envelope), in order.

    Raises EnvelopeError naming the first roll entry whose envelope does not open, InterruptedError when a helping
    process was killed (worth another try). A short list is opened here, a long one on all cores.
    """
    job = _Job(private_key, ballot, definition_digest, options)
    chunks = _chunks(pairs)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    first = list(islice(chunks, cores + 1))
    if len(first) < 2:
        yield from job.open_here(first[0] if first else [])
        return
    with ThreadPoolExecutor(cores) as pool:
        waiting = deque(pool.submit(job.open_elsewhere, chunk) for chunk in first)
        while waiting:
            votes = waiting.popleft().result()
            waiting.extend(pool.submit(job.open_elsewhere, chunk) for chunk in islice(chunks, 1))
            yield from votes


def _chunks(pairs: Iterable[tuple[UUID, bytes]]) -> Iterator[list[tuple[UUID, bytes]]]:
    source = iter(pairs)
    while chunk := list(islice(source, CHUNK)):
        yield chunk


class _Job:
    """What the envelopes of one count have in common."""

    def __init__(self, private_key: bytes, ballot: UUID, definition_digest: str, options: int) -> None:
        self.private_key = private_key
        self.ballot = ballot
        self.definition_digest = definition_digest
        self.options = options

    def open_here(self, chunk: Iterable[tuple[UUID, bytes]]) -> Iterator[bytes]:
        """Opens the chunk in this process."""
        opener = Opener(self.private_key, self.options)
        for entry, envelope in chunk:
            try:
                yield opener.open(envelope, Binding(self.ballot, self.definition_digest, entry))
            except Unopenable as error:
                raise EnvelopeError(f"Roll entry {entry}: {error}.") from None

    def open_elsewhere(self, chunk: list[tuple[UUID, bytes]]) -> list[bytes]:
        """Opens the chunk in a process of its own."""
        length = len(chunk[0][1])
        if any(len(envelope) != length for _, envelope in chunk):
            return list(self.open_here(chunk))  # names the entry whose envelope has the wrong length
        head = _HEADER.pack(
            self.private_key, self.ballot.bytes, self.definition_digest.encode(), self.options, length
        )
        frames = b"".join([head, *(entry.bytes + envelope for entry, envelope in chunk)])
        done = subprocess.run(
            [sys.executable, "-m", "ballots.unsealing"],
            cwd=_CHECKOUT,
            input=frames,
            stdout=subprocess.PIPE,
            check=False,
        )
        if done.returncode != 0:
            raise InterruptedError("A process that opens envelopes was ended from outside.")
        kind, body = done.stdout[:1], done.stdout[1:]
        if kind == _STOPPED:
            raise EnvelopeError(body.decode())
        size = TRACKER_BYTES + self.options
        if kind != _DONE or len(body) != size * len(chunk):
            raise EnvelopeError("A process that opens envelopes ended early.")
        return [body[start : start + size] for start in range(0, len(body), size)]


def _serve() -> None:
    """The other end of `open_elsewhere`: reads one chunk from standard input, answers on standard output."""
    raw = sys.stdin.buffer.read()
    key, ballot, digest, options, length = _HEADER.unpack_from(raw)
    job = _Job(key, UUID(bytes=ballot), digest.decode(), options)
    step = 16 + length
    pairs = (
        (UUID(bytes=raw[start : start + 16]), raw[start + 16 : start + step])
        for start in range(_HEADER.size, len(raw), step)
    )
    try:
        body = _DONE + b"".join(job.open_here(pairs))
    except EnvelopeError as error:
        body = _STOPPED + str(error).encode()
    sys.stdout.buffer.write(body)


if __name__ == "__main__":
    _serve()
