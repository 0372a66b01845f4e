"""The first page of the admin: what waits for whom, each with the address where it is done."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assemblies import joining
from assemblies.models import Assembly, JoinRequest
from ballots.abandonment import abandon
from ballots.models import Ballot
from decisions import gatherings, work
from decisions.models import Task
from ledger.models import Message
from members.models import Person
from tests.decisions.climbing import agreed
from tests.factories import (
    make_assembly,
    make_ballot,
    make_clearance,
    make_decision,
    make_member,
    make_open_ballot,
    make_person,
    make_term,
)

pytestmark = pytest.mark.django_db


def first_page(person: Person) -> str:
    client = Client()
    client.force_login(person)
    answer = client.get("/admin/")
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.policy("P9")
def test_what_waits_for_a_secretary_leads_to_where_it_is_done(
    assembly: Assembly, secretary: Person, outsider: Person
) -> None:
    assert "Nothing waits for you now." in first_page(secretary)
    now = timezone.now()
    settled = agreed(assembly, [secretary], title="A settled matter")
    task = work.name_task(
        settled, by=secretary, at=now, title="Dig", owner=secretary, due_on=now.date() + timedelta(2)
    )
    Task.objects.update(due_on=now.date() - timedelta(days=2))
    Assembly.objects.filter(pk=assembly.pk).update(approval_by_secretary=True)
    asked = joining.join(outsider, Assembly.objects.get(pk=assembly.pk), at=now)
    proposal = make_decision(assembly, secretary, title="A new matter")
    ballot = make_ballot(assembly)
    moot = gatherings.call_gathering(
        assembly,
        by=secretary,
        at=now - timedelta(days=3),
        title="A moot that is over",
        address="Hall",
        starts_at=now - timedelta(days=2, hours=2),
        ends_at=now - timedelta(days=2),
    )
    page = first_page(secretary)
    for row in (asked, proposal, settled, task, ballot, moot):
        assert f"/admin/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/change/" in page, row
    stranger = make_member()
    make_term(stranger, make_assembly("Foreign Society"))
    assert "Nothing waits for you now." in first_page(stranger)


def test_what_waits_for_site_staff_is_the_site_s_own(assembly: Assembly, secretary: Person) -> None:
    root = make_person(is_staff=True, is_superuser=True)
    make_decision(assembly, secretary, title="Not theirs to call on")
    now = timezone.now()
    Message.objects.create(
        key="k",
        kind="ballots/mail/opened",
        address="a@b.example",
        subject="S",
        text="T",
        queued_at=now,
        not_before=now,
        tries=3,
    )
    ending = make_clearance(make_person(), expires_at=now + timedelta(days=20))
    make_clearance(make_person(), expires_at=now + timedelta(days=40))
    page = first_page(root)
    assert "Mails that fail" in page
    assert f"/admin/assemblies/clearance/{ending.pk}/change/" in page
    assert "Not theirs to call on" not in page


def test_the_first_page_asks_no_more_for_more_rows(assembly: Assembly, secretary: Person) -> None:
    client = Client()
    client.force_login(secretary)

    def counted() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/admin/").status_code == 200
        return len(queries)

    def more(number: int) -> None:
        JoinRequest.objects.bulk_create(
            JoinRequest(person=make_person(), assembly=assembly, asked_at=timezone.now())
            for _n in range(number)
        )
        for n in range(number):
            make_decision(assembly, secretary, title=f"Matter {n}")

    more(7)
    counted()
    few = counted()
    more(20)
    assert counted() == few
    assert few <= 60
    page = client.get("/admin/").content.decode()
    assert "Requests to take part: all 27" in page


def test_a_ballot_that_was_given_up_is_in_no_trouble(assembly: Assembly, secretary: Person) -> None:
    ballot = make_open_ballot(assembly)
    late = timezone.now() - timedelta(hours=1)
    begun = late - timedelta(hours=1)
    Ballot.objects.filter(pk=ballot.pk).update(
        standing="binding", cut_off_at=begun, opens_at=begun, opened_at=begun, closes_at=late
    )
    assert "Ballots in trouble" in first_page(secretary)
    abandon(ballot, at=timezone.now())
    assert "Ballots in trouble" not in first_page(secretary)
