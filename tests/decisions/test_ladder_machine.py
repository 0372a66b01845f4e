"""Random people at random times against the ladder; after every step its promises still hold."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from assemblies import offices
from assemblies.models import Term
from decisions import calls, declaring, deliberation, gatherings, nominations, proposals
from decisions.errors import DecisionError
from decisions.models import Call, Decision, Gathering, Race, Stance
from harmony.clock import sweep
from ledger.models import Event
from members.models import Person
from tests.decisions.racing import make_office, stands
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
            "call": lambda p, _s, n: (
                calls.call_for_consensus(decision, options[n % len(options)], by=p, at=at)
                if options
                else None
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
@settings(max_examples=60)
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


# --- Races ----------------------------------------------------------------------------------------------
RACE_STEPS = st.sampled_from(
    [
        *("stand", "stand", "leave", "declare", "resign", "restate"),
        *("answer", "answer", "answer", "call", "call", "plan", "hold", "deliberate", "withdraw"),
        *("sweep", "sweep", "sweep"),
    ]
)
RACE_MOVES = st.lists(
    st.tuples(WAITS, RACE_STEPS, st.integers(0, 4), st.sampled_from(Stance.values), st.integers(0, 3)),
    max_size=25,
)
RACE_FACTS = {
    "withdrawn_at": "decision.withdrawn",
    "deliberation_began_at": "decision.deliberation_began",
    "ballot_id": "decision.ballot_opened",
    "settled_at": "decision.settled",
}


class RacePlay(Play):
    """Races for two deputies' seats, one of them held by a member until its term ends."""

    def __init__(self) -> None:
        super().__init__()
        self.office = make_office(self.decision.assembly, "deputy", seats=2)
        make_term(
            self.people[2], self.office.assembly, "deputy", began_at=T0, ends_at=T0 + timedelta(days=30)
        )
        self.decision = stands(self.people[1], self.office, T0).race.decision

    @property
    def steps(self) -> dict[str, Callable[[Person, str, int], object]]:
        """Those of any matter, and those of a race."""
        office, at = self.office, self.at

        def leave(person: Person, _stance: str, _which: int) -> None:
            for candidacy in person.candidacies.filter(race=self.decision.pk).order_by("-stood_at")[:1]:
                nominations.withdraw(candidacy, by=person, at=at)

        def restate(person: Person, _stance: str, which: int) -> None:
            for candidacy in person.candidacies.filter(race=self.decision.pk).order_by("-stood_at")[:1]:
                nominations.restate(candidacy, by=person, at=at, statement=f"For the {which}th time.")

        def resign(person: Person, _stance: str, _which: int) -> None:
            for term in office.terms.overlapping(at, None).filter(person=person)[:1]:
                offices.resign(term, by=person, at=at)

        return {
            **super().steps,
            "stand": lambda p, _s, _n: stands(p, office, at),
            "declare": lambda p, _s, _n: declaring.declare(office, by=p, at=at),
            "leave": leave,
            "restate": restate,
            "resign": resign,
        }

    def check(self) -> None:
        """What must hold after every step: of the latest race, of all races, and of who serves when."""
        races = Race.objects.filter(office=self.office)
        assert races.running().count() <= 1
        race = races.latest("decision__proposed_at", "closed_at")
        for one in races.select_related("decision"):
            self.check_race(one)
        self.decision = Decision.objects.get(pk=race.pk)
        self.check_consensus()
        self.check_terms()

    def check_race(self, race: Race) -> None:
        decision = race.decision
        verbs = list(Event.objects.about(decision).values_list("verb", flat=True))
        for fact, verb in RACE_FACTS.items():
            assert verbs.count(verb) == (getattr(decision, fact) is not None), fact
        assert (race.closed_at is None) is decision.is_unsettled
        assert (race.nominations_ended_at is not None) == ("decision.nominations_ended" in verbs)
        won = decision.options.filter(won_at__isnull=False)
        assert won.exists() is (decision.settled_at is not None)
        assert won.filter(leaves_things=False).count() <= race.seats
        elected = race.candidacies.filter(elected_at__isnull=False)
        assert set(elected.values_list("option", flat=True)) == set(
            won.filter(leaves_things=False).values_list("pk", flat=True)
        )
        assert not elected.filter(term=None).exists()
        if decision.deliberation_began_at is not None:
            assert decision.gatherings.held().exists()

    def check_terms(self) -> None:
        """No more serve at a time than there are seats, nobody twice, and each term was won or loaded."""
        rows: list[Term] = list(self.office.terms.all())
        for moment in (self.at, *(row.began_at for row in rows)):
            serving = [row.person_id for row in rows if row.is_in_force_at(moment)]
            assert len(serving) == len(set(serving)) <= self.office.seats
        assert all(row.elected == hasattr(row, "candidacy") for row in rows)


@pytest.mark.policy("A13", "P8")
@settings(max_examples=15)
@given(moves=RACE_MOVES)
def test_no_play_of_people_and_time_breaks_a_race(db: None, moves: list[tuple]) -> None:
    with transaction.atomic():
        play = RacePlay()
        play.check()
        for wait, step, who, stance, which in moves:
            play.at += wait
            play.move(step, play.people[who], stance, which)
            play.check()
        transaction.set_rollback(True)
