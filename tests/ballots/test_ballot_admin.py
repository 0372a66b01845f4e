"""Setting up a ballot in Django admin: who may, what it refuses, and that no vote can be reached there."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.utils import timezone

from assemblies.models import Assembly
from ballots import opening
from ballots.models import Ballot, Option, RollEntry, Vote
from ledger.models import Event
from members.models import Person
from tests.factories import (
    cast_vote,
    count_ballot,
    make_assembly,
    make_ballot,
    make_members,
    make_open_ballot,
    make_person,
    make_term,
)

pytestmark = pytest.mark.django_db
ADD = "/admin/ballots/ballot/add/"
LIST = "/admin/ballots/ballot/"


def browser_of(person: Person) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page_of(ballot: Ballot, rest: str = "change/") -> str:
    return f"/admin/ballots/ballot/{ballot.pk}/{rest}"


def filled(assembly: Assembly, options: list[tuple[str, str]], **fields: Any) -> dict[str, Any]:
    """The form as a secretary fills it in: options as (place, name), times in London."""
    form: dict[str, Any] = {
        "assembly": str(assembly.pk),
        "question": "Which fruit?",
        "explanation": "",
        "method": "star",
        "seats": "1",
        "opens_at": "2027-06-01T19:00",
        "closes_at": "2027-06-08T19:00",
        "cut_off_at": "",
        "options-TOTAL_FORMS": str(len(options)),
        "options-INITIAL_FORMS": "0",
        "options-MIN_NUM_FORMS": "2",
        "options-MAX_NUM_FORMS": "1000",
        **fields,
    }
    for number, (place, name) in enumerate(options):
        form |= {
            f"options-{number}-place": place,
            f"options-{number}-name": name,
            f"options-{number}-statement": "",
        }
    return form


def test_a_secretary_sets_up_and_announces_an_indicative_ballot_in_london_time(
    assembly: Assembly, secretary: Person
) -> None:
    client = browser_of(secretary)
    assert client.get(ADD).status_code == 200
    answer = client.post(ADD, filled(assembly, [("", "Apples"), ("", "Pears")]))
    assert answer.status_code == 302, answer.content.decode()
    ballot = Ballot.objects.get()
    assert ballot.opens_at == datetime(2027, 6, 1, 18, 0, tzinfo=UTC), "19:00 in London is summer time"
    assert ballot.set_up_by == secretary
    assert ballot.is_indicative
    assert [(option.position, option.name) for option in ballot.options.all()] == [
        (1, "Apples"),
        (2, "Pears"),
    ]
    page = client.get(page_of(ballot, "step/announce/"))
    assert "Announce" in page.content.decode()
    assert Ballot.objects.get().announced_at is None, "looking announces nothing"
    assert client.post(page_of(ballot, "step/announce/")).status_code == 302
    assert Ballot.objects.get().announced_at is not None
    assert Event.objects.filter(verb="ballot.announced", by=secretary.pk).count() == 1


def test_the_places_given_order_the_options_and_can_be_changed(assembly: Assembly, secretary: Person) -> None:
    client = browser_of(secretary)
    client.post(ADD, filled(assembly, [("3", "Apples"), ("1", "Pears"), ("", "Plums"), ("2", "Figs")]))
    ballot = Ballot.objects.get()
    assert [option.name for option in ballot.options.all()] == ["Pears", "Figs", "Apples", "Plums"]
    pears, figs, apples, plums = ballot.options.all()
    form = filled(assembly, [("2", "Pears"), ("1", "Figs"), ("4", "Apples"), ("3", "Plums")])
    form["options-INITIAL_FORMS"] = "4"
    for number, option in enumerate((pears, figs, apples, plums)):
        form |= {f"options-{number}-id": str(option.pk), f"options-{number}-ballot": str(ballot.pk)}
    form["options-2-DELETE"] = "on"
    answer = client.post(page_of(ballot), form)
    assert answer.status_code == 302, answer.content.decode()
    assert [(option.position, option.name) for option in ballot.options.all()] == [
        (1, "Figs"),
        (2, "Pears"),
        (3, "Plums"),
    ]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"closes_at": "2027-05-31T19:00"}, "opens before it closes"),
        ({"cut_off_at": "2027-06-02T09:00"}, "cut-off is not after the opening"),
        ({"opens_at": "2027-03-28T01:30"}, "interpreted in time zone"),
        ({"closes_at": "2027-10-31T01:30"}, "interpreted in time zone"),
        ({"question": ""}, "required"),
        ({"options-1-name": "Apples"}, "duplicate"),
    ],
)
def test_a_faulty_form_says_why_and_stores_nothing(
    assembly: Assembly, secretary: Person, changed: dict[str, str], sentence: str
) -> None:
    form = filled(assembly, [("", "Apples"), ("", "Pears")]) | changed
    answer = browser_of(secretary).post(ADD, form)
    assert answer.status_code == 200
    assert sentence in answer.content.decode()
    assert not Ballot.objects.exists()


def test_what_keeps_a_ballot_from_being_announced_is_listed_and_refused(
    assembly: Assembly, secretary: Person
) -> None:
    ballot = make_ballot(assembly, ["Only one"], seats=3)
    client = browser_of(secretary)
    for path in ("change/", "step/announce/"):
        page = client.get(page_of(ballot, path)).content.decode()
        assert "at least two options" in page
        assert "more seats than options" in page
    answer = client.post(page_of(ballot, "step/announce/"))
    assert answer.status_code == 409
    assert "at least two options" in answer.content.decode()
    assert Ballot.objects.get().announced_at is None


def test_a_secretary_sees_and_changes_only_ballots_of_their_own_assembly(
    assembly: Assembly, secretary: Person
) -> None:
    elsewhere = make_assembly("Elsewhere")
    colleague = make_members(elsewhere, 1)[0]
    make_term(colleague, elsewhere)
    mine, theirs = make_ballot(assembly), make_ballot(elsewhere, question="Theirs?")
    client = browser_of(secretary)
    listed = client.get(LIST).content.decode()
    assert "Which fruit?" in listed
    assert "Theirs?" not in listed
    for path in ("change/", "delete/", "step/announce/", "history/"):
        assert client.get(page_of(theirs, path)).status_code in (302, 403, 404)
    client.post(page_of(theirs, "step/announce/"))
    client.post(page_of(theirs), filled(elsewhere, [("", "A"), ("", "B")]))
    client.post(ADD, filled(elsewhere, [("", "A"), ("", "B")]))
    client.post(page_of(mine), filled(elsewhere, [("", "A"), ("", "B")]))
    theirs.refresh_from_db()
    mine.refresh_from_db()
    assert theirs.announced_at is None
    assert theirs.question == "Theirs?"
    assert mine.assembly == assembly
    assert Ballot.objects.count() == 2


def test_members_participants_and_strangers_have_no_admin(
    member: Person, participant: Person, outsider: Person, assembly: Assembly
) -> None:
    ballot = make_ballot(assembly)
    for person in (member, participant, outsider):
        client = browser_of(person)
        for path in (LIST, ADD, page_of(ballot), page_of(ballot, "step/announce/")):
            assert client.get(path).status_code in (302, 403)
            assert client.post(path).status_code in (302, 403)
    ballot.refresh_from_db()
    assert ballot.announced_at is None


def test_an_announced_or_open_ballot_can_be_neither_changed_nor_deleted(
    assembly: Assembly, secretary: Person
) -> None:
    boss = make_person(is_staff=True, is_superuser=True)
    announced, opened = (
        make_ballot(assembly, question="Announced?"),
        make_open_ballot(assembly, question="Open?"),
    )
    opening.announce(announced, by=secretary, at=timezone.now())
    for person in (secretary, boss):
        client = browser_of(person)
        for ballot in (announced, opened):
            before = Ballot.objects.filter(pk=ballot.pk).values().get()
            answer = client.post(page_of(ballot), filled(assembly, [("", "A"), ("", "B")]))
            assert answer.status_code == 403
            assert client.post(page_of(ballot, "delete/"), {"post": "yes"}).status_code == 403
            assert Ballot.objects.filter(pk=ballot.pk).values().get() == before
    assert browser_of(secretary).post(page_of(opened, "step/withdraw/")).status_code == 409


def test_a_binding_ballot_is_shown_and_cannot_be_moved_by_hand(assembly: Assembly, secretary: Person) -> None:
    ballot = make_ballot(assembly, standing=Ballot.Standing.BINDING)
    client = browser_of(secretary)
    assert client.get(page_of(ballot)).status_code == 200
    assert client.post(page_of(ballot, "step/announce/")).status_code == 403
    assert client.post(page_of(ballot), filled(assembly, [("", "A"), ("", "B")])).status_code == 403


def test_nothing_about_votes_is_reachable_in_the_admin(assembly: Assembly, secretary: Person) -> None:
    assert not {RollEntry, Vote, Option} & set(admin.site._registry)
    boss = make_person(is_staff=True, is_superuser=True)
    voters = make_members(assembly, 11)
    ballot = make_open_ballot(assembly)
    trackers = [cast_vote(ballot, person, 5, 3, 1).tracker for person in voters]
    for counted in (False, True):
        if counted:
            count_ballot(ballot)
        for person in (secretary, boss):
            client = browser_of(person)
            for path in (LIST, page_of(ballot), page_of(ballot, "history/"), "/admin/", "/admin/ballots/"):
                answer = client.get(path)
                if answer.status_code == 403:
                    continue
                text = answer.content.decode()
                assert not any(tracker in text for tracker in trackers)
                assert not any(
                    voter.name in text.replace(boss.name, "") for voter in voters if voter.name != ""
                )
                assert "envelope" not in text
    for hidden in ("private_key_wrapped__startswith", "roll__person__email", "roll__voted", "votes__tracker"):
        answer = browser_of(boss).get(LIST, {hidden: "a"})
        assert answer.status_code in (302, 400), hidden


def test_a_stopped_count_is_let_run_again_by_staff_alone(assembly: Assembly, secretary: Person) -> None:
    boss = make_person(is_staff=True, is_superuser=True)
    ballot = make_open_ballot(assembly)
    now = timezone.now()
    Ballot.objects.filter(pk=ballot.pk).update(closes_at=now, closed_at=now, stopped_at=now)
    assert browser_of(secretary).post(page_of(ballot, "step/count-again/")).status_code == 403
    assert browser_of(boss).post(page_of(ballot, "step/count-again/")).status_code == 302
    ballot.refresh_from_db()
    assert ballot.stopped_at is None


@pytest.mark.parametrize("number", ["nonsense", "1", "9" * 40, "%00"])
def test_what_is_no_ballot_s_id_is_not_found(assembly: Assembly, secretary: Person, number: str) -> None:
    browser = browser_of(secretary)
    for rest in ("change/", "step/announce/", "delete/"):
        address = f"{LIST}{number}/{rest}"
        for answer in (browser.get(address), browser.post(address, {"post": "yes"})):
            assert answer.status_code in (302, 403, 404), address
