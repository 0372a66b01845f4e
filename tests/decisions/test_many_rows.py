"""Pages among ten thousand rows: they ask the database as often as among ten, and show no more than a page."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assemblies.models import Assembly, JoinRequest, Office, Participation
from ballots.models import Ballot, RollEntry
from ballots.models import Option as BallotOption
from decisions import calendars
from decisions.models import (
    Candidacy,
    Comment,
    Decision,
    Gathering,
    Position,
    Question,
    Race,
    Registration,
    Stance,
    Task,
)
from harmony.views import MOST_NEEDS
from ledger.models import Event
from members.models import Membership, Person
from tests.decisions.climbing import agreed, called
from tests.factories import LONG_AGO, make_decision

pytestmark = pytest.mark.django_db
FEW = 10
MANY = 10_000
SOME = 20
PAGE = 120_000  # bytes; a feed or a door list is as long as it is


def make_crowd(assembly: Assembly, number: int) -> list[Person]:
    """So many members of the party who take part, made at once."""
    before = Person.objects.count()
    people = Person.objects.bulk_create(
        Person(email=f"crowd{before + n}@example.org", name=f"Crowd {before + n}", password="!")
        for n in range(number)
    )
    Membership.objects.bulk_create(Membership(person=person, began_at=LONG_AGO) for person in people)
    Participation.objects.bulk_create(
        Participation(person=person, assembly=assembly, began_at=LONG_AGO, origin="joined")
        for person in people
    )
    return people


def talk_and_answer(decision: Decision, people: list[Person]) -> None:
    """Each of the people has written a comment and answered the open call, every tenth objecting."""
    now = timezone.now()
    call = decision.calls.get()
    Comment.objects.bulk_create(
        Comment(decision=decision, author=person, text="I think so too.", said_at=now) for person in people
    )
    Position.objects.bulk_create(
        Position(
            call=call,
            person=person,
            stance=Stance.AGREE if n % 10 else Stance.OBJECT,
            reason="" if n % 10 else "It is too far.",
            taken_at=now,
        )
        for n, person in enumerate(people)
    )
    kind, pk = "decisions.decision", str(decision.pk)
    Event.objects.bulk_create(
        Event(
            at=now,
            by=person.pk,
            verb="decision.answered",
            subject_kind=kind,
            subject_id=pk,
            data={"call": call.pk, "stance": "agree" if n % 10 else "object"},
        )
        for n, person in enumerate(people)
    )


RULES = {"quorum": 3, "cooling_off_days": 5, "deliberation_days": 7, "voting_days": 7}


def make_races(office: Office, by: Person, number: int) -> None:
    """So many races for the office that are over, in each of which the person stood."""
    ended = timezone.now() - timedelta(days=40)
    matters = Decision.objects.bulk_create(
        Decision(
            assembly=office.assembly,
            kind=Decision.Kind.RACE,
            title=f"Race {n}",
            proposed_by=by,
            proposed_at=ended,
            withdrawn_at=ended,
            **RULES,
        )
        for n in range(number)
    )
    past = {"nominations_end_at": ended, "nominations_ended_at": ended, "closed_at": ended}
    races = Race.objects.bulk_create(
        Race(decision=matter, office=office, cause=Race.Cause.DECLARED, seats=1, **past) for matter in matters
    )
    Candidacy.objects.bulk_create(
        Candidacy(race=race, person=by, statement="I would.", accepted_edition="1", stood_at=ended)
        for race in races
    )


def make_ballots(assembly: Assembly, by: Person, number: int) -> None:
    """So many ballots on whose roll the person is: by turns open, and counted with two winners."""
    now, day = timezone.now(), timedelta(days=1)
    options = [{"key": key, "name": f"Option {key}"} for key in ("1", "2", "3")]
    made = Ballot.objects.bulk_create(
        Ballot(
            assembly=assembly,
            question=f"Question {n}",
            seats=2,
            opens_at=now - 9 * day,
            announced_at=now - 9 * day,
            opened_at=now - 9 * day,
            cut_off_at=now - 9 * day,
            closes_at=now - day if n % 2 else now + day,
            public_key=bytes(32),
            definition={"options": options, "question": f"Question {n}"},
            roll_size=1,
            list_minimum=10,
            **({"closed_at": now, "counted_at": now, "result": {"winners": ["1", "3"]}} if n % 2 else {}),
        )
        for n in range(number)
    )
    BallotOption.objects.bulk_create(
        BallotOption(ballot=ballot, position=place, name=f"Option {place}", stays_last=place == 3)
        for ballot in made
        for place in (1, 2, 3)
    )
    RollEntry.objects.bulk_create(RollEntry(ballot=ballot, person=by, reason="Member") for ballot in made)


def asked(client: Client, address: str) -> tuple[int, int]:
    """How many queries the page took, and how long it is in bytes."""
    with CaptureQueriesContext(connection) as found:
        response = client.get(address)
    assert response.status_code == 200, address
    return len(found), len(response.content)


def few_and_many(
    client: Client, addresses: Sequence[str], more: Callable[[int], object], whole: Sequence[str] = ()
) -> None:
    """Asserts that each page asks the database no more often among MANY rows than among FEW, and is no longer.

    The `whole` are files with all that there is, and may grow.
    """
    more(FEW)
    for address in (*addresses, *whole):
        asked(client, address)  # what is looked up once and kept
    few = {address: asked(client, address)[0] for address in (*addresses, *whole)}
    more(MANY - FEW)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    many = {address: asked(client, address) for address in (*addresses, *whole)}
    assert {address: queries for address, (queries, _length) in many.items()} == few
    lengths = {address: length for address, (_queries, length) in many.items() if address not in whole}
    assert {address: length for address, length in lengths.items() if length > PAGE} == {}


def test_a_matter_with_ten_thousand_comments_answers_and_objections(
    client: Client, assembly: Assembly, secretary: Person
) -> None:
    decision = make_decision(assembly, secretary)
    called(decision, secretary)
    client.force_login(secretary)
    own = decision.get_absolute_url()
    pages = (
        own,
        f"{own}?page=3",
        f"{own}calls/1/",
        f"{own}calls/1/?page=2",
        "/",
        assembly.get_absolute_url(),
        "/assemblies/",
        f"/admin/decisions/decision/{decision.pk}/change/",
        "/admin/decisions/comment/",
        "/admin/assemblies/participation/",
        "/admin/assemblies/participation/?p=50",
    )
    few_and_many(client, pages, lambda n: talk_and_answer(decision, make_crowd(assembly, n)))
    text = " ".join(client.get(own).content.decode().split())
    assert "9000 agree, 0 stand aside, 1000 object" in text
    assert "All objections and answers" in text
    last = client.get(f"{own}calls/1/?page=100").content.decode()
    assert "Agree" in last


def test_lists_among_ten_thousand_matters_gatherings_and_tasks(
    client: Client, assembly: Assembly, secretary: Person
) -> None:
    now = timezone.now()
    settled = agreed(assembly, [secretary])
    client.force_login(secretary)

    def more(number: int) -> None:
        matters = Decision.objects.bulk_create(
            Decision(
                assembly=assembly,
                title=f"Matter {n}",
                proposed_by=secretary,
                proposed_at=now - timedelta(days=3),
                settled_at=now if n % 2 else None,
                settled_by="consensus" if n % 2 else "",
                **RULES,
            )
            for n in range(number)
        )
        Gathering.objects.bulk_create(
            Gathering(
                assembly=assembly,
                title=f"Moot {n}",
                starts_at=now - timedelta(days=n % 2 * 9 - 3),
                ends_at=now - timedelta(days=n % 2 * 9 - 4),
                address="Hall",
                called_at=now - timedelta(days=20),
            )
            for n in range(number)
        )
        Task.objects.bulk_create(
            Task(
                decision=matter,
                title="Dig",
                owner=secretary,
                due_on=now.date(),
                named_at=now,
                named_by=secretary,
                done_at=now if n > SOME else None,
            )
            for n, matter in enumerate(matters[1::2])
        )

    pages = (
        "/",
        "/?all",
        "/decisions/",
        "/decisions/?page=50",
        "/decisions/?q=Matter+7&stage=consensus",
        "/decisions/gatherings/",
        "/decisions/gatherings/?past",
        "/decisions/decisions.atom",
        assembly.get_absolute_url(),
        settled.get_absolute_url(),
        "/admin/",
        "/admin/decisions/decision/",
        "/admin/decisions/decision/?p=50",
        "/admin/decisions/gathering/",
        "/admin/decisions/task/",
    )
    feed = calendars.address_of(calendars.make_feed(secretary, None, at=now))
    few_and_many(client, pages, more, whole=[f"/decisions/gatherings/calendars/{feed}.ics"])
    home = client.get("/").content.decode()
    assert home.count('<li class="task">') == MOST_NEEDS
    assert f"Show all {MANY // 2 + FEW // 2 + SOME + 1}" in home


def test_lists_among_ten_thousand_ballots_races_requests_and_registrations(
    client: Client, assembly: Assembly, secretary: Person
) -> None:
    now, day = timezone.now(), timedelta(days=1)
    client.force_login(secretary)
    secretary_office = secretary.terms.get().office
    gathering = Gathering.objects.create(
        assembly=assembly,
        title="Moot",
        starts_at=now + day,
        ends_at=now + 2 * day,
        address="Hall",
        called_at=now - day,
        chair=secretary,
    )

    def more(number: int) -> None:
        people = make_crowd(assembly, number)
        Registration.objects.bulk_create(
            Registration(gathering=gathering, person=person, registered_at=now) for person in people
        )
        Question.objects.bulk_create(
            Question(gathering=gathering, asked_by=person, text="Why?", asked_at=now) for person in people
        )
        JoinRequest.objects.bulk_create(
            JoinRequest(person=person, assembly=assembly, asked_at=now) for person in people
        )
        make_races(secretary_office, secretary, number)
        make_ballots(assembly, secretary, number)

    pages = (
        "/",
        assembly.get_absolute_url(),
        "/ballots/",
        "/ballots/?page=50",
        gathering.get_absolute_url(),
        f"{gathering.get_absolute_url()}questions/",
        "/admin/",
        f"/admin/decisions/gathering/{gathering.pk}/change/",
        "/admin/decisions/question/",
        "/admin/decisions/race/",
        "/admin/assemblies/joinrequest/",
        "/admin/ballots/ballot/",
        "/admin/assemblies/office/",
        "/admin/assemblies/term/",
    )
    few_and_many(client, pages, more, whole=[f"{gathering.get_absolute_url()}door/"])
