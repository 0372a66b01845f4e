"""What the sweep does for decisions: each matter that is due, in a transaction of its own (STYLE 12)."""

import logging
from datetime import datetime

from ballots.errors import NotReady
from ballots.models import Ballot
from decisions import calls, deliberation, settlement, work
from decisions.models import Call, Decision, Task
from harmony.time import london_day
from ledger.due import each

log = logging.getLogger(__name__)


def end_calls_due(at: datetime) -> None:
    """Ends the calls whose window is over."""
    each(Call.objects.due_to_end(at).select_related("decision"), lambda call: calls.end_call(call, at=at))


def end_deliberations_due(at: datetime) -> None:
    """Ends the deliberations whose time has come."""
    each(Decision.objects.due_to_end_deliberation(at), lambda matter: deliberation.end(matter, at=at))


def open_ballots_due(at: datetime) -> None:
    """Opens the ballots of matters that are past their deliberation without consensus."""

    def step(decision: Decision) -> None:
        try:
            deliberation.open_ballot(decision, at=at)
        except NotReady as refusal:
            log.warning("The ballot of decision %s cannot open yet: %s", decision.pk, refusal)

    each(Decision.objects.due_to_ballot(), step)


def settle_due(at: datetime) -> None:
    """Takes up the results of counted ballots: of those that nobody has taken up, which are few among all."""
    waiting = list(Ballot.objects.due_to_take_up().values_list("pk", flat=True))
    found = Decision.objects.due_to_settle().filter(ballot__in=waiting)
    each(found, lambda matter: settlement.settle_by_ballot(matter, at=at))


def chase_due(at: datetime) -> None:
    """Reminds the owners of late tasks."""
    late = Task.objects.due_to_chase(london_day(at))
    each(late, lambda task: work.chase(task, at=at))
