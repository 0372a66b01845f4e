"""Child processes that end when we do: servers, the worker and beat are started and stopped here."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None

# What to send, and how many seconds to wait for the process to be gone before the next.
Ladder = Sequence[tuple[signal.Signals, float]]


def start(
    command: Sequence[str | Path],
    *,
    own_session: bool = True,
    on_our_death: signal.Signals = signal.SIGTERM,
    **options: Any,
) -> subprocess.Popen[bytes]:
    """Starts `command`; `options` are those of subprocess.Popen.

    With `own_session` it has no standard input, and a Ctrl-C in our terminal does not reach it. On Linux the
    kernel sends it `on_our_death` should this process be killed; elsewhere it then lives on. Raises OSError
    when the command cannot be run.
    """
    if own_session:
        options.setdefault("stdin", subprocess.DEVNULL)
    return subprocess.Popen(
        [str(part) for part in command],
        start_new_session=own_session,
        # Safe here: it only makes system calls, and no thread of ours holds a lock that it would need.
        preexec_fn=_tied_to(os.getpid(), on_our_death),  # noqa: PLW1509
        **options,
    )


def stop(process: subprocess.Popen[bytes], ladder: Ladder) -> int:
    """Stops `process` by the first rung of `ladder` that works, or else by SIGKILL to all of its session.

    Returns its return code; returns at once when it had ended already.
    """
    for signum, seconds in ladder:
        if process.poll() is not None:
            break
        process.send_signal(signum)
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            continue
    if process.poll() is None:
        kill(process)
    return process.wait()


def kill(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL to `process`, and to the whole of its process group when that is not ours."""
    try:
        group = os.getpgid(process.pid)
        if group == os.getpgrp():
            process.kill()
        else:
            os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        pass  # it was faster


def how_it_ended(code: int) -> str:
    """A return code in words; `subprocess` gives the signal that ended a process as a negative one."""
    return f"by the signal {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"


def _tied_to(parent: int, signum: signal.Signals) -> Callable[[], None] | None:
    if _libc is None:
        return None
    prctl = _libc.prctl

    def tie() -> None:
        prctl(_PR_SET_PDEATHSIG, int(signum))
        if os.getppid() != parent:  # it died between the fork and the line above
            os._exit(128 + signum)

    return tie
