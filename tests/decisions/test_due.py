"""The sweep among ten thousand open matters: it reads only the few that are due (issue 3, The clock)."""

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from assemblies.models import Assembly, Clearance, EnrolmentCheck, Office, Participation, Term
from ballots.models import Ballot
from decisions import clock
from decisions.models import Call, Decision, Option, Race, Task
from harmony import clock as harmony_clock
from ledger.models import Message
from members.models import Membership, Person
from tests.factories import LONG_AGO, make_assembly, make_members

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
DUE = 20
OPEN = 10_000  # of which a fifth are at each of five stages
FEW = 4  # due of what is no matter
# Which of a step's statements find what is due: the first, but for these.
FINDING = {"settle decisions": slice(0, 2), "send messages": slice(1, 2)}
STEPS = dict(harmony_clock.STEPS)
# By which index each step finds what is due. None is named for the steps of applications: this party has none, so
# they are only seen to read nothing of the matters.
INDEXES: dict[str, tuple[str, ...]] = {
    "enrol members": ("membership_to_enrol",),
    "end participation by age": ("participation_age_looked_at", "participation_birth_due"),
    "end clearances": ("clearance_due_to_end",),
    "end terms": ("term_running",),
    "declare races in time": ("term_race_looked_at",),
    "end nominations": ("race_in_nominations",),
    "rule out candidates": ("race_looked_at",),
    "end calls": ("call_standing",),
    "end deliberations": ("decision_in_deliberation",),
    "open the ballots of decisions": ("decision_waiting_for_its_vote",),
    "open ballots": ("ballot_waiting_to_open",),
    "remind voters": ("ballot_waiting_to_remind",),
    "close ballots": ("ballot_waiting_to_close",),
    "count ballots": ("ballot_waiting_for_its_count",),
    "settle decisions": ("ballot_waiting_to_be_taken_up",),
    "give cases to their assemblies": (),
    "remind of tasks": ("task_open",),
    "remind of letters": (),
    "make digests": ("person_digest_due",),
    "end changes of addresses": (),
    "warn of drafts that are about to go": (),
    "erase applications": (),
    "erase copies of applications": (),
    "send messages": ("message_waiting",),
    "erase old messages": ("message_sent", "message_given_up"),
    "clear sessions that ran out": ("django_session_expire_date_a5c62663",),
}


