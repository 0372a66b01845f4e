"""Plain functions that make rows, with as few fields as a rule needs.

Every default began long ago and ends never, so that a test sets only the dates that it is about.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from allauth.account.models import EmailAddress
from django.db.models.functions import Now
from django.utils import timezone

from assemblies.models import Assembly, Clearance, Duty, Kind, Office, Participation, Term
from ballots import casting, opening, tally
from ballots.casting import Receipt
from ballots.models import Ballot, Option
from decisions import gatherings, proposals
from decisions.models import Decision, Gathering
from members.models import Membership, Person, Suspension

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)

_number = count(1)


def make_person(name: str = "", *, email: str = "", password: str | None = None, **fields: Any) -> Person:
    """An account: no member, takes part in nothing; with its address verified, as by an emailed code."""
    n = next(_number)
    name = name or f"Person {n}"
    email = email or f"person{n}@example.org"
    person: Person = Person.objects.create_user(email, password, name=name, **fields)
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
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


def make_duty(assembly: Assembly, name: str = Duty.Name.RESEARCH, **fields: Any) -> Duty:
    """`assembly` has the duty for the whole party."""
    return Duty.objects.create(assembly=assembly, name=name, **{"began_at": LONG_AGO, **fields})


def make_clearance(person: Person, duty: str = Duty.Name.RESEARCH, **fields: Any) -> Clearance:
    """`person` has been cleared for the duty since yesterday, for a year; whether they take part is for the test."""
    yesterday = timezone.now() - timedelta(days=1)
    values = {
        "granted_at": yesterday,
        "expires_at": fields.get("granted_at", yesterday) + timedelta(days=365),
        "reason": "Vetted in a call, with a passport.",
        **fields,
    }
    if "granted_by" not in values:
        values["granted_by"] = make_person(is_staff=True)
    return Clearance.objects.create(person=person, duty=duty, **values)


def make_ballot(
    assembly: Assembly, options: Sequence[str] = ("Apples", "Pears", "Plums"), **fields: Any
) -> Ballot:
    """A draft of a ballot that opens in an hour and runs for a week; set `opens_at`, `closes_at` for others."""
    now = timezone.now()
    values = {
        "question": "Which fruit?",
        "opens_at": now + timedelta(hours=1),
        "closes_at": now + timedelta(days=7),
        **fields,
    }
    ballot = Ballot.objects.create(assembly=assembly, **values)
    Option.objects.bulk_create(
        Option(ballot=ballot, position=position, name=name) for position, name in enumerate(options, 1)
    )
    return ballot


def make_open_ballot(
    assembly: Assembly, options: Sequence[str] = ("Apples", "Pears", "Plums"), **fields: Any
) -> Ballot:
    """A ballot that the clock has opened: announced and opened by the real functions, an hour ago at most."""
    now = timezone.now()
    ballot = make_ballot(
        assembly, options, **{"opens_at": now - timedelta(minutes=1), "announced_at": now, **fields}
    )
    opening.open_now(ballot, at=now)
    ballot.refresh_from_db()
    return ballot


def make_members(assembly: Assembly, number: int) -> list[Person]:
    """So many members of the party who take part in the assembly."""
    people = [make_member() for _ in range(number)]
    for person in people:
        make_participation(person, assembly)
    return people


def cast_vote(ballot: Ballot, person: Person, *scores: int) -> Receipt:
    """`person` votes, through the real door."""
    return casting.cast(ballot, person, scores, casting.prepare(casting.entry_for(ballot, person)))


def end_now(ballot: Ballot) -> None:
    """Moves the closing time of an open ballot to this moment, as if its time had passed."""
    Ballot.objects.filter(pk=ballot.pk).update(closes_at=Now())
    ballot.refresh_from_db()


def count_ballot(ballot: Ballot) -> Ballot:
    """Ends, closes and counts an open ballot by the real functions."""
    end_now(ballot)
    tally.close_now(ballot)
    tally.count_now(ballot, at=timezone.now())
    ballot.refresh_from_db()
    return ballot


def make_decision(
    assembly: Assembly, by: Person, *, options: Sequence[str] = ("Apples", "Pears"), **fields: Any
) -> Decision:
    """A matter proposed by the real function, an hour ago unless `at` says otherwise."""
    values = {"title": "Which fruit do we plant?", "text": "We have room for one row.", **fields}
    at = values.pop("at", timezone.now() - timedelta(hours=1))
    return proposals.propose(assembly, by=by, at=at, options=[(name, "") for name in options], **values)


def make_held_moot(decision: Decision, by: Person, at: datetime) -> Gathering:
    """A moot on the matter, called by the real function two hours before `at`, and held an hour before it."""
    gathering = gatherings.call_gathering(
        decision.assembly,
        by=by,
        at=at - timedelta(hours=2),
        decision=decision,
        kind=Gathering.Kind.HUSTINGS if decision.is_confidential else Gathering.Kind.MOOT,
        title="Moot",
        starts_at=at - timedelta(hours=1),
        ends_at=at,
        address="The Old Library",
    )
    gatherings.mark_held(gathering, by=by, at=at)
    return gathering
