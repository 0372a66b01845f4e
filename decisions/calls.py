"""The second rung: a call for consensus, the answers to it, and its end (A8, A9, P5)."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from decisions import following, letters, races
from decisions.entitlement import require_facilitator, require_participant
from decisions.errors import BadProposal, ReasonMissing, WrongMoment
from decisions.models import Call, Decision, Option, Position, Stance
from decisions.proposals import locked
from decisions.settlement import settle_by_consensus
from harmony.time import days_later, hours
from ledger import events
from members.models import Person

LAST_CALL_BEFORE_THE_END = hours(48)


_VERBS = {
    Call.Result.CONSENSUS: "decision.consensus",
    Call.Result.FELL: "decision.call_fell",
    Call.Result.STOPPED: "decision.call_stopped",
}


@transaction.atomic
def call_for_consensus(decision: Decision, option: Option, *, by: Person, at: datetime) -> Call:
    """Calls for consensus on `option`.

    In the talk its window is the cooling-off; in a deliberation, at least 48 hours before the end, it ends with
    that. Raises NotEntitled, WrongMoment, or BadProposal for an option of another matter.
    """
    decision = locked(decision)
    require_facilitator(decision, by, at)
    if option.decision_id != decision.pk:
        raise BadProposal(_("This option belongs to another matter."))
    if option.withdrawn_at is not None:
        raise BadProposal(_("This candidate has withdrawn."))
    issues = issues_before_calling(decision, at)
    if issues:
        raise WrongMoment(" ".join(issues))
    in_deliberation = decision.is_in_deliberation
    if in_deliberation and decision.deliberation_ends_at is not None:
        ends_at = decision.deliberation_ends_at
    else:
        ends_at = days_later(at, decision.cooling_off_days)
    call = Call.objects.create(
        decision=decision,
        option=option,
        together=races.called_together(decision, option),
        called_by=by,
        called_at=at,
        ends_at=ends_at,
        in_deliberation=in_deliberation,
    )
    events.record("decision.called", decision, at=at, by=by.pk, data={"call": call.pk, "option": option.pk})
    following.begin(decision, by, at=at)
    letters.queue_call(call, at=at)
    return call


def issues_before_calling(decision: Decision, at: datetime) -> list[str]:
    """Sentences that say why nobody can call for consensus at `at`; empty when somebody entitled can."""
    if not decision.is_unsettled:
        return [_("This matter is settled or withdrawn.")]
    if decision.calls.standing().exists():
        return [_("A call for consensus is open on this matter already.")]
    if decision.deliberation_ended_at is not None:
        return [_("The deliberation is over: the matter goes to a ballot.")]
    issues = races.issues_before_calling(decision) if decision.kind == Decision.Kind.RACE else []
    if decision.is_in_deliberation and decision.deliberation_ends_at is not None:
        if decision.deliberation_ends_at - at < LAST_CALL_BEFORE_THE_END:
            return [_("A call within a deliberation is made at least 48 hours before its end.")]
        return issues
    if decision.kind == Decision.Kind.DEFECTION:
        return [_("This matter has its gathering first; a call is made in the deliberation after it.")]
    return issues


@transaction.atomic
def take_position(call: Call, person: Person, stance: str, *, reason: str = "", at: datetime) -> Position:
    """The person's answer to a call, in place of an earlier one, while its window is open.

    The same answer given again, as when a form is sent twice, changes and records nothing. Settles the matter at
    once where every member has answered, enough agree and none objects (A9). Raises NotTakingPart, WrongMoment,
    or ReasonMissing for an objection without a reason.
    """
    decision = locked(call.decision)
    call = Call.objects.select_for_update().get(pk=call.pk)
    require_participant(decision, person, at)
    reason = reason.strip()
    same = call.positions.filter(person=person, stance=stance, reason=reason).first()
    if same is not None:
        return same
    if not call.is_open_at(at) or not decision.is_unsettled:
        raise WrongMoment(_("This call has ended. Your answer came too late and was not recorded."))
    if stance not in Stance.values:
        raise BadProposal(_("Answer with agree, stand aside or object."))
    if stance == Stance.OBJECT and not reason:
        raise ReasonMissing(_("Say why you object: the others can only answer what they know."))
    position, _made = Position.objects.update_or_create(
        call=call,
        person=person,
        defaults={"stance": stance, "reason": reason, "taken_at": at, "answer": "", "answered_at": None},
    )
    events.record(
        "decision.answered", decision, at=at, by=person.pk, data={"call": call.pk, "stance": str(stance)}
    )
    following.begin(decision, person, at=at)
    figures = figures_of(call, at)
    everybody = figures["members_answered"] == figures["members"]
    if everybody and is_consensus(figures) and decision.kind != Decision.Kind.DEFECTION:
        end_with_consensus(call, figures, at=at)
    return position


def figures_of(call: Call, at: datetime) -> dict[str, int]:
    """How the call stands at `at`: members and participants apart, since only members' objections stop it (A3)."""
    members = set(call.decision.members_at(at).values_list("pk", flat=True))
    taking_part = set(call.decision.participants_at(at).values_list("pk", flat=True))
    counted = {f"{group}_{stance}": 0 for group in ("members", "participants") for stance in Stance.values}
    answered = 0
    for person, stance in call.positions.values_list("person_id", "stance"):
        if person in members:
            answered += 1
            counted[f"members_{stance}"] += 1
        elif person in taking_part:
            counted[f"participants_{stance}"] += 1
    needed = min(call.decision.quorum, len(members))
    return {**counted, "members": len(members), "members_answered": answered, "needed": needed}


