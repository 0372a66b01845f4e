"""Who may handle confidential material for a duty: granting, renewing and ending clearances, and asking for one.

Site staff grant them to people whom they have vetted, never to themselves. A clearance counts only while its
holder takes part in the assembly that has the duty.
"""

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from assemblies import enrolment
from assemblies.errors import AssemblyError, NotEligibleError, WrongMomentError
from assemblies.models import Clearance, Duty
from assemblies.models.clearance import MOST_DAYS
from harmony.time import days_later
from ledger import events, outbox
from ledger.due import each
from members import mails
from members.mails import Always
from members.models import Person, PersonQuerySet

mails.classify(
    "assemblies/mail",
    {f"clearance_{what}": Always.OFFICE for what in ("granted", "renewed", "ended", "ran_out")},
)

USUAL_DAYS = 365


def cleared(person: Person, duty: str, at: datetime) -> bool:
    """Whether `person` may handle confidential material for `duty` ("research", ...) at `at`.

    That takes a clearance in force, an account that can log in, and taking part in the assembly that has the
    duty. Everybody else may not, site staff and superusers included.
    """
    return Clearance.objects.good_at(at).filter(person=person, duty=duty).exists()


def people_cleared(duty: str, at: datetime) -> PersonQuerySet:
    """Everybody of whom `cleared` is true for `duty` at `at`."""
    good = Clearance.objects.good_at(at).filter(duty=duty)
    return Person.objects.filter(pk__in=good.values("person"))


def issues_before_granting(person: Person, duty: str, at: datetime) -> list[str]:
    """What stands against clearing `person` for `duty` at `at`, as sentences (STYLE 13)."""
    holder = Duty.objects.holder_at(duty, at)
    if holder is None:
        return [_("No assembly has this duty now: give it to one first.")]
    issues = []
    if not person.is_active:
        issues.append(_("This account cannot log in."))
    if not holder.has_participant_at(person, at):
        issues.append(
            _("%(person)s does not take part in the %(assembly)s, which has this duty.")
            % {"person": person, "assembly": holder}
        )
    return issues


@transaction.atomic
def grant(
    person: Person, duty: str, *, by: Person, at: datetime, reason: str, expires_at: datetime | None = None
) -> Clearance:
    """Clears `person` for `duty` from `at` until `expires_at` (None: USUAL_DAYS later), and tells them.

    `reason` says how they were vetted. Raises PermissionDenied unless `by` is site staff who may add clearances
    and somebody else than `person`; NotEligibleError with the issues; AssemblyError without a reason or for an
    end out of bounds (a moment to two years ahead); WrongMomentError while they are cleared already.
    """
    _refuse_unless_allowed(by, "add")
    _refuse_for_themselves(by, person)
    person = enrolment.locked(person)
    if issues := issues_before_granting(person, duty, at):
        raise NotEligibleError(" ".join(issues))
    if not reason.strip():
        raise AssemblyError(_("Say what the clearance rests on: who vetted the person, when, and how."))
    expires_at = _within_bounds(expires_at, at)
    held = Clearance.objects.select_for_update(of=("self",)).filter(person=person, duty=duty, ended_at=None)
    for old in held:
        if old.is_in_force_at(at):
            raise WrongMomentError(_("This person is cleared for this duty already: renew that instead."))
        _end(old, old.expires_at, by=None, because="")
    clearance = Clearance.objects.create(
        person=person,
        duty=duty,
        granted_at=at,
        granted_by=by,
        reason=reason.strip(),
        expires_at=expires_at,
    )
    _record("granted", clearance, at=at, by=by)
    _tell("granted", clearance, at)
    return clearance


