"""Two people at the same moment, on connections of their own."""

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import psycopg
import pytest
from django.db import connection, transaction
from django.utils import timezone

from assemblies.models import Assembly
from ballots import casting, opening, tally
from ballots.errors import BallotError, TooLate, VotedElsewhere
from ballots.models import Ballot
from harmony.clock import sweep
from ledger.models import Event, Message
from members.models import Person
from tests import at_once as together
from tests.factories import cast_vote, end_now, make_ballot, make_members, make_open_ballot
from tests.real_servers import wait_for

pytestmark = pytest.mark.django_db(transaction=True)
T = TypeVar("T")


def at_once(jobs: list[Callable[[], T]]) -> list[T | BallotError]:
    """Runs the jobs at the same moment; a refusal is an answer."""
    return together.at_once(jobs, BallotError)


def test_forty_parallel_submissions_of_one_voter_leave_one_vote(assembly: Assembly, member: Person) -> None:
    ballot = make_open_ballot(assembly)
    answers = at_once([lambda n=n: cast_vote(ballot, member, n % 6, 0, 5) for n in range(40)])
    accepted = [answer for answer in answers if isinstance(answer, casting.Receipt)]
    assert accepted
    assert all(isinstance(answer, casting.Receipt | VotedElsewhere) for answer in answers)
    end_now(ballot)
    sweep(timezone.now())
    vote = ballot.votes.get()
    assert vote.tracker in {receipt.tracker for receipt in accepted}


def test_one_form_sent_forty_times_at_once_gives_forty_times_the_same_receipt(
    assembly: Assembly, member: Person
) -> None:
    ballot = make_open_ballot(assembly)
    form = casting.prepare(casting.entry_for(ballot, member))
    answers = at_once([lambda: casting.cast(ballot, member, (5, 0, 0), form)] * 40)
    receipts = [answer for answer in answers if isinstance(answer, casting.Receipt)]
    assert len(receipts) == 40
    assert len({receipt.tracker for receipt in receipts}) == 1
    assert [receipt.is_repeat for receipt in receipts].count(False) == 1


def test_fifty_voters_against_twenty_closers_every_acknowledged_vote_is_counted_once(
    assembly: Assembly,
) -> None:
    voters = make_members(assembly, 50)
    ballot = make_open_ballot(assembly)
    Ballot.objects.filter(pk=ballot.pk).update(closes_at=timezone.now() + timedelta(seconds=3))
    ballot.refresh_from_db()

    def keep_voting(person: Person) -> str:
        """Votes again and again until told that it is too late; the tracker acknowledged last."""
        tracker = ""
        while True:
            try:
                tracker = cast_vote(ballot, person, 5, 3, 0).tracker
            except TooLate:
                return tracker

    def keep_closing() -> str:
        while not Ballot.objects.filter(pk=ballot.pk, counted_at__isnull=False).exists():
            tally.close_now(ballot)
            tally.count_now(ballot, at=timezone.now())
        return ""

    jobs: list[Callable[[], str]] = [lambda person=person: keep_voting(person) for person in voters]
    acknowledged = at_once([*jobs, *[keep_closing] * 20])
    trackers = {answer for answer in acknowledged if answer}
    assert set(ballot.votes.values_list("tracker", flat=True)) == trackers
    ballot.refresh_from_db()
    assert ballot.outcome["turnout"] == len(trackers) > 0
    for verb in ("ballot.closed", "ballot.counted"):
        assert Event.objects.filter(verb=verb).count() == 1
    assert Message.objects.filter(kind="ballots/mail/result").count() == 50


def test_a_vote_held_in_its_transaction_across_the_deadline_is_counted_or_refused_never_lost(
    assembly: Assembly, member: Person
) -> None:
    ballot = make_open_ballot(assembly)
    entry = casting.entry_for(ballot, member)
    with ThreadPoolExecutor(2) as pool:
        with transaction.atomic():
            # Somebody else holds the voter's row, so the cast waits within its transaction, lock in hand.
            list(type(entry).objects.select_for_update().filter(pk=entry.pk))
            vote = pool.submit(on_its_own, lambda: cast_vote(ballot, member, 5, 0, 0))
            wait_for(lambda: waiting_on("transactionid") == 1, "the cast waits for its row")
            with_deadline_now(ballot)
            close = pool.submit(on_its_own, lambda: tally.close_now(ballot))
            wait_for(lambda: waiting_on("advisory") == 1, "the close waits for the cast")
        answer = vote.result(30)
        assert close.result(30) is True
    tally.count_now(ballot, at=timezone.now())
    trackers = list(ballot.votes.values_list("tracker", flat=True))
    assert trackers == ([answer.tracker] if isinstance(answer, casting.Receipt) else [])
    assert isinstance(answer, casting.Receipt | TooLate)


def on_its_own(job: Callable[[], T]) -> T | BallotError:
    """The job on a connection that is closed afterwards; a refusal is returned."""
    return together.on_its_own(job, BallotError)


