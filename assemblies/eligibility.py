"""Ages that pass (A4): dates of birth, rules that change, and the sweep that ends what is due.

A date of birth is stored sealed, so no query can compare it. Each participation therefore carries the moment
at which its age passes, worked out when somebody joins, when a date of birth is given and when a rule changes;
the sweep reads only those that are due.
"""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from assemblies import ages, enrolment
from assemblies.errors import NotEligibleError, WrongMomentError
from assemblies.models import Assembly, Participation
from harmony.time import days_later
from ledger import events, outbox
from members.models import Person

DAYS_TO_GIVE_A_BIRTH = 28

Ending = Participation.Ending


@transaction.atomic
def keep_birth(person: Person, born: date, *, at: datetime, by: Person | None = None) -> None:
    """Keeps the person's date of birth, sealed, and works out anew where and how long they may take part.

    People give it once; `by` is whoever of the staff puts it right later. Raises WrongMomentError when it is
    known and `by` is not given, NotEligibleError for a date on which nobody living can have been born.
    """
    if not ages.is_plausible(born, at):
        raise NotEligibleError(_("That cannot be a date of birth: it lies ahead, or too far back."))
    row = enrolment.locked(person)
    if row.date_of_birth_sealed is not None and by is None:
        raise WrongMomentError(
            _("Your date of birth is known already. To put it right, ask the site's staff.")
        )
    row.date_of_birth = born
    row.save(update_fields=["date_of_birth_sealed"])
    person.date_of_birth_sealed = row.date_of_birth_sealed
    events.record("date of birth given", row, at=at, by=(by or row).pk)
    for participation in row.participations.filter(ended_at=None).select_related("assembly", "person"):
        if participation.assembly.has_ages:
            _apply(participation, born, at)


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
            _set_age_end(participation, None)
        elif born is None:
            _ask_for_birth(participation, at)
        else:
            _apply(participation, born, at)


def end_passed_ages(at: datetime) -> int:
    """Ends every participation whose age has passed at `at` and tells the person; returns how many. For the sweep.

    Each in a transaction of its own; those that another worker holds are left to it.
    """
    done = 0
    while _end_next(at):
        done += 1
    return done


@transaction.atomic
def _end_next(at: datetime) -> bool:
    due = Participation.objects.due_to_end(at).order_by("age_ends_at")
    participation = due.select_for_update(skip_locked=True, of=("self",)).first()
    if participation is None:
        return False
    unknown = participation.person.date_of_birth_sealed is None
    _end(participation, Ending.UNKNOWN_AGE if unknown else Ending.AGE, at)
    return True


def _apply(participation: Participation, born: date, at: datetime) -> None:
    """Sets when the age of somebody born on `born` passes, or ends the participation where it does not fit."""
    if participation.assembly.reasons_of_age(born, at):
        _end(participation, Ending.AGE, at)
    else:
        _set_age_end(participation, participation.assembly.age_window(born)[1])


def _set_age_end(participation: Participation, ends_at: datetime | None) -> None:
    if participation.age_ends_at != ends_at:
        participation.age_ends_at = ends_at
        participation.save(update_fields=["age_ends_at"])


def _ask_for_birth(participation: Participation, at: datetime) -> None:
    if participation.age_ends_at is None:
        _set_age_end(participation, days_later(at, DAYS_TO_GIVE_A_BIRTH))
        _tell(participation, "birth_asked", at)


def _end(participation: Participation, because: str, at: datetime) -> None:
    """Ends it at the moment at which the age passed, which may lie a little before `at`, and tells the person."""
    passed = participation.age_ends_at
    ended_at = passed if passed is not None and passed <= at else at
    participation.ended_at = max(ended_at, participation.began_at)
    participation.ended_because = because
    participation.save(update_fields=["ended_at", "ended_because"])
    facts = {"assembly": str(participation.assembly_id), "because": because}
    events.record("participation ended", participation.person, at=at, data=facts)
    _tell(participation, "age_passed" if because == Ending.AGE else "birth_not_given", at)


def _tell(participation: Participation, what: str, at: datetime) -> None:
    letter = outbox.Letter(
        key=f"{what}:{participation.pk}",
        kind=f"assemblies/mail/{what}",
        address=participation.person.email,
        context={
            "assembly": participation.assembly,
            "participation": participation,
            "person": participation.person,
            "requirements": participation.assembly.requirements(),
        },
    )
    outbox.queue([letter], at=at)