@transaction.atomic
def renew(clearance: Clearance, *, by: Person, at: datetime, expires_at: datetime | None = None) -> None:
    """Lets a clearance in force at `at` run until `expires_at` (None: USUAL_DAYS after `at`), and tells the person.

    Raises PermissionDenied unless `by` is site staff who may change clearances and somebody else than its holder;
    NotEligibleError as for granting; WrongMomentError when it is over; AssemblyError for an end out of bounds.
    """
    row = _under_lock(clearance)
    _refuse_unless_allowed(by, "change")
    _refuse_for_themselves(by, row.person)
    _refuse_unless_in_force(row, at)
    if issues := issues_before_granting(row.person, row.duty, at):
        raise NotEligibleError(" ".join(issues))
    row.expires_at = _within_bounds(expires_at, at)
    row.renewed_at, row.renewed_by = at, by
    row.save(update_fields=["expires_at", "renewed_at", "renewed_by"])
    _record("renewed", row, at=at, by=by)
    _tell("renewed", row, at)


@transaction.atomic
def end(clearance: Clearance, *, by: Person, at: datetime, because: str) -> None:
    """Ends a clearance at `at`, and tells the person why.

    Raises PermissionDenied unless `by` is site staff who may change clearances (the holder too may be one);
    AssemblyError without a reason; WrongMomentError when it is over.
    """
    row = _under_lock(clearance)
    _refuse_unless_allowed(by, "change")
    _refuse_unless_in_force(row, at)
    if not because.strip():
        raise AssemblyError(_("Say why the clearance ends; the person is told."))
    _end(row, at, by=by, because=because.strip())
    _tell("ended", row, at)


def end_due(at: datetime) -> None:
    """Writes down the end of every clearance that has run out at `at`, and tells the person. For the sweep."""
    each(Clearance.objects.due_to_end(at), lambda row: _run_out(row, at))


@transaction.atomic
def _run_out(clearance: Clearance, at: datetime) -> None:
    due = Clearance.objects.due_to_end(at).select_for_update(skip_locked=True, of=("self",))
    row = due.select_related("person").filter(pk=clearance.pk).first()
    if row is not None:
        _end(row, row.expires_at, by=None, because="")
        _tell("ran_out", row, at)


def _under_lock(clearance: Clearance) -> Clearance:
    rows = Clearance.objects.select_for_update(of=("self",)).select_related("person")
    return rows.get(pk=clearance.pk)


def _refuse_unless_allowed(by: Person, verb: str) -> None:
    if not (by.is_staff and by.has_perm(f"assemblies.{verb}_clearance")):
        raise PermissionDenied(_("Only site staff who may do so grant, renew and end clearances."))


def _refuse_for_themselves(by: Person, person: Person) -> None:
    if by.pk == person.pk:
        raise PermissionDenied(_("Nobody clears themselves: ask another of the site’s staff."))


def _refuse_unless_in_force(clearance: Clearance, at: datetime) -> None:
    if not clearance.is_in_force_at(at):
        raise WrongMomentError(_("This clearance is over. Grant a new one."))


def _within_bounds(expires_at: datetime | None, at: datetime) -> datetime:
    expires_at = expires_at or days_later(at, USUAL_DAYS)
    if not at < expires_at <= days_later(at, MOST_DAYS):
        raise AssemblyError(_("A clearance ends between now and two years ahead."))
    return expires_at


def _end(row: Clearance, ended_at: datetime, *, by: Person | None, because: str) -> None:
    row.ended_at, row.ended_by, row.ended_because = ended_at, by, because
    row.save(update_fields=["ended_at", "ended_by", "ended_because"])
    _record("ended", row, at=ended_at, by=by)


def _record(what: str, row: Clearance, *, at: datetime, by: Person | None) -> None:
    """Who and which duty, never how they were vetted or why it ended: the record is for good."""
    facts = {"person": str(row.person_id), "duty": row.duty}
    events.record(f"clearance.{what}", row, at=at, by=by.pk if by else None, data=facts)


def _tell(what: str, row: Clearance, at: datetime) -> None:
    letter = mails.letter(
        f"clearance-{what}:{row.pk}:{at.isoformat()}",
        f"assemblies/mail/clearance_{what}",
        row.person,
        {"person": row.person, "clearance": row, "assembly": Duty.objects.holder_at(row.duty, at)},
    )
    outbox.queue([letter], at=at)
