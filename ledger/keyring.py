"""The keyring: key-encryption keys kept outside the database, by purpose and by age.

A key of the ring never encrypts data of its own accord in two places: what it wraps is bound to a purpose
("ballot", "person", "application") and a context (the row it belongs to), so a wrapped secret that is copied
to another row does not open. Keys are named, so that the runbook can say which one may be destroyed when; a
destroyed key makes whatever it wrapped unreadable for good, in every backup. The keys for "lookup" wrap nothing:
they only make marks, by which a row is found again without what it is found by being kept.

`python -m ledger.keyring new FILE` makes a ring, `add FILE PURPOSE` a newer key for one purpose (used from
then on; older ones still open what they wrapped), `complete FILE` a key for each purpose that has none yet,
`list FILE` names them, `destroy FILE ID` removes one.
"""

import argparse
import base64
import hashlib
import hmac
import json
import os
import secrets
import stat
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

PURPOSES = ("ballot", "person", "application", "lookup")
_FORMAT = "harmony-keyring/1"
_VERSION = b"\x01"
_NONCE_BYTES = 12


class KeyringError(Exception):
    """The ring cannot be read, or it does not open what it was given."""


@dataclass(frozen=True)
class Key:
    """One 256-bit key-encryption key."""

    id: str
    purpose: str
    made_at: str
    secret: bytes

    @classmethod
    def new(cls, purpose: str) -> "Key":
        """A fresh key for `purpose`, from the system's cryptographic random source."""
        if purpose not in PURPOSES:
            raise KeyringError(f"There is no purpose {purpose!r}; the purposes are {', '.join(PURPOSES)}.")
        made_at = datetime.now(UTC).replace(microsecond=0)
        name = f"{purpose}-{made_at:%Y%m%d}-{secrets.token_hex(4)}"
        return cls(name, purpose, made_at.isoformat(), secrets.token_bytes(32))


