"""How a matter ends: by consensus, or by the result of its ballot; and the statement of what was decided."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from decisions import elections, races, watchers
from decisions.entitlement import require_facilitator
from decisions.errors import ReasonMissing, WrongMoment
from decisions.models import Call, Decision
from decisions.proposals import locked
from ledger import events
from members.models import Person


def settle_by_consensus(call: Call, *, at: datetime) -> None:
    """Settles the matter on the option of a call that reached consensus; within the caller's transaction."""
    decision = call.decision
    for option in races.won_by_call(call):
        option.won_at = at
        option.save(update_fields=["won_at"])
    _settle(decision, Decision.SettledBy.CONSENSUS, at)


@transaction.atomic
def settle_by_ballot(decision: Decision, *, at: datetime) -> bool:
    """Takes up the result of the matter's counted ballot; False when it was taken up elsewhere (P6).

    The options are matched by their place: the ballot's options were made from the decision's. Where nobody
    voted there is no winner, and things stay as they are. Of several winners none is taken up that comes behind
    leaving things as they are: more people wanted that than them (“re-open nominations”, P8).
    """
    due = Decision.objects.due_to_settle().select_for_update(skip_locked=True, of=("self",))
    found = due.select_related("ballot").filter(pk=decision.pk).first()
    if found is None or found.ballot is None:
        return False
    options = list(races.options_of(found))
    winners = [options[int(key) - 1] for key in found.ballot.outcome["winners"]]
    for option in winners or [option for option in options if option.leaves_things]:
        option.won_at = at
        option.save(update_fields=["won_at"])
        if option.leaves_things:
            break
    found.ballot.take_up(at=at)
    _settle(found, Decision.SettledBy.BALLOT, at)
    return True


def _settle(decision: Decision, how: str, at: datetime) -> None:
    decision.settled_at, decision.settled_by = at, how
    if decision.deliberation_began_at is not None and decision.deliberation_ended_at is None:
        decision.deliberation_ended_at = at
    decision.save(update_fields=["settled_at", "settled_by", "deliberation_ended_at"])
    won = list(decision.options.filter(won_at__isnull=False).values_list("pk", flat=True))
    events.record("decision.settled", decision, at=at, data={"by": str(how), "options": won})
    if decision.kind == Decision.Kind.RACE:
        elections.take_up(decision, at=at)
    watchers.tell(watchers.Moment.SETTLED, decision=decision, at=at)


def issues_before_following_up(decision: Decision) -> list[str]:
    """Sentences that say why the outcome is not written down, nor a task named, yet; empty when they can be.

    Nothing follows before the matter is settled; on a defection, nothing before its applicant has been told (D26).
    """
    if decision.settled_at is None:
        return [_("There is no outcome yet: the matter is not settled.")]
    return watchers.issues(watchers.Moment.BEFORE_FOLLOWING_UP, decision=decision)


@transaction.atomic
def state_outcome(decision: Decision, *, by: Person, at: datetime, text: str) -> None:
    """Writes what was decided and how objections were answered. Raises NotEntitled, WrongMoment, ReasonMissing."""
    decision = locked(decision)
    require_facilitator(decision, by, at)
    if issues := issues_before_following_up(decision):
        raise WrongMoment(" ".join(issues))
    if not text.strip():
        raise ReasonMissing(_("Write what was decided."))
    decision.outcome_statement = text.strip()
    decision.save(update_fields=["outcome_statement"])
    events.record("decision.outcome_stated", decision, at=at, by=by.pk)
