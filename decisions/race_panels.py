"""What an assembly's page shows of its offices: the races that are under way, and what the viewer can do."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from assemblies.models import Assembly, Office
from assemblies.panels import Viewer
from decisions.declaring import issues_before_declaring
from decisions.gatherings import may_convene
from decisions.models import Race
from members.models import Person


@dataclass(frozen=True)
class Line:
    """One office: its race, and whether the viewer can stand, declare a race, or holds it."""

    office: Office
    race: Race | None
    is_in_nominations: bool
    is_vacant: bool
    can_apply: bool
    can_declare: bool
    holds: bool

    @property
    def is_worth_a_line(self) -> bool:
        """Whether there is anything to say of it."""
        return self.race is not None or self.is_vacant or self.can_declare or self.holds


def gather(assembly: Assembly, viewer: Viewer, at: datetime) -> dict[str, Any] | None:
    """The offices with something to say of them; None where there is none, or the assembly is not open."""
    if not assembly.is_open_at(at):
        return None
    person = viewer if isinstance(viewer, Person) else None
    declares = person is not None and may_convene(assembly, person, at)
    running = {race.office_id: race for race in _running(assembly)}
    lines = [
        _line(office, running.get(office.pk), person, declares, at)
        for office in assembly.offices.select_related("assembly").order_by("-role")
    ]
    shown = [line for line in lines if line.is_worth_a_line]
    return {"lines": shown} if shown else None


def _running(assembly: Assembly) -> "list[Race]":
    return list(Race.objects.running().filter(office__assembly=assembly).select_related("decision"))


def _line(office: Office, race: Race | None, person: Person | None, declares: bool, at: datetime) -> Line:
    held = office.terms.overlapping(at, None)
    is_vacant = office.free_seats_at(at) > 0  # and nobody is elected for it
    return Line(
        office=office,
        race=race,
        is_in_nominations=race is not None and race.is_in_nominations_at(at),
        is_vacant=is_vacant,
        can_apply=race is None and is_vacant,
        can_declare=declares and race is None and not issues_before_declaring(office, at),
        holds=person is not None and held.filter(person=person).exists(),
    )