@dataclass(frozen=True)
class Keyring:
    """The keys, oldest first; the newest of a purpose wraps, any of them unwraps."""

    keys: tuple[Key, ...]

    @classmethod
    def load(cls, path: Path) -> "Keyring":
        """The ring in the file at `path`; raises KeyringError with what is wrong with it."""
        try:
            data = json.loads(path.read_text())
            if data["format"] != _FORMAT:
                raise KeyringError(f"{path} is not a keyring of this version.")
            keys = tuple(
                Key(key["id"], key["purpose"], key["made_at"], base64.b64decode(key["secret"]))
                for key in data["keys"]
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise KeyringError(f"The keyring {path} cannot be read: {error}") from error
        return cls(keys)

    def save(self, path: Path) -> None:
        """Writes the ring to `path`, whole or not at all, and for good: the folder is flushed to disk as well.

        A ring that is there already keeps its owner, group and mode, so that the site can go on reading it; a
        new one is readable by its owner only. Raises OSError, with the old ring untouched, when it cannot be
        given to its owner.
        """
        data = {
            "format": _FORMAT,
            "keys": [
                {
                    "id": key.id,
                    "purpose": key.purpose,
                    "made_at": key.made_at,
                    "secret": base64.b64encode(key.secret).decode(),
                }
                for key in self.keys
            ],
        }
        path = path.resolve()  # a link stays a link
        part = path.with_name(f"{path.name}.{os.getpid()}.part")
        try:
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                json.dump(data, file, indent=1)
                file.flush()
                _make_like(file.fileno(), path)
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        _flush_folder(path.parent)

    def of(self, purpose: str) -> list[Key]:
        """The keys for `purpose`, the newest first; raises KeyringError when there are none."""
        keys = [key for key in reversed(self.keys) if key.purpose == purpose]
        if not keys:
            raise KeyringError(f"The keyring has no key for {purpose!r}.")
        return keys

    def newest(self, purpose: str) -> Key:
        """The key that wraps for `purpose`; raises KeyringError when there is none."""
        return self.of(purpose)[0]

    def wrap(self, purpose: str, secret: bytes, *, context: str) -> bytes:
        """`secret` sealed under the newest key for `purpose`, openable only with the same `context`.

        Raises KeyringError when the ring has no key for the purpose.
        """
        key = self.newest(purpose)
        nonce = os.urandom(_NONCE_BYTES)
        sealed = AESGCM(key.secret).encrypt(nonce, secret, _bound_to(purpose, context))
        return mark_of(key) + nonce + sealed

    def unwrap(self, purpose: str, wrapped: bytes, *, context: str) -> bytes:
        """What `wrap` was given; raises KeyringError for a missing key, another context or altered bytes."""
        name, nonce, sealed = _parts(wrapped)
        key = next((key for key in self.keys if key.id == name and key.purpose == purpose), None)
        if key is None:
            raise KeyringError(f"The keyring has no key {name!r} for {purpose!r}.")
        try:
            return AESGCM(key.secret).decrypt(nonce, sealed, _bound_to(purpose, context))
        except InvalidTag as error:
            raise KeyringError("A wrapped secret does not open here: it was altered or moved.") from error

    def marks(self, purpose: str, text: str) -> list[bytes]:
        """What `text` is found by, 32 bytes each, of the newest key for `purpose` first: store that one, look
        for all. Without the keys nobody can tell what a mark was made from, not by trying every text either.

        Raises KeyringError when the ring has no key for the purpose.
        """
        message = _bound_to(purpose, text)
        return [hmac.new(key.secret, message, hashlib.sha256).digest() for key in self.of(purpose)]

    def completed(self) -> "Keyring":
        """The ring with a fresh key for each purpose that it has none for."""
        held = {key.purpose for key in self.keys}
        return Keyring((*self.keys, *(Key.new(purpose) for purpose in PURPOSES if purpose not in held)))


def key_name(wrapped: bytes) -> str:
    """The id of the key that wrapped `wrapped`; raises KeyringError for bytes that `wrap` did not make."""
    return _parts(wrapped)[0]


def mark_of(key: Key) -> bytes:
    """What everything that `key` wrapped begins with, and nothing that another key wrapped."""
    name = key.id.encode()
    return _VERSION + bytes([len(name)]) + name


def current() -> Keyring:
    """The ring of settings.KEYRING_FILE, read again when the file has changed."""
    path: Path = settings.KEYRING_FILE
    try:
        now = path.stat()
    except OSError as error:
        raise KeyringError(f"The keyring {path} cannot be read: {error}") from error
    return _loaded(path, (now.st_mtime_ns, now.st_ctime_ns, now.st_size, now.st_ino))


@lru_cache(maxsize=1)  # a process holds one ring: what was destroyed goes at the next use
def _loaded(path: Path, _version: tuple[int, ...]) -> Keyring:
    return Keyring.load(path)


def _make_like(descriptor: int, path: Path) -> None:
    """Gives the open file the owner, group and mode of the one at `path`, where there is one."""
    try:
        old = path.stat()
    except FileNotFoundError:
        return
    made = os.fstat(descriptor)
    if (made.st_uid, made.st_gid) != (old.st_uid, old.st_gid):
        os.fchown(descriptor, old.st_uid, old.st_gid)
    os.fchmod(descriptor, stat.S_IMODE(old.st_mode))


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _bound_to(purpose: str, context: str) -> bytes:
    return f"harmony keyring|{purpose}|{context}".encode()


def _parts(wrapped: bytes) -> tuple[str, bytes, bytes]:
    wrapped = bytes(wrapped)
    if len(wrapped) < 2 or wrapped[:1] != _VERSION:
        raise KeyringError("These bytes were not wrapped by a keyring of this version.")
    end = 2 + wrapped[1]
    nonce, sealed = wrapped[end : end + _NONCE_BYTES], wrapped[end + _NONCE_BYTES :]
    if len(nonce) < _NONCE_BYTES or not sealed:
        raise KeyringError("A wrapped secret is cut short.")
    return wrapped[2:end].decode(errors="replace"), nonce, sealed


def _run(arguments: argparse.Namespace) -> str:
    path: Path = arguments.file
    if arguments.verb == "new":
        if path.exists():
            raise KeyringError(f"{path} is there already; nothing was changed.")
        Keyring(tuple(Key.new(purpose) for purpose in PURPOSES)).save(path)
        return f"A new keyring with a key for each of {', '.join(PURPOSES)}: {path}"
    ring = Keyring.load(path)
    if arguments.verb == "add":
        key = Key.new(arguments.purpose)
        Keyring((*ring.keys, key)).save(path)
        return f"Added {key.id}; it wraps from now on."
    if arguments.verb == "complete":
        whole = ring.completed()
        added = [key.id for key in whole.keys[len(ring.keys) :]]
        if not added:
            return "The keyring has a key for every purpose already."
        whole.save(path)
        return f"Added {', '.join(added)}."
    if arguments.verb == "destroy":
        left = tuple(key for key in ring.keys if key.id != arguments.id)
        if len(left) == len(ring.keys):
            raise KeyringError(f"There is no key {arguments.id!r} in {path}.")
        Keyring(left).save(path)
        return f"Destroyed {arguments.id}. Destroy every copy of the old file too."
    return "\n".join(f"{key.id}  {key.purpose}  made {key.made_at}" for key in ring.keys)


def main(argv: list[str] | None = None) -> int:
    """The command line; 0 when done, 1 with a sentence when not."""
    parser = argparse.ArgumentParser(
        prog="python -m ledger.keyring", description="Make and keep the keyring."
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    for verb in ("new", "list", "add", "complete", "destroy"):
        verbs.add_parser(verb).add_argument("file", type=Path)
    verbs.choices["add"].add_argument("purpose", choices=PURPOSES)
    verbs.choices["destroy"].add_argument("id")
    try:
        sys.stdout.write(_run(parser.parse_args(argv)) + "\n")
    except (KeyringError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
