"""The keyring's file: replaced whole, kept by whoever had it, and read anew as soon as it changed."""

import os
import stat
from pathlib import Path
from typing import Any

import pytest

from ledger import keyring
from ledger.keyring import Keyring, KeyringError


@pytest.fixture
def ring(tmp_path: Path) -> Path:
    path = tmp_path / "keyring.json"
    assert keyring.main(["new", str(path)]) == 0
    return path


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_ring_is_its_owner_s_alone(ring: Path) -> None:
    assert mode(ring) == 0o600


@pytest.mark.parametrize("kept", [0o400, 0o440, 0o640])
def test_a_newer_key_leaves_the_file_s_mode_and_owner(ring: Path, kept: int) -> None:
    ring.chmod(kept)
    if os.geteuid() == 0:
        os.chown(ring, 900, 901)
    before = ring.stat()
    assert keyring.main(["add", str(ring), "ballot"]) == 0
    after = ring.stat()
    assert (mode(ring), after.st_uid, after.st_gid) == (kept, before.st_uid, before.st_gid)
    assert after.st_ino != before.st_ino
    assert list(ring.parent.iterdir()) == [ring]


def test_a_ring_behind_a_link_stays_behind_it(ring: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.json"
    link.symlink_to(ring)
    assert keyring.main(["add", str(link), "person"]) == 0
    assert link.is_symlink()
    assert len(Keyring.load(ring).keys) == len(keyring.PURPOSES) + 1


def test_a_destroyed_key_is_gone_from_a_running_process_at_once(ring: Path, settings: Any) -> None:
    settings.KEYRING_FILE = ring
    wrapped = keyring.current().wrap("ballot", b"secret", context="here")
    times = (ring.stat().st_atime_ns, ring.stat().st_mtime_ns)
    assert keyring.main(["add", str(ring), "ballot"]) == 0
    assert keyring.main(["destroy", str(ring), keyring.key_name(wrapped)]) == 0
    os.utime(ring, ns=times)  # a coarse clock, or a copy that keeps times, must not hide the change
    with pytest.raises(KeyringError, match="no key"):
        keyring.current().unwrap("ballot", wrapped, context="here")
    assert keyring._loaded.cache_info().currsize == 1
