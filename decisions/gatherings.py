"""The third rung: people gather. A gathering is called, changed, called off, held, and its notes are published."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from assemblies.models import Assembly
from decisions import gathering_letters, races, watchers
from decisions.entitlement import acts_for, has_secretary, require_facilitator
from decisions.errors import BadProposal, Barred, NotEntitled, ReasonMissing, WrongMoment
from decisions.models import Call, Decision, Gathering, Invitation
from decisions.proposals import locked
from decisions.watchers import Moment
from ledger import events
from members.models import Person

LONGEST_PROLONGED = 120  # minutes at a time


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
    return races.issues_before_gathering(decision) if decision.kind == Decision.Kind.RACE else []


def may_convene(assembly: Assembly, person: Person, at: datetime) -> bool:
    """Whether the person may call gatherings of the assembly; see `require_convenor`."""
    if Assembly.objects.served_by(person, at).filter(pk=assembly.pk).exists():
        return True
    return not has_secretary(assembly, at) and assembly.members_at(at).filter(pk=person.pk).exists()


def require_convenor(assembly: Assembly, person: Person, at: datetime) -> None:
    """Raises NotEntitled unless the person may call gatherings of the assembly: its secretary, or, where there is
    none, any member taking part."""
    if may_convene(assembly, person, at):
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
    """Calls a gathering, on a matter or on none; who calls it is its chair until another is named.

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
    _refuse_time(decision, kind, starts_at, at)
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
        chair=by,
        called_by=by,
        called_at=at,
    )
    events.record("gathering.called", gathering, at=at, by=by.pk)
    if decision is not None:
        events.record(
            "decision.gathering_called", decision, at=at, by=by.pk, data={"gathering": str(gathering.pk)}
        )
    _invite_candidates(gathering, by, at)
    gathering_letters.queue_invited(gathering, gathering.audience_at(at), at=at)
    watchers.tell(Moment.GATHERING_CALLED, gathering=gathering, at=at)
    return gathering


def _invite_candidates(gathering: Gathering, by: Person, at: datetime) -> None:
    """Invites by name whoever stands in a race without taking part in its assembly (A13)."""
    race = races.of(gathering.decision) if gathering.decision is not None else None
    if race is None:
        return
    here = {person.pk for person in gathering.audience_at(at)}
    for candidacy in race.standing().exclude(person__in=here):
        row = Invitation.objects.create(
            gathering=gathering, person=candidacy.person, invited_by=by, invited_at=at
        )
        facts = {"gathering": str(gathering.pk), "person": str(candidacy.person_id)}
        events.record("gathering.person_invited", row, at=at, by=by.pk, data=facts)


def _refuse_time(decision: Decision | None, kind: str, starts_at: datetime, at: datetime) -> None:
    """Raises BadProposal where whoever has a word in the matter says that this time will not do."""
    about = {"decision": decision, "kind": kind, "starts_at": starts_at, "at": at}
    if decision is not None and (issues := watchers.issues(Moment.BEFORE_SCHEDULING, **about)):
        raise BadProposal(" ".join(issues))


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


def locked_gathering(gathering: Gathering) -> Gathering:
    """The gathering as it is now, locked until the transaction ends."""
    rows = Gathering.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("assembly", "decision").get(pk=gathering.pk)


def refuse_unless_to_come(gathering: Gathering) -> None:
    """Raises WrongMoment once the gathering was called off or held."""
    if gathering.cancelled_at is not None:
        raise WrongMoment(_("This gathering was called off."))
    if gathering.held_at is not None:
        raise WrongMoment(_("This gathering has been held."))


def _for_change(gathering: Gathering, by: Person, at: datetime) -> Gathering:
    """The gathering under a lock, for somebody who may change it; raises NotEntitled or WrongMoment."""
    if gathering.decision is not None:
        locked(gathering.decision)
    gathering = locked_gathering(gathering)
    require_changer(gathering, by, at)
    refuse_unless_to_come(gathering)
    return gathering


def require_changer(gathering: Gathering, by: Person, at: datetime) -> None:
    """Raises NotEntitled unless the person may change the gathering: whoever may call one there now."""
    if gathering.has_barred(by):
        raise Barred
    if gathering.decision is None:
        require_convenor(gathering.assembly, by, at)
    elif not acts_for(gathering.decision, by, at):
        require_facilitator(gathering.decision, by, at)


def may_change(gathering: Gathering, person: Person, at: datetime) -> bool:
    """Whether `require_changer` lets the person pass."""
    try:
        require_changer(gathering, person, at)
    except NotEntitled:
        return False
    return True


def require_conductor(gathering: Gathering, by: Person, at: datetime) -> None:
    """Raises NotEntitled unless the person chairs the gathering or acts as secretary there, and is not barred."""
    if not gathering.is_conducted_by(by, at):
        raise NotEntitled(_("Only the chair, or whoever acts as the assembly’s secretary, can do this."))


