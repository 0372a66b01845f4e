"""The embedded servers: they start anywhere, keep to themselves, stop cleanly and come back with their data."""

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.running import ground

pytestmark = pytest.mark.servers

# Writes a row and prints all of them; then, told to stay, waits to be told to stop.
ADD = """
import os, signal, sys, psycopg
stopped = []
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, lambda number, _frame: stopped.append(number))
with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
    connection.execute("CREATE TABLE IF NOT EXISTS mark (text text)")
    connection.execute("INSERT INTO mark VALUES (%s)", [sys.argv[1]])
    print("rows:", *sorted(row[0] for row in connection.execute("SELECT text FROM mark")), flush=True)
while "stay" in sys.argv and not stopped:
    signal.pause()
print("stopped by", *stopped, flush=True)
"""
ECHO = 'import os, sys; print(*(os.environ.get(name) for name in sys.argv[1:]), sep="|")'
BROKER = """
import os, kombu
with kombu.Connection(os.environ["REDIS_URL"]) as broker:
    queue = broker.SimpleQueue("proof")
    queue.put("a vote is due")
    print(queue.get(timeout=5).payload)
"""


@pytest.fixture
def home() -> Iterator[Path]:
    with ground.folder() as path:
        yield path


def add(var: Path, text: str, *more: str, who: ground.Who | None = None, fast: bool = True) -> list[str]:
    options = ("--fast",) if fast else ()
    return ground.embedded(var, sys.executable, "-c", ADD, text, *more, who=who, options=options)


def echo(var: Path, *names: str) -> list[str]:
    return ground.embedded(var, sys.executable, "-c", ECHO, *names)


@pytest.mark.parametrize("who", ground.everybody(), ids=lambda who: who.name)
def test_data_come_back_after_a_clean_stop(who: ground.Who) -> None:
    with ground.folder(who) as home:
        first = ground.run(add(home / "var", "first", who=who))
        second = ground.run(add(home / "var", "second", who=who))
        assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
        assert "rows: first second\n" in second.stdout
        assert ground.processes_of(home) == []


def test_two_folders_at_once_have_servers_of_their_own(home: Path) -> None:
    one, two = home / "one", home / "two"
    with (
        ground.running(add(one, "of one", "stay"), home / "1.log") as first,
        ground.running(add(two, "of two", "stay"), home / "2.log") as second,
    ):
        ground.soon(
            lambda: "rows:" in (home / "1.log").read_text() and "rows:" in (home / "2.log").read_text()
        )
        assert ground.server(one, "postgres") != ground.server(two, "postgres")
        assert ground.server(one, "valkey-server") != ground.server(two, "valkey-server")
        ground.interrupt(first)
        assert first.wait(30) == 0
        assert second.poll() is None
        assert ground.server(two, "postgres").is_running()
    assert "rows: of one\n" in (home / "1.log").read_text()
    assert "rows: of two\n" in (home / "2.log").read_text()
    assert ground.processes_of(home) == []


def test_a_second_start_in_the_same_folder_is_refused_and_leaves_the_first_alone(home: Path) -> None:
    var = home / "var"
    with ground.running(add(var, "first", "stay"), home / "log") as first:
        ground.soon(lambda: "rows:" in (home / "log").read_text())
        second = ground.run(add(var, "second"))
        assert second.returncode == 1
        assert second.stderr.startswith(f"The folder {var} is in use by another `make run`")
        assert len(second.stderr.splitlines()) == 1
        assert first.poll() is None
        assert ground.server(var, "postgres").is_running()


@pytest.mark.parametrize("fast", [True, False], ids=["fast", "safe"])
def test_data_come_back_after_we_are_killed(home: Path, fast: bool) -> None:
    var = home / "var"
    with ground.running(add(var, "first", "stay", fast=fast), home / "log") as process:
        ground.soon(lambda: "rows:" in (home / "log").read_text())
        process.kill()
        process.wait()
        # At once: whatever is still on its way down must not stand in the way.
        again = ground.run(add(var, "second", fast=fast))
    assert again.returncode == 0, again.stderr
    assert "rows: first second\n" in again.stdout
    assert ground.processes_of(home) == []


def test_data_come_back_after_everything_is_killed_at_once(home: Path) -> None:
    var = home / "var"
    with ground.running(add(var, "first", "stay", fast=False), home / "log") as process:
        ground.soon(lambda: "rows:" in (home / "log").read_text())
        for victim in [*ground.server(var, "postgres").children(), *ground.processes_of(var)]:
            try:
                victim.kill()
            except psutil.NoSuchProcess:
                continue  # its parent's end was faster
        process.wait()
        again = ground.run(add(var, "second", fast=False))
    assert again.returncode == 0, again.stderr
    assert "rows: first second\n" in again.stdout


@pytest.mark.parametrize(("name", "called"), [("postgres", "PostgreSQL"), ("valkey-server", "Valkey")])
def test_a_server_that_dies_stops_the_command_and_is_named(home: Path, name: str, called: str) -> None:
    var = home / "var"
    with ground.running(add(var, "first", "stay"), home / "log") as process:
        ground.soon(lambda: "rows:" in (home / "log").read_text())
        ground.server(var, name).kill()
        assert process.wait(30) == 1
    log = (home / "log").read_text()
    assert f"{called} has ended by itself (see {var}/log/" in log
    assert f"stopped by {int(signal.SIGTERM)}\n" in log
    assert ground.processes_of(home) == []
    assert "rows: first second\n" in ground.run(add(var, "second")).stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_a_signal_reaches_the_command_and_then_everything_stops(home: Path, number: signal.Signals) -> None:
    var = home / "var"
    with ground.running(add(var, "first", "stay"), home / "log") as process:
        ground.soon(lambda: "rows:" in (home / "log").read_text())
        process.send_signal(number)
        assert process.wait(30) == 0
    assert f"stopped by {int(number)}\n" in (home / "log").read_text()
    assert ground.processes_of(home) == []


