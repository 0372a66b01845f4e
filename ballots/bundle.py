"""What is published of a ballot: the definition fixed at the opening, the bundle after the count, digests.

The format is "harmony-ballot/1" (docs/ballot-protocol.md); `verify_ballot.py` reads it without any of our code.
"""

import hashlib
import json
import unicodedata
from datetime import datetime
from typing import Any

from ballots.models import Ballot, Option, RollEntry
from ballots.star import Result
from harmony.time import iso

FORMAT = "harmony-ballot/1"


def canonical(data: Any) -> bytes:
    """`data` as the one JSON text that digests are made of: keys sorted, no spaces, UTF-8."""
    return json.dumps(
        data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def digest(data: Any) -> str:
    """The SHA-256 of the canonical JSON, 64 hexadecimal digits."""
    return hashlib.sha256(canonical(data)).hexdigest()


def definition(ballot: Ballot, options: list[Option], *, opened_at: datetime) -> dict[str, Any]:
    """What voters are asked, by which rules and when: fixed at the opening, and what the seals are bound to.

    `ballot` has its key, cut-off and list minimum, `options` (in their order) their places in the lot order.
    """
    if ballot.public_key is None or ballot.cut_off_at is None:
        raise ValueError("a definition needs the ballot's key and cut-off")
    by_lot = sorted(options, key=lambda option: option.lot_place or 0)
    return {
        "id": str(ballot.pk),
        "assemblies": [_plain(assembly.name) for assembly in ballot.assemblies()],
        "question": _plain(ballot.question),
        "explanation": _plain(ballot.explanation),
        "standing": ballot.standing,
        "method": ballot.method,
        "seats": ballot.seats,
        "options": [
            {"key": option.key, "name": _plain(option.name), "statement": _plain(option.statement)}
            for option in options
        ],
        "lot_order": [option.key for option in by_lot],
        "cut_off_at": iso(ballot.cut_off_at),
        "opened_at": iso(opened_at),
        "opens_at": iso(ballot.opens_at),
        "closes_at": iso(ballot.closes_at),
        "list_minimum": ballot.list_minimum,
        "public_key": bytes(ballot.public_key).hex(),
    }


def result_data(
    ballot: Ballot, result: Result, votes_digest: str | None, *, counted_at: datetime
) -> dict[str, Any]:
    """The bundle of a counted ballot but for the lists of votes and roll entries, which have rows of their own."""
    if ballot.closed_at is None:
        raise ValueError("a result needs a closed ballot")
    return {
        "format": FORMAT,
        "definition": ballot.definition,
        "definition_digest": ballot.definition_digest,
        "closed_at": iso(ballot.closed_at),
        "counted_at": iso(counted_at),
        "turnout": result.turnout,
        "votes_digest": votes_digest,
        **result.as_data(),
    }


def full(ballot: Ballot, data: dict[str, Any]) -> dict[str, Any]:
    """The whole bundle: `data` (from `result_data`) with the roll, the votes where they may be listed, and digest."""
    entries = sorted(str(pk) for pk in RollEntry.objects.filter(ballot=ballot).values_list("pk", flat=True))
    whole = {
        **data,
        "roll": {"size": ballot.roll_size, "entries": entries, "digest": ballot.roll_digest},
        "votes": votes_listed(ballot) if data["votes_digest"] is not None else None,
    }
    return {**whole, "digest": digest(whole)}


def votes_listed(ballot: Ballot) -> list[dict[str, Any]]:
    """Every vote with its tracker, in order of tracker."""
    rows = ballot.votes.order_by("tracker").values_list("tracker", "scores")
    return [{"tracker": tracker, "scores": scores} for tracker, scores in rows.iterator(chunk_size=10_000)]


def _plain(text: str) -> str:
    """Text in one Unicode form and with one kind of line end, so that it has one digest."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
