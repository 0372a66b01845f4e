"""Giving up a binding ballot whose matter has ended without it: no vote is ever counted, and none is kept."""

from datetime import datetime

from django.db import connection, transaction

from ballots.casting import lock_key
from ballots.models import Ballot
from ledger import events
from members.models import Person


@transaction.atomic
def abandon(ballot: Ballot, *, at: datetime, by: Person | None = None) -> bool:
    """Withdraws an opened ballot before its count; False when it is counted or withdrawn already.

    For the floor above alone, when the matter itself is taken back: who set a ballot up has no such door, since an
    open ballot runs to its close. Waits for the casts under way, as a close does; then every sealed vote is erased
    and the private key with them, so that nothing of what was cast can ever be opened.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock_key(ballot)])
    row = Ballot.objects.select_for_update(of=("self",)).get(pk=ballot.pk)
    if row.counted_at is not None or row.withdrawn_at is not None:
        return False
    row.withdrawn_at, row.private_key_wrapped = at, None
    row.save(update_fields=["withdrawn_at", "private_key_wrapped"])
    row.roll.update(envelope=None)
    events.record("ballot.abandoned", row, at=at, by=by.pk if by else None)
    return True
