"""The command line of `python -m harmony.embedded`."""

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from types import FrameType
from typing import Any

from harmony import embedded, processes
from harmony.embedded import CHECKOUT, GroundError, folder, postgres, surroundings, valkey
from harmony.embedded.server import Server

_SECONDS_FOR_THE_COMMAND = 40.0  # from the first signal to its SIGKILL


class StoppedEarly(BaseException):
    """A signal came before the command was started; `args[0]` is its number."""


class Signals:
    """Takes the signals that ask to stop: ends a start that is under way, or passes them to the command."""

    def __init__(self) -> None:
        # In a terminal the command shares it with us, and Ctrl-C reaches both; elsewhere it has a process group
        # of its own, so that a signal to all of ours reaches it once, through us.
        self.shares_terminal = _in_foreground()
        self.command: subprocess.Popen[bytes] | None = None
        self.done = False
        self.kill_at: float | None = None
        for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(signum, self._take)

    def _take(self, signum: int, _frame: FrameType | None) -> None:
        if self.done:
            return
        if self.command is None:
            self.done = True
            raise StoppedEarly(signum)
        if signum == signal.SIGINT and self.shares_terminal:
            self.be_patient()  # the command has it already
        else:
            self.pass_on(signum)

    def pass_on(self, signum: int) -> None:
        """Sends `signum` to the command, which has limited time from now on."""
        self.be_patient()
        if self.command:
            with suppress(ProcessLookupError):
                self.command.send_signal(signum)

    def be_patient(self) -> None:
        """Gives the command its time to stop, unless that runs already."""
        self.kill_at = self.kill_at or time.monotonic() + _SECONDS_FOR_THE_COMMAND


def _in_foreground() -> bool:
    try:
        with Path("/dev/tty").open() as terminal:
            return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
    except OSError:
        return False


def run(command: Sequence[str], running: Sequence[Server], signals: Signals, **options: Any) -> int:
    """Runs `command` to its end and returns its exit code; at least 1 when one of `running` ended meanwhile.

    `options` as for `processes.start`. Raises GroundError when the command cannot be run.
    """
    try:
        group = None if signals.shares_terminal else 0
        process = processes.start(command, own_session=False, process_group=group, **options)
        signals.command = process
    except OSError as error:
        raise GroundError(f"{command[0]} cannot be run: {error.strerror}.") from error
    lost: Server | None = None
    while (code := _wait(process, 0.2)) is None:
        if lost is None and (lost := next((server for server in running if not server.is_running), None)):
            sys.stderr.write(f"{lost.name} has ended by itself (see {lost.log}): stopping.\n")
            signals.pass_on(signal.SIGTERM)
        if signals.kill_at and time.monotonic() > signals.kill_at:
            processes.kill(process)
    if code < 0:
        return 128 - code
    return code or (1 if lost else 0)


def _wait(process: subprocess.Popen[bytes], seconds: float) -> int | None:
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        return None


def with_servers(arguments: argparse.Namespace, signals: Signals) -> int:
    """Starts what is missing, runs the command and stops it all; its exit code. Raises GroundError."""
    env = dict(os.environ)
    var = Path(arguments.var or env.get("VAR_DIR") or CHECKOUT / "var").absolute()
    running: list[Server] = []
    keep: list[int] = []
    with ExitStack() as stack:
        stack.enter_context(folder.held(var))
        if arguments.web:
            keep += surroundings.reserve_port(env, stack)
        surroundings.fill_in(env, var)
        if not env.get("DATABASE_URL"):
            server, env["DATABASE_URL"] = stack.enter_context(postgres.running(var, fast=arguments.fast))
            running.append(server)
        if not env.get("REDIS_URL"):
            server, env["REDIS_URL"] = stack.enter_context(valkey.running(var))
            running.append(server)
        try:
            return run(arguments.command, running, signals, env=env, pass_fds=keep)
        finally:
            signals.done = True


def main(argv: list[str] | None = None) -> int:
    """The command line; the command's exit code, or 1 with a sentence when it could not be started."""
    about = (embedded.__doc__ or "").splitlines()[0]
    parser = argparse.ArgumentParser(prog="python -m harmony.embedded", description=about)
    parser.add_argument("--var", help="folder for data, logs, secrets and mails (default: VAR_DIR, or var)")
    parser.add_argument(
        "--fast", action="store_true", help="less safe against a crash of the machine: for tests"
    )
    parser.add_argument(
        "--web", action="store_true", help="hold a port for the web server: PORT, or a free one"
    )
    parser.add_argument("command", nargs="+", metavar="COMMAND", help="what to run, after --")
    arguments = parser.parse_args(argv)
    try:
        return with_servers(arguments, Signals())
    except StoppedEarly as stopped:
        return 128 + int(stopped.args[0])
    except GroundError as error:
        sys.stderr.write(f"{error}\n")
    except OSError as error:
        sys.stderr.write(f"{error.filename or 'The start'} failed: {error.strerror or error}.\n")
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
