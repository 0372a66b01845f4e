"""The record is only added to: the database refuses everything else, whoever asks."""

from datetime import UTC, datetime

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

from ledger import events
from ledger.models import Event
from tests.factories import make_person

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "statement",
    ["UPDATE ledger_event SET verb = 'x'", "DELETE FROM ledger_event", "TRUNCATE ledger_event"],
)
def test_an_event_is_neither_changed_nor_taken_away(statement: str) -> None:
    events.record("person.renamed", make_person(), at=datetime(2026, 1, 1, tzinfo=UTC))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL harmony.is_test = ''")
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            cursor.execute(statement)
        cursor.execute("SET LOCAL harmony.is_test = 'yes'")
    assert Event.objects.filter(verb="person.renamed").count() == 1
