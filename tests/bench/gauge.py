"""What is read off: seconds, and memory that a piece of work adds to its process."""

import ctypes
import gc
import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

MB = 1_000_000


@dataclass(frozen=True)
class Reading:
    """What one call took: seconds, and megabytes of memory at its highest above where it began."""

    seconds: float
    added_mb: float
    answer: Any


def read(work: Callable[[], Any]) -> Reading:
    """Calls `work` once and reads its time and the memory it added; best in a fresh process."""
    gc.collect()
    _give_back()
    before = psutil.Process().memory_info().rss
    began = time.perf_counter()
    answer = work()
    seconds = time.perf_counter() - began
    return Reading(seconds, max(0, _peak() - before) / MB, answer)


def seconds_of(work: Callable[[], Any], *, times: int = 1) -> float:
    """The shortest of so many calls of `work`."""
    shortest = float("inf")
    for _ in range(times):
        began = time.perf_counter()
        work()
        shortest = min(shortest, time.perf_counter() - began)
    return shortest


def percentile(values: Sequence[float], share: int) -> float:
    """The value that `share` percent (1 to 99) of `values` do not exceed; nan where there are none."""
    if not values:
        return float("nan")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * share // 100)]


def _give_back() -> None:
    """Gives free memory back to Linux, or new work would fill it unseen, and lets it forget the peak so far."""
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        if hasattr(libc, "malloc_trim"):
            libc.malloc_trim(0)
        Path("/proc/self/clear_refs").write_text("5")


def _peak() -> int:
    """The process's highest resident memory in bytes, on Linux since `_give_back`."""
    if sys.platform == "linux":
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
