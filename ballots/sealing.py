"""Sealed votes: how a vote is closed to everybody until the count, and opened by it.

An envelope is one 16-byte submission mark in the clear followed by an HPKE ciphertext (RFC 9180, base mode,
DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-128-GCM) of a plaintext of one fixed length: version, tracker
secret, number of options, scores, zeros. The ciphertext is bound by HPKE's `info` to the ballot, its definition,
the roll entry and the submission mark, so an envelope moved to another voter or ballot does not open.

The submission mark is random and says nothing; it tells a form sent twice from a second vote.
No Django here: the bulk opening runs this in processes of its own.
"""

import secrets
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

MARK_BYTES = 16
TRACKER_BYTES = 16
PLAINTEXT_BYTES = 128
_VERSION = 1
_HEAD = 2 + TRACKER_BYTES
_SUITE = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_128_GCM)
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Unopenable(Exception):
    """An envelope does not open, or what is in it is not a vote of this ballot."""


@dataclass(frozen=True)
class Binding:
    """What an envelope belongs to: a ballot, its definition, and one place on its roll."""

    ballot: UUID
    definition_digest: str
    entry: UUID

    def info(self, mark: bytes) -> bytes:
        """The `info` of HPKE."""
        return b"harmony ballot 1|" + b"|".join(
            (self.ballot.bytes, self.definition_digest.encode(), self.entry.bytes, mark)
        )


def new_key_pair() -> tuple[bytes, bytes]:
    """A fresh X25519 key pair: (private, public), 32 raw bytes each."""
    private = X25519PrivateKey.generate()
    return private.private_bytes_raw(), private.public_key().public_bytes_raw()


def new_mark() -> bytes:
    """A fresh submission mark."""
    return secrets.token_bytes(MARK_BYTES)


def new_tracker() -> bytes:
    """A fresh 128-bit tracker secret."""
    return secrets.token_bytes(TRACKER_BYTES)


def tracker_text(tracker: bytes) -> str:
    """The tracker as people read it: Crockford base 32, 26 characters in groups of four."""
    number = int.from_bytes(tracker, "big")
    characters = "".join(_ALPHABET[(number >> shift) & 31] for shift in range(125, -5, -5))
    return "-".join(characters[start : start + 4] for start in range(0, 26, 4))


def seal(
    scores: tuple[int, ...], tracker: bytes, *, mark: bytes, public_key: bytes, binding: Binding
) -> bytes:
    """The envelope with `scores` (each 0..5, in the order of the options) and the tracker.

    The scores are taken as checked; raises ValueError where they do not fit the fixed length.
    """
    plain = bytes((_VERSION, len(scores))) + tracker + bytes(scores)
    if len(plain) > PLAINTEXT_BYTES:
        raise ValueError("too many options for one envelope")
    key = X25519PublicKey.from_public_bytes(public_key)
    return mark + _SUITE.encrypt(plain.ljust(PLAINTEXT_BYTES, b"\0"), key, info=binding.info(mark))


class Opener:
    """Opens envelopes with one ballot's private key."""

    def __init__(self, private_key: bytes, options: int) -> None:
        self._key = X25519PrivateKey.from_private_bytes(private_key)
        self._options = options

    def open(self, envelope: bytes, binding: Binding) -> bytes:
        """Tracker (16 bytes) and scores (a byte for each option) in one; raises Unopenable, without values."""
        mark, sealed = envelope[:MARK_BYTES], envelope[MARK_BYTES:]
        try:
            plain = _SUITE.decrypt(sealed, self._key, info=binding.info(mark))
        except (InvalidTag, ValueError):
            raise Unopenable("the seal does not open") from None
        end = _HEAD + self._options
        vote = plain[2:end]
        if plain[:2] != bytes((_VERSION, self._options)) or len(plain) != PLAINTEXT_BYTES or any(plain[end:]):
            raise Unopenable("this is no vote of this ballot")
        if vote[TRACKER_BYTES:].translate(None, b"\0\1\2\3\4\5"):
            raise Unopenable("a score is not from 0 to 5")
        return vote


def mark_of(envelope: bytes | memoryview | None) -> bytes:
    """The submission mark of an envelope; empty where there is none."""
    return bytes(envelope[:MARK_BYTES]) if envelope is not None else b""
