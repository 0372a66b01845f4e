"""The fourth and fifth rungs: a declared period after a gathering, and the ballot that follows by itself."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from ballots import opening
from decisions import candidates, letters, races
from decisions.calls import end_fallen, end_with_consensus, figures_of, is_consensus
from decisions.entitlement import require_facilitator
from decisions.errors import BadProposal, WrongMoment
from decisions.models import Call, Decision
from decisions.models.decision import SHORTEST_DELIBERATION
from decisions.proposals import locked
from harmony.time import days_later, whole_days_later
from ledger import events
from members.models import Person

LONGEST_DELIBERATION = 60  # days


def shortest(decision: Decision) -> int:
    """The least number of days that this matter may be deliberated on: its rule, and for a defection 7 (D21)."""
    if decision.kind == Decision.Kind.DEFECTION:
        return max(SHORTEST_DELIBERATION, decision.deliberation_days)
    return decision.deliberation_days


def issues_before_deliberating(decision: Decision) -> list[str]:
    """Sentences that say why a deliberation cannot begin; empty when it can."""
    if not decision.is_unsettled:
        return [_("This matter is settled or withdrawn.")]
    if decision.deliberation_began_at is not None:
        return [_("The deliberation on this matter has begun already.")]
    issues = []
    if decision.calls.standing().exists():
        issues.append(_("A call for consensus is open. A deliberation begins after it has fallen."))
    elif races.needs_fallen_call(decision) and not decision.calls.filter(result=Call.Result.FELL).exists():
        issues.append(_("Seek consensus first: no call for consensus has been made and fallen yet."))
    if decision.is_confidential and not decision.gatherings.held().hustings().exists():
        issues.append(_("A hustings comes first: none on this application has been held yet."))
    elif not decision.gatherings.held().exists():
        issues.append(_("A moot comes first: no gathering on this matter has been held yet."))
    return issues


@transaction.atomic
def begin(decision: Decision, *, by: Person, at: datetime, days: int | None = None) -> Decision:
    """Declares the deliberation: `days` London days from `at`, by default those of the matter's rules.

    Raises NotEntitled, WrongMoment (before a gathering was held, or while a call stands), BadProposal for a
    period shorter than the rule or longer than LONGEST_DELIBERATION.
    """
    decision = locked(decision)
    require_facilitator(decision, by, at)
    issues = issues_before_deliberating(decision)
    if issues:
        raise WrongMoment(" ".join(issues))
    days = shortest(decision) if days is None else days
    if not shortest(decision) <= days <= LONGEST_DELIBERATION:
        raise BadProposal(
            _("This matter is deliberated on for at least %(least)d and at most %(most)d days.")
            % {"least": shortest(decision), "most": LONGEST_DELIBERATION}
        )
    decision.deliberation_began_at = at
    # The database itself holds a defection to seven days (D21), in a demonstration with shorter days too.
    later = whole_days_later if decision.kind == Decision.Kind.DEFECTION else days_later
    decision.deliberation_ends_at = later(at, days)
    decision.save(update_fields=["deliberation_began_at", "deliberation_ends_at"])
    events.record("decision.deliberation_began", decision, at=at, by=by.pk, data={"days": days})
    letters.queue_deliberation(decision, by=by, at=at)
    return decision


@transaction.atomic
def end(decision: Decision, *, at: datetime) -> bool:
    """Ends a deliberation whose time has come: consensus where a call stands with it, else on to the ballot.

    False when it is not due, or another process has ended it.
    """
    due = Decision.objects.due_to_end_deliberation(at).select_for_update(skip_locked=True, of=("self",))
    found = due.filter(pk=decision.pk).first()
    if found is None:
        return False
    found.deliberation_ended_at = at
    found.save(update_fields=["deliberation_ended_at"])
    events.record("decision.deliberation_ended", found, at=at)
    call = found.calls.standing().select_for_update().first()
    if call is not None:
        call.decision = found
        figures = figures_of(call, at)
        if is_consensus(figures):
            end_with_consensus(call, figures, at=at)
            return True
        end_fallen(call, figures, at=at)
    return True


@transaction.atomic
def open_ballot(decision: Decision, *, at: datetime) -> bool:
    """Opens the STAR ballot of a matter past its deliberation, on all its options (A10, P6, D22).

    Its roll is the members of the matter's assemblies. Of a race, whoever can no longer serve is not put on it; False
    when that leaves nobody, and when another process has it. Raises NotReady when the ballot cannot open (nobody left
    to vote): the next sweep tries again.
    """
    due = Decision.objects.due_to_ballot().select_for_update(skip_locked=True, of=("self",))
    found = due.filter(pk=decision.pk).first()
    if found is None or _has_lapsed(found, at):
        return False
    ballot = opening.open_binding(
        found.assembly,
        found.assemblies(),
        question=found.title,
        explanation=found.text,
        options=[(option.name, option.statement, option.leaves_things) for option in races.options_of(found)],
        seats=races.ballot_seats(found),
        opens_at=at,
        closes_at=days_later(at, found.voting_days),
        is_for_roll_only=found.is_confidential,
        concerns=found.concerns,
    )
    found.ballot = ballot
    found.save(update_fields=["ballot"])
    events.record("decision.ballot_opened", found, at=at, data={"ballot": str(ballot.pk)})
    return True


def _has_lapsed(decision: Decision, at: datetime) -> bool:
    """Rules out the candidates of a race who can no longer serve, before its ballot; whether nobody is left."""
    race = races.of(decision)
    if race is None:
        return False
    race.decision = decision
    candidates.rule_out(race, at)
    return candidates.lapse_if_nobody_is_left(race, at)
