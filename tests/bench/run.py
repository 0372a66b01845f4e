"""`make bench`: measures what is asked for in a database of its own, prints it, and leaves nothing behind.

    python -m tests.bench.run [--quick] [counting] [unsealing] [ballot] [casting] [web] [pages]

Without a name it measures everything. DATABASE_URL names the server; the database there is not touched.
"""

import argparse
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from tests.bench import fresh
from tests.bench.report import Section, Table, targets_table

PARTS = ("counting", "unsealing", "ballot", "casting", "web", "pages")


@contextmanager
def own_database(url: str) -> Iterator[str]:
    """The URL of a fresh database with the site's tables, on the server that `url` names; dropped at the end."""
    parts = urlsplit(url)
    name = f"{parts.path.removeprefix('/')}_bench"
    with psycopg.connect(url, autocommit=True) as server:
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        server.execute(drop)
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield parts._replace(path=f"/{name}").geturl()
        finally:
            server.execute(drop)


def about(url: str, *, quick: bool) -> Table:
    """What it is measured on."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SHOW server_version").fetchone()
        fsync = connection.execute("SHOW fsync").fetchone()
    table = Table("Measured on", ("", ""))
    table.add("processors", f"{os.cpu_count()} ({platform.machine()})")
    table.add("Python", platform.python_version())
    table.add("PostgreSQL", f"{row and row[0]}, fsync {fsync and fsync[0]}")
    load = os.getloadavg()[0]
    table.add("load at the start", f"{load:.1f}")
    if load > 0.5:
        table.notes.append("The machine was not idle: times are longer than they need be.")
    if quick:
        table.notes.append("--quick: small sizes, to see that everything works; no figures to quote.")
    return table


def show(table: Table) -> None:
    """Prints the table at once."""
    sys.stdout.write("\n".join(table.lines()) + "\n")
    sys.stdout.flush()


def measure(parts: list[str], *, quick: bool) -> None:
    """Measures and prints the parts, each in a process of its own."""
    began = time.monotonic()
    found = Section()
    for part in parts:
        sys.stderr.write(f"Measuring: {part} ...\n")
        section = Section.from_data(fresh.call(f"tests.bench.{part}", "measure", quick=quick))
        for table in section.tables:
            show(table)
        found.targets += section.targets
    if found.targets:
        show(targets_table(found.targets))
    sys.stdout.write(f"\nThat took {time.monotonic() - began:.0f} s.\n")


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="make bench ARGS=", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--quick", action="store_true", help="small sizes, under a minute")
    arguments = parser.parse_args()
    if unknown := set(arguments.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}; the parts are {', '.join(PARTS)}")
    with own_database(os.environ["DATABASE_URL"]) as url:
        os.environ["DATABASE_URL"] = url
        show(about(url, quick=arguments.quick))
        for command in (["migrate"], ["collectstatic", "--no-input"]):
            line = [sys.executable, "manage.py", *command, "--verbosity", "0"]
            subprocess.run(line, cwd=fresh.CHECKOUT, check=True)
        measure([part for part in PARTS if part in (arguments.parts or PARTS)], quick=arguments.quick)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