@transaction.atomic
def reschedule(
    gathering: Gathering, *, by: Person, at: datetime, starts_at: datetime, ends_at: datetime
) -> None:
    """Moves a gathering that has not begun. Raises NotEntitled, WrongMoment or BadProposal."""
    gathering = _for_change(gathering, by, at)
    if gathering.starts_at <= at:
        raise WrongMoment(_("This gathering has begun and cannot be moved."))
    if (gathering.starts_at, gathering.ends_at) == (starts_at, ends_at):
        return
    _check(gathering.title, at, (starts_at, ends_at), (gathering.address, gathering.link))
    _refuse_time(gathering.decision, gathering.kind, starts_at, at)
    gathering.starts_at, gathering.ends_at = starts_at, ends_at
    gathering.sequence += 1
    gathering.changed_at = at
    gathering.save(update_fields=["starts_at", "ends_at", "sequence", "changed_at"])
    events.record("gathering.moved", gathering, at=at, by=by.pk, data={"sequence": gathering.sequence})
    gathering_letters.queue_moved(gathering, at=at)
    watchers.tell(Moment.GATHERING_CHANGED, gathering=gathering, at=at)


@transaction.atomic
def prolong(gathering: Gathering, *, by: Person, at: datetime, minutes: int) -> None:
    """Lets a gathering that has begun run on, or take up again, for `minutes` (1 to LONGEST_PROLONGED) more.

    They count from its end, or from `at` where that is past. Nobody is written to: those concerned are there.
    Raises NotEntitled, WrongMoment (not begun, called off, held, or over for a day) or BadProposal.
    """
    gathering = locked_gathering(gathering)
    require_conductor(gathering, by, at)
    if gathering.cancelled_at is not None or gathering.held_at is not None or at < gathering.starts_at:
        raise WrongMoment(_("Only a gathering that has begun, and is not held or called off, can run on."))
    if at >= gathering.ends_at + timedelta(days=1):
        raise WrongMoment(_("This gathering is over."))
    if not 1 <= minutes <= LONGEST_PROLONGED:
        raise BadProposal(_("Choose for how much longer."))
    gathering.ends_at = max(at, gathering.ends_at) + timedelta(minutes=minutes)
    gathering.sequence += 1
    gathering.changed_at = at
    gathering.save(update_fields=["ends_at", "sequence", "changed_at"])
    events.record("gathering.prolonged", gathering, at=at, by=by.pk, data={"minutes": minutes})


@transaction.atomic
def change(
    gathering: Gathering, *, by: Person, at: datetime, title: str, address: str, link: str, agenda: str
) -> None:
    """Changes what a gathering is called, where it is, and its agenda; also while it is on.

    People are written to when the address changes, or when it begins or ceases to be online. Another link needs
    no mail: people join through the site, which leads to the link of the moment. Raises NotEntitled, WrongMoment
    or BadProposal.
    """
    gathering = _for_change(gathering, by, at)
    if at >= gathering.ends_at:
        raise WrongMoment(_("This gathering is over."))
    if not title.strip():
        raise BadProposal(_("A gathering needs a title."))
    if not address.strip() and not link.strip():
        raise BadProposal(_("Say where: an address, a link, or both."))
    values = {
        "title": title.strip(),
        "address": address.strip(),
        "link": link.strip(),
        "agenda": agenda.strip(),
    }
    fields = sorted(name for name, value in values.items() if getattr(gathering, name) != value)
    if not fields:
        return
    elsewhere = "address" in fields or bool(gathering.link) != bool(values["link"])
    for name in fields:
        setattr(gathering, name, values[name])
    gathering.changed_at = at
    gathering.sequence += elsewhere or "title" in fields
    gathering.save(update_fields=[*fields, "sequence", "changed_at"])
    events.record("gathering.changed", gathering, at=at, by=by.pk, data={"fields": fields})
    if elsewhere:
        gathering_letters.queue_moved(gathering, at=at)
        watchers.tell(Moment.GATHERING_CHANGED, gathering=gathering, at=at)


@transaction.atomic
def name_chair(gathering: Gathering, *, by: Person, at: datetime, chair: Person) -> None:
    """Hands the chair over, by the chair or whoever acts as secretary. Raises NotEntitled, WrongMoment, BadProposal."""
    gathering = locked_gathering(gathering)
    require_conductor(gathering, by, at)
    if not gathering.is_open_at(at):
        raise WrongMoment(_("This gathering is over or was called off."))
    if not gathering.people_at(at).filter(pk=chair.pk).exists():
        raise BadProposal(
            _("The chair is somebody who takes part in the assembly, is invited, or has registered.")
        )
    gathering.chair = chair
    gathering.save(update_fields=["chair"])
    events.record("gathering.chair_named", gathering, at=at, by=by.pk, data={"chair": str(chair.pk)})


def _for_inviting(gathering: Gathering, by: Person, at: datetime) -> Gathering:
    gathering = _for_change(gathering, by, at)
    if at >= gathering.ends_at:
        raise WrongMoment(_("This gathering is over."))
    return gathering