class Party:
    """An assembly of three members, and its matters, made by the thousand."""

    def __init__(self) -> None:
        self.assembly: Assembly = make_assembly()
        self.person: Person = make_members(self.assembly, 3)[0]
        self.elsewhere: Assembly = make_assembly()  # of those who have no part in the matters

    def matters(self, number: int, **fields: Any) -> list[Decision]:
        """So many matters, with an option each, at whatever stage the fields say."""
        rules = {"quorum": 3, "cooling_off_days": 5, "deliberation_days": 7, "voting_days": 7}
        common = {"assembly": self.assembly, "proposed_by": self.person, "proposed_at": NOW - 60 * DAY}
        made = Decision.objects.bulk_create(
            Decision(title=f"Matter {n}", **{**common, **rules, **fields}) for n in range(number)
        )
        Option.objects.bulk_create(Option(decision=matter, position=1, name="Apples") for matter in made)
        Option.objects.bulk_create(
            Option(decision=matter, position=2, name="As it is", leaves_things=True) for matter in made
        )
        return made

    def called(self, number: int, ends_at: datetime) -> None:
        """Matters with a call that ends then."""
        made = self.matters(number)
        options = {row.decision_id: row for row in Option.objects.filter(decision__in=made, position=1)}
        Call.objects.bulk_create(
            Call(
                decision=matter,
                option=options[matter.pk],
                called_by=self.person,
                called_at=ends_at - 5 * DAY,
                ends_at=ends_at,
            )
            for matter in made
        )

    def deliberating(self, number: int, ends_at: datetime) -> None:
        """Matters in a deliberation that ends then."""
        self.matters(number, deliberation_began_at=ends_at - 7 * DAY, deliberation_ends_at=ends_at)

    def past_deliberation(self, number: int, **fields: Any) -> list[Decision]:
        """Matters whose deliberation has ended without consensus."""
        ended = {"deliberation_began_at": NOW - 30 * DAY, "deliberation_ends_at": NOW - 23 * DAY}
        return self.matters(number, **ended, deliberation_ended_at=NOW - 23 * DAY, **fields)

    def voting(self, number: int, **fields: Any) -> None:
        """Matters with a ballot, open unless the fields say otherwise."""
        values: dict[str, Any] = {
            "opens_at": NOW - DAY,
            "announced_at": NOW - DAY,
            "opened_at": NOW - DAY,
            "closes_at": NOW + 3 * DAY,
            "remind_at": NOW + 2 * DAY,
            "standing": Ballot.Standing.BINDING,
            "public_key": bytes(32),
            "definition": {},
            "roll_size": 3,
            "list_minimum": 10,
            **fields,
        }
        values["cut_off_at"] = values["opens_at"]
        ballots = Ballot.objects.bulk_create(
            Ballot(assembly=self.assembly, question=f"Question {n}", **values) for n in range(number)
        )
        matters = self.past_deliberation(number)
        for matter, ballot in zip(matters, ballots, strict=True):
            matter.ballot = ballot
            if ballot.taken_up_at is not None:
                matter.settled_at, matter.settled_by = ballot.taken_up_at, "ballot"
        Decision.objects.bulk_update(matters, ["ballot", "settled_at", "settled_by"], batch_size=1000)

    def counted(self, number: int, **fields: Any) -> None:
        """Matters whose ballot was counted a day ago."""
        self.voting(
            number,
            opens_at=NOW - 9 * DAY,
            opened_at=NOW - 9 * DAY,
            closes_at=NOW - 2 * DAY,
            closed_at=NOW - 2 * DAY,
            counted_at=NOW - DAY,
            result={"winners": ["1"]},
            result_digest="0" * 64,
            **fields,
        )

    def working(self, number: int, **fields: Any) -> None:
        """Settled matters with a task that is under way, late, or done, as the fields say."""
        made = self.matters(number, settled_at=NOW - 20 * DAY, settled_by="consensus")
        values = {"owner": self.person, "named_at": NOW - 20 * DAY, "named_by": self.person, **fields}
        Task.objects.bulk_create(Task(decision=matter, title="Dig", **values) for matter in made)

    def crowd(self, number: int, **fields: Any) -> list[Person]:
        """So many people, who get no digest unless the fields say otherwise."""
        start = Person.objects.count()
        values = {"digest": "none", "digest_due_at": None, **fields}
        return Person.objects.bulk_create(
            Person(email=f"due{start + n}@example.org", name=f"Person {n}", password="!", **values)
            for n in range(number)
        )

    def belonging(
        self, number: int, *, began_at: datetime, looked_at: datetime, expires_at: datetime, **membership: Any
    ) -> None:
        """So many people with a membership, a part whose age is looked at then, and a clearance until then."""
        people = self.crowd(number)
        Membership.objects.bulk_create(
            Membership(person=one, began_at=began_at, **membership) for one in people
        )
        Participation.objects.bulk_create(
            Participation(
                person=one,
                assembly=self.elsewhere,
                began_at=LONG_AGO,
                origin="joined",
                age_check_on=looked_at.date() if n % 2 else None,
                birth_due_at=None if n % 2 else looked_at,
            )
            for n, one in enumerate(people)
        )
        Clearance.objects.bulk_create(
            Clearance(
                person=one,
                duty="research",
                granted_at=expires_at - 300 * DAY,
                granted_by=self.person,
                expires_at=expires_at,
                reason="Vetted.",
            )
            for one in people
        )

    def offices(self, number: int) -> list[Office]:
        """So many offices of as many assemblies."""
        start = Assembly.objects.count()
        assemblies = Assembly.objects.bulk_create(
            Assembly(name=f"Society {start + n}", slug=f"due-{start + n}", kind="society", formed_at=LONG_AGO)
            for n in range(number)
        )
        return Office.objects.bulk_create(Office(assembly=one, role="secretary") for one in assemblies)

    def serving(self, offices: list[Office], ends_at: datetime, race_look_at: datetime | None) -> None:
        """A term in each of the offices, until then, of which it is then looked at whether its race begins."""
        Term.objects.bulk_create(
            Term(
                office=office,
                person=self.person,
                began_at=ends_at - 300 * DAY,
                ends_at=ends_at,
                race_look_at=race_look_at,
            )
            for office in offices
        )

    def racing(self, offices: list[Office], **fields: Any) -> None:
        """A race for each of the offices."""
        matters = self.matters(len(offices), kind=Decision.Kind.RACE)
        Race.objects.bulk_create(
            Race(decision=matter, office=office, cause=Race.Cause.DECLARED, seats=1, **fields)
            for matter, office in zip(matters, offices, strict=True)
        )

    def mails(self, number: int, **fields: Any) -> None:
        """So many mails in the outbox."""
        start = Message.objects.count()
        Message.objects.bulk_create(
            Message(
                key=f"due{start + n}",
                kind="ballots/mail/result",
                address="somebody@example.org",
                subject="A result",
                text="It is counted.",
                queued_at=NOW - 60 * DAY,
                **{"not_before": NOW - 60 * DAY, **fields},
            )
            for n in range(number)
        )

    def sessions(self, number: int, expires_at: datetime) -> None:
        """So many sessions, which run out then."""
        start = Session.objects.count()
        Session.objects.bulk_create(
            Session(session_key=f"due{start + n}", session_data="", expire_date=expires_at)
            for n in range(number)
        )


