"""From the close to the published result (DESIGN, The ballot: Order with the close, Count)."""

import logging
from datetime import datetime
from itertools import pairwise
from uuid import uuid4

from django.db import connection, transaction
from django.db.models import Q
from psycopg.types.numeric import Int2

from ballots import letters, star
from ballots.bundle import digest, full, result_data, votes_listed
from ballots.casting import lock_key
from ballots.errors import EnvelopeError
from ballots.models import Ballot, Vote
from ballots.opening import key_context
from ballots.sealing import TRACKER_BYTES, tracker_text
from ballots.unsealing import open_envelopes
from ledger import events, keyring
from members.models import Person

log = logging.getLogger(__name__)


@transaction.atomic
def close_now(ballot: Ballot) -> bool:
    """Closes a ballot whose time has come, by the database's clock; False when it is closed or not due.

    Waits for the casts under way: they hold the lock that this takes. In READ COMMITTED the next statement sees
    all that they wrote, and a cast that begins after it sees the close.
    """
    with connection.cursor() as cursor:
        # The clock does not wait for a cast that hangs; the next sweep tries again, and no vote gets in meanwhile.
        cursor.execute("SET LOCAL lock_timeout = '5s'")
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock_key(ballot)])
        cursor.execute(
            "UPDATE ballots_ballot SET closed_at = clock_timestamp() "
            "WHERE id = %s AND opened_at IS NOT NULL AND closed_at IS NULL AND withdrawn_at IS NULL "
            "AND closes_at <= clock_timestamp() "
            "RETURNING closed_at",
            [ballot.pk],
        )
        row = cursor.fetchone()
    if row is None:
        return False
    events.record("ballot.closed", ballot, at=row[0])
    return True


def count_now(ballot: Ballot, *, at: datetime) -> bool:
    """Counts and publishes a closed ballot; False when it is counted, or being counted elsewhere.

    One transaction, any number of tries, one result. An envelope that does not open stops the count: nothing
    is changed but `stopped_at`, an Event tells why, and the operators are written to.
    """
    try:
        with transaction.atomic():
            return _count(ballot, at)
    except (EnvelopeError, keyring.KeyringError) as error:
        _raise_alarm(ballot, str(error), at)
        return False


@transaction.atomic
def count_again(ballot: Ballot, *, by: Person, at: datetime) -> bool:
    """Lets the clock try a stopped count again, once its cause is removed; False when it was not stopped."""
    stopped = Ballot.objects.filter(
        pk=ballot.pk, counted_at=None, withdrawn_at=None, stopped_at__isnull=False
    )
    changed = stopped.update(stopped_at=None)
    if changed:
        events.record("ballot.count_resumed", ballot, at=at, by=by.pk)
    return bool(changed)


def _count(ballot: Ballot, at: datetime) -> bool:
    due = Ballot.objects.due_to_count().select_for_update(skip_locked=True)
    found = due.filter(pk=ballot.pk).first()
    if found is None:
        return False
    ballot = found
    counted_at = max(at, ballot.closed_at or at)  # the close is stamped by the database's clock
    _check_before_counting(ballot)
    votes = _opened_votes(ballot)
    _store_votes(ballot, votes)
    ballot.roll.update(voted=Q(envelope__isnull=False), envelope=None)
    definition = ballot.terms
    result = star.count(
        [option["key"] for option in definition["options"]],
        ballot.votes.grouped(),
        seats=ballot.seats,
        method=ballot.method,
        lot_order=definition["lot_order"],
    )
    if result.turnout != len(votes):
        raise EnvelopeError("The votes stored are not the votes that were opened.")
    listed = result.turnout >= (ballot.list_minimum or 0)
    votes_digest = digest(votes_listed(ballot)) if listed else None
    data = result_data(ballot, result, votes_digest, counted_at=counted_at)
    ballot.result, ballot.result_digest = data, full(ballot, data)["digest"]
    ballot.private_key_wrapped = None
    ballot.counted_at = counted_at
    ballot.save(update_fields=["result", "result_digest", "private_key_wrapped", "counted_at"])
    events.record(
        "ballot.counted",
        ballot,
        at=counted_at,
        data={"turnout": result.turnout, "digest": ballot.result_digest},
    )
    letters.queue_result(ballot, at=at)
    return True


def _check_before_counting(ballot: Ballot) -> None:
    """Raises EnvelopeError unless what is counted is what was opened: same terms, same roll, and no vote yet."""
    if digest(ballot.terms) != ballot.definition_digest:
        raise EnvelopeError("The definition is not the one that was published at the opening.")
    entries = sorted(str(pk) for pk in ballot.roll.values_list("pk", flat=True))
    if digest(entries) != ballot.roll_digest:
        raise EnvelopeError("The roll is not the one that was published at the opening.")
    if ballot.votes.exists():
        raise EnvelopeError("There are votes already, before the count.")


def _opened_votes(ballot: Ballot) -> list[bytes]:
    """Tracker and scores of every vote, in order of tracker. Raises EnvelopeError or KeyringError."""
    wrapped = ballot.private_key_wrapped
    if wrapped is None:
        raise EnvelopeError("The ballot has no private key.")
    private_key = keyring.current().unwrap("ballot", bytes(wrapped), context=key_context(ballot))
    sealed = ballot.roll.filter(envelope__isnull=False).values_list("pk", "envelope")
    votes = sorted(
        open_envelopes(
            ((pk, bytes(envelope or b"")) for pk, envelope in sealed.iterator(chunk_size=10_000)),
            private_key=private_key,
            ballot=ballot.pk,
            definition_digest=ballot.definition_digest,
            options=len(ballot.terms["options"]),
        )
    )
    if any(a[:TRACKER_BYTES] == b[:TRACKER_BYTES] for a, b in pairwise(votes)):
        raise EnvelopeError("Two votes carry the same tracker.")
    return votes


def _store_votes(ballot: Ballot, votes: list[bytes]) -> None:
    """Writes the votes in order of tracker, with random ids.

    By COPY in its binary form: of a text one that is interrupted, PostgreSQL logs the line it was at.
    """
    table = Vote._meta.db_table
    with connection.cursor() as cursor:
        command = f"COPY {table} (id, ballot_id, tracker, scores) FROM STDIN (FORMAT BINARY)"
        with cursor.copy(command) as copy:
            copy.set_types(["uuid", "uuid", "varchar", "int2[]"])
            for vote in votes:
                tracker, scores = tracker_text(vote[:TRACKER_BYTES]), list(vote[TRACKER_BYTES:])
                copy.write_row((uuid4(), ballot.pk, tracker, [Int2(score) for score in scores]))


@transaction.atomic
def _raise_alarm(ballot: Ballot, why: str, at: datetime) -> None:
    log.error("The count of ballot %s stopped: %s", ballot.pk, why)
    if Ballot.objects.filter(pk=ballot.pk, counted_at=None, stopped_at=None).update(stopped_at=at):
        events.record("ballot.count_stopped", ballot, at=at, data={"why": why})
        letters.queue_alarm(ballot, at=at)
