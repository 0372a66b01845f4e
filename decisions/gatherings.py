"""The third rung: people gather. A gathering is called, moved, called off, held, and its notes are published."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from assemblies.models import Assembly
from decisions import letters
from decisions.entitlement import acts_for, has_secretary, require_facilitator
from decisions.errors import BadProposal, NotEntitled, ReasonMissing, WrongMoment
from decisions.models import Call, Decision, Gathering
from decisions.proposals import locked
from ledger import events
from members.models import Person


def issues_before_gathering(decision: Decision) -> list[str]:
    """Sentences that say why no gathering can be called on the matter now; empty when one can."""
    if not decision.is_unsettled:
        return [_("This matter is settled or withdrawn.")]
    if decision.deliberation_began_at is not None:
        return [_("The deliberation on this matter has begun: its gatherings are over.")]
    if decision.calls.standing().exists():
        return [_("A call for consensus is open on this matter. Wait for its end.")]
    if decision.kind == Decision.Kind.GENERAL and not decision.calls.filter(result=Call.Result.FELL).exists():
        return [_("Seek consensus first: no call for consensus has been made and fallen yet.")]
    return []


def require_convenor(assembly: Assembly, person: Person, at: datetime) -> None:
    """Raises NotEntitled unless the person may call gatherings of the assembly: its secretary, or, where there is
    none, any member taking part."""
    if Assembly.objects.served_by(person, at).filter(pk=assembly.pk).exists():
        return
    if not has_secretary(assembly, at) and assembly.members_at(at).filter(pk=person.pk).exists():
        return
    raise NotEntitled(_("Only the assembly’s secretary or a deputy can call and change gatherings."))


@transaction.atomic
def call_gathering(
    assembly: Assembly,
    *,
    by: Person,
    at: datetime,
    decision: Decision | None = None,
    kind: str = Gathering.Kind.MOOT,
    title: str,
    starts_at: datetime,
    ends_at: datetime,
    address: str = "",
    link: str = "",
    agenda: str = "",
) -> Gathering:
    """Calls a gathering, on a matter or on none.

    Raises NotEntitled, WrongMoment (the matter is on another rung) or BadProposal (in the past, nowhere, no title).
    """
    if decision is not None:
        decision = locked(decision)
        require_facilitator(decision, by, at)
        issues = issues_before_gathering(decision)
        if issues:
            raise WrongMoment(" ".join(issues))
    else:
        require_convenor(assembly, by, at)
    _check(title, at, (starts_at, ends_at), (address, link))
    gathering = Gathering.objects.create(
        assembly=assembly,
        decision=decision,
        kind=kind,
        title=title.strip(),
        starts_at=starts_at,
        ends_at=ends_at,
        address=address.strip(),
        link=link.strip(),
        agenda=agenda.strip(),
        called_by=by,
        called_at=at,
    )
    events.record("gathering.called", gathering, at=at, by=by.pk)
    if decision is not None:
        events.record(
            "decision.gathering_called", decision, at=at, by=by.pk, data={"gathering": str(gathering.pk)}
        )
    letters.queue_gathering("invited", gathering, at=at)
    return gathering


def _check(title: str, at: datetime, window: tuple[datetime, datetime], places: tuple[str, str]) -> None:
    if not title.strip():
        raise BadProposal(_("A gathering needs a title."))
    starts_at, ends_at = window
    if starts_at <= at:
        raise BadProposal(_("A gathering starts in the future."))
    if ends_at <= starts_at:
        raise BadProposal(_("A gathering ends after it starts."))
    if not any(place.strip() for place in places):
        raise BadProposal(_("Say where: an address, a link, or both."))


def _for_change(gathering: Gathering, by: Person, at: datetime) -> Gathering:
    """The gathering under a lock, for somebody who may change it; raises NotEntitled or WrongMoment."""
    if gathering.decision is not None:
        locked(gathering.decision)
    gathering = Gathering.objects.select_for_update(of=("self",)).get(pk=gathering.pk)
    if gathering.decision is not None:
        if not acts_for(gathering.decision, by, at):
            require_facilitator(gathering.decision, by, at)
    else:
        require_convenor(gathering.assembly, by, at)
    if gathering.cancelled_at is not None:
        raise WrongMoment(_("This gathering was called off."))
    if gathering.held_at is not None:
        raise WrongMoment(_("This gathering has been held."))
    return gathering


@transaction.atomic
def reschedule(
    gathering: Gathering, *, by: Person, at: datetime, starts_at: datetime, ends_at: datetime
) -> None:
    """Moves a gathering that has not begun. Raises NotEntitled, WrongMoment or BadProposal."""
    gathering = _for_change(gathering, by, at)
    if gathering.starts_at <= at:
        raise WrongMoment(_("This gathering has begun and cannot be moved."))
    _check(gathering.title, at, (starts_at, ends_at), (gathering.address, gathering.link))
    gathering.starts_at, gathering.ends_at = starts_at, ends_at
    gathering.sequence += 1
    gathering.save(update_fields=["starts_at", "ends_at", "sequence"])
    events.record("gathering.moved", gathering, at=at, by=by.pk)
    letters.queue_gathering(f"moved{gathering.sequence}", gathering, at=at)


@transaction.atomic
def call_off(gathering: Gathering, *, by: Person, at: datetime, reason: str) -> None:
    """Calls a gathering off. Raises NotEntitled, WrongMoment or ReasonMissing."""
    gathering = _for_change(gathering, by, at)
    if not reason.strip():
        raise ReasonMissing(_("Say why the gathering is called off."))
    gathering.cancelled_at, gathering.cancelled_because = at, reason.strip()
    gathering.sequence += 1
    gathering.save(update_fields=["cancelled_at", "cancelled_because", "sequence"])
    events.record("gathering.called_off", gathering, at=at, by=by.pk)
    letters.queue_gathering("off", gathering, at=at)


@transaction.atomic
def mark_held(gathering: Gathering, *, by: Person, at: datetime) -> None:
    """Says that the gathering took place; possible once it has started. Raises NotEntitled or WrongMoment."""
    gathering = _for_change(gathering, by, at)
    if at < gathering.starts_at:
        raise WrongMoment(_("This gathering has not started yet."))
    gathering.held_at = at
    gathering.save(update_fields=["held_at"])
    events.record("gathering.held", gathering, at=at, by=by.pk)
    if gathering.decision is not None:
        events.record(
            "decision.gathering_held",
            gathering.decision,
            at=at,
            by=by.pk,
            data={"gathering": str(gathering.pk)},
        )


@transaction.atomic
def publish_notes(gathering: Gathering, *, by: Person, at: datetime, text: str) -> None:
    """Publishes, or replaces, the notes of a held gathering. Raises NotEntitled, WrongMoment, ReasonMissing."""
    gathering = Gathering.objects.select_for_update(of=("self",)).get(pk=gathering.pk)
    require_convenor(gathering.assembly, by, at)
    if gathering.held_at is None:
        raise WrongMoment(_("Notes are published after the gathering has been held."))
    if not text.strip():
        raise ReasonMissing(_("Write the notes."))
    gathering.notes = text.strip()
    gathering.save(update_fields=["notes"])
    events.record("gathering.notes_published", gathering, at=at, by=by.pk)
