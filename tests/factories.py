"""Plain functions that make rows, with as few fields as a rule needs.

Every default began long ago and ends never, so that a test sets only the dates that it is about.
"""

from datetime import UTC, datetime
from itertools import count
from typing import Any

from assemblies.models import Assembly, Kind, Office, Participation, Term
from members.models import Membership, Person, Suspension

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)

_number = count(1)


def make_person(name: str = "", *, email: str = "", password: str | None = None, **fields: Any) -> Person:
    """An account: no member, takes part in nothing; with its address verified, as by an emailed code."""
    n = next(_number)
    name = name or f"Person {n}"
    email = email or f"person{n}@example.org"
    person: Person = Person.objects.create_user(email, password, name=name, **fields)
    person.emailaddress_set.create(email=person.email, verified=True, primary=True)
    return person


def make_membership(person: Person, **fields: Any) -> Membership:
    """A membership of the party."""
    return Membership.objects.create(person=person, **{"began_at": LONG_AGO, **fields})


def make_member(name: str = "", **fields: Any) -> Person:
    """An account with a membership in force."""
    person = make_person(name, **fields)
    make_membership(person)
    return person


def make_suspension(person: Person, **fields: Any) -> Suspension:
    """A suspension without an end."""
    return Suspension.objects.create(
        person=person, **{"began_at": LONG_AGO, "reason": "Under review.", **fields}
    )


def make_assembly(name: str = "", **fields: Any) -> Assembly:
    """An assembly, a society unless `kind` says otherwise."""
    n = next(_number)
    values = {"kind": Kind.SOCIETY, "slug": f"assembly-{n}", "formed_at": LONG_AGO, **fields}
    return Assembly.objects.create(name=name or f"Assembly {n}", **values)


def make_participation(person: Person, assembly: Assembly, **fields: Any) -> Participation:
    """`person` takes part in `assembly`."""
    values = {"began_at": LONG_AGO, "origin": Participation.Origin.JOINED, **fields}
    return Participation.objects.create(person=person, assembly=assembly, **values)


def make_term(person: Person, assembly: Assembly, role: str = Office.Role.SECRETARY, **fields: Any) -> Term:
    """`person` holds an office of `assembly`; the office is made where there is none."""
    office, _made = Office.objects.get_or_create(assembly=assembly, role=role)
    return Term.objects.create(office=office, person=person, **{"began_at": LONG_AGO, **fields})