def make_due(party: Party) -> None:
    """DUE matters for each step, and FEW of all else."""
    party.called(DUE, NOW)
    party.deliberating(DUE, NOW)
    party.past_deliberation(DUE)
    party.counted(DUE)
    party.working(DUE // 2, due_on=NOW - DAY)
    party.working(DUE // 2, due_on=NOW - 30 * DAY, chased_on=NOW - 7 * DAY)
    party.voting(FEW, remind_at=NOW)
    party.belonging(FEW, began_at=NOW, looked_at=NOW, expires_at=NOW)
    offices = party.offices(FEW)
    party.serving(offices, NOW, NOW + DAY)  # that end
    party.serving(offices, NOW + 40 * DAY, NOW)  # whose race is due
    party.racing(party.offices(FEW), nominations_end_at=NOW, look_at=NOW)
    party.crowd(FEW, digest="daily", digest_due_at=NOW)
    party.mails(FEW)
    party.mails(FEW, sent_at=NOW - 31 * DAY)
    party.mails(FEW, given_up_at=NOW - 31 * DAY)
    party.sessions(FEW, datetime(2020, 1, 1, tzinfo=UTC))


def make_open(party: Party) -> None:
    """OPEN matters of which none is due, and a history; and of all else a tenth as many."""
    each, others = OPEN // 5, OPEN // 10
    party.matters(each)
    party.called(each, NOW + DAY)
    party.deliberating(each, NOW + DAY)
    party.voting(each)
    party.working(each // 2, due_on=NOW + DAY)
    party.working(each // 2, due_on=NOW - 30 * DAY, chased_on=NOW - 6 * DAY)  # reminded six days ago
    party.counted(each, taken_up_at=NOW - DAY)
    party.working(each, due_on=NOW - 30 * DAY, done_at=NOW - 31 * DAY)
    party.belonging(
        others, began_at=NOW - DAY, enrolled_at=NOW - DAY, looked_at=NOW + DAY, expires_at=NOW + DAY
    )
    offices = party.offices(others)
    party.serving(offices, NOW + 41 * DAY, NOW + DAY)
    party.racing(offices, nominations_end_at=NOW + DAY, look_at=NOW + DAY)
    party.crowd(others, digest="daily", digest_due_at=NOW + DAY)
    party.mails(others // 2, not_before=NOW + DAY, tries=3)  # that wait for another try
    party.mails(others, sent_at=NOW - DAY)
    party.sessions(others, datetime(2050, 1, 1, tzinfo=UTC))


def asked(step: Callable[[datetime], object]) -> list[str]:
    """The statements of a step, which is then taken back."""
    with CaptureQueriesContext(connection) as found, transaction.atomic():
        step(NOW)
        transaction.set_rollback(True)
    kinds = ("SELECT", "INSERT", "UPDATE", "DELETE")
    return [query["sql"] for query in found if query["sql"].startswith(kinds) and "cache" not in query["sql"]]


def scans(statement: str) -> Iterable[dict[str, Any]]:
    """The nodes of the statement's plan that read a table or an index, as it was executed, and then taken back."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}")
        plan = cursor.fetchone()[0]
        transaction.set_rollback(True)
    waiting = [(json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]]
    while waiting:
        node = waiting.pop()
        waiting += node.get("Plans", [])
        if "Scan" in node["Node Type"]:
            yield node


def how_found(statements: Iterable[str]) -> dict[str, float]:
    """How many rows the statements looked at, by the index or, without one, by the table that they were read by."""
    found: dict[str, float] = {}
    for statement in statements:
        for node in scans(statement):
            by = node.get("Index Name") or node.get("Relation Name") or node["Node Type"]
            thrown_away = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
            read = (node["Actual Rows"] + thrown_away) * node["Actual Loops"]
            found[by] = max(read, found.get(by, 0))
    return found


def test_every_step_of_the_clock_is_looked_at_here() -> None:
    assert list(INDEXES) == list(STEPS)


def test_a_sweep_reads_of_ten_thousand_open_matters_only_the_twenty_that_are_due() -> None:
    party = Party()
    EnrolmentCheck.objects.create(due_at=NOW + DAY)  # everybody is looked at once an hour, and not now
    make_due(party)
    alone = {name: len(asked(step)) for name, step in STEPS.items()}
    make_open(party)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    assert Decision.objects.count() > OPEN
    among_many = {name: asked(step) for name, step in STEPS.items()}
    assert {name: len(statements) for name, statements in among_many.items()} == alone
    # What the steps wrote and took back above lies beside each row until a vacuum: hence five times what is due.
    faults = {
        name: found
        for name, indexes in INDEXES.items()
        for found in [how_found(among_many[name][FINDING.get(name, slice(0, 1))])]
        if not set(indexes) <= set(found) or max(found.values(), default=0) > 5 * DUE
    }
    assert faults == {}
    for name in ("end calls", "end deliberations", "settle decisions", "remind of tasks"):
        assert len(among_many[name]) > DUE, f"{name}: there was something to do"


def test_what_is_due_is_what_the_steps_do() -> None:
    party = Party()
    make_due(party)
    assert Call.objects.due_to_end(NOW).count() == DUE
    assert Decision.objects.due_to_end_deliberation(NOW).count() == DUE
    assert Decision.objects.due_to_ballot().count() == DUE
    assert Decision.objects.due_to_settle().count() == DUE
    assert Task.objects.due_to_chase(NOW.date()).count() == DUE
    for step in (clock.settle_due, clock.chase_due, clock.end_calls_due):
        step(NOW)
    assert not Call.objects.due_to_end(NOW).exists()
    assert not Decision.objects.due_to_settle().exists()
    assert not Task.objects.due_to_chase(NOW.date()).exists()
    assert Decision.objects.filter(settled_by="ballot").count() == DUE
