"""The first rung: a matter is proposed, its options gathered, its text kept with its history; or withdrawn."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from assemblies.models import Assembly
from decisions import following
from decisions.entitlement import require_participant, require_proposer_or_secretary
from decisions.errors import BadProposal, NotTakingPart, ReasonMissing, WrongMoment
from decisions.models import Decision, Option, Revision
from decisions.races import refuse_race
from ledger import events
from members.models import Person


@transaction.atomic
def propose(
    assembly: Assembly,
    *,
    by: Person,
    at: datetime,
    title: str,
    text: str,
    options: Sequence[tuple[str, str]],
    together_with: Sequence[Assembly] = (),
) -> Decision:
    """A new matter with its options (name, statement); “leave things as they are” is always added as the last.

    Raises NotTakingPart unless `by` takes part in the assembly, BadProposal without a title or an option.
    """
    if not assembly.has_participant_at(by, at):
        raise NotTakingPart
    named = [(name.strip(), statement.strip()) for name, statement in options if name.strip()]
    if not title.strip() or not named:
        raise BadProposal(
            _("A proposal needs a title and at least one option beside leaving things as they are.")
        )
    as_they_are = _("Leave things as they are")
    names = {name.casefold() for name, _statement in named}
    if len(names) < len(named):
        raise BadProposal(_("Two options have the same name."))
    if as_they_are.casefold() in names:
        raise BadProposal(_("“Leave things as they are” is always an option: it need not be added."))
    decision = Decision.objects.create(
        assembly=assembly,
        title=title.strip(),
        text=text.strip(),
        proposed_by=by,
        proposed_at=at,
        quorum=assembly.quorum,
        cooling_off_days=assembly.cooling_off_days,
        deliberation_days=assembly.deliberation_days,
        voting_days=assembly.voting_days,
    )
    decision.together_with.set(other for other in together_with if other.pk != assembly.pk)
    rows = [
        Option(decision=decision, position=place, name=name, statement=statement, added_by=by)
        for place, (name, statement) in enumerate(named, 1)
    ]
    rows.append(Option(decision=decision, position=len(rows) + 1, name=as_they_are, leaves_things=True))
    Option.objects.bulk_create(rows)
    events.record("decision.proposed", decision, at=at, by=by.pk)
    following.begin(decision, by, at=at)
    return decision


def locked(decision: Decision) -> Decision:
    """The decision read anew under a lock; call within a transaction."""
    return Decision.objects.select_for_update().get(pk=decision.pk)


def require_talk(decision: Decision) -> None:
    """Raises WrongMoment unless the matter is being talked about: unsettled, no call, deliberation or ballot."""
    if decision.settled_at is not None:
        raise WrongMoment(_("This matter is settled."))
    if decision.withdrawn_at is not None:
        raise WrongMoment(_("This matter was withdrawn."))
    if decision.calls.standing().exists():
        raise WrongMoment(_("A call for consensus is open on this matter. Wait for its end."))
    if decision.deliberation_began_at is not None:
        raise WrongMoment(_("The deliberation on this matter has begun; its options are fixed."))


def _refuse_defection(decision: Decision) -> None:
    """Raises WrongMoment for a defection: it is made from an application, and taken back with that alone."""
    if decision.is_confidential:
        raise WrongMoment(
            _(
                "This matter is an application: its text and options are fixed, and only the applicant withdraws it."
            )
        )


@transaction.atomic
def edit(decision: Decision, *, by: Person, at: datetime, title: str, text: str) -> None:
    """Changes title and text, and keeps what they were. Raises NotEntitled, WrongMoment or BadProposal."""
    decision = locked(decision)
    require_proposer_or_secretary(decision, by, at)
    refuse_race(decision)
    _refuse_defection(decision)
    require_talk(decision)
    if not title.strip():
        raise BadProposal(_("A proposal needs a title."))
    if (decision.title, decision.text) == (title.strip(), text.strip()):
        return
    Revision.objects.create(
        decision=decision, title=decision.title, text=decision.text, replaced_at=at, replaced_by=by
    )
    decision.title, decision.text = title.strip(), text.strip()
    decision.save(update_fields=["title", "text"])
    events.record("decision.edited", decision, at=at, by=by.pk)


@transaction.atomic
def add_option(decision: Decision, *, by: Person, at: datetime, name: str, statement: str) -> Option:
    """A further option, from anyone taking part, until a call is made; after a call has fallen, again.

    Raises NotTakingPart, WrongMoment, or BadProposal for an empty or repeated name.
    """
    decision = locked(decision)
    require_participant(decision, by, at)
    refuse_race(decision)
    _refuse_defection(decision)
    require_talk(decision)
    name = name.strip()
    if not name:
        raise BadProposal(_("An option needs a name."))
    if decision.options.filter(name__iexact=name).exists():
        raise BadProposal(_("There is an option of this name already."))
    last = decision.options.order_by("-position").first()
    option = Option.objects.create(
        decision=decision,
        position=last.position + 1 if last else 1,
        name=name,
        statement=statement.strip(),
        added_by=by,
    )
    events.record("decision.option_added", decision, at=at, by=by.pk, data={"option": option.pk})
    return option


@transaction.atomic
def withdraw(decision: Decision, *, by: Person, at: datetime, reason: str) -> None:
    """Takes the matter back while it is only talked about. Raises NotEntitled, WrongMoment, ReasonMissing."""
    decision = locked(decision)
    require_proposer_or_secretary(decision, by, at)
    refuse_race(decision)
    _refuse_defection(decision)
    require_talk(decision)
    if not reason.strip():
        raise ReasonMissing(_("Say why the matter is withdrawn."))
    decision.withdrawn_at, decision.withdrawn_because = at, reason.strip()
    decision.save(update_fields=["withdrawn_at", "withdrawn_because"])
    events.record("decision.withdrawn", decision, at=at, by=by.pk)
