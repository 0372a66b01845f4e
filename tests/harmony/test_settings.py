"""What the site rests on, whatever the servers' own defaults are."""

import pytest
from django.core.cache import cache
from django.db import connection

pytestmark = pytest.mark.django_db


def test_transactions_are_read_committed_whatever_the_server_s_default() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW transaction_isolation")
        assert cursor.fetchone() == ("read committed",)
    assert connection.settings_dict["OPTIONS"]["isolation_level"].name == "READ_COMMITTED"


def test_a_flood_of_counters_pushes_no_other_out() -> None:
    cache.set("allauth:rl:login:mary", [1, 2, 3], 600)
    for n in range(700):
        cache.set(f"zzz:{n}", 1, 600)
        cache.set(f"aaa:{n}", 1, 600)
    assert cache.get("allauth:rl:login:mary") == [1, 2, 3]
