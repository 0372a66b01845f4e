"""Casting: from a voter's scores to one sealed row, and nothing else (DESIGN, The ballot: Cast).

Two steps. `prepare` makes what the check page carries: a tracker, a submission mark and the mark of the vote
that stands, signed for this ballot and voter. `cast` seals and stores. Because the mark travels with the form,
a form sent twice is told from a second vote, and an old tab cannot quietly undo a newer vote; because the
tracker travels with it, a receipt whose answer was lost on the way can be asked for again with the same form.
Neither is kept anywhere but in the envelope and in the voter's own browser.
"""

from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import datetime

from django.core import signing
from django.db import connection, transaction
from django.utils.crypto import salted_hmac
from django.views.decorators.debug import sensitive_variables

from ballots.errors import (
    BadScores,
    BadSubmission,
    NotAMember,
    NotOnTheRoll,
    NotYetOpen,
    Suspended,
    TooLate,
    VotedElsewhere,
)
from ballots.models import Ballot, Option, RollEntry
from ballots.sealing import MARK_BYTES, Binding, mark_of, new_mark, new_tracker, seal, tracker_text
from members.models import Membership, Person, Suspension

_SALT = "ballots.casting"

# One statement, after the lock: the checks and the write cannot come apart.
_CAST = """
UPDATE ballots_rollentry AS entry SET envelope = %(envelope)s
FROM ballots_ballot AS ballot
WHERE entry.id = %(entry)s AND ballot.id = entry.ballot_id
  AND ballot.opened_at IS NOT NULL AND ballot.closed_at IS NULL AND ballot.withdrawn_at IS NULL
  AND clock_timestamp() >= ballot.opened_at AND clock_timestamp() < ballot.closes_at
  AND coalesce(substring(entry.envelope FROM 1 FOR %(mark_bytes)s), ''::bytea) = %(after)s
  AND EXISTS (
    SELECT 1 FROM members_membership AS membership
    WHERE membership.person_id = entry.person_id AND membership.began_at <= clock_timestamp()
      AND (membership.lapses_at IS NULL OR membership.lapses_at > clock_timestamp())
      AND (membership.ended_at IS NULL OR membership.ended_at > clock_timestamp())
  )
  AND NOT EXISTS (
    SELECT 1 FROM members_suspension AS suspension
    WHERE suspension.person_id = entry.person_id AND suspension.began_at <= clock_timestamp()
      AND (suspension.ends_at IS NULL OR suspension.ends_at > clock_timestamp())
  )
"""


@dataclass(frozen=True)
class Receipt:
    """What a voter is told: their tracker, and whether this very form had been received before."""

    tracker: str
    is_repeat: bool


def lock_key(ballot: Ballot) -> int:
    """The advisory lock that orders casts with the close: a signed 64-bit number from the ballot's id."""
    return int.from_bytes(ballot.pk.bytes[:8], "big", signed=True)


def order_for(entry: RollEntry, options: list[Option]) -> list[Option]:
    """The options in the order drawn for this voter, the same at every look; those that stay last are last."""

    def place(option: Option) -> tuple[bool, str | int]:
        if option.stays_last:
            return (True, f"{option.position:05d}")
        return (
            False,
            salted_hmac("ballots.order", f"{entry.pk}:{option.pk}", algorithm="sha256").hexdigest(),
        )

    return sorted(options, key=place)


def prepare(entry: RollEntry) -> str:
    """What the check page's form carries, signed: not the scores, but how the vote will be known."""
    token = {
        "entry": str(entry.pk),
        "mark": b64encode(new_mark()).decode(),
        "tracker": b64encode(new_tracker()).decode(),
        "after": b64encode(mark_of(entry.envelope)).decode(),
    }
    return signing.dumps(token, salt=_SALT)


