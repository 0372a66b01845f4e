"""The folder that holds data, logs, secrets and mails, and the folders of sockets and of programs."""

import fcntl
import importlib.util
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from harmony.embedded import GroundError

_SOCKET_PATH_LIMIT = 100  # bytes; Linux allows 107, macOS 103
_LOG_LIMIT = 10 * 1024 * 1024  # bytes, after which a log is put aside at the next start
_PRIVATE = ("secrets", "log", "mail")


@contextmanager
def held(var: Path) -> Iterator[None]:
    """Makes the folder `var` and holds it for this process; raises GroundError when another one has it."""
    try:
        if not var.exists():
            var.mkdir(parents=True)
            var.chmod(0o755)  # not secret, and PostgreSQL's user may have to pass; what is secret lies deeper
        for name in _PRIVATE:
            (var / name).mkdir(mode=0o700, exist_ok=True)
            os.listdir(var / name)
        lock = (var / "lock").open("w")
    except OSError as error:
        raise GroundError(
            f"{error.filename or var} cannot be used: {error.strerror}. It may belong to another user "
            "who ran this before: run it as that user, or name another folder with VAR_DIR."
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise GroundError(
                f"The folder {var} is in use by another `make run` or `make test`. Stop that one first, or "
                "run this in a checkout of its own."
            ) from None
        yield


def log_file(var: Path, name: str) -> Path:
    """The file in `var` that `name` logs to; one that has grown too long is put aside first."""
    path = var / "log" / f"{name}.log"
    if path.exists() and path.stat().st_size > _LOG_LIMIT:
        path.replace(path.with_suffix(".log.1"))
    return path


@contextmanager
def for_sockets(home: Path, name: str, owner: tuple[int, int] | None = None) -> Iterator[Path]:
    """An empty folder for the sockets of the server `name` that only we and `owner` (uid, gid) can enter.

    It lies in `home` where that path is short and plain enough for a socket and a URL, else in a temporary
    folder, which is removed at the end. Raises GroundError where neither will do.
    """
    with ExitStack() as stack:
        folder = home / f"{name}.run"
        if not _fits(folder):
            roots = (Path(tempfile.gettempdir()), Path("/tmp"))  # noqa: S108
            root = next((root for root in roots if _fits(root / "harmony-12345678")), None)
            if root is None:
                raise GroundError(f"{roots[0]} has too long a path for sockets: set TMPDIR to a shorter one.")
            folder = Path(tempfile.mkdtemp(prefix="harmony-", dir=root))
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
        folder.mkdir(exist_ok=True)
        folder.chmod(0o700)
        if owner:
            os.chown(folder, *owner)
        for left in folder.iterdir():  # after a SIGKILL; a server would take its own old lock for another's
            left.unlink()
        yield folder


def of_package(name: str) -> Path:
    """Where the package `name` is installed, without importing it; raises GroundError when it is not."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise GroundError(f"The package {name} is not installed: see requirements.txt.")
    return Path(spec.submodule_search_locations[0])


def _fits(folder: Path) -> bool:
    path = str(folder / ".s.PGSQL.5432")
    return len(path) <= _SOCKET_PATH_LIMIT and re.fullmatch(r"[A-Za-z0-9_/.-]+", path) is not None
