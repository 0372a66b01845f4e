"""The public register: search, filters, pages, the feed and the export; and the panel on an assembly's page."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assemblies.models import Assembly
from decisions import matter, nominations, proposals, register, standing, talk, work
from decisions.models import Decision, Task
from decisions.standing import Stage
from harmony.time import london_day
from members.models import Person
from tests.decisions.climbing import agreed, called, deliberating, fallen, met, voted, voting
from tests.decisions.racing import declared, make_office
from tests.factories import make_assembly, make_decision, make_members, make_participation

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"


def titles(client: Client, **query: Any) -> list[str]:
    """The titles that the register lists for a query."""
    response = client.get(reverse("decisions:decision_list"), query)
    assert response.status_code == 200
    found = re.findall(r'listed__title"><a href="[^"]+">([^<]+)</a>', response.content.decode())
    return [unescape(title) for title in found]


def exported(client: Client, **query: Any) -> list[dict[str, Any]]:
    response = client.get(reverse("decisions:decision_export"), query)
    assert response["Content-Type"] == "application/json"
    data = json.loads(b"".join(response.streaming_content))  # type: ignore[attr-defined]
    assert data["format"] == "harmony-decisions/1"
    found: list[dict[str, Any]] = data["decisions"]
    return found


@pytest.fixture
def every_stage(assembly: Assembly, secretary: Person) -> dict[Stage, Decision]:
    """A matter at each stage, with the stage as its title."""
    make_members(assembly, 2)
    now = timezone.now()
    others = assembly.members_at(now).exclude(pk=secretary.pk)
    made = {
        Stage.TALK: make_decision(assembly, secretary, title="talk"),
        Stage.CALL: make_decision(assembly, secretary, title="call"),
        Stage.HARDER: fallen(assembly, secretary, title="harder"),
        Stage.DELIBERATION: deliberating(assembly, secretary, title="deliberation"),
        Stage.BALLOT: voting(assembly, secretary, title="ballot"),
        Stage.CONSENSUS: agreed(assembly, [secretary, *others], title="consensus"),
        Stage.VOTED: voted(assembly, secretary, title="voted"),
        Stage.WITHDRAWN: make_decision(assembly, secretary, title="withdrawn"),
    }
    for stage, days_ago in ((Stage.NOMINATIONS, 1), (Stage.LAPSED, 8)):
        office = make_office(assembly, "secretary" if days_ago == 1 else "deputy", seats=2)
        race = declared(office, secretary, at=now - timedelta(days=days_ago))
        nominations.end_nominations(race, at=now)
        Decision.objects.filter(pk=race.pk).update(title=stage.value)
        made[stage] = race.decision
    called(made[Stage.CALL], secretary)
    proposals.withdraw(made[Stage.WITHDRAWN], by=secretary, at=now, reason="Done")
    return made


@pytest.mark.policy("P10")
def test_anybody_finds_every_matter_by_where_it_stands(
    client: Client, every_stage: dict[Stage, Decision]
) -> None:
    assert set(titles(client)) == {stage.value for stage in Stage}
    for stage in Stage:
        assert titles(client, stage=stage.value) == [stage.value]


def test_a_stage_in_sql_and_in_words_is_the_same(
    assembly: Assembly, secretary: Person, every_stage: dict[Stage, Decision]
) -> None:
    met(assembly, secretary, title="harder still")
    again = fallen(assembly, secretary, title="called again")
    called(again, secretary)
    called_in = deliberating(assembly, secretary, title="a call within a deliberation")
    called(called_in, secretary)
    rows = list(matter.listed(Decision.objects.all()))
    assert len(rows) == len(Stage) + 3
    for row in rows:
        said: Any = row
        stage = standing.stage_of(row, said.calls_made, said.meetings)
        agreeing = [
            one for one in Stage if Decision.objects.filter(register.at_stage(one), pk=row.pk).exists()
        ]
        assert agreeing == [stage], row.title


@pytest.mark.policy("P10")
def test_the_register_is_searched_by_words_in_title_text_options_outcome_and_assembly(
    client: Client, assembly: Assembly, secretary: Person, member: Person
) -> None:
    elsewhere = make_assembly("Rivers and Canals")
    make_participation(member, elsewhere)
    make_decision(assembly, member, title="Trees", text="A row of walnuts", options=("Figs",))
    make_decision(elsewhere, member, title="Boats", text="")
    for words, expected in (
        ("tree", ["Trees"]),
        ("WALNUT", ["Trees"]),
        ("figs", ["Trees"]),
        ("canals", ["Boats"]),
        ("nothing of the kind", []),
        ("%", []),
    ):
        assert titles(client, q=words) == expected, words
    assert titles(client, q="\x00") == ["Boats", "Trees"]  # what cannot be searched for asks for nothing


def test_filters_narrow_by_assembly_alone_or_together_by_kind_and_by_day(
    client: Client, assembly: Assembly, member: Person
) -> None:
    other, third = make_assembly("Other"), make_assembly("Third")
    for one in (other, third):
        make_participation(member, one)
    now = timezone.now()
    make_decision(assembly, member, title="Alone", at=now - timedelta(days=40))
    make_decision(other, member, title="Together", together_with=[assembly], at=now - timedelta(days=20))
    race = make_decision(third, member, title="Race", at=now - timedelta(days=1))
    Decision.objects.filter(pk=race.pk).update(kind=Decision.Kind.RACE)
    assert titles(client) == ["Race", "Together", "Alone"]
    assert titles(client, assembly=assembly.slug) == ["Together", "Alone"]
    assert titles(client, assembly=other.slug) == ["Together"]
    assert titles(client, kind="race") == ["Race"]
    day = london_day(now - timedelta(days=20))

    def boxes(name: str) -> dict[str, int]:
        return {f"{name}_day": day.day, f"{name}_month": day.month, f"{name}_year": day.year}

    assert titles(client, **boxes("since")) == ["Race", "Together"]
    assert titles(client, **boxes("until")) == ["Together", "Alone"]
    assert titles(client, **boxes("since"), **boxes("until")) == ["Together"]


def test_a_filter_that_makes_no_sense_is_an_error_of_the_form_and_not_of_the_page(
    client: Client, assembly: Assembly, member: Person
) -> None:
    make_decision(assembly, member, title="Alone")
    url = reverse("decisions:decision_list")
    for query in (
        {"since_day": "31", "since_month": "2", "since_year": "2026"},
        {"assembly": "no-such-assembly"},
        {"stage": "nowhere"},
        {"until_day": "31", "until_month": "12", "until_year": "9999"},
        {"since_day": "1", "since_month": "1", "since_year": "1000"},
        {"page": "x"},
    ):
        response = client.get(url, query)
        assert response.status_code == 200, query
    page = client.get(url, {"since_day": "31", "since_month": "2", "since_year": "2026"}).content.decode()
    assert "The date must be a real date" in page
    page = client.get(url, {"until_day": "31", "until_month": "12", "until_year": "9999"}).content.decode()
    assert "Enter a year between 2000 and 2200" in page
    assert '<details class="details" open>' in page


@pytest.mark.policy("A15", "P10")
def test_the_register_tells_outcome_and_state_of_the_work(
    client: Client, assembly: Assembly, secretary: Person
) -> None:
    decision = voted(assembly, secretary)
    now = timezone.now()
    today = london_day(now)
    tasks = [
        work.name_task(decision, by=secretary, at=now, title=f"Task {n}", owner=secretary, due_on=today)
        for n in range(4)
    ]
    work.finish(tasks[0], by=secretary, at=now)
    work.drop(tasks[1], by=secretary, at=now, reason="No")
    Task.objects.filter(pk=tasks[2].pk).update(due_on=today - timedelta(days=1))
    page = client.get(reverse("decisions:decision_list")).content.decode()
    listed = " ".join(re.sub("<[^>]+>", " ", page).split())
    assert "Decided by ballot" in listed
    assert "Apples Tasks:" in listed
    for state in ("1 done", "1 dropped", "1 late", "1 under way"):
        assert state in listed


def test_the_register_comes_in_pages_that_keep_the_filters(
    client: Client, assembly: Assembly, member: Person
) -> None:
    for n in range(21):
        make_decision(assembly, member, title=f"Matter {n}", at=timezone.now() - timedelta(hours=30 - n))
    page = client.get(reverse("decisions:decision_list"), {"q": "matter"}).content.decode()
    assert "?q=matter&amp;page=2" in page or "?q=matter&page=2" in page
    assert titles(client, q="matter", page="2") == ["Matter 0"]


# --- Feed and export ----------------------------------------------------------------------------------
@pytest.mark.policy("P10")
def test_the_feed_is_atom_with_names_that_stay(
    client: Client, assembly: Assembly, every_stage: dict[Stage, Decision]
) -> None:
    response = client.get(reverse("decisions:decision_feed"))
    assert response["Content-Type"].startswith("application/atom+xml")
    root = ElementTree.fromstring(response.content)  # noqa: S314  # our own page
    entries = {entry.findtext(f"{ATOM}title"): entry for entry in root.findall(f"{ATOM}entry")}
    assert set(entries) == {stage.value for stage in Stage}
    decided = entries["voted"]
    assert decided.findtext(f"{ATOM}id") == f"urn:uuid:{every_stage[Stage.VOTED].pk}"
    assert "Decided by ballot: Apples" in (decided.findtext(f"{ATOM}summary") or "")
    link = decided.find(f"{ATOM}link")
    assert link is not None
    assert link.get("href", "").endswith(every_stage[Stage.VOTED].get_absolute_url())
    narrowed = client.get(reverse("decisions:decision_feed"), {"stage": "talk"})
    assert len(ElementTree.fromstring(narrowed.content).findall(f"{ATOM}entry")) == 1  # noqa: S314


@pytest.mark.policy("P10")
def test_the_export_holds_public_facts_and_nobody_s_name(
    client: Client, assembly: Assembly, secretary: Person, every_stage: dict[Stage, Decision]
) -> None:
    talk.say(every_stage[Stage.TALK], by=secretary, at=timezone.now(), text="I wonder")
    facts = {one["title"]: one for one in exported(client)}
    assert {one["stage"] for one in facts.values()} == {stage.value for stage in Stage}
    done = facts["voted"]
    assert [option["name"] for option in done["options"] if option["won"]] == ["Apples"]
    assert done["calls"][0]["result"] == "fell"
    assert done["calls"][0]["figures"]["needed"] == 3
    assert done["ballot"].endswith(
        reverse("ballots:ballot_detail", args=[every_stage[Stage.VOTED].ballot_id])
    )
    assert done["deliberation"]["ended_at"].endswith("Z")
    everything = json.dumps(exported(client))
    for private in (secretary.name, secretary.email, str(secretary.pk), "I wonder"):
        assert private not in everything
    assert [one["title"] for one in exported(client, stage="ballot")] == ["ballot"]


@pytest.mark.policy("D26")
def test_register_feed_and_export_tell_of_a_defection_only_its_stage(
    client: Client, assembly: Assembly, secretary: Person
) -> None:
    decision = voted(assembly, secretary, title="Application 7", text="A secret text")
    Decision.objects.filter(pk=decision.pk).update(
        kind=Decision.Kind.DEFECTION, outcome_statement="Secret reasons"
    )
    assert titles(client) == ["Application 7"]
    assert titles(client, q="secret") == []
    for name in ("decision_list", "decision_feed"):
        page = client.get(reverse(f"decisions:{name}")).content.decode()
        assert "A secret text" not in page
        assert "Secret reasons" not in page
    facts = exported(client)
    assert facts[0]["stage"] == "voted"
    assert "secret" not in json.dumps(facts).lower()


# --- On an assembly's page ----------------------------------------------------------------------------
@pytest.mark.policy("P10")
def test_an_assembly_s_page_shows_what_it_decides_and_offers_to_propose_to_who_takes_part(
    client: Client, assembly: Assembly, member: Person, outsider: Person, every_stage: dict[Stage, Decision]
) -> None:
    propose = reverse("decisions:decision_propose", args=[assembly.slug])
    page = client.get(assembly.get_absolute_url()).content.decode()
    assert every_stage[Stage.DELIBERATION].get_absolute_url() in page
    assert every_stage[Stage.VOTED].get_absolute_url() in page
    assert every_stage[Stage.WITHDRAWN].get_absolute_url() not in page
    assert propose not in page
    client.force_login(outsider)
    assert propose not in client.get(assembly.get_absolute_url()).content.decode()
    client.force_login(member)
    assert propose in client.get(assembly.get_absolute_url()).content.decode()


# --- Queries ------------------------------------------------------------------------------------------
def queries(ask: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as found:
        ask()
    return len(found)


def test_lists_ask_as_much_of_the_database_for_many_decisions_as_for_few(
    client: Client, assembly: Assembly, secretary: Person
) -> None:
    now = timezone.now()

    def more(n: int) -> None:
        for _ in range(n):
            decision = voted(assembly, secretary)
            work.name_task(
                decision,
                by=secretary,
                at=now,
                title="Dig",
                owner=secretary,
                due_on=london_day(timezone.now()),
            )
            make_decision(assembly, secretary)

    asks: dict[str, Callable[[], Any]] = {
        name: lambda url=url: client.get(url)  # type: ignore[misc]
        for name, url in {
            "register": reverse("decisions:decision_list"),
            "feed": reverse("decisions:decision_feed"),
            "assembly": assembly.get_absolute_url(),
        }.items()
    }
    asks["export"] = lambda: exported(client)
    more(1)
    few = {name: queries(ask) for name, ask in asks.items()}
    more(4)
    assert {name: queries(ask) for name, ask in asks.items()} == few
    assert max(few["register"], few["feed"], few["export"]) <= 12
