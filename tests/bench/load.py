"""The load: many clients that send ready-made HTTP requests over connections they keep, in a process of its own.

`python -m tests.bench.load` reads JSON from standard input and answers with JSON (see `send`). It stops by
itself after the seconds asked for, or as soon as one client has nothing left to send.
"""

import asyncio
import json
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import Any

from tests.bench.gauge import percentile

_LONGEST = 120  # seconds


@dataclass
class Answers:
    """What came back before the end: how many a second, of which status, after how many seconds.

    `late` is how many more came back after it; `odd` is the first answer that was not 200, whole.
    """

    rate: float
    statuses: dict[str, int]
    seconds: list[float]
    late: int = 0
    odd: str = ""

    @property
    def number(self) -> int:
        """How many requests were answered, the late ones included."""
        return len(self.seconds) + self.late

    def percentile(self, share: int) -> float:
        """Seconds within which `share` percent of the requests were answered."""
        return percentile(self.seconds, share)


def send(port: int, clients: list[list[str]], *, seconds: float, again: bool = False) -> Answers:
    """Each client, a list of whole HTTP requests, sends them one after the other to 127.0.0.1.

    For at most `seconds`; with `again` a client that is through begins anew. What is under way at the end is
    waited for and not counted. Raises subprocess.CalledProcessError when a connection fails.
    """
    job = {"port": port, "clients": clients, "seconds": min(seconds, _LONGEST), "again": again}
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.load"],
        input=json.dumps(job).encode(),
        stdout=subprocess.PIPE,
        check=True,
        timeout=2 * _LONGEST,
    )
    return Answers(**json.loads(done.stdout))


@dataclass
class _Run:
    """What all clients share."""

    port: int
    again: bool
    until: float
    seconds: list[float] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)
    late: int = 0
    odd: str = ""

    @property
    def is_over(self) -> bool:
        return time.perf_counter() >= self.until

    def end_now(self) -> None:
        self.until = min(self.until, time.perf_counter())

    def count(self, status: str, seconds: float) -> None:
        if self.is_over:
            self.late += 1
        else:
            self.statuses[status] = self.statuses.get(status, 0) + 1
            self.seconds.append(seconds)


async def _client(run: _Run, requests: list[bytes]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", run.port)
    place = 0
    while not run.is_over:
        if place == len(requests):
            if not run.again:
                run.end_now()
                break
            place = 0
        began = time.perf_counter()
        writer.write(requests[place])
        status, is_kept, text = await _answer(reader)
        run.count(status, time.perf_counter() - began)
        if status != "200":
            run.odd = run.odd or text
        place += 1
        if not is_kept:
            writer.close()
            reader, writer = await asyncio.open_connection("127.0.0.1", run.port)
    writer.close()


async def _answer(reader: asyncio.StreamReader) -> tuple[str, bool, str]:
    """Reads one response; its status, whether the connection stays, and its text where the status is not 200."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    status, *lines = head.split("\r\n")
    fields = dict(line.split(": ", 1) for line in lines if line)
    body = await reader.readexactly(int(fields["content-length"]))
    code = status.split()[1]
    return code, fields.get("connection") != "close", "" if code == "200" else head + body.decode("latin-1")


async def _run(job: dict[str, Any]) -> Answers:
    clients = [[request.encode("latin-1") for request in requests] for requests in job["clients"]]
    began = time.perf_counter()
    run = _Run(job["port"], job["again"], began + job["seconds"])
    await asyncio.gather(*(_client(run, requests) for requests in clients))
    return Answers(len(run.seconds) / (run.until - began), run.statuses, run.seconds, run.late, run.odd)


if __name__ == "__main__":
    answers = asyncio.run(_run(json.load(sys.stdin)))
    sys.stdout.write(json.dumps(vars(answers)))
