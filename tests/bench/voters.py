"""Made-up voters: people, ballots that they are on the roll of, and the roll filled with sealed votes."""

from datetime import UTC, datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.db import connection
from django.utils import timezone

from assemblies.models import Assembly, Kind, Participation
from ballots import opening
from ballots.bundle import digest
from ballots.models import Ballot, Option, RollEntry
from members.models import Membership, Person
from tests.bench.votes import OPTIONS, sealed_votes

_LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
_BATCH = 5000


def make_members(number: int) -> Assembly:
    """A society with so many members of the party who take part in it."""
    slug = f"bench-{Assembly.objects.count()}"
    society = Assembly.objects.create(
        name=f"Society {slug}", slug=slug, kind=Kind.SOCIETY, formed_at=_LONG_AGO
    )
    people = _make_people(slug, number)
    Membership.objects.bulk_create(
        (Membership(person=person, began_at=_LONG_AGO) for person in people), batch_size=_BATCH
    )
    joined = Participation.Origin.JOINED
    Participation.objects.bulk_create(
        (
            Participation(person=person, assembly=society, began_at=_LONG_AGO, origin=joined)
            for person in people
        ),
        batch_size=_BATCH,
    )
    tidy()
    return society


def _make_people(mark: str, number: int) -> list[Person]:
    unusable = make_password(None)
    return Person.objects.bulk_create(
        (
            Person(email=f"{mark}-{place}@example.org", name=f"Person {place}", password=unusable)
            for place in range(number)
        ),
        batch_size=_BATCH,
    )


def enlarge_roll(ballot: Ballot, size: int) -> None:
    """Fills the roll of an open ballot up to `size`, as if it had been opened so, without the letters of that."""
    people = _make_people(f"roll-{ballot.pk}", size - (ballot.roll_size or 0))
    RollEntry.objects.bulk_create(
        (RollEntry(ballot=ballot, person=person, reason="Made up for a measurement.") for person in people),
        batch_size=_BATCH,
    )
    ballot.roll_size = size
    ballot.roll_digest = digest(sorted(str(pk) for pk in ballot.roll.values_list("pk", flat=True)))
    ballot.save(update_fields=["roll_size", "roll_digest"])


def make_announced_ballot(society: Assembly) -> Ballot:
    """A ballot on all OPTIONS that is due to open now."""
    now = timezone.now()
    ballot = Ballot.objects.create(
        assembly=society,
        question="Which fruit?",
        announced_at=now,
        opens_at=now,
        closes_at=now + timedelta(days=1),
    )
    Option.objects.bulk_create(
        Option(ballot=ballot, position=place, name=name) for place, name in enumerate(OPTIONS, 1)
    )
    return ballot


def make_open_ballot(society: Assembly) -> Ballot:
    """A ballot that the clock's own function has opened."""
    ballot = make_announced_ballot(society)
    opening.open_now(ballot, at=timezone.now())
    ballot.refresh_from_db()
    tidy()
    return ballot


def tidy() -> None:
    """VACUUM ANALYZE, so that nothing of it falls into what is measured next."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def fill_roll(ballot: Ballot) -> int:
    """A sealed vote in every entry of the open ballot's roll, in one statement; returns how many."""
    entries = list(RollEntry.objects.filter(ballot=ballot).values_list("pk", flat=True))
    sealed = sealed_votes(
        entries,
        ballot=ballot.pk,
        definition_digest=ballot.definition_digest,
        public_key=bytes(ballot.public_key or b""),
    )
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE sealed (entry uuid PRIMARY KEY, envelope bytea)")
        with cursor.copy("COPY sealed FROM STDIN") as copy:
            for row in sealed:
                copy.write_row(row)
        cursor.execute(
            "UPDATE ballots_rollentry SET envelope = sealed.envelope FROM sealed WHERE id = sealed.entry"
        )
        cursor.execute("DROP TABLE sealed")
    tidy()
    return len(sealed)
