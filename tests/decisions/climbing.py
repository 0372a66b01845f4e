"""Matters brought to each stage of the ladder by the real functions, at times near the present."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from assemblies.models import Assembly
from decisions import calls, deliberation, settlement
from decisions.models import Call, Decision, Gathering
from members.models import Person
from tests.factories import cast_vote, count_ballot, make_decision, make_held_moot


def called(decision: Decision, by: Person, at: datetime | None = None, option: str = "Apples") -> Call:
    """A call for consensus, a minute ago unless `at` says otherwise."""
    at = at or timezone.now() - timedelta(minutes=1)
    return calls.call_for_consensus(decision, decision.options.get(name=option), by=by, at=at)


def fallen(assembly: Assembly, by: Person, **fields: Any) -> Decision:
    """A matter whose one call fell some ten days ago, for want of agreement."""
    long_ago = timezone.now() - timedelta(days=20)
    decision = make_decision(assembly, by, at=long_ago, **fields)
    call = called(decision, by, at=long_ago + timedelta(days=1))
    assert calls.end_call(call, at=call.ends_at)
    return decision


def met(assembly: Assembly, by: Person, **fields: Any) -> tuple[Decision, Gathering]:
    """A matter whose call fell and whose moot was held nine days ago."""
    decision = fallen(assembly, by, **fields)
    return decision, make_held_moot(decision, by, timezone.now() - timedelta(days=9))


def deliberating(assembly: Assembly, by: Person, days_ago: float = 1, **fields: Any) -> Decision:
    """A matter whose deliberation of seven days began `days_ago` days ago."""
    decision, _moot = met(assembly, by, **fields)
    return deliberation.begin(decision, by=by, at=timezone.now() - timedelta(days=days_ago))


def voting(assembly: Assembly, by: Person, **fields: Any) -> Decision:
    """A matter whose ballot opened a moment ago, by itself."""
    decision = deliberating(assembly, by, days_ago=7.5, **fields)
    now = timezone.now()
    assert deliberation.end(decision, at=now)
    assert deliberation.open_ballot(decision, at=now)
    decision.refresh_from_db()
    return decision


def voted(assembly: Assembly, by: Person, **fields: Any) -> Decision:
    """A matter decided by its ballot, in which `by` alone voted, for the first option."""
    decision = voting(assembly, by, **fields)
    assert decision.ballot is not None
    cast_vote(decision.ballot, by, 5, 0, 0)
    count_ballot(decision.ballot)
    assert settlement.settle_by_ballot(decision, at=timezone.now())
    decision.refresh_from_db()
    return decision


def agreed(assembly: Assembly, people: list[Person], **fields: Any) -> Decision:
    """A matter settled at once: all the members of the assembly, `people`, agreed to the first option."""
    decision = make_decision(assembly, people[0], **fields)
    call = called(decision, people[0])
    for person in people:
        calls.take_position(call, person, "agree", at=timezone.now())
    decision.refresh_from_db()
    assert decision.settled_at is not None
    return decision
