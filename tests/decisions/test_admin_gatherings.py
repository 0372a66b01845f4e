"""Gatherings, questions and reviews of conduct in Django admin."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from assemblies.models import Assembly
from decisions import conduct
from decisions.models import Gathering, Referral
from ledger.models import Message
from members.models import Person
from tests.decisions.meetings import ENDS, LINK, STARTS, T0, ask, join, make_gathering, make_resolutions
from tests.factories import make_assembly, make_member, make_person, make_term

pytestmark = pytest.mark.django_db
DURING = STARTS + timedelta(minutes=30)


class Desk:
    """Somebody at the admin at one moment."""

    def __init__(self, person: Person, at: datetime = T0) -> None:
        self.at, self.client = at, Client()
        with time_machine.travel(at, tick=False):
            self.client.force_login(person)

    def page(self, row: Any, rest: str = "change/") -> tuple[int, str]:
        with time_machine.travel(self.at, tick=False):
            answer = self.client.get(f"/admin/decisions/{row._meta.model_name}/{row.pk}/{rest}")
        return answer.status_code, answer.content.decode()

    def step(self, row: Any, verb: str, **data: object) -> tuple[int, str]:
        with time_machine.travel(self.at, tick=False):
            address = f"/admin/decisions/{row._meta.model_name}/{row.pk}/move/{verb}/"
            answer = self.client.post(address, data)
        return answer.status_code, answer.content.decode()

    def send(self, address: str, data: dict[str, object] | None = None) -> tuple[int, str]:
        with time_machine.travel(self.at, tick=False):
            answer = self.client.post(address, data or {}, follow=True)
        return answer.status_code, answer.content.decode()


def when(day: datetime, starts: str = "19:00", ends: str = "21:00") -> dict[str, object]:
    return {"day_day": day.day, "day_month": day.month, "day_year": day.year, "starts": starts, "ends": ends}


def called(assembly: Assembly, **changed: object) -> dict[str, object]:
    day = datetime(2026, 7, 1, tzinfo=UTC)
    sent = {
        "assembly": assembly.pk,
        "kind": "moot",
        "title": "Meeting",
        "address": "Hall",
        "link": "",
        "agenda": "",
    }
    return {**sent, **when(day), **changed}


@pytest.fixture
def gathering(assembly: Assembly, secretary: Person) -> Gathering:
    return make_gathering(assembly, secretary)


@pytest.mark.policy("P9")
def test_a_secretary_calls_a_gathering_in_london_time(assembly: Assembly, secretary: Person) -> None:
    desk = Desk(secretary)
    assert desk.send("/admin/decisions/gathering/add/", called(assembly))[0] == 200
    found = Gathering.objects.get()
    assert found.starts_at == datetime(2026, 7, 1, 18, 0, tzinfo=UTC)
    assert found.called_by == secretary


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        (when(datetime(2027, 3, 28, tzinfo=UTC), "01:30", "03:00"), "skip this time"),
        (when(datetime(2026, 10, 25, tzinfo=UTC), "01:30", "03:00"), "pass this time twice"),
        (when(datetime(2026, 5, 1, tzinfo=UTC)), "starts in the future"),
        ({"address": ""}, "an address, a link, or both"),
        ({"title": ""}, "Enter a title"),
    ],
)
def test_what_cannot_be_is_said_beside_what_was_typed(
    assembly: Assembly, secretary: Person, changed: dict[str, object], sentence: str
) -> None:
    _status, text = Desk(secretary).send("/admin/decisions/gathering/add/", called(assembly, **changed))
    assert sentence in text
    assert 'value="19:00"' in text or 'value="01:30"' in text
    assert not Gathering.objects.exists()


def test_nobody_calls_one_for_an_assembly_that_they_do_not_serve(secretary: Person, member: Person) -> None:
    foreign = make_assembly("Foreign Society")
    _status, text = Desk(secretary).send("/admin/decisions/gathering/add/", called(foreign))
    assert "Choose an assembly that you serve" in text
    root = make_person(is_staff=True, is_superuser=True)
    assert Desk(root).send("/admin/decisions/gathering/add/", called(foreign))[0] == 403
    assert not Gathering.objects.exists()


def test_a_gathering_is_moved_changed_and_called_off_by_buttons(
    secretary: Person, member: Person, gathering: Gathering
) -> None:
    desk = Desk(secretary)
    day = datetime(2026, 6, 9, tzinfo=UTC)
    status, text = desk.step(gathering, "move", **when(datetime(2026, 6, 8, tzinfo=UTC), "19:00", "21:00"))
    assert (status, "Nothing here differs" in text) == (200, True)
    assert desk.step(gathering, "move", **when(day))[0] == 302
    place = {"title": gathering.title, "address": "Elsewhere", "link": LINK, "agenda": ""}
    assert desk.step(gathering, "change", **place)[0] == 302
    assert desk.step(gathering, "invite", email=make_member(email="ivy@example.org").email)[0] == 302
    status, text = desk.step(gathering, "invite", email="ivy@example.org")
    assert (status, "invited already" in text) == (200, True)
    assert desk.step(gathering, "call-off", reason="")[0] == 200
    assert desk.step(gathering, "call-off", reason="The hall has burnt down.")[0] == 302
    gathering.refresh_from_db()
    assert (gathering.address, gathering.cancelled_because) == ("Elsewhere", "The hall has burnt down.")
    for verb, data in (("call-off", {"reason": "Again."}), ("move", when(day)), ("held", {})):
        status, text = desk.step(gathering, verb, **data)
        assert (status, "was called off" in text) == (409, True), verb


@pytest.mark.policy("D27", "D29", "D30")
def test_in_the_room_a_secretary_marks_who_came_judges_questions_and_bars(
    assembly: Assembly, secretary: Person, member: Person, participant: Person, gathering: Gathering
) -> None:
    _committee, reviewer = make_resolutions()
    join(gathering, member, participant)
    fair, foul, third = ask(gathering, member), ask(gathering, participant), ask(gathering, member)
    desk = Desk(secretary, DURING)
    came = gathering.registrations.get(person=member).pk
    assert desk.step(gathering, "came", came=came)[0] == 302
    assert gathering.registrations.get(person=member).attended_at == DURING
    assert desk.step(fair, "let-through")[0] == 302
    assert desk.step(foul, "refuse", ground="")[0] == 200
    assert desk.step(foul, "refuse", ground="stereotypes")[0] == 302
    status, text = desk.step(foul, "let-through")
    assert (status, "judged or withdrawn already" in text) == (409, True)
    chosen = {"action": "let_through", "_selected_action": [str(third.pk), str(foul.pk)]}
    _status, text = desk.send("/admin/decisions/question/", chosen)
    assert "Let through. (1)" in text
    assert "judged or withdrawn already" in text
    assert desk.step(gathering, "bar", email=participant.email, ground="hate", reason="Shouted it.")[0] == 302
    _status, text = desk.page(gathering)
    assert "Not to be let in" in text
    assert "Shouted it." not in text
    assert LINK not in text
    status, text = desk.step(gathering, "bar", email=secretary.email, ground="hate", reason="Me.")
    assert (status, "cannot bar yourself" in text) == (200, True)
    referral = Referral.objects.get()
    assert desk.page(referral)[0] == 403
    review = Desk(reviewer, DURING)
    _status, text = review.page(referral)
    assert "Shouted it." in text
    assert review.step(referral, "review", text="Heard both.")[0] == 302
    _status, text = review.page(referral)
    assert "Heard both." in text
    assert "/admin/members/person/" not in text  # which a secretary may not open
    assert review.step(referral, "decide", outcome="warned", statement="It was hateful.")[0] == 302
    status, text = review.step(referral, "decide", outcome="noted", statement="Changed.")
    assert (status, "has ended" in text) == (409, True)
    assert Message.objects.filter(address=participant.email, text__contains="It was hateful.").exists()


@pytest.mark.policy("D29")
def test_a_review_is_for_those_with_the_duty_and_nobody_reviews_their_own(
    assembly: Assembly, secretary: Person, member: Person, gathering: Gathering
) -> None:
    committee, reviewer = make_resolutions()
    deputy = make_member("Both hats")
    make_term(deputy, committee, role="deputy")
    Gathering.objects.update(chair=deputy)
    join(gathering, member)
    conduct.bar(gathering, person=member, by=deputy, at=DURING, ground="hate", reason="Shouted it.")
    referral = Referral.objects.get()
    root = make_person(is_staff=True, is_superuser=True)
    for person, status in ((reviewer, 200), (deputy, 302), (secretary, 403), (root, 403)):
        assert Desk(person, DURING).page(referral)[0] == status, person
        assert (Desk(person, DURING).step(referral, "decide")[0] == 200) is (status == 200), person


def test_a_held_gathering_gets_its_notes_and_is_not_held_before_it_began(
    secretary: Person, gathering: Gathering
) -> None:
    early, desk = Desk(secretary, STARTS - timedelta(microseconds=1)), Desk(secretary, ENDS)
    status, text = early.step(gathering, "held")
    assert (status, "has not started yet" in text) == (409, True)
    assert desk.step(gathering, "notes", text="We talked.")[0] == 409
    assert desk.step(gathering, "held")[0] == 302
    assert desk.step(gathering, "notes", text="We talked.")[0] == 302
    assert "We talked." in desk.page(gathering)[1]


def test_questions_are_for_whoever_runs_the_gathering_and_not_for_site_staff(
    secretary: Person, member: Person, gathering: Gathering
) -> None:
    join(gathering, member)
    question = ask(gathering, member, "Is it true?")
    root = make_person(is_staff=True, is_superuser=True)
    assert Desk(secretary).page(question)[0] == 200
    assert Desk(root).page(question)[0] == 302
    assert "Is it true?" not in Desk(root).page(gathering)[1]
    _status, text = Desk(root).page(gathering)
    assert member.name not in text
    assert LINK not in text
