"""The sweep among ten thousand open matters: it reads only the few that are due (issue 3, The clock)."""

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, models, transaction
from django.test.utils import CaptureQueriesContext

from assemblies.models import Assembly
from ballots import clock as ballots_clock
from ballots.models import Ballot
from decisions import clock
from decisions.models import Call, Decision, Option, Task
from members.models import Person
from tests.factories import make_assembly, make_members

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
DUE = 20
OPEN = 10_000  # of which a fifth are at each of five stages
STEPS: dict[str, tuple[Callable[[datetime], object], str]] = {
    "end calls": (clock.end_calls_due, "call_standing"),
    "end deliberations": (clock.end_deliberations_due, "decision_in_deliberation"),
    "open the ballots of decisions": (clock.open_ballots_due, "decision_waiting_for_its_vote"),
    "settle decisions": (clock.settle_due, "ballot_waiting_to_be_taken_up"),
    "remind of tasks": (clock.chase_due, "task_open"),
    "open ballots": (ballots_clock.open_due, "ballot_waiting_to_open"),
    "close ballots": (ballots_clock.close_due, "ballot_waiting_to_close"),
    "count ballots": (ballots_clock.count_due, "ballot_waiting_for_its_count"),
}


class Party:
    """An assembly of three members, and its matters, made by the thousand."""

    def __init__(self) -> None:
        self.assembly: Assembly = make_assembly()
        self.person: Person = make_members(self.assembly, 3)[0]

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


def make_due(party: Party) -> None:
    """DUE matters for each step of the decisions."""
    party.called(DUE, NOW)
    party.deliberating(DUE, NOW)
    party.past_deliberation(DUE)
    party.counted(DUE)
    party.working(DUE // 2, due_on=NOW - DAY)
    party.working(DUE // 2, due_on=NOW - 30 * DAY, chased_on=NOW - 7 * DAY)


def make_open(party: Party) -> None:
    """OPEN matters of which none is due, and a history."""
    each = OPEN // 5
    party.matters(each)
    party.called(each, NOW + DAY)
    party.deliberating(each, NOW + DAY)
    party.voting(each)
    party.working(each // 2, due_on=NOW + DAY)
    party.working(each // 2, due_on=NOW - 30 * DAY, chased_on=NOW - 6 * DAY)  # reminded six days ago
    party.counted(each, taken_up_at=NOW - DAY)
    party.working(each, due_on=NOW - 30 * DAY, done_at=NOW - 31 * DAY)


def asked(step: Callable[[datetime], object]) -> list[str]:
    """The statements of a step, which is then taken back."""
    with CaptureQueriesContext(connection) as found, transaction.atomic():
        step(NOW)
        transaction.set_rollback(True)
    return [query["sql"] for query in found if query["sql"].startswith(("SELECT", "INSERT", "UPDATE"))]


def scans(statement: str) -> Iterable[dict[str, Any]]:
    """The nodes of the statement's plan that read a table or an index, as it was executed."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}")
        plan = cursor.fetchone()[0]
    waiting = [(json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]]
    while waiting:
        node = waiting.pop()
        waiting += node.get("Plans", [])
        if "Scan" in node["Node Type"]:
            yield node


def rows_read(node: dict[str, Any]) -> float:
    """How many rows a node has looked at."""
    thrown_away = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    read: float = (node["Actual Rows"] + thrown_away) * node["Actual Loops"]
    return read


def analyze(*tables: type[models.Model]) -> None:
    """Tells the planner how the tables look now."""
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ANALYZE {table._meta.db_table}")


def test_a_sweep_reads_of_ten_thousand_open_matters_only_the_twenty_that_are_due() -> None:
    party = Party()
    make_due(party)
    alone = {name: len(asked(step)) for name, (step, _index) in STEPS.items()}
    make_open(party)
    analyze(Decision, Call, Option, Task, Ballot)
    assert Decision.objects.count() > OPEN
    among_many = {name: asked(step) for name, (step, _index) in STEPS.items()}
    assert {name: len(statements) for name, statements in among_many.items()} == alone
    for name, (_step, index) in STEPS.items():
        finding = among_many[name][: 2 if name == "settle decisions" else 1]
        found = [node for statement in finding for node in scans(statement)]
        assert index in {node.get("Index Name") for node in found}, (name, found)
        assert "Seq Scan" not in {node["Node Type"] for node in found}, (name, found)
        # What the steps wrote and took back above lies beside each row until a vacuum.
        assert max(rows_read(node) for node in found) <= 5 * DUE, (name, found)
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