@transaction.atomic
def invite_assembly(gathering: Gathering, *, by: Person, at: datetime, assembly: Assembly) -> None:
    """Asks a whole assembly, and writes to those of it who were not asked yet; again changes nothing.

    Raises NotEntitled, WrongMoment, or BadProposal for a gathering on a defection, which is the members' own.
    """
    gathering = _for_inviting(gathering, by, at)
    if gathering.is_private:
        raise BadProposal(
            _("A hustings on a defection is for the deciding assembly’s members: invite others by name.")
        )
    asked = set(gathering.audience_at(at).values_list("pk", flat=True))
    row, made = Invitation.objects.get_or_create(
        gathering=gathering, assembly=assembly, defaults={"invited_by": by, "invited_at": at}
    )
    if made:
        facts = {"gathering": str(gathering.pk), "assembly": str(assembly.pk)}
        events.record("gathering.assembly_invited", row, at=at, by=by.pk, data=facts)
        gathering_letters.queue_invited(gathering, gathering.audience_at(at).exclude(pk__in=asked), at=at)


@transaction.atomic
def invite_person(gathering: Gathering, *, by: Person, at: datetime, person: Person) -> None:
    """Asks somebody by name, and writes to them; again changes nothing.

    Raises NotEntitled, WrongMoment, or BadProposal for somebody barred from it.
    """
    gathering = _for_inviting(gathering, by, at)
    if gathering.has_barred(person):
        raise BadProposal(_("This person is barred from this gathering."))
    row, made = Invitation.objects.get_or_create(
        gathering=gathering, person=person, defaults={"invited_by": by, "invited_at": at}
    )
    if made:
        facts = {"gathering": str(gathering.pk), "person": str(person.pk)}
        events.record("gathering.person_invited", row, at=at, by=by.pk, data=facts)
        gathering_letters.queue_invited(gathering, [person], at=at)


@transaction.atomic
def call_off(gathering: Gathering, *, by: Person, at: datetime, reason: str) -> None:
    """Calls a gathering off that is not over. Raises NotEntitled, WrongMoment or ReasonMissing."""
    gathering = _for_change(gathering, by, at)
    if at >= gathering.ends_at:
        raise WrongMoment(_("This gathering is over."))
    if not reason.strip():
        raise ReasonMissing(_("Say why the gathering is called off."))
    _call_off(gathering, by=by, at=at, reason=reason.strip())


def call_off_all(decision: Decision, *, at: datetime, reason: str, by: Person | None = None) -> None:
    """Calls off what is still to come of a matter that ends; in the caller's transaction, the matter locked."""
    coming = Gathering.objects.coming_at(at).filter(decision=decision, held_at=None)
    for gathering in coming.select_for_update(of=("self",), no_key=True).select_related(
        "assembly", "decision"
    ):
        _call_off(gathering, by=by, at=at, reason=reason)


def _call_off(gathering: Gathering, *, by: Person | None, at: datetime, reason: str) -> None:
    people = list(gathering.people_at(at))
    gathering.cancelled_at, gathering.cancelled_because = at, reason
    gathering.sequence += 1
    gathering.changed_at = at
    gathering.save(update_fields=["cancelled_at", "cancelled_because", "sequence", "changed_at"])
    events.record("gathering.called_off", gathering, at=at, by=by.pk if by else None)
    gathering_letters.queue_off(gathering, people, at=at)
    watchers.tell(Moment.GATHERING_CALLED_OFF, gathering=gathering, at=at)


@transaction.atomic
def mark_held(gathering: Gathering, *, by: Person, at: datetime) -> None:
    """Says that the gathering took place; possible once it has started. Raises NotEntitled or WrongMoment."""
    gathering = _for_change(gathering, by, at)
    if at < gathering.starts_at:
        raise WrongMoment(_("This gathering has not started yet."))
    if issues := watchers.issues(Moment.BEFORE_HOLDING, gathering=gathering):
        raise WrongMoment(" ".join(issues))
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


def require_note_keeper(gathering: Gathering, by: Person, at: datetime) -> None:
    """Raises NotEntitled unless the person conducts the gathering, or may call gatherings there, and is not barred."""
    if gathering.has_barred(by):
        raise Barred
    if not gathering.is_conducted_by(by, at):
        require_convenor(gathering.assembly, by, at)


@transaction.atomic
def publish_notes(gathering: Gathering, *, by: Person, at: datetime, text: str) -> None:
    """Publishes, or replaces, the notes of a held gathering. Raises NotEntitled, WrongMoment, ReasonMissing."""
    gathering = locked_gathering(gathering)
    require_note_keeper(gathering, by, at)
    if gathering.held_at is None:
        raise WrongMoment(_("Notes are published after the gathering has been held."))
    if not text.strip():
        raise ReasonMissing(_("Write the notes."))
    gathering.notes = text.strip()
    gathering.save(update_fields=["notes"])
    events.record("gathering.notes_published", gathering, at=at, by=by.pk)
