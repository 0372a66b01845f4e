"""The ballot with the real worker, beat, broker and mail: killed, doubled, emptied, stopped."""

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from email import message_from_string
from pathlib import Path

import psycopg
import pytest
import redis
from django.utils import timezone

from assemblies.models import Assembly
from ballots.models import Ballot
from harmony import processes
from harmony.embedded import folder, valkey
from harmony.embedded.server import Server
from ledger.models import Event
from tests.factories import cast_vote, end_now, make_ballot, make_members, make_open_ballot
from tests.real_servers import CHECKOUT, environment, manage, running, wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.servers]

Broker = tuple[Server, str]


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    """A Valkey of this test's own, and its URL."""
    with folder.held(tmp_path / "valkey"), valkey.running(tmp_path / "valkey") as server_and_url:
        yield server_and_url


def mails(var: Path) -> Counter[tuple[str, str]]:
    """How many mails went out, by address and the first word of the subject."""
    texts = [path.read_text() for path in (var / "mail").glob("*.log")]
    parts = [part for text in texts for part in text.split("\n" + "-" * 79 + "\n") if part.strip()]
    found = [message_from_string(part) for part in parts]
    return Counter((str(mail["To"]), str(mail["Subject"]).split()[0].rstrip(":")) for mail in found)


def is_counted(ballot: Ballot) -> bool:
    return Ballot.objects.filter(pk=ballot.pk, counted_at__isnull=False).exists()


def test_a_worker_killed_within_the_count_leaves_one_result_and_one_mail_each(
    assembly: Assembly, broker: Broker, tmp_path: Path
) -> None:
    voters = make_members(assembly, 12)
    ballot = make_open_ballot(assembly)
    for person in voters:
        cast_vote(ballot, person, 5, 3, 0)
    end_now(ballot)
    env = environment(tmp_path, REDIS_URL=broker[1])
    with psycopg.connect(env["DATABASE_URL"]) as other, ExitStack() as stack:
        # Whoever stores the votes has to wait here: in the middle of the count's transaction.
        other.execute("LOCK TABLE ballots_vote IN SHARE MODE")
        worker = stack.enter_context(running("worker", env, tmp_path / "worker.log"))
        stack.enter_context(running("beat", env, tmp_path / "beat.log"))

        def waits_to_store() -> bool:
            found = other.execute("SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'relation'")
            return found.fetchone() is not None

        wait_for(waits_to_store, "the count waits to store the votes")
        processes.kill(worker)
    assert not is_counted(ballot)

    def swept() -> bool:
        done = manage(env, "sweep")
        assert done.returncode == 0, done.stderr
        return is_counted(ballot)

    wait_for(swept, "a sweep counts the ballot once the dead worker's transaction is gone")
    assert manage(env, "sweep").returncode == 0
    ballot.refresh_from_db()
    assert ballot.outcome["turnout"] == ballot.votes.count() == 12
    assert Event.objects.filter(verb="ballot.counted").count() == 1
    sent = mails(tmp_path)
    assert {sent[person.email, "Result"] for person in voters} == {1}


def test_two_beats_and_two_workers_do_nothing_twice(
    assembly: Assembly, broker: Broker, tmp_path: Path
) -> None:
    voters = make_members(assembly, 8)
    now = timezone.now()
    ballot = make_ballot(
        assembly, opens_at=now, announced_at=now, closes_at=now + timedelta(seconds=45), question="Now?"
    )
    with ExitStack() as stack:
        for number in range(2):
            var = tmp_path / str(number)
            var.mkdir()
            env = environment(var, REDIS_URL=broker[1], EMAIL_URL=f"filemail:///{tmp_path / 'mail'}")
            stack.enter_context(running("worker", env, var / "worker.log"))
            stack.enter_context(running("beat", env, var / "beat.log"))
        wait_for(lambda: Ballot.objects.get(pk=ballot.pk).opened_at is not None, "the ballot opens by itself")
        ballot.refresh_from_db()
        for person in voters[:5]:
            cast_vote(ballot, person, 0, 5, 0)
        wait_for(lambda: is_counted(ballot), "the ballot closes and is counted by itself", seconds=120)
        wait_for(lambda: mails(tmp_path)[voters[0].email, "Result"] == 1, "the results go out")
        wait_for(lambda: sum(mails(tmp_path).values()) >= 8 + 3 + 8, "all mails go out")
    sent = mails(tmp_path)
    assert {sent[person.email, "Vote"] for person in voters} == {1}
    assert {sent[person.email, "Result"] for person in voters} == {1}
    assert [sent[person.email, "Still"] for person in voters] == [0] * 5 + [1] * 3
    for verb in ("ballot.opened", "ballot.reminded", "ballot.closed", "ballot.counted"):
        assert Event.objects.filter(verb=verb).count() == 1
    ballot.refresh_from_db()
    assert ballot.outcome["turnout"] == 5
    assert ballot.closed_at is not None
    assert ballot.closed_at - ballot.closes_at < timedelta(seconds=10)


def test_with_the_broker_emptied_the_next_tick_and_with_it_gone_a_sweep_by_hand_does_the_work(
    assembly: Assembly, broker: Broker, tmp_path: Path
) -> None:
    server, url = broker
    voters = make_members(assembly, 3)
    first, second = make_open_ballot(assembly), make_open_ballot(assembly, question="And then?")
    for ballot in (first, second):
        cast_vote(ballot, voters[0], 5, 0, 0)
    env = environment(tmp_path, REDIS_URL=url)
    with running("worker", env, tmp_path / "worker.log"), running("beat", env, tmp_path / "beat.log"):
        wait_for(lambda: sum(mails(tmp_path).values()) == 6, "the opening mails go out")
        redis.Redis(unix_socket_path=url.partition("://")[2]).flushall()
        end_now(first)
        wait_for(lambda: is_counted(first), "the ballot is counted although the broker was emptied")
    server.stop()
    end_now(second)
    done = manage(env, "sweep")
    assert done.returncode == 0, done.stderr
    assert is_counted(second)
    sent = mails(tmp_path)
    assert {sent[person.email, "Result"] for person in voters} == {2}


def test_four_sweeps_by_hand_at_once_count_once(assembly: Assembly, tmp_path: Path) -> None:
    voter = make_members(assembly, 1)[0]
    ballot = make_open_ballot(assembly)
    cast_vote(ballot, voter, 5, 0, 0)
    end_now(ballot)
    env = environment(tmp_path)
    with (tmp_path / "sweep.log").open("ab") as log:
        command = [sys.executable, "manage.py", "sweep"]
        started = [processes.start(command, cwd=CHECKOUT, env=env, stdout=log, stderr=log) for _ in range(4)]
        assert [process.wait(60) for process in started] == [0] * 4
    assert is_counted(ballot)
    assert mails(tmp_path)[voter.email, "Result"] == 1
    assert Event.objects.filter(verb="ballot.counted").count() == 1
