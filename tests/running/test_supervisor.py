"""Several servers under one roof: whose line is whose, and how one's end is told and stops the others."""

import signal
import sys
import time

import pytest

from harmony.supervisor import Supervisor
from tests.running import ground


def supervisor() -> tuple[Supervisor, list[str]]:
    lines: list[str] = []
    return Supervisor(lines.append), lines


def start(under: Supervisor, name: str, code: str) -> None:
    under.start(name, [sys.executable, "-u", "-c", code])


def relayed(under: Supervisor, lines: list[str], wanted: list[str]) -> bool:
    under.relay(0.1)
    return sorted(lines) == sorted(wanted)


def test_each_line_carries_the_name_of_its_server() -> None:
    under, lines = supervisor()
    start(under, "web", "import sys; print('out'); print('err', file=sys.stderr)")
    start(under, "worker", "import sys; print('two\\nlines'); sys.stdout.write('no end')")
    wanted = ["web    | out", "web    | err", "worker | two", "worker | lines", "worker | no end"]
    ground.soon(lambda: relayed(under, lines, wanted), why=f"{lines}")
    under.stop_all(1)


def test_what_is_not_utf_8_is_relayed_all_the_same() -> None:
    under, lines = supervisor()
    start(under, "web", "import sys; sys.stdout.buffer.write(b'caf\\xe9\\n')")
    ground.soon(lambda: relayed(under, lines, ["web | caf\ufffd"]), why=f"{lines}")
    under.stop_all(1)


@pytest.mark.parametrize(
    ("code", "how"),
    [
        ("raise SystemExit(0)", "with exit code 0"),
        ("raise SystemExit(3)", "with exit code 3"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "by the signal SIGKILL"),
    ],
)
def test_the_first_to_end_is_named_and_how(code: str, how: str) -> None:
    under, _ = supervisor()
    start(under, "beat", "import time; time.sleep(60)")
    assert under.ended() is None
    start(under, "worker", code)
    ground.soon(under.ended)
    assert under.ended() == f"worker has ended by itself, {how}."
    under.stop_all(5)
    assert under.children[0].process.returncode == -signal.SIGTERM


def test_a_server_that_does_not_stop_in_time_is_killed_and_the_others_end_well() -> None:
    under, lines = supervisor()
    start(
        under,
        "deaf",
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1); time.sleep(60)",
    )
    start(
        under,
        "good",
        "import signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit(0)); print(1); signal.pause()",
    )
    ground.soon(lambda: relayed(under, lines, ["deaf | 1", "good | 1"]))
    began = time.monotonic()
    under.stop_all(1.0)
    assert time.monotonic() - began < 10
    assert [child.process.returncode for child in under.children] == [-signal.SIGKILL, 0]
