"""Ages that pass (A4): dates of birth, rules that change, and the sweep that ends what is due.

A date of birth is stored sealed, so no query can compare it, and the moment at which an age passes would give
it away. Each participation therefore carries only the year in which that happens. In that year the sweep opens
the date of birth once a day, and ends the participation on the day itself.
"""

import logging
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from assemblies import ages, enrolment
from assemblies.errors import NotEligibleError, WrongMomentError
from assemblies.models import Assembly, Participation
from harmony.time import days_later, london_day
from ledger import events, outbox
from ledger.keyring import KeyringError
from members import mails
from members.errors import BirthGivenOnceError
from members.mails import Always
from members.models import Person

log = logging.getLogger(__name__)

DAYS_TO_GIVE_A_BIRTH = 28
_AT_A_TIME = 100  # participations looked at in one transaction

Ending = Participation.Ending
mails.classify(
    "assemblies/mail",
    {"age_passed": Always.PART, "birth_asked": Always.PART, "birth_not_given": Always.PART},
)


@transaction.atomic
def keep_birth(person: Person, born: date, *, at: datetime, by: Person | None = None) -> None:
    """Keeps the person's date of birth, sealed, and works out anew where and how long they may take part.

    People give it once; `by` is whoever of the staff puts it right later. Raises WrongMomentError when it was
    given and `by` is not staff, NotEligibleError for a date on which nobody living can have been born.
    """
    if not ages.is_plausible(born, at):
        raise NotEligibleError(_("That cannot be a date of birth: it lies ahead, or too far back."))
    try:
        person.give_date_of_birth(born, by=by or person, at=at)
    except BirthGivenOnceError as refusal:
        raise WrongMomentError(str(refusal)) from refusal


@transaction.atomic
def apply_birth(person: Person, at: datetime) -> None:
    """Works out anew where the person may take part; told by members.births whenever a date of birth changes.

    Where it was erased by the person, what needs it ends at once. Where staff asked for it anew, they have four
    weeks to give it.
    """
    row = enrolment.locked(person)
    born = row.date_of_birth
    for participation in row.participations.filter(ended_at=None).select_related("assembly", "person"):
        if not participation.assembly.has_ages:
            continue
        if born is not None:
            _apply(participation, born, at)
        elif row.date_of_birth_erased_at is not None:
            _end(participation, Ending.UNKNOWN_AGE, at)
        else:
            _ask_for_birth(participation, at)


@transaction.atomic
def apply_ages(assembly: Assembly, *, at: datetime) -> None:
    """Works out anew, after the assembly's ages were changed, how long each of its participants may take part.

    Somebody too young or too old now ends at once. Somebody whose date of birth is unknown is asked for it by
    mail and has four weeks to give it.
    """
    rows = assembly.participations.filter(ended_at=None).select_related("person").order_by("person")
    for participation in rows.select_for_update(of=("self",)):
        participation.assembly = assembly
        born = participation.person.date_of_birth if assembly.has_ages else None
        if not assembly.has_ages:
            _set_schedule(participation)
        elif born is None:
            _ask_for_birth(participation, at)
        else:
            _apply(participation, born, at)


def end_passed_ages(at: datetime) -> int:
    """Ends every participation whose age has passed at `at` and tells the person; returns how many. For the sweep.

    In transactions of a hundred each; those that another worker holds are left to it.
    """
    done = 0
    while (ended := _look_at_some(at)) is not None:
        done += ended
    return done


@transaction.atomic
def _look_at_some(at: datetime) -> int | None:
    """Looks at some that are due; how many of them ended, or None when none is due."""
    due = Participation.objects.due_to_look_at(at).select_related("assembly").order_by("pk")
    rows = list(due.prefetch_related("person").select_for_update(skip_locked=True, of=("self",))[:_AT_A_TIME])
    if not rows:
        return None
    lasting = [row.pk for row in rows if not _has_ended(row, at)]
    tomorrow = london_day(at) + timedelta(days=1)
    Participation.objects.filter(pk__in=lasting).update(age_check_on=tomorrow, birth_due_at=None)
    return len(rows) - len(lasting)


def _has_ended(participation: Participation, at: datetime) -> bool:
    """Whether it was due to end at `at`, and so has been ended."""
    try:
        born = participation.person.date_of_birth
    except KeyringError:
        log.error("The date of birth behind participation %s does not open.", participation.pk)
        return False
    if born is None:
        _end(participation, Ending.UNKNOWN_AGE, at, passed=participation.birth_due_at)
    elif participation.assembly.reasons_of_age(born, at):
        _end(participation, Ending.AGE, at, passed=participation.assembly.age_window(born)[1])
    return participation.ended_at is not None


def _apply(participation: Participation, born: date, at: datetime) -> None:
    """Sets when the age of somebody born on `born` is looked at, or ends the participation where it does not fit."""
    if participation.assembly.reasons_of_age(born, at):
        _end(participation, Ending.AGE, at)
    else:
        passes_at = participation.assembly.age_window(born)[1]
        _set_schedule(participation, check_on=ages.looked_at_from(passes_at))


def _set_schedule(
    participation: Participation, *, check_on: date | None = None, birth_due_at: datetime | None = None
) -> None:
    participation.age_check_on, participation.birth_due_at = check_on, birth_due_at
    participation.save(update_fields=["age_check_on", "birth_due_at"])


def _ask_for_birth(participation: Participation, at: datetime) -> None:
    if participation.birth_due_at is None:
        _set_schedule(participation, birth_due_at=days_later(at, DAYS_TO_GIVE_A_BIRTH))
        _tell(participation, "birth_asked", at)


def _end(participation: Participation, because: str, at: datetime, *, passed: datetime | None = None) -> None:
    """Ends it at `passed`, which may lie a little before `at`, and tells the person.

    The record, which is for good, does not say that it was by age.
    """
    ended_at = passed if passed is not None and passed <= at else at
    participation.ended_at = max(ended_at, participation.began_at)
    participation.ended_because = because
    participation.age_check_on = None
    participation.save(update_fields=["ended_at", "ended_because", "age_check_on"])
    facts = {"assembly": str(participation.assembly_id)}
    events.record("participation.ended", participation.person, at=at, data=facts)
    _tell(participation, "age_passed" if because == Ending.AGE else "birth_not_given", at)


def _tell(participation: Participation, what: str, at: datetime) -> None:
    letter = mails.letter(
        f"{what}:{participation.pk}:{at.isoformat()}",
        f"assemblies/mail/{what}",
        participation.person,
        {
            "assembly": participation.assembly,
            "participation": participation,
            "person": participation.person,
            "requirements": participation.assembly.requirements(),
        },
    )
    outbox.queue([letter], at=at)
