"""Unsealing: the count's own way through sealed votes, beside HPKE's bare decryption on the same cores."""

import secrets
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from uuid import UUID, uuid4

from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from ballots.sealing import MARK_BYTES, Binding, new_key_pair
from ballots.unsealing import open_envelopes
from tests.bench.report import Section, Table, Target, number, seconds, times
from tests.bench.votes import OPTIONS, sealed_votes

_CORES = 2
_MILLION = 1_000_000


def measure(quick: bool) -> Section:
    """Everything about unsealing."""
    number_of_votes = 40_000 if quick else 200_000
    private_key, public_key = new_key_pair()
    ballot, digest = uuid4(), secrets.token_hex(32)
    entries = [uuid4() for _ in range(number_of_votes)]
    pairs = sealed_votes(entries, ballot=ballot, definition_digest=digest, public_key=public_key)
    ours, bare = [], []
    for _ in range(1 if quick else 3):  # by turns, so that both meet the same machine
        bare.append(_bare(pairs, private_key, ballot, digest))
        ours.append(_ours(pairs, private_key, ballot, digest))
    table = Table(
        f"Unsealing on {_CORES} cores, {number(number_of_votes)} envelopes, per million",
        ("", "per million", "ratio"),
        notes=[
            "bare: the same suite's decrypt() in a loop in two processes that wait ready with everything prepared.",
            "open_envelopes starts its own processes, hands envelopes over and votes back, and checks each vote.",
        ],
    )
    scale = _MILLION / number_of_votes
    table.add("bare HPKE decryption", seconds(min(bare) * scale), "")
    table.add("open_envelopes", seconds(min(ours) * scale), times(min(ours) / min(bare)))
    target = Target("unsealing, by bare HPKE", min(ours) / min(bare), 1.5, "x")
    return Section([table], [target])


def _ours(pairs: list[tuple[UUID, bytes]], private_key: bytes, ballot: UUID, digest: str) -> float:
    """Seconds that the count's own function takes; AssertionError when votes are missing."""
    began = time.perf_counter()
    votes = open_envelopes(
        pairs, private_key=private_key, ballot=ballot, definition_digest=digest, options=len(OPTIONS)
    )
    opened = sum(1 for _ in votes)
    taken = time.perf_counter() - began
    if opened != len(pairs):
        raise AssertionError(f"{opened} votes came out of {len(pairs)} envelopes")
    return taken


def _bare(pairs: list[tuple[UUID, bytes]], private_key: bytes, ballot: UUID, digest: str) -> float:
    """Seconds that the slowest of `_CORES` processes takes to decrypt its share."""
    ready = [
        (sealed[MARK_BYTES:], Binding(ballot, digest, entry).info(sealed[:MARK_BYTES]))
        for entry, sealed in pairs
    ]
    shares = [ready[core::_CORES] for core in range(_CORES)]
    with ProcessPoolExecutor(_CORES, mp_context=get_context("spawn")) as pool:
        list(pool.map(_nap, [0.3] * _CORES))  # both are up before either begins
        return max(pool.map(_decrypt, [(private_key, share) for share in shares]))


def _nap(duration: float) -> None:
    time.sleep(duration)


def _decrypt(job: tuple[bytes, Iterable[tuple[bytes, bytes]]]) -> float:
    raw, share = job
    suite = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_128_GCM)
    key = X25519PrivateKey.from_private_bytes(raw)
    began = time.perf_counter()
    for sealed, info in share:
        suite.decrypt(sealed, key, info=info)
    return time.perf_counter() - began
