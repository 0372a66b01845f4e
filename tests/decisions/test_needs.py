"""The home page: what needs somebody, from votes to tasks, by deadline; and what was decided where they take part."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assemblies.models import Assembly, JoinRequest
from decisions import calls, work
from decisions.models import Decision, Gathering, Task
from harmony.time import london_day
from members.models import Person
from tests.decisions.climbing import agreed, called, voted, voting
from tests.factories import make_assembly, make_decision, make_members, make_participation, make_person

pytestmark = pytest.mark.django_db


def home(client: Client, person: Person) -> str:
    client.force_login(person)
    page = client.get("/").content.decode()
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.split("<main")[1])).split())


def gathering(assembly: Assembly, by: Person, days: float, title: str = "Moot") -> Gathering:
    """A gathering of the assembly in so many days."""
    at = timezone.now() + timedelta(days=days)
    return Gathering.objects.create(
        assembly=assembly,
        title=title,
        starts_at=at,
        ends_at=at + timedelta(hours=1),
        address="The Old Library",
        called_by=by,
        called_at=timezone.now() - timedelta(minutes=1),
    )


@pytest.mark.policy("A15")
def test_everything_that_needs_somebody_stands_in_one_list_by_deadline(
    client: Client, assembly: Assembly, secretary: Person
) -> None:
    make_members(assembly, 1)
    now = timezone.now()
    done = voted(assembly, secretary, title="Fences")
    work.name_task(done, by=secretary, at=now, title="Paint", owner=secretary, due_on=london_day(now))
    voting(assembly, secretary, title="Trees")  # closes in 7 days
    open_call = make_decision(assembly, secretary, title="Benches")
    called(open_call, secretary)  # ends in 5 days
    gathering(assembly, secretary, days=2)
    page = home(client, secretary)
    wanted = [
        "Task: Paint",
        "Gathering: Moot",
        "Can you agree? Benches: Apples",
        "Vote: Trees",
        "Decided lately",
    ]
    places = [page.find(one) for one in wanted]
    assert -1 not in places, dict(zip(wanted, places, strict=True))
    assert places == sorted(places)
    assert "Fences" in page.split("Decided lately")[1]


def test_what_is_done_or_over_or_elsewhere_does_not_need_anybody(
    client: Client, assembly: Assembly, secretary: Person, member: Person, outsider: Person
) -> None:
    now = timezone.now()
    answered = make_decision(assembly, secretary, title="Answered")
    calls.take_position(called(answered, secretary), member, "agree", at=now)
    over = make_decision(assembly, secretary, title="Over", at=now - timedelta(days=7))
    called(over, secretary, at=now - timedelta(days=6))
    elsewhere = make_assembly("Elsewhere")
    make_participation(secretary, elsewhere)
    strange = make_decision(elsewhere, secretary, title="Strange")
    called(strange, secretary)
    gathering(elsewhere, secretary, days=1, title="Their moot")
    gathering(assembly, secretary, days=-1, title="Past moot")
    settled = agreed(elsewhere, [secretary], title="Settled there")
    task = work.name_task(
        settled, by=secretary, at=now, title="Done", owner=secretary, due_on=london_day(now)
    )
    work.finish(task, by=secretary, at=now)
    page = home(client, member)
    assert "Nothing now." in page
    for other in ("Over", "Strange", "Their moot", "Past moot", "Settled there"):
        assert other not in page, other
    page = home(client, secretary)
    assert "Strange" in page
    assert "Task: Done" not in page
    assert "Nothing now." in home(client, outsider)


def test_a_joint_matter_needs_the_people_of_all_its_assemblies(
    client: Client, assembly: Assembly, secretary: Person, outsider: Person
) -> None:
    neighbours = make_assembly("Neighbours")
    make_participation(outsider, neighbours)
    called(make_decision(assembly, secretary, title="Bridge", together_with=[neighbours]), secretary)
    assert "Can you agree? Bridge" in home(client, outsider)


def test_a_call_on_a_defection_waits_for_members_alone(
    client: Client, assembly: Assembly, secretary: Person, participant: Person
) -> None:
    decision = make_decision(assembly, secretary, title="Application 7")
    called(decision, secretary)
    assert "Application 7" in home(client, participant)
    Decision.objects.filter(pk=decision.pk).update(kind=Decision.Kind.DEFECTION)
    assert "Application 7" not in home(client, participant)
    assert "Application 7" in home(client, secretary)


def test_a_task_is_late_from_the_day_after(client: Client, assembly: Assembly, secretary: Person) -> None:
    now = timezone.now()
    decision = agreed(assembly, [secretary])
    task = work.name_task(
        decision, by=secretary, at=now, title="Dig", owner=secretary, due_on=london_day(now)
    )
    assert "Late" not in home(client, secretary)
    Task.objects.filter(pk=task.pk).update(due_on=london_day(now) - timedelta(days=1))
    assert "Late" in home(client, secretary)


def test_the_home_page_asks_as_much_of_the_database_for_many_needs_as_for_few(
    client: Client, assembly: Assembly, secretary: Person
) -> None:
    now = timezone.now()

    def more(n: int) -> None:
        for _ in range(n):
            done = voted(assembly, secretary)
            work.name_task(
                done, by=secretary, at=timezone.now(), title="Dig", owner=secretary, due_on=london_day(now)
            )
            voting(assembly, secretary)
            called(make_decision(assembly, secretary), secretary)
            gathering(assembly, secretary, days=1)

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            client.get("/")
        return len(found)

    client.force_login(secretary)
    more(1)
    few = queries()
    more(4)
    assert queries() == few


def test_a_secretary_sees_who_waits_to_be_admitted(
    client: Client, assembly: Assembly, secretary: Person, member: Person
) -> None:
    people = [make_person() for _ in range(3)]
    now = timezone.now()
    JoinRequest.objects.bulk_create(
        JoinRequest(person=person, assembly=assembly, asked_at=now) for person in people
    )
    other = make_assembly("Elsewhere")
    JoinRequest.objects.create(person=people[0], assembly=other, asked_at=now)
    page = home(client, secretary)
    assert "3 people ask to take part Society for Elections. Waiting since" in page
    assert "Elsewhere" not in page
    assert "ask to take part" not in home(client, member)
    JoinRequest.objects.filter(person__in=people[:2]).update(withdrawn_at=now)
    assert "1 person asks to take part" in home(client, secretary)
