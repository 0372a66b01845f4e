"""The ladder by its rules: who may move a matter, when, and what moves by itself."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from assemblies.models import Assembly
from ballots.models import Ballot
from decisions import calls, deliberation, gatherings, proposals, settlement, talk, work
from decisions.errors import BadProposal, NotEntitled, NotTakingPart, ReasonMissing, WrongMoment
from decisions.models import Call, Comment, Decision, Option, Position, Revision, Stance, Task
from harmony.clock import sweep
from harmony.time import days_later
from ledger.models import Event, Message
from members.models import Person
from tests.factories import (
    cast_vote,
    end_now,
    make_assembly,
    make_decision,
    make_held_moot,
    make_member,
    make_members,
    make_participation,
    make_person,
)

pytestmark = pytest.mark.django_db
T0 = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
TICK = timedelta(microseconds=1)


@pytest.fixture
def members(assembly: Assembly, secretary: Person) -> list[Person]:
    """The secretary and four more members."""
    return [secretary, *make_members(assembly, 4)]


@pytest.fixture
def matter(assembly: Assembly, members: list[Person]) -> Decision:
    """A matter proposed at T0 by the last of the members."""
    return make_decision(assembly, members[-1], at=T0)


def first_option(decision: Decision) -> Option:
    return decision.options.get(name="Apples")


def called(decision: Decision, by: Person, at: datetime = T0) -> Call:
    return calls.call_for_consensus(decision, first_option(decision), by=by, at=at)


def fallen(decision: Decision, by: Person) -> Call:
    """A call made at T0 that fell at its end."""
    call = called(decision, by)
    sweep(call.ends_at)
    call.refresh_from_db()
    assert call.result == Call.Result.FELL
    return call


def deliberating(decision: Decision, by: Person) -> datetime:
    """Takes the matter through a fallen call and a moot into its deliberation; when that began."""
    call = fallen(decision, by)
    at = call.ends_at + timedelta(days=1)
    make_held_moot(decision, by, at)
    deliberation.begin(decision, by=by, at=at)
    decision.refresh_from_db()
    return at


def answer(call: Call, person: Person, stance: Stance, at: datetime = T0, reason: str = "") -> Position:
    reason = reason or ("It costs too much." if stance == Stance.OBJECT else "")
    return calls.take_position(call, person, stance, reason=reason, at=at)


# --- Talk ---


def test_any_participant_proposes_and_leaving_things_as_they_are_is_always_an_option(
    assembly: Assembly, participant: Person
) -> None:
    decision = make_decision(assembly, participant)
    assert [option.name for option in decision.options.all()] == [
        "Apples",
        "Pears",
        "Leave things as they are",
    ]


def test_an_outsider_can_neither_propose_nor_talk_nor_add_nor_answer(
    assembly: Assembly, matter: Decision, members: list[Person], outsider: Person
) -> None:
    call = called(matter, members[0])
    attempts = (
        lambda: make_decision(assembly, outsider),
        lambda: talk.say(matter, by=outsider, at=T0, text="Hello"),
        lambda: proposals.add_option(matter, by=outsider, at=T0, name="Figs", statement=""),
        lambda: answer(call, outsider, Stance.AGREE),
    )
    for attempt in attempts:
        with pytest.raises(NotTakingPart):
            attempt()


@pytest.mark.parametrize(
    ("title", "options"), [("", ["Apples"]), ("Fruit", []), ("Fruit", ["Pears", "pears"])]
)
def test_a_proposal_without_title_or_options_or_with_one_twice_is_refused(
    assembly: Assembly, participant: Person, title: str, options: list[str]
) -> None:
    with pytest.raises(BadProposal):
        make_decision(assembly, participant, title=title, options=options)
    assert not Decision.objects.exists()


def test_others_add_options_until_a_call_is_made_and_again_after_it_fell(
    matter: Decision, members: list[Person], participant: Person
) -> None:
    proposals.add_option(matter, by=participant, at=T0, name="Figs", statement="They keep.")
    call = called(matter, members[0])
    with pytest.raises(WrongMoment):
        proposals.add_option(matter, by=participant, at=T0, name="Plums", statement="")
    sweep(call.ends_at)
    proposals.add_option(matter, by=participant, at=call.ends_at, name="Plums", statement="")
    with pytest.raises(BadProposal):
        proposals.add_option(matter, by=participant, at=call.ends_at, name="plums", statement="")


def test_what_was_said_and_proposed_before_an_edit_is_kept(matter: Decision, members: list[Person]) -> None:
    proposer = members[-1]
    proposals.edit(matter, by=proposer, at=T0, title="Which tree?", text="One row.")
    comment = talk.say(matter, by=proposer, at=T0, text="First")
    talk.edit(comment, by=proposer, at=T0, text="Second")
    assert [row.text for row in Revision.objects.filter(comment=comment)] == ["First"]
    assert [row.title for row in Revision.objects.filter(decision=matter)] == ["Which fruit do we plant?"]
    with pytest.raises(NotEntitled):
        talk.edit(comment, by=members[1], at=T0, text="Third")
    with pytest.raises(NotEntitled):
        proposals.edit(matter, by=members[1], at=T0, title="Mine", text="")


def test_an_answer_to_an_answer_stands_under_the_first_comment(
    matter: Decision, members: list[Person]
) -> None:
    first = talk.say(matter, by=members[0], at=T0, text="A")
    second = talk.say(matter, by=members[1], at=T0, text="B", answers=first)
    third = talk.say(matter, by=members[2], at=T0, text="C", answers=second)
    assert third.answers == first


def test_the_secretary_removes_a_comment_with_a_reason_and_others_do_not(
    matter: Decision, members: list[Person], secretary: Person
) -> None:
    comment = talk.say(matter, by=members[1], at=T0, text="Rude words")
    with pytest.raises(NotEntitled):
        talk.remove(comment, by=members[2], at=T0, reason="I disagree")
    with pytest.raises(ReasonMissing):
        talk.remove(comment, by=secretary, at=T0, reason=" ")
    talk.remove(comment, by=secretary, at=T0, reason="An insult")
    assert Comment.objects.get(pk=comment.pk).removed_because == "An insult"


# --- The call ---


def test_only_the_secretary_calls_where_there_is_one(matter: Decision, members: list[Person]) -> None:
    with pytest.raises(NotEntitled):
        called(matter, members[1])
    assert called(matter, members[0]).ends_at == days_later(T0, 5)


def test_where_there_is_no_secretary_any_member_taking_part_calls_and_a_participant_does_not() -> None:
    assembly = make_assembly()
    member, other = make_members(assembly, 2)
    participant = make_person()
    make_participation(participant, assembly)
    decision = make_decision(assembly, participant, at=T0)
    with pytest.raises(NotEntitled):
        called(decision, participant)
    assert called(decision, other).called_by == other
    with pytest.raises(NotEntitled):
        gatherings.require_convenor(assembly, participant, T0)
    gatherings.require_convenor(assembly, member, T0)


def test_a_second_call_while_one_is_open_is_refused(matter: Decision, members: list[Person]) -> None:
    called(matter, members[0])
    with pytest.raises(WrongMoment):
        called(matter, members[0])


def test_a_simple_matter_is_settled_at_once_when_every_member_has_agreed(
    matter: Decision, members: list[Person], participant: Person
) -> None:
    call = called(matter, members[0])
    for person in members[:-1]:
        answer(call, person, Stance.AGREE)
        matter.refresh_from_db()
        assert matter.settled_at is None
    at = T0 + timedelta(minutes=5)
    answer(call, members[-1], Stance.STAND_ASIDE, at=at)
    matter.refresh_from_db()
    assert matter.settled_at == at
    assert matter.settled_by == "consensus"
    assert matter.options.get(won_at__isnull=False).name == "Apples"


@pytest.mark.policy("A8", "P5")
@pytest.mark.parametrize(("agreeing", "result"), [(2, Call.Result.FELL), (3, Call.Result.CONSENSUS)])
def test_at_its_end_a_call_needs_the_quorum_of_members(
    matter: Decision, members: list[Person], agreeing: int, result: str
) -> None:
    call = called(matter, members[0])
    for person in members[:agreeing]:
        answer(call, person, Stance.AGREE)
    sweep(call.ends_at - TICK)
    call.refresh_from_db()
    assert call.ended_at is None
    sweep(call.ends_at)
    call.refresh_from_db()
    assert call.result == result
    matter.refresh_from_db()
    assert (matter.settled_at is not None) is (result == Call.Result.CONSENSUS)
    assert matter.ballot is None  # a fallen call leads to a moot, and to no ballot


@pytest.mark.policy("A3", "P5")
def test_only_a_members_objection_stops_consensus(
    matter: Decision, members: list[Person], participant: Person
) -> None:
    call = called(matter, members[0])
    for person in members[:3]:
        answer(call, person, Stance.AGREE)
    answer(call, participant, Stance.OBJECT)
    sweep(call.ends_at)
    matter.refresh_from_db()
    assert matter.settled_by == "consensus"


@pytest.mark.policy("P5")
def test_one_members_objection_brings_the_matter_back(matter: Decision, members: list[Person]) -> None:
    call = called(matter, members[0])
    for person in members[:4]:
        answer(call, person, Stance.AGREE)
    objection = answer(call, members[4], Stance.OBJECT)
    calls.answer_objection(objection, by=members[0], at=T0, text="We have a grant.")
    sweep(call.ends_at)
    matter.refresh_from_db()
    call.refresh_from_db()
    assert matter.settled_at is None
    assert call.result == Call.Result.FELL
    assert call.account["members_object"] == 1


def test_who_is_a_member_is_asked_at_the_end_of_the_call(matter: Decision, members: list[Person]) -> None:
    call = called(matter, members[0])
    for person in members[:3]:
        answer(call, person, Stance.AGREE)
    answer(call, members[3], Stance.OBJECT)
    members[3].memberships.update(lapses_at=call.ends_at)
    sweep(call.ends_at)
    matter.refresh_from_db()
    assert matter.settled_by == "consensus"


def test_an_answer_can_be_changed_until_the_end_and_not_at_it(
    matter: Decision, members: list[Person]
) -> None:
    call = called(matter, members[0])
    answer(call, members[1], Stance.OBJECT)
    answer(call, members[1], Stance.AGREE, at=call.ends_at - TICK)
    assert call.positions.get().stance == Stance.AGREE
    with pytest.raises(WrongMoment):
        answer(call, members[1], Stance.OBJECT, at=call.ends_at)
    assert call.positions.get().stance == Stance.AGREE


def test_an_objection_without_a_reason_is_refused(matter: Decision, members: list[Person]) -> None:
    call = called(matter, members[0])
    with pytest.raises(ReasonMissing):
        calls.take_position(call, members[1], Stance.OBJECT, reason="  ", at=T0)
    assert not call.positions.exists()


def test_in_an_assembly_smaller_than_the_quorum_all_members_are_needed() -> None:
    assembly = make_assembly()
    one, two = make_members(assembly, 2)
    decision = make_decision(assembly, one, at=T0)
    call = called(decision, one)
    answer(call, one, Stance.AGREE)
    sweep(call.ends_at - TICK)
    answer(call, two, Stance.AGREE, at=call.ends_at - TICK)
    decision.refresh_from_db()
    assert decision.settled_by == "consensus"


def test_an_assembly_without_members_reaches_no_consensus() -> None:
    assembly = make_assembly()
    general = make_member()
    participant = make_person()
    make_participation(participant, assembly)
    decision = make_decision(assembly, participant, at=T0)
    with pytest.raises(NotEntitled):
        called(decision, general)


def test_after_a_fallen_call_the_matter_can_be_called_again_or_withdrawn(
    matter: Decision, members: list[Person]
) -> None:
    call = fallen(matter, members[0])
    again = called(matter, members[0], at=call.ends_at)
    with pytest.raises(WrongMoment):
        proposals.withdraw(matter, by=members[-1], at=call.ends_at, reason="Enough")
    sweep(again.ends_at)
    with pytest.raises(ReasonMissing):
        proposals.withdraw(matter, by=members[-1], at=again.ends_at, reason="")
    proposals.withdraw(matter, by=members[-1], at=again.ends_at, reason="Enough")
    with pytest.raises(WrongMoment):
        called(matter, members[0], at=again.ends_at)


# --- Try harder ---


def test_a_moot_comes_after_a_fallen_call_and_not_before(matter: Decision, members: list[Person]) -> None:
    with pytest.raises(WrongMoment, match="Seek consensus first"):
        make_held_moot(matter, members[0], T0 + timedelta(days=1))
    called(matter, members[0])
    with pytest.raises(WrongMoment, match="call for consensus is open"):
        make_held_moot(matter, members[0], T0 + timedelta(days=1))


def test_a_deliberation_begins_only_after_a_moot_has_been_held(
    matter: Decision, members: list[Person]
) -> None:
    call = fallen(matter, members[0])
    at = call.ends_at
    with pytest.raises(WrongMoment, match="A moot comes first"):
        deliberation.begin(matter, by=members[0], at=at)
    moot = gatherings.call_gathering(
        matter.assembly,
        by=members[0],
        at=at,
        decision=matter,
        title="Moot",
        starts_at=at + timedelta(hours=1),
        ends_at=at + timedelta(hours=2),
        address="Hall",
    )
    with pytest.raises(WrongMoment):
        gatherings.mark_held(moot, by=members[0], at=at + timedelta(hours=1) - TICK)
    with pytest.raises(WrongMoment, match="A moot comes first"):
        deliberation.begin(matter, by=members[0], at=at)
    gatherings.call_off(moot, by=members[0], at=at, reason="Snow")
    with pytest.raises(WrongMoment):
        gatherings.mark_held(moot, by=members[0], at=at + timedelta(hours=3))


def test_a_deliberation_shorter_than_the_rule_is_refused(matter: Decision, members: list[Person]) -> None:
    call = fallen(matter, members[0])
    at = call.ends_at + timedelta(days=1)
    make_held_moot(matter, members[0], at)
    for days in (0, 6, 61):
        with pytest.raises(BadProposal):
            deliberation.begin(matter, by=members[0], at=at, days=days)
    with pytest.raises(NotEntitled):
        deliberation.begin(matter, by=members[1], at=at)
    deliberation.begin(matter, by=members[0], at=at, days=7)


def test_the_database_refuses_a_deliberation_on_a_defection_under_a_week(
    matter: Decision, members: list[Person]
) -> None:
    Decision.objects.filter(pk=matter.pk).update(kind=Decision.Kind.DEFECTION)
    matter.refresh_from_db()
    make_held_moot(matter, members[0], T0)
    week = timedelta(days=7)
    for length, allowed in ((week - timedelta(hours=1), False), (week - TICK, False), (week, True)):
        change = {"deliberation_began_at": T0, "deliberation_ends_at": T0 + length}
        if allowed:
            Decision.objects.filter(pk=matter.pk).update(**change)
        else:
            with pytest.raises(IntegrityError), transaction.atomic():
                Decision.objects.filter(pk=matter.pk).update(**change)


def test_a_call_within_a_deliberation_is_made_48_hours_before_its_end_and_ends_with_it(
    matter: Decision, members: list[Person]
) -> None:
    deliberating(matter, members[0])
    end = matter.deliberation_ends_at
    assert end is not None
    with pytest.raises(WrongMoment, match="48 hours"):
        called(matter, members[0], at=end - timedelta(hours=48) + TICK)
    call = called(matter, members[0], at=end - timedelta(hours=48))
    assert call.ends_at == end
    for person in members[:3]:
        answer(call, person, Stance.AGREE, at=end - TICK)
    sweep(end - TICK)
    matter.refresh_from_db()
    assert matter.settled_at is None
    sweep(end)
    matter.refresh_from_db()
    assert matter.settled_by == "consensus"
    assert matter.ballot is None


@pytest.mark.policy("A8", "A10", "P6")
def test_without_consensus_at_its_end_a_ballot_opens_by_itself_and_its_result_is_the_decision(
    assembly: Assembly, members: list[Person]
) -> None:
    now = timezone.now()
    with time_machine.travel(now - timedelta(days=20), tick=False):
        matter = make_decision(assembly, members[-1], at=now - timedelta(days=20))
        call = called(matter, members[0], at=now - timedelta(days=20))
    sweep(call.ends_at)
    at = call.ends_at + timedelta(days=1)
    make_held_moot(matter, members[0], at)
    deliberation.begin(matter, by=members[0], at=at)
    matter.refresh_from_db()
    end = matter.deliberation_ends_at
    assert end is not None
    assert end < now
    sweep(end - TICK)
    assert not Ballot.objects.exists()
    sweep(now)
    matter.refresh_from_db()
    ballot = matter.ballot
    assert ballot is not None
    assert (ballot.terms["method"], ballot.terms["standing"], ballot.seats) == ("star", "binding", 1)
    assert ballot.standing == Ballot.Standing.BINDING
    assert [option.name for option in ballot.options.all()] == ["Apples", "Pears", "Leave things as they are"]
    assert set(Person.objects.filter(roll_entries__ballot=ballot)) == set(members)
    assert ballot.closes_at == days_later(now, 7)
    for person in members[:3]:
        cast_vote(ballot, person, 0, 5, 1)
    end_now(ballot)
    sweep(timezone.now())
    sweep(timezone.now())
    matter.refresh_from_db()
    assert matter.settled_by == "ballot"
    assert matter.options.get(won_at__isnull=False).name == "Pears"
    assert Event.objects.filter(verb="decision.settled").count() == 1


def test_a_ballot_in_which_nobody_voted_leaves_things_as_they_are(
    matter: Decision, members: list[Person]
) -> None:
    deliberating(matter, members[0])
    Decision.objects.filter(pk=matter.pk).update(
        deliberation_began_at=timezone.now() - timedelta(days=9), deliberation_ends_at=timezone.now()
    )
    sweep(timezone.now())
    matter.refresh_from_db()
    assert matter.ballot is not None
    end_now(matter.ballot)
    sweep(timezone.now())
    matter.refresh_from_db()
    assert matter.options.get(won_at__isnull=False).leaves_things


def test_a_joint_matter_has_the_members_of_all_its_assemblies_and_each_answers_once(member: Person) -> None:
    first, second = make_assembly(), make_assembly()
    here, there = make_members(first, 1)[0], make_members(second, 1)[0]
    for assembly in (first, second):
        make_participation(member, assembly)
    decision = make_decision(first, here, at=T0, together_with=[second])
    call = called(decision, here)
    for person in (here, there):
        answer(call, person, Stance.AGREE)
    decision.refresh_from_db()
    assert decision.settled_at is None
    answer(call, member, Stance.AGREE)
    decision.refresh_from_db()
    assert decision.settled_by == "consensus"


def test_a_matter_keeps_the_rules_it_began_under(
    assembly: Assembly, matter: Decision, members: list[Person]
) -> None:
    Assembly.objects.filter(pk=assembly.pk).update(quorum=1, cooling_off_days=1)
    assembly.refresh_from_db()
    assert called(matter, members[0]).ends_at == days_later(T0, 5)
    later = make_decision(assembly, members[0], at=T0, title="Another")
    assert calls.call_for_consensus(later, first_option(later), by=members[0], at=T0).ends_at == days_later(
        T0, 1
    )


@pytest.mark.parametrize(
    ("began", "ends"),
    [
        (datetime(2026, 10, 22, 18, 0, tzinfo=UTC), datetime(2026, 10, 29, 19, 0, tzinfo=UTC)),
        (datetime(2027, 3, 25, 19, 0, tzinfo=UTC), datetime(2027, 4, 1, 18, 0, tzinfo=UTC)),
    ],
)
def test_seven_days_from_thursday_seven_in_the_evening_is_the_next_also_across_a_clock_change(
    began: datetime, ends: datetime
) -> None:
    assert days_later(began, 7) == ends


# --- Work ---


@pytest.mark.policy("A15")
def test_a_settled_matter_leads_to_tasks_that_are_reported_chased_and_finished(
    matter: Decision, members: list[Person], outsider: Person
) -> None:
    with pytest.raises(WrongMoment):
        work.name_task(matter, by=members[0], at=T0, title="Buy trees", owner=members[1], due_on=T0.date())
    call = called(matter, members[0])
    for person in members:
        answer(call, person, Stance.AGREE)
    settlement.state_outcome(matter, by=members[0], at=T0, text="We plant apples.")
    due_on = (T0 + timedelta(days=3)).date()
    with pytest.raises(BadProposal):
        work.name_task(matter, by=members[0], at=T0, title="Buy trees", owner=outsider, due_on=due_on)
    task = work.name_task(matter, by=members[0], at=T0, title="Buy trees", owner=members[1], due_on=due_on)
    work.report(task, by=members[1], at=T0, text="Ordered.")
    for days, reminders in ((3, 0), (4, 1), (5, 1), (10, 1), (11, 2)):
        sweep(T0 + timedelta(days=days))
        assert Message.objects.filter(kind="decisions/mail/chase").count() == reminders
    with pytest.raises(NotEntitled):
        work.finish(task, by=members[2], at=T0)
    work.finish(task, by=members[1], at=T0 + timedelta(days=12))
    with pytest.raises(WrongMoment):
        work.drop(task, by=members[1], at=T0 + timedelta(days=12), reason="Late")
    assert str(Task.objects.get().state_on(due_on)) == "done"


def test_every_move_is_an_event_in_order(matter: Decision, members: list[Person]) -> None:
    deliberating(matter, members[0])
    verbs = list(Event.objects.about(matter).values_list("verb", flat=True))
    assert verbs == [
        "decision.proposed",
        "decision.called",
        "decision.call_fell",
        "decision.gathering_called",
        "decision.gathering_held",
        "decision.deliberation_began",
    ]
