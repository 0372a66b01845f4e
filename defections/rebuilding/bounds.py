"""What a process that opens somebody's file may take, and how it answers.

Whoever sends a file chooses what its decoder does. So it works where it can do no harm: with a bound on memory and
time, without the site's environment, and writing to no file. The file comes on the standard input; the answer is "+"
and the file, or "-" and a refusal. Any other end of the process is a refusal too.
"""

import resource
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

MOST_MEMORY = 384 * 1024 * 1024  # bytes of address space, the interpreter and its libraries included
MOST_SECONDS = 20  # of computing
MOST_OUT = 24 * 1024 * 1024  # bytes; what is packed anew may be larger than it came

# The refusals.
DAMAGED, PIXELS, TOO_MUCH = "damaged", "pixels", "too much"
COMPLICATED, PASSWORD, ACTS, PAGES = "complicated", "password", "acts", "pages"


class Refused(Exception):
    """The file is not taken; the argument is one of the refusals."""


def rebuilt(content: bytes, rebuild: Callable[[bytes], bytes]) -> bytes:
    """What `rebuild` makes of the file. Raises Refused, whatever its reader raises."""
    try:
        made = rebuild(content)
    except Refused:
        raise
    except MemoryError:
        raise Refused(TOO_MUCH) from None
    except Exception:  # noqa: BLE001 - a broken file makes its reader raise anything, RecursionError too
        raise Refused(DAMAGED) from None
    if len(made) > MOST_OUT:
        raise Refused(TOO_MUCH)
    return made


def answer(rebuild: Callable[[bytes], bytes]) -> None:
    """The whole work of such a process; where the machine runs out of memory, it goes before anything of the site."""
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")
    with suppress(ValueError, OSError):  # macOS knows no such bound
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        said = b"+" + rebuilt(sys.stdin.buffer.read(), rebuild)
    except Refused as refused:
        said = b"-" + str(refused).encode()
    sys.stdout.buffer.write(said)
