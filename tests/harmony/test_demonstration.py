"""`manage.py demo`: an invented party, loaded once, only where it does no harm."""

import time
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from assemblies.models import Assembly, Participation, Term
from ballots.models import Ballot
from decisions import calls
from decisions.models import Call, Decision, Gathering, Question, Race, Task
from harmony.clock import sweep
from harmony.demonstration import ballots, party
from harmony.demonstration.people import CAST, PASSWORD
from harmony.time import london_day
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
    monkeypatch.setattr(ballots, "_SECONDS_TO_VOTE", 4.0)
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


def test_decisions_are_at_every_stage_before_the_ballot(client: Client, printed: str) -> None:
    now = timezone.now()
    general = Decision.objects.filter(kind=Decision.Kind.GENERAL).select_related("assembly")
    matters = {one.assembly.slug: one for one in general}
    assert len(matters) == 7
    talked = matters["health-policy-society"]
    assert talked.comments.filter(answers__isnull=False).exists()
    assert talked.options.count() == 4  # two, one that was added, and leaving things as they are

    called = matters["leeds-city"].calls.get()
    assert called.is_open_at(now)
    objection = called.positions.get(stance="object")
    assert objection.answer
    assert calls.figures_of(called, now)["participants_aside"] == 1
    assert not called.positions.filter(person__email="mary@harmony.example").exists()

    fallen = matters["economy-and-work-policy-society"]
    assert [call.result for call in fallen.calls.all()] == [Call.Result.FELL]
    assert fallen.is_unsettled
    assert not fallen.gatherings.exists()

    deliberated = matters["climate-and-energy-policy-society"]
    assert deliberated.is_in_deliberation
    assert deliberated.deliberation_ends_at is not None
    assert deliberated.deliberation_ends_at > now
    held = deliberated.gatherings.held().get()
    assert held.notes
    assert held.registrations.filter(attended_at__isnull=False).count() == 3
    assert matters["society-for-constructive-activism"].withdrawn_because

    for address in (
        "/decisions/",
        "/decisions/gatherings/",
        *(one.get_absolute_url() for one in matters.values()),
    ):
        assert client.get(address).status_code == 200, address


def test_a_moot_is_announced_with_questions_to_its_chair(client: Client, printed: str) -> None:
    moot = Gathering.objects.open_at(timezone.now()).get()
    assert moot.starts_at > timezone.now()
    assert moot.registrations.in_force().count() == 4
    assert moot.questions.shown().count() == 1
    assert Question.objects.refused().get().ground == "stereotypes"
    assert moot.questions.waiting().count() == 1
    page = client.get(f"{moot.get_absolute_url()}questions/").content.decode()
    assert "empty homes" in page
    assert "students" not in page


def test_a_settled_matter_has_its_work_and_the_sweep_finds_nothing_wrong(printed: str) -> None:
    now = timezone.now()
    settled = Decision.objects.get(settled_at__isnull=False, kind=Decision.Kind.GENERAL)
    assert settled.settled_by == Decision.SettledBy.CONSENSUS
    assert settled.outcome_statement
    states = sorted(str(task.state_on(london_day(now))) for task in settled.tasks.all())
    assert states == ["done", "dropped", "late", "under way"]
    assert Task.objects.late_on(london_day(now)).get().owner.email == "mary@harmony.example"
    assert not Message.objects.filter(kind__startswith="decisions/", sent_at=None).exists()
    before = [(one.pk, one.settled_at, one.ballot_id) for one in Decision.objects.all()]
    assert sweep(now) == []
    assert sweep(now + timedelta(minutes=1)) == []
    assert [(one.pk, one.settled_at, one.ballot_id) for one in Decision.objects.all()] == before
    assert not Event.objects.filter(verb__startswith="decision.", at__gt=now).exists()


def test_somebody_serves_by_a_race_two_stand_in_another_and_a_vacancy_waits(
    client: Client, printed: str
) -> None:
    now = timezone.now()
    open_race = Race.objects.in_nominations_at(now).get()
    assert [one.person.name for one in open_race.standing()] == ["Hannah Levy", "Liam Corrigan"]
    serving = Term.objects.in_force_at(now).get(elected=True)
    assert serving.person == serving.candidacy.person
    assert "Rosa Delgado" in client.get("/assemblies/transport-policy-society/").content.decode()
    page = client.get("/assemblies/economy-and-work-policy-society/").content.decode()
    assert "Apply to be Secretary" in page
    for race in Race.objects.all():
        assert client.get(race.decision.get_absolute_url()).status_code == 200


def test_loading_is_quick(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.DEMONSTRATION = True
    monkeypatch.setattr(ballots, "_SECONDS_TO_VOTE", 4.0)
    started = time.process_time()
    demo()
    assert (
        time.process_time() - started < 15
    )  # seconds of work; the few of waiting for a deadline come on top


def test_the_invented_people_are_told_apart_and_reach_nobody() -> None:
    emails = [one.email for one in CAST]
    assert len(set(emails)) == len(emails)
    assert all(email.endswith(".example") for email in emails)
