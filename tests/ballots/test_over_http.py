"""Voting over HTTP on the production web server: without a worker, without a broker, and with nothing leaking."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import redis
from django.utils import timezone

from assemblies.models import Assembly
from ballots.models import Ballot
from harmony.embedded import folder, valkey
from ledger.models import Message
from members.models import Person
from tests.factories import make_members, make_open_ballot, make_person
from tests.plain_browser import PlainBrowser
from tests.real_servers import manage, running, site, wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.servers]

PASSWORD = "correct horse battery staple"


def logged_in(url: str, person: Person) -> PlainBrowser:
    """The person's browser, after logging in by password."""
    browser = PlainBrowser(url)
    browser.get("/account/login/password/")
    browser.submit("/account/login/password/", login=person.email, password=PASSWORD)
    assert person.name in browser.text or "/account/" in browser.text
    return browser


def with_password(person: Person) -> Person:
    person.set_password(PASSWORD)
    person.save()
    return person


def vote(browser: PlainBrowser, ballot: Ballot, scores: tuple[int, ...]) -> int:
    """Fills in the form, checks it, casts it; the status of the last answer."""
    browser.get(f"/ballots/{ballot.pk}/vote/")
    assert browser.status == 200, browser.text
    browser.submit("vote/check", **{f"score-{place}": score for place, score in enumerate(scores, 1)})
    return browser.submit("vote/cast")


@pytest.mark.policy("A10")
def test_with_the_broker_gone_people_log_in_and_vote_and_a_sweep_by_hand_closes(
    assembly: Assembly, tmp_path: Path
) -> None:
    voter = with_password(make_members(assembly, 1)[0])
    ballot = make_open_ballot(assembly)
    with site(tmp_path) as (url, env):
        browser = logged_in(url, voter)
        assert vote(browser, ballot, (5, 3, 0)) == 200
        Ballot.objects.filter(pk=ballot.pk).update(closes_at=timezone.now())
        assert manage(env, "sweep").returncode == 0
    ballot.refresh_from_db()
    assert ballot.outcome["totals"] == {"1": 5, "2": 3, "3": 0}
    assert ballot.votes.get().tracker in browser.text


def test_a_vote_one_second_late_is_refused_though_no_worker_has_closed_the_ballot(
    assembly: Assembly, tmp_path: Path
) -> None:
    voter = with_password(make_members(assembly, 1)[0])
    ballot = make_open_ballot(assembly)
    with site(tmp_path) as (url, _env):
        browser = logged_in(url, voter)
        browser.get(f"/ballots/{ballot.pk}/vote/")
        browser.submit("vote/check", **{"score-1": 5, "score-2": 0, "score-3": 0})
        Ballot.objects.filter(pk=ballot.pk).update(closes_at=timezone.now() - timedelta(seconds=1))
        assert browser.submit("vote/cast") == 410
        assert "closed" in browser.text
    ballot.refresh_from_db()
    assert ballot.closed_at is None
    assert ballot.roll.get().envelope is None


@pytest.mark.policy("A3", "D23")
def test_who_is_not_on_the_roll_cannot_vote_whatever_they_send(assembly: Assembly, tmp_path: Path) -> None:
    voter = with_password(make_members(assembly, 1)[0])
    stranger = with_password(make_person("Stranger"))
    ballot = make_open_ballot(assembly)
    with site(tmp_path) as (url, _env):
        theirs = logged_in(url, voter)
        theirs.get(f"/ballots/{ballot.pk}/vote/")
        theirs.submit("vote/check", **{"score-1": 5, "score-2": 0, "score-3": 0})
        address, fields = theirs.form("vote/cast")
        stolen = [(name, value) for name, value in fields if name != "csrfmiddlewaretoken"]
        intruder = logged_in(url, stranger)
        assert intruder.get(f"/ballots/{ballot.pk}/vote/") == 403
        intruder.get("/account/logout/")
        token = next(value for name, value in intruder.form("logout")[1] if name == "csrfmiddlewaretoken")
        assert intruder.send(address, [("csrfmiddlewaretoken", token), *stolen]) == 403
        nobody = PlainBrowser(url)
        nobody.get("/account/login/password/")
        token = next(value for name, value in nobody.form("password")[1] if name == "csrfmiddlewaretoken")
        assert nobody.send(address, [("csrfmiddlewaretoken", token), *stolen]) == 403
    assert not ballot.roll.exclude(envelope=None).exists()


# A vote that nobody else casts: 20 options, so that its scores stand out wherever they are written.
SCORES = (3, 1, 4, 1, 5, 2, 3, 5, 0, 2, 4, 1, 5, 3, 0, 4, 2, 2, 5, 1)


