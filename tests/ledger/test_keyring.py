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


def test_a_mark_finds_again_and_an_older_key_s_mark_too(ring: Path) -> None:
    old = Keyring.load(ring).marks("lookup", "robin@example.org")
    assert keyring.main(["add", str(ring), "lookup"]) == 0
    new = Keyring.load(ring).marks("lookup", "robin@example.org")
    assert new[1:] == old
    assert new[0] != old[0]
    assert set(Keyring.load(ring).marks("lookup", "someone@example.org")).isdisjoint(new)


def test_a_ring_of_an_older_version_is_completed_once(ring: Path) -> None:
    whole = Keyring.load(ring)
    Keyring(tuple(key for key in whole.keys if key.purpose in ("ballot", "person"))).save(ring)
    with pytest.raises(KeyringError, match="no key for 'lookup'"):
        Keyring.load(ring).marks("lookup", "robin@example.org")
    assert keyring.main(["complete", str(ring)]) == 0
    completed = Keyring.load(ring)
    assert [key.purpose for key in completed.keys] == list(keyring.PURPOSES)
    assert keyring.main(["complete", str(ring)]) == 0
    assert Keyring.load(ring).keys == completed.keys
