"""Pages among ten thousand rows: they ask the database as often as among ten, and show no more than a page."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assemblies.models import Assembly, Participation
from decisions.models import Comment, Decision, Gathering, Position, Stance, Task
from ledger.models import Event
from members.models import Membership, Person
from tests.decisions.climbing import agreed, called
from tests.factories import LONG_AGO, make_decision

pytestmark = pytest.mark.django_db
MANY = 10_000
SOME = 20


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


def asked(client: Client, address: str) -> tuple[int, int]:
    """How many queries the page took, and how long it is in bytes."""
    with CaptureQueriesContext(connection) as found:
        response = client.get(address)
    assert response.status_code == 200
    return len(found), len(response.content)


def few_and_many(
    client: Client, addresses: Sequence[str], more: Callable[[int], object], page: int = 120_000
) -> None:
    """Asserts that each page asks the database no more often among MANY rows than among 100."""
    for address in addresses:
        asked(client, address)  # what is looked up once and kept
    more(100)
    few = {address: asked(client, address)[0] for address in addresses}
    more(MANY - 100)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    many = {address: asked(client, address) for address in addresses}
    assert {address: queries for address, (queries, _length) in many.items()} == few
    assert {address: length for address, (_queries, length) in many.items() if length > page} == {}


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
    rules = {"quorum": 3, "cooling_off_days": 5, "deliberation_days": 7, "voting_days": 7}

    def more(number: int) -> None:
        matters = Decision.objects.bulk_create(
            Decision(
                assembly=assembly,
                title=f"Matter {n}",
                proposed_by=secretary,
                proposed_at=now - timedelta(days=3),
                settled_at=now if n % 2 else None,
                settled_by="consensus" if n % 2 else "",
                **rules,
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
        "/decisions/",
        "/decisions/?page=50",
        "/decisions/?q=Matter+7&stage=consensus",
        "/decisions/gatherings/",
        "/decisions/gatherings/?past",
        assembly.get_absolute_url(),
        settled.get_absolute_url(),
    )
    few_and_many(client, pages, more)
