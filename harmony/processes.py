"""Child processes that end when we do: how the embedded servers, web, worker and beat are started and stopped."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None

# What to send, and how many seconds to wait for the process to be gone before the next.
Ladder = Sequence[tuple[signal.Signals, float]]


def start(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    output: int | IO[bytes] | None = None,
    cwd: Path | str | None = None,
    user: tuple[int, int] | None = None,
    own_session: bool = True,
    keep: Sequence[int] = (),
    on_our_death: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Starts `command`; standard output and error go to `output` (None: ours).

    `user` is the (uid, gid) to run as, for root only. With `own_session` a Ctrl-C in our terminal does not
    reach it. `keep` are file descriptors that it inherits. On Linux the kernel sends it `on_our_death` should
    this process be killed; elsewhere it lives on. Raises OSError when the command cannot be run.
    """
    uid, gid = user or (None, None)
    return subprocess.Popen(
        [str(part) for part in command],
        env=env,
        cwd=cwd,
        stdin=subprocess.DEVNULL if own_session else None,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        user=uid,
        group=gid,
        extra_groups=[] if user else None,
        start_new_session=own_session,
        pass_fds=tuple(keep),
        # Safe here: we start children from a single thread, and the function only makes system calls.
        preexec_fn=_tied_to(os.getpid(), on_our_death),  # noqa: PLW1509
    )


def stop(process: subprocess.Popen[bytes], ladder: Ladder) -> int:
    """Stops `process` by the first rung of `ladder` that works, or by SIGKILL to all of its session.

    Returns its exit code; returns at once when it had ended already.
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
    """SIGKILL to `process`, and to the whole of its session when that is not ours."""
    if os.getpgid(process.pid) == os.getpgrp():
        process.kill()
    else:
        os.killpg(process.pid, signal.SIGKILL)


def ended(code: int) -> str:
    """How a process ended, in words, from its return code (`subprocess` gives a signal as a negative one)."""
    return f"by signal {signal.Signals(-code).name}" if code < 0 else f"with code {code}"


def _tied_to(parent: int, signum: signal.Signals) -> Callable[[], None] | None:
    if _libc is None:
        return None
    prctl = _libc.prctl

    def tie() -> None:
        prctl(_PR_SET_PDEATHSIG, int(signum))
        if os.getppid() != parent:  # it died between the fork and the line above
            os._exit(128 + signum)

    return tie
