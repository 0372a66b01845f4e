"""The timeline has words for whatever is recorded about a decision."""

import ast
import re
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from assemblies.models import Assembly
from decisions import gatherings, timeline
from decisions.models import Gathering
from members.models import Person
from tests.decisions.climbing import fallen
from tests.factories import make_person

SITE = Path(__file__).resolve().parents[2]
FLOORS = ("decisions", "defections")

# What is recorded of a gathering or a task and not told on the decision's page, each with its reason.
NOT_TOLD = {
    "gathering.called": "told as decision.gathering_called",
    "gathering.held": "told as decision.gathering_held",
    "gathering.assembly_invited": "told on the gathering's own page",
    "gathering.person_invited": "who is invited is for the gathering's own page",
    "gathering.registered": "who comes is for the chair and the door",
    "gathering.registration_cancelled": "who comes is for the chair and the door",
    "gathering.attendance_marked": "who came is for the chair and the door",
    "gathering.person_barred": "a bar is for its person and for those who review it",
    "gathering.guest_barred": "a bar is for its guest and for those who review it",
    "task.named": "told as decision.task_named",
}


def recorded_verbs() -> set[str]:
    """Every verb of a decision, a gathering or a task that stands as a string in a module that records events."""
    sources = [
        path.read_text()
        for floor in FLOORS
        for path in (SITE / floor).rglob("*.py")
        if "migrations" not in path.parts and path.name != "timeline.py"
    ]
    strings = (
        node.value
        for source in sources
        if "events.record" in source
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    return {value for value in strings if re.fullmatch(r"(decision|gathering|task)\.[a-z_]+", value)}


def test_the_source_records_verbs_where_this_looks_for_them() -> None:
    assert {"decision.proposed", "decision.call_fell", "gathering.changed", "task.done"} <= recorded_verbs()


@pytest.mark.parametrize("verb", sorted(recorded_verbs()))
def test_there_are_words_for_whatever_is_recorded(verb: str) -> None:
    assert (verb in timeline.SENTENCES) is not (verb in NOT_TOLD)


def test_what_is_told_of_gatherings_and_tasks_is_looked_for() -> None:
    told = {verb for verb in timeline.SENTENCES if not verb.startswith("decision.")}
    assert told == set(timeline._BESIDE)


@pytest.mark.django_db
def test_changes_of_a_gathering_are_told_on_the_page(
    client: Client, assembly: Assembly, secretary: Person, member: Person
) -> None:
    decision = fallen(assembly, secretary)
    now = timezone.now()
    moot = gatherings.call_gathering(
        assembly,
        by=secretary,
        at=now - timedelta(hours=3),
        decision=decision,
        title="Moot",
        starts_at=now - timedelta(hours=2),
        ends_at=now + timedelta(hours=1),
        address="The Old Library",
    )
    gatherings.change(
        moot, by=secretary, at=now, title="Moot", address="The New Library", link="", agenda="Fruit"
    )
    gatherings.name_chair(moot, by=secretary, at=now, chair=member)
    gatherings.prolong(Gathering.objects.get(), by=member, at=now, minutes=30)
    client.force_login(make_person())
    page = " ".join(
        unescape(re.sub(r"<[^>]+>", "", client.get(decision.get_absolute_url()).content.decode())).split()
    )
    assert "Sam Secretary changed the gathering Moot: the address, the agenda." in page
    assert "Sam Secretary handed the chair to Mary Member: Moot." in page
    assert "Mary Member let the gathering run on: Moot." in page
