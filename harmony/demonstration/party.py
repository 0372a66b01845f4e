"""Loads the invented party, once: assemblies, people, homes, offices, decisions, ballots, defections."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.db.models import Max

from assemblies import enrolment, joining, loading
from assemblies.models import Assembly, Office, Term
from harmony.demonstration import applicants, ballots, decisions, defections, races
from harmony.demonstration.people import CAST, PASSWORD, Invented, crowd
from members.models import Membership, Person, Suspension

_LOCK = 0x44454D4F
_DAYS_OLD = 90  # how long the party has been there, as far as its records say


@dataclass(frozen=True)
class LogIn:
    """Who can log in, for the table that is printed at every start."""

    email: str
    password: str
    role: str


def log_ins() -> list[LogIn]:
    """Those of the demonstration's people whose roles differ; all others have the same password too."""
    return [LogIn(one.email, PASSWORD, one.role) for one in CAST if one.role]


def applications() -> list[tuple[str, str]]:
    """Addresses whose applications can be gone on with by a code, which comes by mail, and what is to be seen there."""
    return [(one.email, one.role) for one in applicants.EVERYBODY if one.role]


@transaction.atomic
def load(at: datetime) -> bool:
    """Loads the party as of `at`; False, and nothing done, where it was loaded before.

    All or nothing: a start that is broken off leaves nothing behind, and two at once load it once.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    if Person.objects.filter(email=CAST[0].email).exists():
        return False
    loading.load(loading.read(loading.OWN_FILE), at=at - timedelta(days=_DAYS_OLD))
    # Assemblies that were loaded by hand before this are younger than ours would be.
    since = Assembly.objects.open_at(at).aggregate(at=Max("formed_at"))["at"]
    people = _make_people([*CAST, *crowd()], at)
    _give_memberships(people, at)
    for invented, person in people:
        _settle(invented, person, since)
    _seat(people, since)
    by_address = {person.email: person for _invented, person in people}
    decisions.load(by_address, since=since, at=at)
    races.load(by_address, since=since, at=at)
    ballots.load(by_address, since=since, at=at)
    defections.load(by_address, since=since, at=at)
    return True


def _make_people(invented: list[Invented], at: datetime) -> list[tuple[Invented, Person]]:
    """Their accounts, with verified addresses and the one password, hashed once for all of them."""
    password = make_password(PASSWORD)
    joined = at - timedelta(days=_DAYS_OLD)
    made = [
        Person(
            email=one.email,
            name=one.name,
            password=password,
            is_staff=one.is_staff,
            is_superuser=one.is_staff,
            date_joined=joined,
        )
        for one in invented
    ]
    Person.objects.bulk_create(made)
    EmailAddress.objects.bulk_create(
        EmailAddress(user=person, email=person.email, verified=True, primary=True) for person in made
    )
    return list(zip(invented, made, strict=True))


def _give_memberships(people: list[tuple[Invented, Person]], at: datetime) -> None:
    """A year's membership each, begun at various times; one lapsed last week, one is suspended."""
    rows = []
    for number, (invented, person) in enumerate(people):
        if invented.member:
            began = at - timedelta(days=_DAYS_OLD + 5 * number)
            lapses = at - timedelta(days=7) if invented.member == "lapsed" else at + timedelta(days=365)
            rows.append(Membership(person=person, began_at=began, lapses_at=lapses))
        if invented.member == "suspended":
            Suspension.objects.create(
                person=person, began_at=at - timedelta(days=14), reason="While a complaint is reviewed."
            )
    Membership.objects.bulk_create(rows)


def _settle(invented: Invented, person: Person, at: datetime) -> None:
    """Their home and what they join, by the site's own rules; members are in the core assemblies by these."""
    if invented.home:
        home = Assembly.objects.select_related("within__within").get(slug=f"{invented.home}-constituency")
        enrolment.set_home(person, home, at=at)
    else:
        enrolment.enrol(person, at=at)
    for slug in invented.joins:
        joining.join(person, Assembly.objects.get(slug=slug), at=at, affirms=True, born=invented.born)


def _seat(people: list[tuple[Invented, Person]], at: datetime) -> None:
    for invented, person in people:
        if invented.secretary_of:
            office = Office.objects.get(assembly__slug=invented.secretary_of, role=Office.Role.SECRETARY)
            Term(office=office, person=person, began_at=at).begin(at=at)