def entry_for(ballot: Ballot, person: Person) -> RollEntry:
    """The person's place on the roll; raises NotOnTheRoll (A3, D23)."""
    entry = RollEntry.objects.filter(ballot=ballot, person=person).first()
    if entry is None:
        raise NotOnTheRoll
    return entry


def admit(ballot: Ballot, person: Person, at: datetime) -> RollEntry:
    """The person's place on the roll, for the pages on which they vote at `at`.

    Raises NotYetOpen, NotOnTheRoll, TooLate, Suspended or NotAMember. `cast` asks all of it again by the
    database's clock.
    """
    if ballot.opened_at is None or at < ballot.opened_at:
        raise NotYetOpen
    entry = entry_for(ballot, person)
    if not ballot.is_open_at(at):
        raise TooLate
    _require_vote(person, at)
    return entry


def _require_vote(person: Person, at: datetime) -> None:
    """Raises Suspended or NotAMember: only members vote, and a suspended one keeps no vote meanwhile (A3, P3)."""
    if Suspension.objects.in_force_at(at).filter(person=person).exists():
        raise Suspended
    if not Membership.objects.in_force_at(at).filter(person=person).exists():
        raise NotAMember


@sensitive_variables()
def cast(ballot: Ballot, person: Person, scores: tuple[int, ...], prepared: str) -> Receipt:
    """Seals `scores` (in the order of the options' positions, each 0..5) into the person's roll entry.

    Returns once the vote is committed. Raises NotOnTheRoll, BadScores, BadSubmission, NotYetOpen, TooLate,
    Suspended, NotAMember or VotedElsewhere; then nothing was changed. A vote that was acknowledged is counted:
    the close waits for it.
    """
    entry = entry_for(ballot, person)
    token = _read(prepared, entry)
    if ballot.public_key is None:
        raise NotYetOpen
    _check(scores, len(ballot.terms["options"]))
    envelope = seal(
        scores,
        token["tracker"],
        mark=token["mark"],
        public_key=bytes(ballot.public_key),
        binding=Binding(ballot.pk, ballot.definition_digest, entry.pk),
    )
    with transaction.atomic(), connection.cursor() as cursor:
        # Whoever hangs from here on is cut off: the close waits for nobody longer than that.
        cursor.execute(
            "SELECT set_config('idle_in_transaction_session_timeout', '10s', true), "
            "pg_advisory_xact_lock_shared(%s)",
            [lock_key(ballot)],
        )
        cursor.execute(
            _CAST,
            {"envelope": envelope, "entry": entry.pk, "after": token["after"], "mark_bytes": MARK_BYTES},
        )
        stored = cursor.rowcount == 1
    receipt = Receipt(tracker_text(token["tracker"]), is_repeat=not stored)
    if not stored:
        _explain(entry, token["mark"])
    return receipt


def _check(scores: tuple[int, ...], options: int) -> None:
    if len(scores) != options or not all(type(score) is int and 0 <= score <= 5 for score in scores):
        raise BadScores


@sensitive_variables()
def _read(prepared: str, entry: RollEntry) -> dict[str, bytes]:
    try:
        token = signing.loads(prepared, salt=_SALT)
        if token.pop("entry") != str(entry.pk):
            raise BadSubmission
        return {name: b64decode(value) for name, value in token.items()}
    except (signing.BadSignature, ValueError, KeyError, AttributeError, TypeError):
        raise BadSubmission from None


def _explain(entry: RollEntry, mark: bytes) -> None:
    """Says why the statement changed nothing; returns when the vote of this very form is already stored."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now = cursor.fetchone()[0]
    entry = RollEntry.objects.select_related("ballot", "person").get(pk=entry.pk)
    if entry.envelope is not None and mark_of(entry.envelope) == mark:
        return
    if entry.ballot.opened_at is None or now < entry.ballot.opened_at:
        raise NotYetOpen
    if not entry.ballot.is_open_at(now):
        raise TooLate
    _require_vote(entry.person, now)
    raise VotedElsewhere
