"""Random people at random times against the ladder; after every step its promises still hold."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from decisions import calls, deliberation, gatherings, proposals
from decisions.errors import DecisionError
from decisions.models import Call, Decision, Gathering, Stance
from harmony.clock import sweep
from ledger.models import Event
from members.models import Person
from tests.factories import (
    make_assembly,
    make_decision,
    make_members,
    make_participation,
    make_person,
    make_term,
)

pytestmark = pytest.mark.django_db
T0 = datetime(2026, 10, 1, 18, 0, tzinfo=UTC)  # the clocks go back within the play

WAITS = st.sampled_from(
    [timedelta(), timedelta(minutes=5), timedelta(hours=30), timedelta(days=3), timedelta(days=8)]
)
STEPS = st.sampled_from(
    [
        "answer",
        "answer",
        "answer",
        "call",
        "call",
        "plan",
        "hold",
        "deliberate",
        "withdraw",
        "sweep",
        "sweep",
        "add",
    ]
)
MOVES = st.lists(
    st.tuples(WAITS, STEPS, st.integers(0, 4), st.sampled_from(Stance.values), st.integers(0, 3)), max_size=25
)

# What each fact on a decision must have been recorded by.
FACTS = {
    "proposed_at": "decision.proposed",
    "withdrawn_at": "decision.withdrawn",
    "deliberation_began_at": "decision.deliberation_began",
    "ballot_id": "decision.ballot_opened",
    "settled_at": "decision.settled",
}


class Play:
    """One matter of an assembly of three members (one of them secretary) and one participant, and a stranger."""

    def __init__(self) -> None:
        assembly = make_assembly()
        members = make_members(assembly, 3)
        participant = make_person()
        make_participation(participant, assembly)
        make_term(members[0], assembly)
        self.people: list[Person] = [*members, participant, make_person()]
        self.at = T0
        self.decision = make_decision(assembly, members[1], at=T0)

    def move(self, step: str, person: Person, stance: str, which: int) -> None:
        """Tries one step; a refusal must be one of the ladder's own and change nothing that it recorded."""
        before = Event.objects.count()
        try:
            with transaction.atomic():
                self.steps[step](person, stance, which)
        except DecisionError as refusal:
            assert str(refusal)  # noqa: PT017 - a refusal is expected, a sentence demanded
            assert Event.objects.count() == before

    @property
    def steps(self) -> dict[str, Callable[[Person, str, int], object]]:
        """The steps by name."""
        decision, at = self.decision, self.at
        options = list(decision.options.all())

        def answer(person: Person, stance: str, _which: int) -> None:
            for call in decision.calls.order_by("-called_at")[:1]:
                calls.take_position(call, person, stance, reason="Because.", at=at)

        def hold(person: Person, _stance: str, _which: int) -> None:
            for gathering in decision.gatherings.filter(held_at=None):
                gatherings.mark_held(gathering, by=person, at=at)

        def plan(person: Person, _stance: str, _which: int) -> Gathering:
            hour = timedelta(hours=1)
            return gatherings.call_gathering(
                decision.assembly,
                by=person,
                at=at,
                decision=decision,
                title="Moot",
                starts_at=at + hour,
                ends_at=at + 2 * hour,
                address="Hall",
            )

        return {
            "answer": answer,
            "call": lambda p, _s, n: calls.call_for_consensus(
                decision, options[n % len(options)], by=p, at=at
            ),
            "plan": plan,
            "hold": hold,
            "deliberate": lambda p, _s, n: deliberation.begin(decision, by=p, at=at, days=6 + n),
            "withdraw": lambda p, _s, _n: proposals.withdraw(decision, by=p, at=at, reason="Enough"),
            "add": lambda p, _s, n: proposals.add_option(
                decision, by=p, at=at, name=f"Option {n}", statement=""
            ),
            "sweep": lambda _p, _s, _n: sweep(at),
        }

    def check(self) -> None:
        """What must hold after every step."""
        decision = Decision.objects.get(pk=self.decision.pk)
        self.decision = decision
        verbs = list(Event.objects.about(decision).values_list("verb", flat=True))
        for fact, verb in FACTS.items():
            assert (getattr(decision, fact) is not None) == (verb in verbs), fact
            assert verbs.count(verb) <= 1, verb
        fallen = decision.calls.filter(result=Call.Result.FELL)
        assert verbs.count("decision.call_fell") == fallen.count()
        assert decision.calls.standing().count() <= 1
        if decision.deliberation_began_at is not None:
            assert fallen.filter(ended_at__lte=decision.deliberation_began_at).exists()
            assert decision.gatherings.held().exists()
        if decision.ballot is not None:
            assert decision.deliberation_ended_at is not None
            assert not decision.calls.filter(result=Call.Result.CONSENSUS).exists()
        if decision.settled_at is not None:
            assert decision.withdrawn_at is None
            assert decision.options.filter(won_at__isnull=False).count() == 1
            assert not decision.calls.standing().exists()
        self.check_consensus()

    def check_consensus(self) -> None:
        """A consensus had its quorum of members and no member's objection."""
        for call in self.decision.calls.filter(result=Call.Result.CONSENSUS):
            figures = call.account
            assert figures["members_object"] == 0
            assert figures["members_agree"] >= min(self.decision.quorum, figures["members"]) > 0
            assert figures["members_answered"] == figures["members"] or call.ended_at >= call.ends_at


@pytest.mark.policy("A8", "P6")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=MOVES)
def test_no_play_of_people_and_time_breaks_the_ladder(db: None, moves: list[tuple]) -> None:
    with transaction.atomic():
        play = Play()
        play.check()
        for wait, step, who, stance, which in moves:
            play.at += wait
            play.move(step, play.people[who], stance, which)
            play.check()
        transaction.set_rollback(True)


def test_the_longest_way_goes_through_every_rung() -> None:
    play = Play()
    secretary, other = play.people[0], play.people[1]
    way: list[tuple[timedelta, str, Person, str]] = [
        (timedelta(), "call", secretary, ""),
        (timedelta(hours=1), "answer", other, Stance.OBJECT),
        (timedelta(days=6), "sweep", other, ""),
        (timedelta(), "plan", secretary, ""),
        (timedelta(hours=3), "hold", secretary, ""),
        (timedelta(), "deliberate", secretary, ""),
        (timedelta(days=8), "sweep", other, ""),
    ]
    for wait, step, person, stance in way:
        play.at += wait
        play.move(step, person, stance, 1)
        play.check()
    assert play.decision.ballot is not None
    assert play.decision.ballot.opened_at == play.at
