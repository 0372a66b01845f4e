"""`manage.py demo`: an invented party, loaded once, only where it does no harm."""

import time
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from assemblies.models import Assembly, Participation
from ballots.models import Ballot
from harmony.clock import sweep
from harmony.demonstration import ballots, party
from harmony.demonstration.people import CAST, PASSWORD
from ledger.models import Event, Message
from members.models import Person

pytestmark = pytest.mark.django_db


def demo() -> str:
    """Runs the command; returns what it prints."""
    out = StringIO()
    call_command("demo", stdout=out)
    return out.getvalue()


def test_it_refuses_to_load_outside_a_demonstration(settings: Settings) -> None:
    settings.DEMONSTRATION = False
    with pytest.raises(CommandError, match="DEMONSTRATION=true"):
        demo()
    assert not Person.objects.exists()


@pytest.fixture
def printed(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> str:
    """The party, loaded; what the command printed."""
    settings.DEMONSTRATION = True
    monkeypatch.setattr(ballots, "_SECONDS_TO_VOTE", 2.0)
    return demo()


def test_it_is_loaded_once_whole_and_lived_in(client: Client, printed: str) -> None:
    for one in party.log_ins():
        assert one.email in printed
        assert client.login(email=one.email, password=one.password), one.email
    assert Person.objects.count() == 60
    now = timezone.now()
    conditions = {
        "in force": Person.objects.members_at(now).count(),
        "all": Person.objects.filter(memberships__isnull=False).distinct().count(),
    }
    assert conditions["all"] - conditions["in force"] == 2  # one lapsed, one suspended
    assert sorted(Ballot.objects.values_list("assembly__slug", flat=True)) == [
        "harmony-party",
        "health-policy-society",
        "society-for-constructive-activism",
        "society-for-elections",
    ]
    counted = Ballot.objects.get(counted_at__isnull=False)
    assert counted.outcome["turnout"] >= 30
    assert counted.votes.count() == counted.outcome["turnout"]
    running = Ballot.objects.open_at(now).get()
    assert running.closes_at - now <= timedelta(minutes=ballots.OPEN_MINUTES)
    mary = Person.objects.get(email="mary@harmony.example")
    assert running.roll.get(person=mary).envelope is None
    assert running.roll.filter(envelope__isnull=False).count() >= 10

    rows = [model.objects.count() for model in (Person, Assembly, Participation, Ballot, Event, Message)]
    again = demo()
    assert "was loaded before" in again
    assert PASSWORD in again
    assert [
        model.objects.count() for model in (Person, Assembly, Participation, Ballot, Event, Message)
    ] == rows
    assert sweep(timezone.now()) == []
    assert Participation.objects.count() == rows[2]  # nobody was left to be enrolled

    for address in ("/assemblies/", "/assemblies/places/", "/assemblies/harmony-party/", "/ballots/"):
        assert client.get(address).status_code == 200


def test_loading_is_quick(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.DEMONSTRATION = True
    monkeypatch.setattr(ballots, "_SECONDS_TO_VOTE", 2.0)
    started = time.process_time()
    demo()
    assert (
        time.process_time() - started < 15
    )  # seconds of work; the few of waiting for a deadline come on top


def test_the_invented_people_are_told_apart_and_reach_nobody() -> None:
    emails = [one.email for one in CAST]
    assert len(set(emails)) == len(emails)
    assert all(email.endswith(".example") for email in emails)
