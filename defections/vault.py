"""Sealing what is personal in an application: AES-256-GCM under a key of the application's own.

Each application has two keys, wrapped by the keyring (purpose "application"): one for all that the applicant gave
and that was found out about them, one for the sanitised copy and the letters, which are kept for another time.
Every sealed piece is bound to its row and column, so that a piece copied to another place does not open there.
Erasing a wrapped key erases all that it sealed, in every backup as well once the keyring's own key has gone or
the backup with the wrapped key has.
"""

import json
import os
from typing import Any, TypeAlias
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from defections.errors import Erased, VaultError
from ledger import keyring

# What a binary column gives.
Sealed: TypeAlias = bytes | memoryview

_NONCE_BYTES = 12
_KEY_BYTES = 32


def new_key(context: str) -> bytes:
    """A fresh data key, wrapped by the keyring and openable only with the same `context`. Raises KeyringError."""
    return keyring.current().wrap("application", AESGCM.generate_key(_KEY_BYTES * 8), context=context)


def seal(wrapped_key: Sealed | None, value: Any, *, key_context: str, place: str) -> bytes:
    """`value` (anything that JSON can say) sealed for `place`, which names row and column.

    Raises Erased without a key, KeyringError when the key does not open.
    """
    plain = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return seal_bytes(wrapped_key, plain, key_context=key_context, place=place)


def unseal(wrapped_key: Sealed | None, sealed: Sealed, *, key_context: str, place: str) -> Any:
    """What `seal` was given. Raises Erased without a key, KeyringError or VaultError when it does not open."""
    return json.loads(unseal_bytes(wrapped_key, sealed, key_context=key_context, place=place))


def seal_bytes(wrapped_key: Sealed | None, plain: bytes, *, key_context: str, place: str) -> bytes:
    """The bytes of a file sealed for `place`; raises as `seal`."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + _cipher(wrapped_key, key_context).encrypt(nonce, plain, place.encode())


def unseal_bytes(wrapped_key: Sealed | None, sealed: Sealed, *, key_context: str, place: str) -> bytes:
    """What `seal_bytes` was given; raises as `unseal`."""
    sealed = bytes(sealed)
    nonce, rest = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    try:
        return _cipher(wrapped_key, key_context).decrypt(nonce, rest, place.encode())
    except (InvalidTag, ValueError) as error:
        raise VaultError(f"What is sealed for {place} does not open: it was altered or moved.") from error


def rewrap(wrapped_key: Sealed, *, key_context: str) -> bytes:
    """The same data key under the newest key of the keyring; raises KeyringError when it does not open."""
    ring = keyring.current()
    key = ring.unwrap("application", bytes(wrapped_key), context=key_context)
    return ring.wrap("application", key, context=key_context)


def lookup_marks(application_email: str) -> list[bytes]:
    """The marks by which the application of an email address is found, the newest first (letter case aside)."""
    return keyring.current().marks("lookup", f"defections.application:{application_email.strip().lower()}")


def place_of(kind: str, row: UUID | int | str, column: str) -> str:
    """The name of one sealed place."""
    return f"defections.{kind}:{row}:{column}"


def _cipher(wrapped_key: Sealed | None, key_context: str) -> AESGCM:
    if wrapped_key is None:
        raise Erased
    return AESGCM(keyring.current().unwrap("application", bytes(wrapped_key), context=key_context))
