"""What the sweep does now and then."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.utils import timezone

from harmony.clock import sweep

pytestmark = pytest.mark.django_db


def make_session(key: str, ends_in: timedelta) -> None:
    Session.objects.create(session_key=key, session_data="", expire_date=timezone.now() + ends_in)


def test_the_sweep_clears_sessions_that_ran_out_once_an_hour() -> None:
    make_session("over", -timedelta(seconds=1))
    make_session("alive", timedelta(days=1))
    assert sweep(timezone.now()) == []
    assert [session.session_key for session in Session.objects.all()] == ["alive"]
    make_session("over later", -timedelta(seconds=1))
    sweep(timezone.now())
    assert Session.objects.count() == 2
    cache.clear()  # an hour later
    sweep(timezone.now())
    assert Session.objects.count() == 1
