"""Several servers under one roof: their lines with their names before them, none outliving the others."""

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from typing import Any, cast

from harmony import processes

_CHUNK = 65536


class Child:
    """A server by its name, with what it has printed of a line so far."""

    def __init__(self, name: str, process: subprocess.Popen[bytes]) -> None:
        self.name, self.process, self.unfinished = name, process, b""

    @property
    def pipe(self) -> int:
        """The file descriptor that its output comes from."""
        return cast(Any, self.process.stdout).fileno()

    def lines(self, chunk: bytes) -> list[bytes]:
        """The lines that `chunk` completes; an empty one ends the output and completes the last."""
        *complete, self.unfinished = (self.unfinished + chunk).split(b"\n")
        if not chunk and self.unfinished:
            complete.append(self.unfinished)
        return complete


class Supervisor:
    """Starts servers, relays their lines to `write`, and stops them together."""

    def __init__(self, write: Callable[[str], object]) -> None:
        self.write = write
        self.children: list[Child] = []
        self._width = 0
        self._outputs = selectors.DefaultSelector()

    def start(self, name: str, command: Sequence[str], **options: Any) -> None:
        """Starts the server `name` in a session of its own; `options` as for `processes.start`."""
        process = processes.start(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
        child = Child(name, process)
        self.children.append(child)
        self._width = max(self._width, len(name))
        self._outputs.register(child.pipe, selectors.EVENT_READ, child)

    def relay(self, seconds: float) -> None:
        """Writes what the servers print, for as long as `seconds` when they print nothing."""
        if not self._outputs.get_map():
            time.sleep(seconds)
        for key, _ in self._outputs.select(seconds):
            child: Child = key.data
            chunk = os.read(child.pipe, _CHUNK)
            if not chunk:
                self._outputs.unregister(child.pipe)
            for line in child.lines(chunk):
                self.write(f"{child.name:<{self._width}} | {line.decode(errors='replace')}")

    def ended(self) -> str | None:
        """A sentence about the first server that has ended, or None while all of them run."""
        for child in self.children:
            if (code := child.process.poll()) is not None:
                return f"{child.name} has ended by itself, {processes.how_it_ended(code)}."
        return None

    def stop_all(self, seconds: float) -> None:
        """Asks every server to stop and waits; those that take longer than `seconds` are killed."""
        running = [child.process for child in self.children if child.process.poll() is None]
        for process in running:
            process.send_signal(signal.SIGTERM)
        until = time.monotonic() + seconds
        while time.monotonic() < until and any(process.poll() is None for process in running):
            self.relay(0.1)
        for process in running:
            if process.poll() is None:
                processes.kill(process)
            process.wait()
        self.relay(0)
