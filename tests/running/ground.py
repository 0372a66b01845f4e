"""Starts the embedded servers and the whole site as a person at a terminal would, and as whom."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

CHECKOUT = Path(__file__).resolve().parent.parent.parent
# What a start of our own must not inherit from the servers that the tests run on.
_OURS: tuple[str, ...] = (
    "DJANGO_ALLOW_ASYNC_UNSAFE",  # which the browser tests set for their own process alone
    "DATABASE_URL",
    "REDIS_URL",
    "VAR_DIR",
    "STATIC_ROOT",
    "SECRET_KEY",
    "KEYRING_FILE",
    "EMAIL_URL",
)
_OURS += (
    "ALLOWED_HOSTS",
    "DEFAULT_FROM_EMAIL",
    "SITE_URL",
    "PORT",
    "HOST",
    "WEB_LISTENER",
    "DEMONSTRATION",
    "DJANGO_SETTINGS_MODULE",
    "PYTHONPATH",
)


@dataclass(frozen=True)
class Who:
    """A user of this machine to run as; `uid` None means whoever runs the tests."""

    name: str
    uid: int | None = None
    gid: int = 0

    def command(self, command: Sequence[str]) -> list[str]:
        """`command`, run as that user."""
        if self.uid is None:
            return list(command)
        change = ["setpriv", f"--reuid={self.uid}", f"--regid={self.gid}", "--clear-groups"]
        if not self._reaches_python():  # it lies where only root can go: then the user may read what root can
            change += ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
        return [*change, *command]

    def _reaches_python(self) -> bool:
        say = [sys.executable, "-c", "import sys; print(sys.version)"]
        try:
            said = subprocess.run(
                say,
                user=self.uid,
                group=self.gid,
                extra_groups=[],
                capture_output=True,
                text=True,
                check=False,
            )
        except PermissionError:
            return False
        return said.stdout.strip() == sys.version


def everybody() -> list[Who]:
    """As whom this machine can run it: as whoever runs the tests, and for root as an ordinary user too."""
    if os.geteuid() != 0:
        return [Who("ordinary user")]
    nobody = pwd.getpwnam("nobody")
    return [Who("root"), Who("ordinary user", nobody.pw_uid, nobody.pw_gid)]


@contextmanager
def folder(who: Who | None = None) -> Iterator[Path]:
    """A folder that `who` owns and that others can pass, as a home or a checkout is; removed at the end."""
    path = Path(tempfile.mkdtemp(prefix="harmony-test-"))
    path.chmod(0o755)
    if who and who.uid is not None:
        os.chown(path, who.uid, who.gid)
    try:
        yield path
    finally:
        elsewhere = path / "var" / "elsewhere"
        if elsewhere.is_symlink():
            shutil.rmtree(elsewhere.resolve(), ignore_errors=True)
        shutil.rmtree(path, ignore_errors=True)


def environment(**changes: str) -> dict[str, str]:
    """Ours, without what would tie a start to the servers that the tests run on; with `changes`."""
    return {name: value for name, value in os.environ.items() if name not in _OURS} | changes


def embedded(
    var: Path, *command: str, options: Sequence[str] = ("--fast",), who: Who | None = None
) -> list[str]:
    """The command line that runs `command` with servers of its own, which keep their data in `var`."""
    line = [sys.executable, "-m", "harmony.embedded", "--var", str(var), *options, "--", *command]
    return (who or Who("us")).command(line)


def run(command: Sequence[str], **changes: str) -> subprocess.CompletedProcess[str]:
    """Runs `command` to its end in the checkout, and returns how it ended and what it printed."""
    env = environment(**changes)
    return subprocess.run(
        command, cwd=CHECKOUT, env=env, capture_output=True, text=True, check=False, timeout=120
    )


@contextmanager
def running(command: Sequence[str], output: Path, **changes: str) -> Iterator[subprocess.Popen[bytes]]:
    """`command` in a session of its own, printing to the file `output`; killed at the end if need be."""
    with output.open("wb") as file:
        process = subprocess.Popen(
            command,
            cwd=CHECKOUT,
            env=environment(**changes),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            interrupt(process)
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def interrupt(process: subprocess.Popen[bytes]) -> None:
    """What Ctrl-C does in a terminal: SIGINT to the process and all that share its group."""
    os.killpg(process.pid, signal.SIGINT)


def soon(fact: Callable[[], object], *, seconds: float = 30.0, why: str = "") -> None:
    """Waits until `fact()` is true; AssertionError with `why` when it is not within `seconds`."""
    until = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < until, why or "That did not happen in time."
        time.sleep(0.05)


def processes_of(var: Path) -> list[psutil.Process]:
    """The servers that keep data or sockets in `var`, and whatever names it in its command line."""
    found = []
    for process in psutil.process_iter():
        try:
            if str(var) in " ".join(process.cmdline()) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


def server(var: Path, name: str) -> psutil.Process:
    """The embedded server whose program is called `name` (postgres, valkey-server) and that belongs to `var`."""
    (found,) = [
        process
        for process in processes_of(var)
        if Path(process.cmdline()[0].split(":")[0]).name.startswith(name)
    ]
    return found
