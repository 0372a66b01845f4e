"""Races brought to each of their stages by the real functions."""

from datetime import datetime, timedelta

from assemblies.models import Assembly, Office, Term
from decisions import declaring, nominations
from decisions.models import Candidacy, Decision, Race
from harmony.clock import sweep
from members.models import Person


def make_office(assembly: Assembly, role: str = Office.Role.SECRETARY, *, seats: int = 1) -> Office:
    """The assembly's office of this role, with so many seats."""
    office, _made = Office.objects.update_or_create(assembly=assembly, role=role, defaults={"seats": seats})
    return office


def declared(office: Office, by: Person, at: datetime) -> Race:
    """A race that `by` declared."""
    return declaring.declare(office, by=by, at=at)


def stands(person: Person, office: Office, at: datetime, statement: str = "I would like to.") -> Candidacy:
    """The person stands, accepting what has to be accepted."""
    return nominations.stand(
        office, person, at=at, statement=statement, accepts_principles=True, affirms=True
    )


def ended(race: Race) -> Decision:
    """The race once the clock has ended its nominations."""
    assert sweep(race.nominations_end_at) == []
    return Decision.objects.get(pk=race.pk)


def terms_of(office: Office, at: datetime) -> list[str]:
    """The names of those who hold the office at `at`."""
    rows: list[Term] = list(office.terms.in_force_at(at).select_related("person"))
    return sorted(term.holder for term in rows)


HOUR, DAY = timedelta(hours=1), timedelta(days=1)
