"""Who may take which step (DESIGN, How an assembly decides; P9)."""

from datetime import datetime

from django.utils.translation import gettext as _

from assemblies.models import Assembly
from decisions.errors import NotEntitled, NotTakingPart
from decisions.models import Decision
from members.models import Person


def acts_for(decision: Decision, person: Person, at: datetime) -> bool:
    """Whether the person acts as secretary in one of the decision's assemblies at `at`; never whom it concerns.

    Or in the assembly that helps with it (D18).
    """
    if decision.concerns_id == person.pk:
        return False
    allowed = [assembly.pk for assembly in decision.assemblies()]
    if decision.helped_by_id is not None:
        allowed.append(decision.helped_by_id)
    return Assembly.objects.served_by(person, at).filter(pk__in=allowed).exists()


def has_secretary(assembly: Assembly, at: datetime) -> bool:
    """Whether somebody holds the assembly's secretary's office at `at`."""
    return Assembly.objects.filter(pk=assembly.pk).holding(at, roles=("secretary",)).exists()


def may_facilitate(decision: Decision, person: Person, at: datetime) -> bool:
    """Whether the person may move the matter on: call, gather people, begin a deliberation.

    A secretary may; where there is none, so may any member taking part.
    """
    if acts_for(decision, person, at):
        return True
    if has_secretary(decision.assembly, at):
        return False
    return decision.members_at(at).filter(pk=person.pk).exists()


def require_participant(decision: Decision, person: Person, at: datetime) -> None:
    """Raises NotTakingPart for somebody who does not take part; on a defection NotEntitled for one who is no member."""
    if not decision.has_participant_at(person, at):
        raise NotTakingPart
    if decision.is_confidential and not person.is_member_at(at):
        raise NotEntitled(_("Only members of the deciding assembly take part in a defection."))


def require_facilitator(decision: Decision, person: Person, at: datetime) -> None:
    """Raises NotEntitled, saying who may."""
    if may_facilitate(decision, person, at):
        return
    if has_secretary(decision.assembly, at):
        raise NotEntitled(_("Only the assembly’s secretary or a deputy can take this step."))
    raise NotEntitled(
        _("This assembly has no secretary, so any member taking part can take this step; others cannot.")
    )


def require_proposer_or_secretary(decision: Decision, person: Person, at: datetime) -> None:
    """Raises NotEntitled for anybody but the proposer and those who act as secretary."""
    if decision.proposed_by_id != person.pk and not acts_for(decision, person, at):
        raise NotEntitled(
            _("Only whoever proposed the matter, or the assembly’s secretary, can take this step.")
        )
