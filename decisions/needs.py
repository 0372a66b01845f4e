"""What waits for a person: calls to answer, gatherings to attend, tasks of theirs; and what was decided of late."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from assemblies.models import Participation
from decisions.models import (
    Call,
    Candidacy,
    Decision,
    Gathering,
    Position,
    Race,
    Registration,
    Task,
)
from members.models import Person

LATELY = timedelta(days=14)


def of_assemblies_of(person: Person, at: datetime, decision: str = "") -> Q:
    """The rows whose decision (by the lookup `decision`, "" for the row itself) is of an assembly of theirs."""
    theirs = Participation.objects.in_force_at(at).filter(person=person).values("assembly")
    joint = Decision.together_with.through.objects.filter(
        decision=OuterRef(f"{decision}pk"), assembly__in=theirs
    )
    return Q(**{f"{decision}assembly__in": theirs}) | Q(Exists(joint))


def calls_to_answer(person: Person, at: datetime) -> "QuerySet[Call]":
    """The open calls in assemblies where the person takes part that they have not answered, soonest end first."""
    answered = Position.objects.filter(call=OuterRef("pk"), person=person)
    found = Call.objects.standing().filter(of_assemblies_of(person, at, "decision__"), ~Exists(answered))
    readable = found.filter(called_at__lte=at, ends_at__gt=at).filter(_readable(person, at))
    return readable.select_related("option", "decision__assembly").order_by("ends_at")


def _readable(person: Person, at: datetime) -> Q:
    """Calls on a defection wait for members only."""
    if person.is_member_at(at):
        return ~Q(decision__concerns=person)
    return ~Q(decision__kind=Decision.Kind.DEFECTION)


def nominations_open(person: Person, at: datetime) -> "QuerySet[Race]":
    """Races with nominations open in assemblies where the person takes part, and in which they do not stand."""
    own = Candidacy.objects.filter(race=OuterRef("pk"), person=person, withdrawn_at=None)
    found = Race.objects.in_nominations_at(at).filter(
        of_assemblies_of(person, at, "decision__"), ~Exists(own)
    )
    return found.select_related("decision__assembly", "office").order_by("nominations_end_at")


def candidacies_of(person: Person, at: datetime) -> "QuerySet[Candidacy]":
    """Where the person stands while nominations are open, wherever they take part."""
    found = Candidacy.objects.filter(
        person=person, withdrawn_at=None, race__in=Race.objects.in_nominations_at(at)
    )
    return found.select_related("race__decision__assembly").order_by("race__nominations_end_at")


def gatherings_to_attend(person: Person, at: datetime) -> "QuerySet[Any]":
    """The gatherings to come that concern the person, the next one first; each says if they `has_registered`."""
    registered = Registration.objects.in_force().filter(gathering=OuterRef("pk"), person=person)
    found = Gathering.objects.concerning(person, at).open_at(at).annotate(has_registered=Exists(registered))
    return found.select_related("assembly").order_by("starts_at")


def tasks_of(person: Person, at: datetime) -> "QuerySet[Task]":
    """The person's tasks that are neither done nor dropped, on what they may read, the soonest due first."""
    readable = Decision.objects.readable_by(person, at).filter(pk=OuterRef("decision"))
    found = Task.objects.open().filter(Exists(readable), owner=person)
    return found.select_related("decision__assembly").order_by("due_on", "pk")


def decided_lately(person: Person, at: datetime) -> "QuerySet[Decision]":
    """What was settled in the last fourteen days in assemblies where the person takes part, the latest first."""
    found = Decision.objects.filter(
        of_assemblies_of(person, at), settled_at__gt=at - LATELY, settled_at__lte=at
    )
    if not person.is_member_at(at):
        found = found.exclude(kind=Decision.Kind.DEFECTION)
    found = found.exclude(concerns=person)
    return found.select_related("assembly").order_by("-settled_at")
