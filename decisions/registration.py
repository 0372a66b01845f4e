"""Registering for a gathering: with the code of conduct accepted (D27); cancelling; who came."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from decisions import gathering_letters
from decisions.errors import BadProposal, Barred, CodeNotAccepted, NotEntitled, NotRegistered, WrongMoment
from decisions.gatherings import locked_gathering, require_conductor
from decisions.models import Gathering, Registration
from ledger import events
from members.models import Person


def issues_before_registering(gathering: Gathering, person: Person, at: datetime) -> list[str]:
    """Sentences that say why the person cannot register at `at`; empty when they can.

    Anybody with an account can come (A2), but to an assembly that asks something of those who take part come
    only these and the invited; and a bar keeps its person out (D30).
    """
    if gathering.has_barred(person):
        return [str(Barred())]
    if not gathering.is_open_at(at):
        return [_("This gathering is over or was called off.")]
    if gathering.audience_at(at).filter(pk=person.pk).exists() or gathering.chair_id == person.pk:
        return []
    if gathering.is_private:
        return [
            _("This gathering is for the members of the deciding assembly and for people invited by name.")
        ]
    if any(not assembly.requirements() for assembly in gathering.assemblies()):
        return []
    return [
        _("This gathering is for people who take part in the %(assembly)s, or are invited.")
        % {"assembly": gathering.assembly}
    ]


def ways(gathering: Gathering) -> list[Registration.Way]:
    """How one can take part: in the room where there is an address, online where there is a link."""
    found = [Registration.Way.ROOM] if gathering.address else []
    return found + ([Registration.Way.ONLINE] if gathering.link else [])


@transaction.atomic
def register(
    gathering: Gathering, person: Person, *, at: datetime, way: str, accepts_code: bool
) -> Registration:
    """Registers the person, or changes how they take part; the code of conduct is accepted at `at`.

    Raises CodeNotAccepted, Barred, NotEntitled, WrongMoment (over or called off) or BadProposal (no such way).
    """
    gathering = locked_gathering(gathering)
    _refuse(gathering, person, at)
    if way not in ways(gathering):
        raise BadProposal(_("Choose how you will take part."))
    if not accepts_code:
        raise CodeNotAccepted
    values = {"way": way, "registered_at": at, "cancelled_at": None}
    row, made = Registration.objects.update_or_create(gathering=gathering, person=person, defaults=values)
    facts = {"gathering": str(gathering.pk), "person": str(person.pk), "way": str(way), "again": not made}
    events.record("gathering.registered", row, at=at, by=person.pk, data=facts)
    gathering_letters.queue_registered(row, at=at)
    return row


def _refuse(gathering: Gathering, person: Person, at: datetime) -> None:
    if gathering.has_barred(person):
        raise Barred
    issues = issues_before_registering(gathering, person, at)
    if issues:
        raise (NotEntitled if gathering.is_open_at(at) else WrongMoment)(" ".join(issues))


@transaction.atomic
def cancel(gathering: Gathering, person: Person, *, at: datetime) -> None:
    """Takes a registration back. Raises NotRegistered or WrongMoment (over or called off)."""
    gathering = locked_gathering(gathering)
    row = gathering.registrations.in_force().filter(person=person).first()
    if row is None:
        raise NotRegistered
    if not gathering.is_open_at(at):
        raise WrongMoment(_("This gathering is over or was called off."))
    row.cancelled_at = at
    row.save(update_fields=["cancelled_at"])
    facts = {"gathering": str(gathering.pk), "person": str(person.pk)}
    events.record("gathering.registration_cancelled", row, at=at, by=person.pk, data=facts)


def way_in(gathering: Gathering, person: Person, *, at: datetime) -> str:
    """The link of an online gathering, for somebody registered and not barred, until the gathering is over.

    Raises Barred, NotRegistered or WrongMoment (no link; over or called off).
    """
    if gathering.has_barred(person):
        raise Barred
    if not gathering.is_joined_by(person) and not gathering.is_conducted_by(person, at):
        raise NotRegistered
    if not gathering.is_open_at(at):
        raise WrongMoment(_("This gathering is over or was called off."))
    if not gathering.link:
        raise WrongMoment(_("This gathering is in the room only: it has no link."))
    return gathering.link


@transaction.atomic
def mark_attendance(gathering: Gathering, *, by: Person, at: datetime, came: Collection[UUID]) -> int:
    """Says who of those registered came, by the ids of people; returns how many. Can be put right later.

    Raises NotEntitled or WrongMoment before the start or when it was called off.
    """
    gathering = locked_gathering(gathering)
    require_conductor(gathering, by, at)
    if gathering.cancelled_at is not None or at < gathering.starts_at:
        raise WrongMoment(_("Who came is marked once the gathering has started."))
    rows = gathering.registrations.in_force()
    rows.filter(person__in=came, attended_at=None).update(attended_at=at)
    rows.exclude(person__in=came).update(attended_at=None)
    number = rows.filter(attended_at__isnull=False).count()
    events.record("gathering.attendance_marked", gathering, at=at, by=by.pk, data={"came": number})
    return number