def waiting_on(kind: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = %s", [kind])
        number: int = cursor.fetchone()[0]
        return number


def with_deadline_now(ballot: Ballot) -> None:
    with ThreadPoolExecutor(1) as pool:
        pool.submit(on_its_own, lambda: end_now(ballot)).result(10)


def test_ten_sweeps_at_once_open_close_and_count_once(assembly: Assembly) -> None:
    voters = make_members(assembly, 10)
    now = timezone.now()
    ballot = make_ballot(assembly, opens_at=now, announced_at=now)
    at_once([lambda: sweep(timezone.now())] * 10)
    ballot.refresh_from_db()
    assert ballot.roll_size == 10
    for person in voters:
        cast_vote(ballot, person, 5, 0, 0)
    end_now(ballot)
    at_once([lambda: sweep(timezone.now())] * 10)
    sweep(timezone.now())
    for kind in ("opened", "result"):
        assert Message.objects.filter(kind=f"ballots/mail/{kind}", sent_at__isnull=False).count() == 10
    for verb in ("ballot.opened", "ballot.closed", "ballot.counted"):
        assert Event.objects.filter(verb=verb).count() == 1


def test_announcing_twice_at_once_announces_once(assembly: Assembly, member: Person) -> None:
    ballot = make_ballot(assembly)
    answers = at_once([lambda: opening.announce(ballot, by=member, at=timezone.now())] * 5)
    assert answers.count(None) == 1
    assert Event.objects.filter(verb="ballot.announced").count() == 1


def test_after_the_count_no_order_id_or_transaction_in_the_database_links_a_voter_to_a_vote(
    assembly: Assembly,
) -> None:
    people = make_members(assembly, 40)
    ballot = make_open_ballot(assembly)
    cast = {person.pk: cast_vote(ballot, person, n % 6, 5, 0).tracker for n, person in enumerate(people)}
    end_now(ballot)
    sweep(timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("SELECT tracker, xmin::text, cmin::text FROM ballots_vote ORDER BY ctid")
        votes = cursor.fetchall()
        cursor.execute("SELECT person_id, xmin::text, cmin::text FROM ballots_rollentry ORDER BY ctid")
        roll = cursor.fetchall()
    trackers = [row[0] for row in votes]
    assert trackers == sorted(trackers), "the votes lie in order of tracker, which is random"
    for rows in (votes, roll):
        assert len({row[1] for row in rows}) == 1, "one transaction wrote all"
        assert len({row[2] for row in rows}) == 1, "by one command"
    by_vote_id = list(ballot.votes.order_by("pk").values_list("tracker", flat=True))
    orders_of_people = (
        [person for person, *_ in roll],
        list(ballot.roll.order_by("pk").values_list("person", flat=True)),
        [person.pk for person in people],
    )
    for order in orders_of_people:
        by_person = [cast[person] for person in order]
        for by_vote in (trackers, by_vote_id):
            matches = sum(a == b for a, b in zip(by_person, by_vote, strict=True))
            assert matches < 10, "no order of people is an order of votes"


def test_a_cast_that_hangs_holds_up_neither_the_clock_nor_other_ballots(
    assembly: Assembly, member: Person
) -> None:
    hung, other = make_open_ballot(assembly), make_open_ballot(assembly, question="And?")
    for ballot in (hung, other):
        end_now(ballot)
    held, done = threading.Event(), threading.Event()

    def hang() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [casting.lock_key(hung)])
            held.set()
            done.wait(60)

    with ThreadPoolExecutor(1) as pool:
        cast = pool.submit(on_its_own, hang)
        held.wait(10)
        try:
            assert sweep(timezone.now()) == ["close ballots"]
            other.refresh_from_db()
            assert other.is_counted
            assert Message.objects.filter(kind="ballots/mail/result", sent_at__isnull=False).exists()
        finally:
            done.set()
        cast.result(10)
    assert sweep(timezone.now()) == []
    hung.refresh_from_db()
    assert hung.is_counted


def test_a_count_cancelled_while_it_stores_the_votes_leaves_none_of_them_in_postgresqls_log(
    assembly: Assembly,
) -> None:
    voters = make_members(assembly, 30)
    ballot = make_open_ballot(assembly)
    trackers = [cast_vote(ballot, person, 5, 3, 1).tracker for person in voters]
    end_now(ballot)
    tally.close_now(ballot)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE ballots_vote IN SHARE MODE")
            count = pool.submit(on_its_own, lambda: tally.count_now(ballot, at=timezone.now()))
            wait_for(lambda: waiting_on("relation") == 1, "the count waits to store the votes")
            cursor.execute("SELECT pg_cancel_backend(pid) FROM pg_locks WHERE NOT granted")
        with pytest.raises(psycopg.OperationalError):
            count.result(30)
    log = b"".join(path.read_bytes() for path in (Path(os.environ["VAR_DIR"]) / "log").glob("postgres*"))
    assert b"canceling statement due to user request" in log
    assert not any(tracker.encode() in log for tracker in trackers)
    assert tally.count_now(ballot, at=timezone.now())
    assert ballot.votes.count() == 30