def traces() -> list[bytes]:
    """The score vector in every way in which software is likely to write it down."""
    signs = [str(score) for score in SCORES[:10]]
    texts = [joint.join(signs) for joint in (",", ", ", "", " ", "; ")]
    fields = [f"score-{place}={score}" for place, score in enumerate(SCORES[:3], 1)]
    pairs = [f"'score-{place}': '{score}'" for place, score in enumerate(SCORES[:2], 1)]
    return [
        *(text.encode() for text in texts),
        "&".join(fields).encode(),
        pairs[0].encode(),
        bytes(SCORES[:10]),
    ]


def test_the_search_for_traces_finds_each_way_of_writing() -> None:
    haystack = (
        b"x" + str(list(SCORES)).encode() + b"|" + b"score-1=3&score-2=1&score-3=4&score-4=1|" + bytes(SCORES)
    )
    assert sum(trace in haystack for trace in traces()) == 3


def test_after_votes_failures_and_a_forced_500_the_scores_and_trackers_are_written_nowhere(
    assembly: Assembly, tmp_path: Path
) -> None:
    voter, other = (with_password(person) for person in make_members(assembly, 2))
    ballot = make_open_ballot(assembly, [f"Option {number}" for number in range(1, len(SCORES) + 1)])
    with folder.held(tmp_path / "valkey"), valkey.running(tmp_path / "valkey") as (_server, broker):
        with (
            site(tmp_path, REDIS_URL=broker, LOG_LEVEL="DEBUG") as (url, env),
            running("worker", env, tmp_path / "worker.log"),
            running("beat", env, tmp_path / "beat.log"),
        ):
            browser = logged_in(url, voter)
            browser.get(f"/ballots/{ballot.pk}/vote/")
            browser.submit("vote/check", **as_fields(SCORES))
            sent = browser.form("vote/cast")
            assert browser.send(*sent) == 200
            tracker = shown_tracker(browser.text)
            assert browser.send(*sent) == 200
            malformed = logged_in(url, other)
            malformed.get(f"/ballots/{ballot.pk}/vote/")
            malformed.submit("vote/check", **as_fields((*SCORES[:-1], 9)))
            assert malformed.status == 400
            malformed.get(f"/ballots/{ballot.pk}/vote/")
            malformed.submit("vote/check", **as_fields(SCORES))
            with database_that_refuses_votes(env):
                assert malformed.submit("vote/cast") == 500
            wait_for(lambda: not Message.objects.filter(sent_at=None).exists(), "all mail has gone out")
        everything = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
        everything[Path("redis")] = redis_dump(broker)
    everything |= postgres_logs()
    everything[Path("dump")] = dump(env)
    assert b"ERROR" in b"".join(postgres_logs().values()), "the refusal was logged by PostgreSQL"
    assert len(everything[Path("dump")]) > 10_000
    found = [
        (str(path), trace)
        for path, content in everything.items()
        for trace in [*traces(), tracker.encode(), tracker.replace("-", "").encode()]
        if trace in content
    ]
    assert found == []


def as_fields(scores: tuple[int, ...]) -> dict[str, int]:
    return {f"score-{place}": score for place, score in enumerate(scores, 1)}


def shown_tracker(page: str) -> str:
    found = re.search(r"[0-7][0-9A-Z]{3}(?:-[0-9A-Z]{4}){5}-[0-9A-Z]{2}", page)
    assert found is not None, page
    return found.group()


@contextmanager
def database_that_refuses_votes(env: dict[str, str]) -> Iterator[None]:
    """While this lasts, the statement that stores an envelope fails in the database, which logs its values."""
    with psycopg.connect(env["DATABASE_URL"], autocommit=True) as owner:
        owner.execute(
            "ALTER TABLE ballots_rollentry ADD CONSTRAINT refuse CHECK (envelope IS NULL) NOT VALID"
        )
        try:
            yield
        finally:
            owner.execute("ALTER TABLE ballots_rollentry DROP CONSTRAINT refuse")


def postgres_logs() -> dict[Path, bytes]:
    """PostgreSQL's log files of this run of the tests."""
    logs = list((Path(os.environ["VAR_DIR"]) / "log").glob("postgres*"))
    assert logs, "the tests run under `python -m harmony.embedded`, which keeps PostgreSQL's log"
    return {path: path.read_bytes() for path in logs}


def dump(env: dict[str, str]) -> bytes:
    """Every row of every table of the site, as text."""
    parts = []
    with psycopg.connect(env["DATABASE_URL"]) as reader:
        tables = reader.execute(
            "SELECT format('%I', tablename) FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
        ).fetchall()
        for (table,) in tables:
            with reader.cursor().copy(f"COPY {table} TO STDOUT") as rows:
                parts += [bytes(row) for row in rows]
    return b"".join(parts)


def redis_dump(url: str) -> bytes:
    """Every key of the broker with its serialised value."""
    client = redis.Redis(unix_socket_path=urlsplit(url).path)
    return b"".join(key + (client.dump(key) or b"") for key in client.keys("*"))
