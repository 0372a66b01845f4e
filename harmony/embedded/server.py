"""One embedded server: started, waited for, stopped; cleared away when an earlier start left it."""

import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psutil

from harmony import processes
from harmony.embedded import GroundError

_SECONDS_TO_START = 120.0  # recovery after a crash can take its time


class Server:
    """An embedded server, by the name it has in messages, the file it logs to, and its file with its pid.

    `ladder` is how it is asked to stop, as for `processes.stop`.
    """

    def __init__(self, name: str, *, log: Path, pid_file: Path, ladder: processes.Ladder) -> None:
        self.name, self.log, self.pid_file, self.ladder = name, log, pid_file, ladder
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, command: Sequence[str | Path], ready: Callable[[], bool], **options: Any) -> None:
        """Starts it and waits until `ready()`; `options` as for `processes.start`.

        Raises GroundError when it cannot be run, ends first or takes too long.
        """
        with self.log.open("ab") as log:
            self.process = self._start(command, log=log, **options)
        until = time.monotonic() + _SECONDS_TO_START
        while not ready():
            if not self.is_running:
                raise GroundError(f"{self.name} did not start. The end of {self.log}:\n{self.last_words()}")
            if time.monotonic() > until:
                raise GroundError(
                    f"{self.name} is not ready after {_SECONDS_TO_START:.0f} s: see {self.log}."
                )
            time.sleep(0.05)

    def run(self, command: Sequence[str | Path], **options: Any) -> None:
        """Runs a tool of the server's to its end, with the same log; raises GroundError when it fails."""
        with self.log.open("ab") as log:
            tool = self._start(command, log=log, **options)
            try:
                code = tool.wait()
            finally:
                processes.kill(tool)
        if code != 0:
            raise GroundError(f"{self.name} could not be set up. The end of {self.log}:\n{self.last_words()}")

    def _start(self, command: Sequence[str | Path], *, log: Any, **options: Any) -> subprocess.Popen[bytes]:
        try:
            return processes.start(
                command,
                on_our_death=self.ladder[0][0],
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd="/",
                **options,
            )
        except OSError as error:
            raise GroundError(f"{self.name} could not be started: {error}.") from error

    @property
    def is_running(self) -> bool:
        """Whether it was started and has not ended."""
        return self.process is not None and self.process.poll() is None

    def last_words(self, lines: int = 12) -> str:
        """The last `lines` of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def stop(self) -> None:
        """Stops it and waits until it is gone; does nothing when it never ran or has ended."""
        if self.process is not None:
            processes.stop(self.process, self.ladder)

    def end_leftover(self, mark: str) -> None:
        """Stops what an earlier start of ours left running; forgets a pid that another process has by now.

        `mark` is a part of the command line that tells ours from such another. Call it only while the folder
        is held: then nobody uses what is stopped here. Raises GroundError when it does not stop.
        """
        try:
            leftover = psutil.Process(int(self.pid_file.read_text().split()[0]))
            if mark not in " ".join(leftover.cmdline()):
                self.pid_file.unlink(missing_ok=True)  # the number is another process's by now
                return
            signum, seconds = self.ladder[0]
            leftover.send_signal(signum)
            self._wait_for(leftover, seconds)
        except psutil.ZombieProcess:
            self.pid_file.unlink(missing_ok=True)  # dead, but its number is taken until somebody waits for it
        except (FileNotFoundError, ValueError, IndexError, psutil.NoSuchProcess):
            return  # no file, an empty one, or the process is gone: the server copes with that itself

    def _wait_for(self, leftover: psutil.Process, seconds: float) -> None:
        until = time.monotonic() + seconds
        while leftover.is_running():
            if leftover.status() == psutil.STATUS_ZOMBIE:
                raise psutil.ZombieProcess(leftover.pid)
            if time.monotonic() > until:
                raise GroundError(
                    f"{self.name} of an earlier start (process {leftover.pid}) does not stop: end it, and try "
                    "again."
                )
            time.sleep(0.05)