def is_consensus(figures: dict[str, int]) -> bool:
    """At least the quorum of members agree, or all where there are fewer, and no member objects."""
    return (
        figures["members"] > 0
        and figures["members_agree"] >= figures["needed"]
        and figures["members_object"] == 0
    )


def end_with_consensus(call: Call, figures: dict[str, int], *, at: datetime) -> None:
    """Ends the call with consensus and settles the matter; within the caller's transaction."""
    _end(call, Call.Result.CONSENSUS, figures, at)
    settle_by_consensus(call, at=at)


def stop(call: Call, *, at: datetime) -> None:
    """Ends the call of a matter that is taken back; within the caller's transaction."""
    _end(call, Call.Result.STOPPED, figures_of(call, at), at)


def end_fallen(call: Call, figures: dict[str, int], *, at: datetime) -> None:
    """Ends the call without consensus; within the caller's transaction."""
    _end(call, Call.Result.FELL, figures, at)


@transaction.atomic
def end_call(call: Call, *, at: datetime) -> bool:
    """Ends a call whose window is over: consensus, or it falls. False when it is not due, or ended elsewhere."""
    decision = locked(call.decision)
    due = Call.objects.due_to_end(at).select_for_update(skip_locked=True)
    found = due.filter(pk=call.pk).first()
    if found is None or not decision.is_unsettled:
        return False
    figures = figures_of(found, at)
    if is_consensus(figures):
        end_with_consensus(found, figures, at=at)
    else:
        end_fallen(found, figures, at=at)
        letters.queue_fallen(found, at=at)
    return True


def _end(call: Call, result: str, figures: dict[str, int], at: datetime) -> None:
    call.ended_at, call.result, call.account = at, result, figures
    call.save(update_fields=["ended_at", "result", "account"])
    data: dict[str, Any] = {"call": call.pk, **figures}
    events.record(_VERBS[Call.Result(result)], call.decision, at=at, data=data)


@transaction.atomic
def answer_objection(position: Position, *, by: Person, at: datetime, text: str) -> None:
    """Answers an objection, for all to read. Raises NotTakingPart, WrongMoment or ReasonMissing."""
    position = Position.objects.select_for_update().get(pk=position.pk)
    require_participant(position.call.decision, by, at)
    if position.stance != Stance.OBJECT:
        raise WrongMoment(_("This is no objection any more."))
    if not text.strip():
        raise ReasonMissing(_("Write an answer."))
    position.answer, position.answered_by, position.answered_at = text.strip(), by, at
    position.save(update_fields=["answer", "answered_by", "answered_at"])
    events.record(
        "decision.objection_answered", position.call.decision, at=at, by=by.pk, data={"position": position.pk}
    )
