"""Two people, or two sweeps, at the same moment: one outcome each, and a sentence for whoever came second."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assemblies.models import Assembly
from ballots.models import Ballot
from decisions import calls, deliberation, gatherings, proposals, settlement, work
from decisions.clock import chase_due
from decisions.errors import DecisionError, WrongMoment
from decisions.models import Call, Decision, Stance, Task
from harmony.clock import sweep
from harmony.time import london_day
from ledger.models import Event, Message
from members.models import Person
from tests.at_once import at_once, in_turn
from tests.decisions.climbing import agreed, called, deliberating, fallen, met, voting
from tests.decisions.meetings import make_gathering
from tests.factories import cast_vote, count_ballot, end_now, make_decision, make_members

pytestmark = pytest.mark.django_db(transaction=True)
TICK = timedelta(microseconds=1)


def sent(
    person: Person, decision: Decision, name: str, *more: object, **fields: object
) -> Callable[[], HttpResponse]:
    """A form of the matter, ready to be sent by the person from a browser of its own."""
    client = Client()
    client.force_login(person)
    address = reverse(f"decisions:{name}", args=[decision.pk, *more])
    return lambda: client.post(address, fields)  # type: ignore[return-value]


def statuses(answers: list[HttpResponse | DecisionError]) -> list[int]:
    """How the requests ended, the good ones first."""
    return sorted(answer.status_code for answer in answers if isinstance(answer, HttpResponse))


def count(verb: str) -> int:
    """How often the record says that this was done."""
    return Event.objects.filter(verb=f"decision.{verb}").count()


def letters(kind: str) -> list[str]:
    """To whom letters of this kind were written."""
    return sorted(Message.objects.filter(kind=f"decisions/mail/{kind}").values_list("address", flat=True))


# --- Calls and answers --------------------------------------------------------------------------------
def test_a_call_sent_four_times_at_once_is_made_once(assembly: Assembly, secretary: Person) -> None:
    make_members(assembly, 3)
    decision = make_decision(assembly, secretary)
    answers = at_once([sent(secretary, decision, "call_confirm", 1) for _ in range(4)], DecisionError)
    assert statuses(answers) == [302, 409, 409, 409]
    told = [a.content.decode() for a in answers if isinstance(a, HttpResponse) and a.status_code == 409]
    assert all("A call for consensus is open on this matter already." in text for text in told)
    assert count("called") == decision.calls.count() == 1
    assert len(letters("called")) == len(set(letters("called"))) > 0


@pytest.mark.parametrize("attempt", range(3))
def test_one_person_in_two_tabs_has_one_answer_the_one_recorded_last(
    assembly: Assembly, secretary: Person, attempt: int
) -> None:
    person, *_others = make_members(assembly, 3)
    decision = make_decision(assembly, secretary)
    called(decision, secretary)
    tabs = [
        sent(person, decision, "call_answer", 1, stance="agree"),
        sent(person, decision, "call_answer", 1, stance="object", reason="It is too far."),
    ]
    assert statuses(at_once(tabs, DecisionError)) == [302, 302]
    last = Event.objects.filter(verb="decision.answered").order_by("id").last()
    assert last is not None
    assert decision.calls.get().positions.get().stance == last.data["stance"]


def test_the_same_answer_sent_four_times_at_once_is_recorded_once(
    assembly: Assembly, secretary: Person
) -> None:
    person, *_others = make_members(assembly, 3)
    decision = make_decision(assembly, secretary)
    called(decision, secretary)
    tabs = [sent(person, decision, "call_answer", 1, stance="agree") for _ in range(4)]
    assert statuses(in_turn(decision, tabs, DecisionError)) == [302] * 4
    assert decision.calls.get().positions.count() == count("answered") == 1


@pytest.mark.policy("A9")
@pytest.mark.parametrize("attempt", range(3))
def test_the_last_three_members_answer_at_once_and_the_matter_is_settled_once(
    assembly: Assembly, attempt: int
) -> None:
    people = make_members(assembly, 3)
    decision = make_decision(assembly, people[0])
    called(decision, people[0])
    answers = at_once(
        [sent(person, decision, "call_answer", 1, stance="agree") for person in people], DecisionError
    )
    assert statuses(answers) == [302, 302, 302]
    decision.refresh_from_db()
    assert decision.settled_by == "consensus"
    assert count("consensus") == count("settled") == 1


def ending(assembly: Assembly, secretary: Person) -> tuple[Decision, Call]:
    """A matter with a call that ends at this moment, to which two of four members have agreed."""
    people = make_members(assembly, 3)
    decision = make_decision(assembly, secretary, at=timezone.now() - timedelta(days=9))
    call = called(decision, secretary, at=timezone.now() - timedelta(days=6))
    for person in people[:2]:
        calls.take_position(call, person, Stance.AGREE, at=call.called_at)
    return decision, call


def test_an_answer_before_the_end_of_a_call_counts_when_it_comes_first(
    assembly: Assembly, secretary: Person
) -> None:
    decision, call = ending(assembly, secretary)
    just_before = call.ends_at - TICK
    jobs: list[Callable[[], object]] = [
        lambda: calls.take_position(call, secretary, Stance.AGREE, at=just_before),
        lambda: calls.end_call(call, at=call.ends_at),
    ]
    assert in_turn(decision, jobs, DecisionError)[1] is True
    decision.refresh_from_db()
    call.refresh_from_db()
    assert decision.settled_by == "consensus"
    assert call.account["members_agree"] == 3


def test_an_answer_that_comes_after_the_end_of_a_call_is_refused_in_words_and_changes_nothing(
    assembly: Assembly, secretary: Person
) -> None:
    decision, call = ending(assembly, secretary)
    jobs: list[Callable[[], object]] = [
        lambda: calls.end_call(call, at=call.ends_at),
        lambda: calls.take_position(call, secretary, Stance.AGREE, at=call.ends_at - TICK),
    ]
    ended, refused = in_turn(decision, jobs, DecisionError)
    assert ended is True
    assert isinstance(refused, WrongMoment)
    assert str(refused) == "This call has ended. Your answer came too late and was not recorded."
    call.refresh_from_db()
    assert (call.result, call.account["members_agree"]) == (Call.Result.FELL, 2)
    assert call.positions.count() == 2


def test_six_sweeps_at_once_end_a_call_once(assembly: Assembly, secretary: Person) -> None:
    ending(assembly, secretary)
    assert at_once([lambda: sweep(timezone.now())] * 6, DecisionError) == [[]] * 6
    assert count("call_fell") == 1
    assert letters("fell") == [secretary.email]


# --- Moving on ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("call_first", [True, False])
def test_of_a_withdrawal_and_a_call_at_once_the_second_is_told_why_not(
    assembly: Assembly, secretary: Person, call_first: bool
) -> None:
    proposer, *_others = make_members(assembly, 2)
    decision = make_decision(assembly, proposer)
    calling = sent(secretary, decision, "call_confirm", 1)
    taking_back = sent(proposer, decision, "decision_withdraw", text="Solved already.")
    jobs = [calling, taking_back] if call_first else [taking_back, calling]
    first, second = in_turn(decision, jobs, DecisionError)
    assert isinstance(first, HttpResponse)
    assert isinstance(second, HttpResponse)
    assert (first.status_code, second.status_code) == (302, 409)
    reason = "A call for consensus is open on this matter." if call_first else "settled or withdrawn"
    assert reason in second.content.decode()
    decision.refresh_from_db()
    assert decision.calls.exists() is call_first
    assert (decision.withdrawn_at is None) is call_first
    assert (count("called"), count("withdrawn")) == ((1, 0) if call_first else (0, 1))


def test_a_deliberation_begun_four_times_at_once_begins_once(assembly: Assembly, secretary: Person) -> None:
    decision, _moot = met(assembly, secretary)
    jobs = [sent(secretary, decision, "deliberation_begin", days=7 + n) for n in range(4)]
    answers = at_once(jobs, DecisionError)
    assert statuses(answers) == [302, 409, 409, 409]
    told = [a.content.decode() for a in answers if isinstance(a, HttpResponse) and a.status_code == 409]
    assert all("The deliberation on this matter has begun already." in text for text in told)
    assert count("deliberation_began") == 1


@pytest.mark.parametrize("call_first", [True, False])
def test_a_call_and_a_deliberation_at_once_never_stand_in_each_other_s_way(
    assembly: Assembly, secretary: Person, call_first: bool
) -> None:
    decision, _moot = met(assembly, secretary)
    option = decision.options.get(name="Apples")
    now = timezone.now()
    jobs: list[Callable[[], object]] = [
        lambda: calls.call_for_consensus(decision, option, by=secretary, at=now),
        lambda: deliberation.begin(decision, by=secretary, at=now),
    ]
    answers = in_turn(decision, jobs if call_first else jobs[::-1], DecisionError)
    standing = decision.calls.standing().get()
    decision.refresh_from_db()
    if call_first:
        assert str(answers[1]) == "A call for consensus is open. A deliberation begins after it has fallen."
        assert (standing.in_deliberation, decision.deliberation_began_at) == (False, None)
    else:
        assert (standing.in_deliberation, standing.ends_at) == (True, decision.deliberation_ends_at)


def test_an_edit_and_a_call_at_once_leave_people_answering_the_text_they_read(
    assembly: Assembly, secretary: Person
) -> None:
    decision = make_decision(assembly, secretary)
    now = timezone.now()
    option = decision.options.get(name="Apples")
    jobs: list[Callable[[], object]] = [
        lambda: calls.call_for_consensus(decision, option, by=secretary, at=now),
        lambda: proposals.edit(decision, by=secretary, at=now, title="Another matter", text=""),
        lambda: proposals.add_option(decision, by=secretary, at=now, name="Figs", statement=""),
    ]
    _call, *refused = in_turn(decision, jobs, DecisionError)
    assert [type(answer) for answer in refused] == [WrongMoment, WrongMoment]
    decision.refresh_from_db()
    assert decision.title == "Which fruit do we plant?"


def test_a_moot_is_held_or_called_off_but_not_both(assembly: Assembly, secretary: Person) -> None:
    now = timezone.now()
    starts = now - timedelta(minutes=5)
    when = {"at": now - timedelta(days=1), "starts_at": starts, "ends_at": now + timedelta(hours=1)}
    moot = make_gathering(assembly, secretary, decision=fallen(assembly, secretary), **when)
    jobs: list[Callable[[], object]] = [
        lambda: gatherings.mark_held(moot, by=secretary, at=now),
        lambda: gatherings.call_off(moot, by=secretary, at=now, reason="Snow"),
        lambda: gatherings.mark_held(moot, by=secretary, at=now),
    ]
    answers = at_once(jobs, DecisionError)
    assert [answer for answer in answers if answer is None] == [None]
    moot.refresh_from_db()
    assert (moot.held_at is None) is (moot.cancelled_at is not None)
    assert count("gathering_held") == (moot.held_at is not None)


# --- What the clock does ------------------------------------------------------------------------------
@pytest.mark.policy("A10", "P6")
def test_six_sweeps_at_once_end_a_deliberation_open_its_ballot_and_take_up_its_result_once(
    assembly: Assembly, secretary: Person
) -> None:
    people = [secretary, *make_members(assembly, 3)]
    decision = deliberating(assembly, secretary, days_ago=7.5)
    sweeps = [lambda: sweep(timezone.now())] * 6
    assert at_once(sweeps, DecisionError) == [[]] * 6
    decision.refresh_from_db()
    assert decision.ballot is not None
    assert Ballot.objects.count() == count("deliberation_ended") == count("ballot_opened") == 1
    opened = Message.objects.filter(kind="ballots/mail/opened")
    assert sorted(opened.values_list("address", flat=True)) == sorted(person.email for person in people)
    cast_vote(decision.ballot, secretary, 0, 5, 0)
    end_now(decision.ballot)
    assert at_once(sweeps, DecisionError) == [[]] * 6
    assert sweep(timezone.now()) == []
    decision.refresh_from_db()
    assert decision.settled_by == "ballot"
    assert decision.options.get(won_at__isnull=False).name == "Pears"
    assert count("settled") == 1


def test_a_result_is_taken_up_once_by_six_at_once(assembly: Assembly, secretary: Person) -> None:
    decision = voting(assembly, secretary)
    assert decision.ballot is not None
    cast_vote(decision.ballot, secretary, 5, 0, 0)
    count_ballot(decision.ballot)
    jobs = [lambda: settlement.settle_by_ballot(decision, at=timezone.now())] * 6
    assert sorted(map(bool, at_once(jobs, DecisionError))) == [False] * 5 + [True]
    assert count("settled") == 1


def test_an_answer_and_the_end_of_its_deliberation_at_once_agree_on_what_was_counted(
    assembly: Assembly, secretary: Person
) -> None:
    people = make_members(assembly, 3)
    decision = deliberating(assembly, secretary, days_ago=4)
    call = called(decision, secretary, at=timezone.now())
    for person in people[:2]:
        calls.take_position(call, person, Stance.AGREE, at=call.called_at)
    end = call.ends_at
    jobs: list[Callable[[], object]] = [
        lambda: calls.take_position(call, people[2], Stance.AGREE, at=end - TICK),
        *[lambda: deliberation.end(decision, at=end)] * 3,
    ]
    answer, *_ended = at_once(jobs, DecisionError)
    deliberation.end(decision, at=end)  # what was locked is due again at the next sweep
    call.refresh_from_db()
    decision.refresh_from_db()
    counted = isinstance(answer, WrongMoment)
    assert call.account["members_agree"] == (2 if counted else 3)
    assert (call.result == Call.Result.CONSENSUS) is (decision.settled_at is not None) is not counted
    assert count("deliberation_ended") == 1


# --- Work ---------------------------------------------------------------------------------------------
def make_task(assembly: Assembly, secretary: Person) -> Task:
    decision = agreed(assembly, [secretary])
    now = timezone.now()
    day = london_day(now)
    return work.name_task(decision, by=secretary, at=now, title="Dig", owner=secretary, due_on=day)


def test_a_task_is_done_or_dropped_but_not_both(assembly: Assembly, secretary: Person) -> None:
    task = make_task(assembly, secretary)
    jobs = [
        sent(secretary, task.decision, "task_finish", task.pk),
        sent(secretary, task.decision, "task_drop", task.pk, reason="No time"),
    ]
    first, second = in_turn(task, jobs, DecisionError)
    assert isinstance(first, HttpResponse)
    assert isinstance(second, HttpResponse)
    assert (first.status_code, second.status_code) == (302, 409)
    assert "This task is done or dropped already." in second.content.decode()
    task.refresh_from_db()
    assert (task.done_at is not None, task.dropped_at) == (True, None)


def test_six_sweeps_at_once_remind_an_owner_once(assembly: Assembly, secretary: Person) -> None:
    task = make_task(assembly, secretary)
    Task.objects.filter(pk=task.pk).update(due_on=task.due_on - timedelta(days=1))
    at_once([lambda: chase_due(timezone.now())] * 6, DecisionError)
    assert letters("chase") == [secretary.email]


def test_a_task_and_a_comment_sent_four_times_at_once_are_there_once(
    assembly: Assembly, secretary: Person
) -> None:
    decision = agreed(assembly, [secretary])
    day = london_day(timezone.now()) + timedelta(days=3)
    fields = {"due_on_day": day.day, "due_on_month": day.month, "due_on_year": day.year}
    task = {"title": "Dig", "owner": secretary.pk, **fields}
    naming = [sent(secretary, decision, "task_name", **task) for _ in range(4)]
    saying = [sent(secretary, decision, "comment_add", text="Well done.") for _ in range(4)]
    assert statuses(at_once(naming, DecisionError)) == [302] * 4
    assert statuses(at_once(saying, DecisionError)) == [302] * 4
    assert decision.tasks.count() == decision.comments.count() == 1
