"""The whole site, as `make run` starts it: web, worker and beat with servers of their own."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import psutil
import psycopg
import pytest

from tests.running import ground

pytestmark = pytest.mark.servers

_ADDRESS = re.compile(r"^Harmony is ready: (http://localhost:\d+)$", re.MULTILINE)
_SWEPT = re.compile(r"^worker \| .*Task harmony\.tasks\.sweep\S* succeeded", re.MULTILINE)
_SECONDS_TO_GET_READY = 240.0


class Site:
    """A start of the site in a folder: its process, what it has printed, and where it answers."""

    def __init__(self, home: Path, process: subprocess.Popen[bytes]) -> None:
        self.var, self.process, self._log = home / "var", process, home / "log"

    @property
    def printed(self) -> str:
        return self._log.read_text()

    @property
    def address(self) -> str:
        """Where it says that it is, once it has said so."""
        ground.soon(
            lambda: _ADDRESS.search(self.printed) or self.process.poll() is not None,
            seconds=_SECONDS_TO_GET_READY,
        )
        found = _ADDRESS.search(self.printed)
        assert found, self.printed
        return found[1]

    def get(self, path: str) -> str:
        with urlopen(self.address + path, timeout=30) as page:
            assert page.status == 200
            return page.read().decode()

    def child(self, *words: str) -> psutil.Process:
        """The oldest of its processes whose command line has all of `words`."""
        below = psutil.Process(self.process.pid).children(recursive=True)
        found = [process for process in below if set(words) <= set(process.cmdline())]
        return min(found, key=lambda process: process.create_time())

    def people(self) -> int:
        """How many people the database has."""
        with psycopg.connect(
            host=str(self.var / "postgres.run"), user="harmony", dbname="harmony"
        ) as connection:
            row = connection.execute("SELECT count(*) FROM members_person").fetchone()
        assert row
        return row[0]

    def stop(self) -> None:
        """Ctrl-C: it ends within seconds, and well."""
        ground.interrupt(self.process)
        assert self.process.wait(30) == 0, self.printed
        assert self.printed.rstrip().endswith("the next start goes on with them.")
        assert ground.processes_of(self.var) == []


@contextmanager
def site(home: Path, **changes: str) -> Iterator[Site]:
    """The site with its data in `home`; stopped at the end."""
    line = ground.embedded(home / "var", sys.executable, "manage.py", "up", options=["--web", "--fast"])
    small = {"WEB_CONCURRENCY": "1", "CELERY_CONCURRENCY": "1", "SWEEP_SECONDS": "1"}
    with ground.running(line, home / "log", **small, **changes) as process:
        yield Site(home, process)


def test_two_sites_at_once_answer_at_addresses_of_their_own_and_fall_alone() -> None:
    with ground.folder() as one, ground.folder() as two, site(one) as first, site(two) as second:
        assert first.address != second.address
        for each in (first, second):
            assert "Harmony" in each.get("/")
            assert each.get("/healthy/") == "ok"
            assert f"{each.address}/mail/" in each.printed
            ground.soon(lambda each=each: _SWEPT.search(each.printed), why="No sweep ran by itself.")  # type: ignore[misc]
        first.stop()
        assert second.get("/healthy/") == "ok"
        second.child("celery", "worker").kill()
        assert second.process.wait(60) == 1
        assert (
            "worker has ended by itself, by the signal SIGKILL. Everything else is stopped too."
            in second.printed
        )
        assert ground.processes_of(two) == []


def test_the_next_start_goes_on_with_the_same_data_and_secrets_by_either_web_server() -> None:
    found = []
    with ground.folder() as home:
        for web_server in ("gunicorn", "granian"):
            with site(home, WEB_SERVER=web_server) as started:
                assert started.get("/healthy/") == "ok"
                assert started.child(web_server).is_running()
                found.append((started.people(), (started.var / "secrets" / "secret_key").read_text()))
                started.stop()
    assert found[0] == found[1]
    assert found[0][0] > 0
