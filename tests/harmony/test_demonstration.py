"""`manage.py demo`: an invented party, loaded once, only where it does no harm."""

import time
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client, override_settings
from django.utils import timezone
from pytest_django import DjangoDbBlocker
from pytest_django.fixtures import Settings

from assemblies.models import Assembly, Participation, Term
from ballots.models import Ballot
from decisions import calls
from decisions.models import Call, Decision, Gathering, Race, Referral, Task
from defections.desk import queue
from defections.models import Application, Hold, HustingsInvitation
from defections.stages import Stage, stage_of
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
    before = Person.objects.count()
    with pytest.raises(CommandError, match="DEMONSTRATION=true"):
        demo()
    assert Person.objects.count() == before


@pytest.fixture(scope="module")
def loaded(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[tuple[str, float]]:
    """The party, loaded once for this file: what the command printed, and the seconds of work that it took."""
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock(), transaction.atomic():
        patch.setattr(ballots, "_SECONDS_TO_VOTE", 8.0)
        with override_settings(DEMONSTRATION=True):
            started = time.process_time()
            yield demo(), time.process_time() - started
        transaction.set_rollback(True)


@pytest.fixture
def printed(loaded: tuple[str, float], settings: Settings) -> str:
    """What the command printed; each test finds the party as it was loaded."""
    settings.DEMONSTRATION = True
    return loaded[0]


def test_it_is_loaded_once_whole_and_lived_in(client: Client, printed: str) -> None:
    for one in party.log_ins():
        assert one.email in printed
        assert client.login(email=one.email, password=one.password), one.email
    for address, what in party.applications():
        assert f"{address:<22} {what}" in printed
    assert Person.objects.count() == 64  # two of them applicants who were accepted
    now = timezone.now()
    conditions = {
        "in force": Person.objects.members_at(now).count(),
        "all": Person.objects.filter(memberships__isnull=False).distinct().count(),
    }
    assert conditions["all"] - conditions["in force"] == 2  # one lapsed, one suspended
    assert sorted(Ballot.objects.values_list("assembly__slug", flat=True)) == [
        "harmony-party",
        "health-policy-society",
        "leeds-city",
        "media-working-group",
        "society-for-constructive-activism",
        "society-for-elections",
    ]
    counted = Ballot.objects.get(counted_at__isnull=False)
    assert counted.outcome["turnout"] >= 30
    assert counted.votes.count() == counted.outcome["turnout"]
    running = Ballot.objects.open_at(now).get(decision=None)
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


def test_decisions_are_at_every_stage(client: Client, printed: str) -> None:
    now = timezone.now()
    general = Decision.objects.filter(kind=Decision.Kind.GENERAL).select_related("assembly")
    matters = {one.assembly.slug: one for one in general}
    assert len(matters) == 8
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
    referral = Referral.objects.get(bar__gathering=held)
    assert referral.is_waiting
    assert [entry.kind for entry in referral.entries.order_by("entered_at")] == ["answer", "review"]

    voted = matters["media-working-group"].ballot
    assert voted is not None
    assert voted.is_open_at(now)
    assert voted.roll.filter(envelope__isnull=False).count() == 3
    assert matters["society-for-constructive-activism"].withdrawn_because

    for address in (
        "/decisions/",
        "/decisions/gatherings/",
        *(one.get_absolute_url() for one in matters.values()),
    ):
        assert client.get(address).status_code == 200, address


def test_a_moot_is_announced_with_questions_to_its_chair(client: Client, printed: str) -> None:
    moot = Gathering.objects.open_at(timezone.now()).get(kind="moot")
    assert moot.starts_at > timezone.now()
    assert moot.registrations.in_force().count() == 4
    assert moot.questions.shown().count() == 1
    assert moot.questions.refused().get().ground == "stereotypes"
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
    contested = Gathering.objects.open_at(now).get(decision__kind="race")
    assert contested.is_hustings
    assert [one.person.name for one in contested.decision.race.standing()] == ["Chidi Eze", "Clara Dunmore"]
    assert contested.questions.shown().exists()
    for race in Race.objects.all():
        assert client.get(race.decision.get_absolute_url()).status_code == 200


def test_an_application_is_at_every_stage(client: Client, printed: str) -> None:
    now = timezone.now()
    stages = [stage_of(application) for application in Application.objects.all()]
    assert set(stages) == set(Stage) - {Stage.RELEASED, Stage.ERASED}  # it goes to an assembly by itself
    found = {
        stage: next(one for one in Application.objects.all() if stage_of(one) is stage) for stage in stages
    }
    assert found[Stage.DECLINED].routings.get().reason == "elections"
    assert found[Stage.DELIBERATION].routings.get().reason == "city"
    assert Hold.objects.get().application == found[Stage.NOT_GENUINE]
    assert found[Stage.BALLOT].decision.ballot.is_open_at(now)
    assert found[Stage.RESEARCH].contacts.exists()
    coming = HustingsInvitation.objects.get(starts_at__gt=now, application__origin="online")
    assert coming.reply == "accepted"
    assert coming.gathering.questions.refused().exists()
    on_paper = Application.objects.filter(origin="post").order_by("sent_at")
    assert [one.evidence.get().proves for one in on_paper] == ["scan", "scan"]
    assert [stage_of(one) for one in on_paper] == [Stage.ASSEMBLY, Stage.RESEARCH]
    assert on_paper[0].invitations.get().starts_at > now
    assert on_paper[0].postal_letters.get(posted_at=None).kind == "invitation"
    assert {
        one.label for one in queue.waiting_for(Person.objects.get(email="theo@harmony.example"), now)
    } == {
        *queue.STAGES.values(),
        queue.FOR_RELEASE,
    }
    for name in ("ivy", "theo", "priya", "gail", "mary"):
        client.force_login(Person.objects.get(email=f"{name}@harmony.example"))
        for address in ("/", "/decisions/", *(one.get_absolute_url() for one in Decision.objects.all())):
            assert client.get(address).status_code in (200, 404), (name, address)


def test_mails_to_applicants_come_to_the_mailbox_and_those_of_the_past_to_nobody(printed: str) -> None:
    waiting = Message.objects.filter(sent_at=None, kind__startswith="defections/")
    addressed = {row.content.address for row in waiting}
    assert {address for address, _what in party.applications()} - addressed == {"tabitha@post.example"}
    assert all(address.endswith("@post.example") for address in addressed)
    sent = Message.objects.filter(sent_at__isnull=False, is_secret=True, kind__startswith="defections/")
    assert sent.exists()
    assert not sent.filter(sealed__isnull=False).exists()


def test_loading_is_quick(loaded: tuple[str, float]) -> None:
    assert loaded[1] < 25  # seconds of work; the few of waiting for a deadline come on top


def test_the_invented_people_are_told_apart_and_reach_nobody() -> None:
    emails = [one.email for one in CAST]
    assert len(set(emails)) == len(emails)
    assert all(email.endswith(".example") for email in emails)
