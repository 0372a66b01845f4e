"""Forming, changing and closing assemblies."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from assemblies import closing, eligibility, geography
from assemblies.errors import WrongMomentError
from assemblies.models import Assembly, EnrolmentCheck, Office, Participation, Term
from ledger import events
from members.models import Person

# What of an assembly may be changed once it is formed; a change of any other is a new assembly.
CHANGEABLE = (
    *("name", "other_name", "place", "remit", "is_core", "within", "supports", "code", "hex_q", "hex_r"),
    *("minimum_age", "maximum_age", "members_only", "statement", "approval_by_secretary"),
    *("voting_days", "quorum", "cooling_off_days", "deliberation_days"),
)
_AGES = ("minimum_age", "maximum_age")
_ENROL = ("is_core", "within")
_RACES = (
    "voting_days",
    "cooling_off_days",
    "deliberation_days",
)  # how long before its end a term's race begins


@transaction.atomic
def form(assembly: Assembly, *, at: datetime, by: Person | None = None) -> None:
    """Saves a new assembly with its secretary's office, vacant as yet, and records it.

    Raises WrongPlaceError where it does not lie sensibly, ValidationError for what a constraint refuses.
    """
    geography.refuse_wrong_place(assembly)
    assembly.validate_constraints()
    form_all([assembly], at=at, by=by)


@transaction.atomic
def form_all(new: list[Assembly], *, at: datetime, by: Person | None = None) -> None:
    """Saves new assemblies, checked by the caller, that may lie within each other, as `form` saves one."""
    Assembly.objects.bulk_create(new)
    Office.objects.bulk_create(Office(assembly=one, role=Office.Role.SECRETARY) for one in new)
    for assembly in new:
        events.record("assembly.formed", assembly, at=at, by=by.pk if by else None)
    if any(assembly.is_core for assembly in new):
        EnrolmentCheck.objects.bring_forward(at)


def differences(before: Assembly, after: Assembly) -> list[str]:
    """The names of the fields of CHANGEABLE in which two versions of an assembly differ."""
    return [name for name in CHANGEABLE if _value(before, name) != _value(after, name)]


@transaction.atomic
def change(assembly: Assembly, *, at: datetime, by: Person | None = None) -> list[str]:
    """Saves what differs between `assembly`, as changed by the caller, and its row; returns the fields' names.

    Where its ages changed, works out anew who may take part; where the days of its rules did, when the races for
    its seats begin. Records which fields changed. Raises as `form`.
    """
    before = Assembly.objects.select_for_update(no_key=True, of=("self",)).get(pk=assembly.pk)
    changed = differences(before, assembly)
    if not changed:
        return []
    geography.refuse_wrong_place(assembly)
    assembly.validate_constraints()
    assembly.save(update_fields=changed)
    if set(changed) & set(_AGES):
        eligibility.apply_ages(assembly, at=at)
    if set(changed) & set(_ENROL):
        EnrolmentCheck.objects.bring_forward(at)
    if set(changed) & set(_RACES):
        Term.objects.filter(office__assembly=assembly).look_again()
    events.record(
        "assembly.changed", assembly, at=at, by=by.pk if by else None, data={"fields": sorted(changed)}
    )
    return changed


def issues_before_closing(assembly: Assembly, at: datetime) -> list[str]:
    """What stands against closing the assembly at `at`, as sentences (STYLE 13)."""
    issues = []
    if not assembly.is_open_at(at) or assembly.closed_at is not None:
        issues.append(_("It is not open."))
    if assembly.parts.open_at(at).exists():
        issues.append(_("Other assemblies lie within it: move or close them first."))
    if assembly.allies.open_at(at).exists():
        issues.append(_("An allied assembly supports it: close that one first."))
    return issues + closing.issues(assembly, at)


@transaction.atomic
def close(assembly: Assembly, *, at: datetime, by: Person | None = None) -> None:
    """Closes the assembly at `at`: nobody takes part from then on, and all of it stays on record.

    Raises WrongMomentError while there are issues.
    """
    row = Assembly.objects.select_for_update(of=("self",)).get(pk=assembly.pk)
    if issues := issues_before_closing(row, at):
        raise WrongMomentError(" ".join(issues))
    row.closed_at = assembly.closed_at = at
    row.save(update_fields=["closed_at"])
    still = row.participations.filter(ended_at=None, began_at__lte=at)
    ended = still.update(ended_at=at, ended_because=Participation.Ending.CLOSED)
    events.record(
        "assembly.closed", row, at=at, by=by.pk if by else None, data={"participations ended": ended}
    )


def _value(assembly: Assembly, name: str) -> object:
    """A field as it is stored: the key of what a foreign key points to."""
    return getattr(assembly, Assembly._meta.get_field(name).attname)  # type: ignore[union-attr]