def test_a_signal_before_the_command_has_started_stops_what_was_started(home: Path) -> None:
    var = home / "var"
    with ground.running(add(var, "first"), home / "log") as process:
        ground.soon(lambda: (var / "postgres.part").exists() or (var / "postgres").exists())
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 128 + signal.SIGINT
    assert "rows" not in (home / "log").read_text()
    ground.soon(lambda: ground.processes_of(home) == [])
    assert "rows: second\n" in ground.run(add(var, "second")).stdout


@pytest.mark.parametrize("code", [0, 7])
def test_the_exit_code_is_the_command_s(home: Path, code: int) -> None:
    line = ground.embedded(home / "var", sys.executable, "-c", f"raise SystemExit({code})")
    assert ground.run(line).returncode == code


def test_a_command_that_is_not_there_is_named(home: Path) -> None:
    ended = ground.run(ground.embedded(home / "var", "no-such-command"))
    assert (ended.returncode, ended.stderr) == (
        1,
        "no-such-command cannot be run: No such file or directory.\n",
    )
    assert ground.processes_of(home) == []


def test_celery_s_library_can_talk_to_the_valkey(home: Path) -> None:
    ended = ground.run(ground.embedded(home / "var", sys.executable, "-c", BROKER))
    assert ended.stdout == "a vote is due\n", ended.stderr


def test_a_stale_pid_file_that_names_another_living_process_does_no_harm(home: Path) -> None:
    var = home / "var"
    assert ground.run(add(var, "first")).returncode == 0
    pid_file = var / "postgres" / "postmaster.pid"
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as other:
        pid_file.write_text(f"{other.pid}\n{var / 'postgres'}\n0\n5432\n{var}\n\n0 0\nready\n")
        again = ground.run(add(var, "second"))
        assert again.returncode == 0, again.stderr
        assert "rows: first second\n" in again.stdout
        assert other.poll() is None
        other.kill()


@pytest.mark.parametrize("name", ["With Spaces and Ü", "deep/" * 30 + "down", "plus+percent%2F"])
def test_a_folder_with_an_awkward_path_will_do(home: Path, name: str) -> None:
    ended = ground.run(add(home / name, "first"))
    assert ended.returncode == 0, ended.stderr
    assert "rows: first\n" in ended.stdout


def _shut_off(home: Path) -> Path:
    """A folder that the embedded servers cannot use as they stand: for root, one that only root can enter."""
    closed = home / "closed"
    closed.mkdir()
    closed.chmod(0o700 if os.geteuid() == 0 else 0o500)
    return closed / "var"


@pytest.mark.parametrize("root", [os.geteuid() == 0], ids=lambda root: "root" if root else "ordinary user")
def test_a_folder_that_is_shut_off_is_made_do_with_or_named(home: Path, root: bool) -> None:
    var = _shut_off(home)
    first, second = ground.run(add(var, "first")), ground.run(add(var, "second"))
    if root:  # whose PostgreSQL runs as a user who cannot go there: its data then lie elsewhere
        assert "rows: first second\n" in second.stdout, second.stderr
        assert stat.S_IMODE(var.parent.stat().st_mode) == 0o700
        assert (var / "elsewhere").resolve().parent == Path("/var/lib/harmony")
        shutil.rmtree((var / "elsewhere").resolve())
    else:
        assert first.returncode == 1
        assert first.stderr.startswith(f"{var} cannot be used: Permission denied.")


def test_secrets_are_made_once_and_are_their_owner_s_alone(home: Path) -> None:
    var = home / "var"
    first, second = (ground.run(echo(var, "SECRET_KEY", "KEYRING_FILE")).stdout for _ in range(2))
    assert first == second
    key, keyring = first.strip().split("|")
    assert len(key) >= 50
    for path in (var / "secrets" / "secret_key", Path(keyring)):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for path in (var / "secrets", var / "mail", var / "log"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700


def test_what_the_environment_says_is_kept(home: Path) -> None:
    said = {
        "SECRET_KEY": "of our own",
        "KEYRING_FILE": str(home / "ring.json"),
        "SITE_URL": "https://vote.example.org",
        "DATABASE_URL": "postgresql://somewhere/else",
        "REDIS_URL": "redis://somewhere.else",
        "DEMONSTRATION": "false",
    }
    ended = ground.run(echo(home / "var", *said), **said)
    assert ended.stdout.strip().split("|") == list(said.values())
    assert (home / "ring.json").exists()
    assert not (home / "var" / "postgres").exists()
    assert not (home / "var" / "log" / "valkey.log").exists()


def test_a_port_that_is_taken_is_named_and_an_open_choice_finds_a_free_one(home: Path) -> None:
    line = ground.embedded(
        home / "var", sys.executable, "-c", ECHO, "PORT", "SITE_URL", options=["--web", "--fast"]
    )
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        refused = ground.run(line, PORT=port)
    assert refused.returncode == 1
    assert (
        refused.stderr
        == f"Port {port} of 127.0.0.1 is taken or not allowed: set PORT to another, or unset it.\n"
    )
    found = ground.run(line).stdout.strip().split("|")
    assert int(found[0]) >= 8000
    assert found[1] == f"http://localhost:{found[0]}"


def test_a_port_that_is_no_port_is_named(home: Path) -> None:
    line = ground.embedded(home / "var", "true", options=["--web"])
    for port in ("eighty", "99999"):
        ended = ground.run(line, PORT=port)
        assert ended.returncode == 1
        assert ended.stderr.startswith("The web server cannot be set up so: ")
