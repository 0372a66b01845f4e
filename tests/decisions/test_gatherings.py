"""Gatherings: called, changed, registered for, questioned, held, through their pages."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assemblies.models import Assembly
from decisions import gatherings, hours, questions, registration
from decisions.errors import BadProposal, CodeNotAccepted, NotEntitled, NotRegistered, WrongMoment
from decisions.models import Decision, Gathering, Invitation, Question, Registration
from ledger.models import Event, Message
from members.models import Person
from tests.decisions.meetings import ENDS, LINK, STARTS, T0, TICK, At, ask, join, make_gathering
from tests.factories import make_assembly, make_decision, make_member, make_participation, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def gathering(assembly: Assembly, secretary: Person, member: Person) -> Gathering:
    return make_gathering(assembly, secretary)


def form_of(**changes: Any) -> dict[str, Any]:
    """The form that calls a gathering, filled in."""
    return {
        "kind": "moot",
        "title": "What shall we plant?",
        "day_day": "8",
        "day_month": "6",
        "day_year": "2026",
        "starts": "7pm",
        "ends": "21:00",
        "address": "Town Hall",
        "link": LINK,
        "agenda": "Trees",
        **changes,
    }


def told(kind: str) -> list[str]:
    """To whom mails of this kind are queued."""
    return sorted(
        Message.objects.filter(kind=f"decisions/mail/gathering_{kind}").values_list("address", flat=True)
    )


# --- Calling ------------------------------------------------------------------------------------------------
@pytest.mark.policy("P4", "P9")
def test_a_secretary_calls_a_moot_and_everybody_taking_part_is_asked(
    assembly: Assembly, secretary: Person, member: Person, participant: Person, outsider: Person
) -> None:
    answer = At(secretary).post("gathering_call", assembly.slug, **form_of())
    gathering = Gathering.objects.get()
    assert answer["Location"] == gathering.get_absolute_url()
    assert (gathering.starts_at, gathering.ends_at) == (STARTS, ENDS)  # 19:00 to 21:00 in London
    assert (gathering.chair, gathering.kind) == (secretary, Gathering.Kind.MOOT)
    assert "Moot" in At(None).text("gathering_detail", gathering.pk)
    assert told("invited") == ["mary@example.org", "peter@example.org", "sam@example.org"]
    assert Event.objects.about(gathering).get().verb == "gathering.called"


@pytest.mark.parametrize("who", ["member", "participant", "outsider"])
def test_where_there_is_a_secretary_nobody_else_calls_gatherings(
    assembly: Assembly, secretary: Person, who: str, request: pytest.FixtureRequest
) -> None:
    person = request.getfixturevalue(who)
    for answer in (
        At(person).get("gathering_call", assembly.slug),
        At(person).post("gathering_call", assembly.slug, **form_of()),
    ):
        assert answer.status_code == 403
        assert "Only the assembly’s secretary or a deputy" in answer.content.decode()
    assert not Gathering.objects.exists()


def test_where_there_is_no_secretary_a_member_taking_part_calls_and_a_participant_does_not(
    assembly: Assembly, member: Person, participant: Person
) -> None:
    assert At(participant).post("gathering_call", assembly.slug, **form_of()).status_code == 403
    assert At(member).post("gathering_call", assembly.slug, **form_of()).status_code == 302
    assert Gathering.objects.get().chair == member


def test_a_gathering_on_a_matter_waits_for_a_call_that_has_fallen(
    assembly: Assembly, secretary: Person
) -> None:
    matter = make_decision(assembly, secretary, at=T0)
    answer = At(secretary).get("gathering_call", assembly.slug, query=f"?matter={matter.pk}")
    assert answer.status_code == 409
    assert "Seek consensus first" in answer.content.decode()
    for wrong in ("?matter=nonsense", f"?matter={assembly.pk}"):
        assert At(secretary).get("gathering_call", assembly.slug, query=wrong).status_code == 404


@pytest.mark.parametrize(
    ("day", "starts", "ends", "sentence"),
    [
        (("28", "3", "2027"), "1:30", "3:30", "The clocks go forward that night and skip this time"),
        (("28", "3", "2027"), "0:30", "1:00", "The clocks go forward that night and skip this time"),
        (("25", "10", "2026"), "1:30", "3:00", "The clocks go back that night and pass this time twice"),
        (("25", "10", "2026"), "0:30", "1:59", "The clocks go back that night and pass this time twice"),
        (("31", "5", "2026"), "19:00", "20:00", "A gathering starts in the future"),
        (("1", "6", "2026"), "10:00", "11:00", "A gathering starts in the future"),
        (("8", "6", "2026"), "19:00", "19:00", "The end must come after the start"),
        (("8", "6", "2026"), "7", "21:00", "Enter a time, as 19:00 or 7pm"),
        (("8", "6", "2026"), "25:00", "21:00", "Enter a time, as 19:00 or 7pm"),
        (("8", "6", "2026"), "", "21:00", "Enter when it starts"),
        (("31", "6", "2026"), "19:00", "21:00", "The date must be a real date"),
    ],
)
def test_an_hour_that_cannot_be_is_an_error_of_the_form(
    assembly: Assembly, secretary: Person, *, day: tuple[str, str, str], starts: str, ends: str, sentence: str
) -> None:
    sent = form_of(day_day=day[0], day_month=day[1], day_year=day[2], starts=starts, ends=ends)
    page = At(secretary).post("gathering_call", assembly.slug, **sent)
    assert page.status_code == 200
    assert sentence in page.content.decode()
    assert not Gathering.objects.exists()


@pytest.mark.parametrize(
    ("day", "hour", "moment"),
    [
        (date(2027, 3, 28), time(0, 59), datetime(2027, 3, 28, 0, 59, tzinfo=UTC)),
        (date(2027, 3, 28), time(2, 0), datetime(2027, 3, 28, 1, 0, tzinfo=UTC)),
        (date(2026, 10, 25), time(0, 59), datetime(2026, 10, 24, 23, 59, tzinfo=UTC)),
        (date(2026, 10, 25), time(2, 0), datetime(2026, 10, 25, 2, 0, tzinfo=UTC)),
    ],
)
def test_the_hours_beside_a_clock_change_are_moments(day: date, hour: time, moment: datetime) -> None:
    assert hours.moment(day, hour) == moment


@pytest.mark.parametrize("hour", [time(1, 0), time(1, 59)])
def test_both_ends_of_the_skipped_and_of_the_doubled_hour_are_refused(hour: time) -> None:
    with pytest.raises(hours.NoSuchHour):
        hours.moment(date(2027, 3, 28), hour)
    with pytest.raises(hours.DoubtfulHour):
        hours.moment(date(2026, 10, 25), hour)


@pytest.mark.parametrize(
    ("typed", "hour"),
    [("19:00", "19:00"), ("7pm", "19:00"), ("7.30 p.m.", "19:30"), ("12am", "00:00"), ("9.05", "09:05")],
)
def test_hours_are_read_as_people_write_them(
    assembly: Assembly, secretary: Person, typed: str, hour: str
) -> None:
    At(secretary).post("gathering_call", assembly.slug, **form_of(starts=typed, ends="23:00"))
    assert timezone.localtime(Gathering.objects.get().starts_at).strftime("%H:%M") == hour


def test_a_gathering_is_somewhere(assembly: Assembly, secretary: Person) -> None:
    page = At(secretary).post("gathering_call", assembly.slug, **form_of(address=" ", link=""))
    assert "Enter an address, a link, or both" in page.content.decode()
    page = At(secretary).post("gathering_call", assembly.slug, **form_of(link="ftp://example.org/x"))
    assert "Enter a link that begins with https://" in page.content.decode()
    assert not Gathering.objects.exists()


# --- Seeing it ----------------------------------------------------------------------------------------------
def test_the_page_is_public_and_shows_the_link_to_nobody(
    gathering: Gathering, member: Person, secretary: Person
) -> None:
    join(gathering, member)
    for person in (None, member, secretary):
        page = At(person).text("gathering_detail", gathering.pk)
        assert "Town Hall" in page
        assert "Monday 8 June 2026 at 19:00" in page
        assert LINK not in page


@pytest.mark.policy("D26")
def test_a_hustings_on_a_defection_is_seen_by_the_deciding_members_and_the_invited_alone(
    assembly: Assembly, secretary: Person, member: Person, participant: Person, outsider: Person
) -> None:
    matter = make_decision(assembly, secretary, at=T0)
    Decision.objects.filter(pk=matter.pk).update(kind=Decision.Kind.DEFECTION)
    matter.refresh_from_db()
    hustings = make_gathering(assembly, secretary, decision=matter, kind="hustings", title="Cllr Ash")
    assert told("invited") == ["mary@example.org", "sam@example.org"]
    assert not Message.objects.filter(subject__contains="Ash").exists()
    assert "Cllr Ash" in At(member).text("gathering_detail", hustings.pk)
    for person in (participant, outsider):
        assert At(person).get("gathering_detail", hustings.pk).status_code == 404
        assert At(person).get("gathering_register", hustings.pk).status_code == 404
        assert "Cllr Ash" not in At(person).text("gathering_list")
    assert At(None).get("gathering_detail", hustings.pk)["Location"].startswith("/account/login/")
    assert At(None).get("gathering_calendar", hustings.pk)["Location"].startswith("/account/login/")
    assert At(None).get("question_list", hustings.pk).status_code == 404
    answer = At(secretary).post("gathering_invite", hustings.pk, email="olive@example.org")
    assert answer.status_code == 302
    assert "Cllr Ash" in At(outsider).text("gathering_detail", hustings.pk)
    join(hustings, outsider)
    with pytest.raises(BadProposal):
        gatherings.invite_assembly(hustings, by=secretary, at=T0, assembly=make_assembly())


def test_the_list_holds_what_is_coming_and_what_is_over(
    gathering: Gathering, member: Person, assembly: Assembly, secretary: Person
) -> None:
    join(gathering, member)
    page = At(member, ENDS - TICK).text("gathering_list")
    assert "What shall we plant?" in page
    assert "You are registered" in page
    assert "What shall we plant?" not in At(None, ENDS).text("gathering_list")
    assert "What shall we plant?" in At(None, ENDS).text("gathering_list", query="?past")


def test_the_list_costs_the_same_for_one_and_for_twenty(
    gathering: Gathering, member: Person, assembly: Assembly, secretary: Person
) -> None:
    browser = At(member)
    browser.text("gathering_list")
    with CaptureQueriesContext(connection) as one:
        browser.text("gathering_list")
    for _ in range(19):
        make_gathering(assembly, secretary)
    with CaptureQueriesContext(connection) as twenty:
        browser.text("gathering_list")
    assert len(one) == len(twenty)


# --- Registering --------------------------------------------------------------------------------------------
@pytest.mark.policy("D27", "D28", "A2")
@pytest.mark.parametrize("who", ["member", "participant", "outsider"])
def test_anybody_registers_with_the_code_accepted_and_not_without(
    gathering: Gathering, who: str, request: pytest.FixtureRequest
) -> None:
    person = request.getfixturevalue(who)
    browser = At(person)
    page = browser.text("gathering_register", gathering.pk)
    for words in ("hate speech", "inciteful or aggressive", "undue negative discrimination", "stereotypes"):
        assert words in page
    refused = browser.post("gathering_register", gathering.pk, way="room")
    assert "Accept the code of conduct to register" in refused.content.decode()
    assert not Registration.objects.exists()
    with pytest.raises(CodeNotAccepted):
        registration.register(gathering, person, at=T0, way="room", accepts_code=False)
    assert (
        browser.post("gathering_register", gathering.pk, way="online", accepts_code="on").status_code == 302
    )
    row = Registration.objects.get()
    assert (row.person, row.way, row.registered_at) == (person, "online", T0)
    mail = Message.objects.get(kind="decisions/mail/gathering_registered")
    assert "stereotypes" in mail.text
    assert "gathering.ics" in mail.text
    assert LINK not in mail.text
    assert Event.objects.about(row).get().verb == "gathering.registered"


def test_registering_needs_an_account(gathering: Gathering) -> None:
    answer = At(None).get("gathering_register", gathering.pk)
    assert answer["Location"].startswith("/account/login/")


@pytest.mark.parametrize("when", [ENDS - TICK, ENDS, ENDS + TICK])
def test_registration_is_open_until_the_end(gathering: Gathering, member: Person, when: datetime) -> None:
    at_end = when >= ENDS
    answer = At(member, when).post("gathering_register", gathering.pk, way="room", accepts_code="on")
    assert answer.status_code == (409 if at_end else 302)
    assert Registration.objects.exists() is not at_end
    assert gathering.is_open_at(when) is not at_end
    assert Gathering.objects.open_at(when).exists() is not at_end


@pytest.mark.parametrize("when", [T0 - TICK, T0, T0 + TICK])
def test_a_gathering_is_open_from_its_call_by_predicate_and_query(
    gathering: Gathering, when: datetime
) -> None:
    assert gathering.is_open_at(when) is (when >= T0)
    assert Gathering.objects.open_at(when).exists() is (when >= T0)


def test_the_link_leads_in_whoever_has_registered_and_nobody_else(
    gathering: Gathering, member: Person, participant: Person
) -> None:
    join(gathering, member)
    answer = At(member).get("gathering_join", gathering.pk)
    assert (answer.status_code, answer["Location"]) == (302, LINK)
    assert "no-store" in answer["Cache-Control"]
    answer = At(participant).get("gathering_join", gathering.pk)
    assert answer.status_code == 403
    assert "Register for this gathering first" in answer.content.decode()
    assert At(None).get("gathering_join", gathering.pk)["Location"].startswith("/account/login/")
    assert At(member, ENDS - TICK).get("gathering_join", gathering.pk).status_code == 302
    assert At(member, ENDS).get("gathering_join", gathering.pk).status_code == 409


def test_cancelling_ends_the_way_in_and_registering_again_takes_the_same_row(
    gathering: Gathering, member: Person
) -> None:
    join(gathering, member)
    later = T0 + timedelta(hours=1)
    assert At(member, later).post("gathering_leave", gathering.pk).status_code == 302
    assert At(member, later).get("gathering_join", gathering.pk).status_code == 403
    assert At(member, later).post("gathering_leave", gathering.pk).status_code == 403
    join(gathering, member, at=later + timedelta(hours=1))
    assert Registration.objects.get().cancelled_at is None
    assert Message.objects.filter(kind="decisions/mail/gathering_registered").count() == 2


def test_who_does_not_take_part_is_asked_to_an_assembly_with_requirements_only_by_invitation(
    secretary: Person, outsider: Person
) -> None:
    youth = make_assembly("Youth Assembly", minimum_age=18, maximum_age=30)
    chair = make_member()
    make_participation(chair, youth)
    gathering = make_gathering(youth, chair)
    answer = At(outsider).get("gathering_register", gathering.pk)
    assert answer.status_code == 403
    assert "for people who take part in the Youth Assembly" in answer.content.decode()
    gatherings.invite_person(gathering, by=chair, at=T0, person=outsider)
    assert At(outsider).get("gathering_register", gathering.pk).status_code == 200


def test_the_way_fits_the_place(assembly: Assembly, secretary: Person, member: Person) -> None:
    gathering = make_gathering(assembly, secretary, link="")
    with pytest.raises(BadProposal):
        registration.register(gathering, member, at=T0, way="online", accepts_code=True)
    join(gathering, member)
    assert At(member).get("gathering_join", gathering.pk).status_code == 409


# --- Inviting -----------------------------------------------------------------------------------------------
def test_another_assembly_is_invited_whole_and_each_is_told_once(
    gathering: Gathering, secretary: Person, member: Person
) -> None:
    neighbours = make_assembly("Neighbours")
    make_participation(member, neighbours)
    near = make_person("Nell", email="nell@example.org")
    make_participation(near, neighbours)
    browser = At(secretary)
    assert browser.post("gathering_invite", gathering.pk, assembly=neighbours.slug).status_code == 302
    assert told("invited").count("nell@example.org") == 1
    assert told("invited").count("mary@example.org") == 1
    page = browser.post("gathering_invite", gathering.pk, assembly=neighbours.slug)
    assert page.status_code == 200  # no longer in the list
    gatherings.invite_assembly(gathering, by=secretary, at=T0, assembly=neighbours)
    assert Invitation.objects.count() == 1
    assert "Neighbours" in At(None).text("gathering_detail", gathering.pk)


def test_a_person_is_invited_by_name_and_only_whoever_runs_it_sees_so(
    gathering: Gathering, secretary: Person, member: Person, outsider: Person
) -> None:
    assert At(secretary).post("gathering_invite", gathering.pk, email="OLIVE@example.org").status_code == 302
    assert "olive@example.org" in told("invited")
    assert "Olive Outsider" in At(secretary).text("gathering_detail", gathering.pk)
    assert "Olive Outsider" not in At(member).text("gathering_detail", gathering.pk)
    for sent in ({}, {"email": "nobody@example.org"}, {"email": "x"}):
        assert At(secretary).post("gathering_invite", gathering.pk, **sent).status_code == 200
    assert Invitation.objects.count() == 1
    assert At(member).get("gathering_invite", gathering.pk).status_code == 403


# --- Changing -----------------------------------------------------------------------------------------------
def test_moving_it_reaches_everybody_asked_or_registered_once(
    gathering: Gathering, secretary: Person, member: Person, outsider: Person
) -> None:
    join(gathering, outsider)
    make_person("Stranger", email="stranger@example.org")
    move = {"day_day": "9", "day_month": "June", "day_year": "2026", "starts": "18:00", "ends": "20:00"}
    assert At(secretary).post("gathering_move", gathering.pk, **move).status_code == 302
    gathering.refresh_from_db()
    assert gathering.starts_at == datetime(2026, 6, 9, 17, 0, tzinfo=UTC)
    assert gathering.sequence == 1
    assert told("moved") == ["mary@example.org", "olive@example.org", "sam@example.org"]
    assert At(secretary).post("gathering_move", gathering.pk, **move).status_code == 302  # the same again
    gathering.refresh_from_db()
    assert (gathering.sequence, len(told("moved"))) == (1, 3)


@pytest.mark.parametrize("when", [STARTS - TICK, STARTS, STARTS + TICK])
def test_a_gathering_is_moved_until_it_begins(
    gathering: Gathering, secretary: Person, when: datetime
) -> None:
    move = {"day_day": "9", "day_month": "6", "day_year": "2026", "starts": "18:00", "ends": "20:00"}
    answer = At(secretary, when).post("gathering_move", gathering.pk, **move)
    assert answer.status_code == (302 if when < STARTS else 409)


def test_a_new_place_is_told_and_a_new_link_works_for_those_registered_without_a_mail(
    gathering: Gathering, secretary: Person, member: Person
) -> None:
    join(gathering, member)
    browser = At(secretary)
    same = {"title": gathering.title, "address": "Town Hall\n1 High Street", "agenda": "Talk about trees."}
    new = "https://meet.example.org/other"
    assert browser.post("gathering_change", gathering.pk, **same, link=new).status_code == 302
    gathering.refresh_from_db()
    assert (gathering.sequence, told("moved")) == (0, [])
    assert At(member).get("gathering_join", gathering.pk)["Location"] == new
    browser.post("gathering_change", gathering.pk, **{**same, "address": "Library"}, link=new)
    gathering.refresh_from_db()
    assert gathering.sequence == 1
    assert "mary@example.org" in told("moved")
    assert At(member).get("gathering_change", gathering.pk).status_code == 403


def test_calling_it_off_says_why_and_ends_everything(
    gathering: Gathering, secretary: Person, member: Person
) -> None:
    join(gathering, member)
    page = At(secretary).post("gathering_call_off", gathering.pk, reason=" ")
    assert "Say why the gathering is called off" in page.content.decode()
    assert (
        At(secretary).post("gathering_call_off", gathering.pk, reason="The hall flooded.").status_code == 302
    )
    gathering.refresh_from_db()
    assert gathering.sequence == 1
    assert "mary@example.org" in told("off")
    assert "The hall flooded." in At(None).text("gathering_detail", gathering.pk)
    assert At(member).get("gathering_join", gathering.pk).status_code == 409
    for step in ("gathering_call_off", "gathering_move", "gathering_change"):
        assert At(member).post(step, gathering.pk).status_code == 403
    assert At(secretary).post("gathering_call_off", gathering.pk, reason="Again").status_code == 409
    assert At(secretary, STARTS).post("gathering_hold", gathering.pk).status_code == 409


@pytest.mark.parametrize(
    "when", [STARTS - TICK, STARTS, ENDS, ENDS + timedelta(days=1) - TICK, ENDS + timedelta(days=1)]
)
def test_whoever_conducts_it_lets_it_run_on_once_it_has_begun(
    gathering: Gathering, secretary: Person, member: Person, when: datetime
) -> None:
    join(gathering, member)
    assert At(member, when).post("gathering_prolong", gathering.pk, minutes=30).status_code == 403
    assert At(secretary, when).post("gathering_prolong", gathering.pk, minutes=999).status_code == 200
    answer = At(secretary, when).post("gathering_prolong", gathering.pk, minutes=30)
    may = STARTS <= when < ENDS + timedelta(days=1)
    assert answer.status_code == (302 if may else 409)
    gathering.refresh_from_db()
    assert gathering.ends_at == (max(when, ENDS) + timedelta(minutes=30) if may else ENDS)
    assert gathering.sequence == int(may)
    if may:
        last = gathering.ends_at - TICK
        assert At(member, last).get("gathering_join", gathering.pk).status_code == 302
        assert At(member, gathering.ends_at).get("gathering_join", gathering.pk).status_code == 409


@pytest.mark.policy("P9", "P10")
def test_the_assembly_s_page_names_what_is_coming_and_offers_calling_one_to_whoever_may(
    gathering: Gathering, assembly: Assembly, secretary: Person, member: Person
) -> None:
    address = assembly.get_absolute_url()
    for person in (None, member, secretary):
        assert gathering.get_absolute_url() in At(person, ENDS - TICK).page(address)
        assert ("Call a gathering" in At(person).page(address)) is (person == secretary)
    assert gathering.get_absolute_url() not in At(None, ENDS).page(address)


# --- Holding ------------------------------------------------------------------------------------------------
@pytest.mark.policy("P9")
@pytest.mark.parametrize("when", [STARTS - TICK, STARTS, STARTS + TICK])
def test_it_is_held_once_it_has_begun_and_its_notes_are_published_after(
    gathering: Gathering, secretary: Person, when: datetime
) -> None:
    browser = At(secretary, when)
    assert browser.get("gathering_notes", gathering.pk).status_code == 409
    assert browser.post("gathering_hold", gathering.pk).status_code == (302 if when >= STARTS else 409)
    if when >= STARTS:
        assert browser.post("gathering_notes", gathering.pk, text="We **agreed** on oaks.").status_code == 302
        assert "We <strong>agreed</strong> on oaks." in At(None, when).text("gathering_detail", gathering.pk)
        assert At(secretary, when).post("gathering_hold", gathering.pk).status_code == 409


def test_who_came_is_marked_by_whoever_runs_it_once_it_has_begun(
    gathering: Gathering, secretary: Person, member: Person, participant: Person
) -> None:
    join(gathering, member, participant)
    assert At(secretary).post("gathering_door", gathering.pk, came=[str(member.pk)]).status_code == 409
    browser = At(secretary, STARTS)
    assert browser.post("gathering_door", gathering.pk, came=[str(member.pk), "junk"]).status_code == 302
    assert list(Registration.objects.filter(attended_at=STARTS).values_list("person", flat=True)) == [
        member.pk
    ]
    browser.post("gathering_door", gathering.pk, came=[str(participant.pk)])
    assert Registration.objects.get(attended_at__isnull=False).person == participant
    page = browser.text("gathering_door", gathering.pk)
    assert "Mary Member" in page
    assert At(member, STARTS).get("gathering_door", gathering.pk).status_code == 403
    assert At(member, STARTS).post("gathering_door", gathering.pk, came=[]).status_code == 403
    assert "Mary Member" not in At(participant).text("gathering_detail", gathering.pk)


def test_the_chair_is_handed_over_and_works_without_an_office(
    gathering: Gathering, secretary: Person, member: Person, outsider: Person
) -> None:
    join(gathering, member)
    assert At(member).get("gathering_door", gathering.pk).status_code == 403
    assert At(member).get("gathering_chair", gathering.pk).status_code == 403
    page = At(secretary).post("gathering_chair", gathering.pk, chair=str(outsider.pk))
    assert "Choose somebody from the list" in page.content.decode()
    assert At(secretary).post("gathering_chair", gathering.pk, chair=str(member.pk)).status_code == 302
    assert At(member).get("gathering_door", gathering.pk).status_code == 200
    assert At(member).get("gathering_move", gathering.pk).status_code == 403  # the secretary's
    with pytest.raises(BadProposal):
        gatherings.name_chair(gathering, by=secretary, at=T0, chair=outsider)
    with pytest.raises(WrongMoment):
        gatherings.name_chair(gathering, by=secretary, at=ENDS, chair=secretary)


# --- Questions ----------------------------------------------------------------------------------------------
@pytest.mark.policy("D27")
def test_a_question_is_shown_only_when_the_chair_lets_it_through(
    gathering: Gathering, secretary: Person, member: Person, participant: Person
) -> None:
    join(gathering, member, participant)
    asking = At(member).text("question_list", gathering.pk)
    for words in ("hate speech", "inciteful or aggressive", "undue negative discrimination", "stereotypes"):
        assert words in asking
    sent = At(member).post("question_list", gathering.pk, text="Which trees?")
    assert sent.status_code == 302
    question = Question.objects.get()
    assert "Which trees?" in At(member).text("question_list", gathering.pk)
    assert "With the chair" in At(member).text("question_list", gathering.pk)
    assert "Which trees?" in At(secretary).text("question_list", gathering.pk)
    for person in (None, participant):
        assert "Which trees?" not in At(person).text("question_list", gathering.pk)
    path = (gathering.pk, question.pk)
    for person in (member, participant):
        assert At(person).post("question_let_through", *path).status_code == 403
    assert At(secretary).post("question_let_through", *path).status_code == 302
    for person in (None, participant):
        assert "Which trees?" in At(person).text("question_list", gathering.pk)
    assert At(member).post("question_answered", *path).status_code == 403
    assert At(secretary).post("question_answered", *path).status_code == 302
    assert At(secretary).post("question_answered", *path).status_code == 409
    assert At(secretary).post("question_let_through", *path).status_code == 409
    verbs = ["question.asked", "question.let_through", "question.answered"]
    assert [event.verb for event in Event.objects.about(question)] == verbs


@pytest.mark.policy("D27")
@pytest.mark.parametrize(
    ("ground", "words"),
    [
        ("hate", "hate speech"),
        ("aggression", "inciteful or aggressive speech"),
        ("discrimination", "undue negative discrimination"),
        ("stereotypes", "perpetuating stereotypes"),
    ],
)
def test_the_chair_refuses_a_question_only_by_naming_one_of_the_four_grounds(
    gathering: Gathering, secretary: Person, member: Person, participant: Person, *, ground: str, words: str
) -> None:
    join(gathering, member)
    question = ask(gathering, member, "A bad question?")
    path = (gathering.pk, question.pk)
    for sent in ({}, {"ground": "I do not like it"}):
        assert At(secretary).post("question_refuse", *path, **sent).status_code == 200
    question.refresh_from_db()
    assert question.refused_at is None
    assert At(member).post("question_refuse", *path, ground=ground).status_code == 403
    assert At(secretary).post("question_refuse", *path, ground=ground).status_code == 302
    page = At(member).text("question_list", gathering.pk)
    assert "on this ground of the code of conduct" in page
    assert words in page.split("Your questions")[1]
    assert "A bad question?" not in At(participant).text("question_list", gathering.pk)
    assert Event.objects.about(question).last().data["ground"] == ground  # type: ignore[union-attr]
    assert At(secretary).post("question_let_through", *path).status_code == 409


def test_a_question_let_through_by_mistake_can_be_refused_still(
    gathering: Gathering, secretary: Person, member: Person
) -> None:
    join(gathering, member)
    question = ask(gathering, member, "Slipped through?")
    questions.let_through(question, by=secretary, at=T0)
    questions.refuse(question, by=secretary, at=T0, ground="hate")
    assert "Slipped through?" not in At(None).text("question_list", gathering.pk)


def test_only_who_has_registered_asks_and_withdraws_their_own(
    gathering: Gathering, secretary: Person, member: Person, participant: Person
) -> None:
    join(gathering, member)
    answer = At(participant).post("question_list", gathering.pk, text="May I?")
    assert answer.status_code == 403
    with pytest.raises(NotRegistered):
        ask(gathering, participant)
    question = ask(gathering, member)
    assert At(participant).post("question_withdraw", gathering.pk, question.pk).status_code == 403
    assert At(member).post("question_withdraw", gathering.pk, question.pk).status_code == 302
    assert At(secretary).post("question_let_through", gathering.pk, question.pk).status_code == 409
    assert At(None).post("question_list", gathering.pk, text="May I?")["Location"] == "/account/login/"


@pytest.mark.parametrize("when", [STARTS, ENDS - TICK, ENDS, ENDS + TICK])
def test_questions_are_taken_ahead_and_live_until_the_end(
    gathering: Gathering, member: Person, when: datetime
) -> None:
    join(gathering, member)
    answer = At(member, when).post("question_list", gathering.pk, text="Now?")
    assert answer.status_code == (302 if when < ENDS else 409)
    assert Question.objects.exists() is (when < ENDS)


def test_nobody_floods_the_chair_and_a_question_has_an_end(gathering: Gathering, member: Person) -> None:
    join(gathering, member)
    assert At(member).post("question_list", gathering.pk, text="x" * 501).status_code == 200
    assert At(member).post("question_list", gathering.pk, text="  ").status_code == 200
    for _ in range(questions.MOST_WAITING):
        ask(gathering, member)
    with pytest.raises(WrongMoment):
        ask(gathering, member)
    assert "5 questions of yours already" in At(member).text("question_list", gathering.pk)


def test_a_question_is_judged_within_its_own_gathering(
    gathering: Gathering, assembly: Assembly, secretary: Person, member: Person
) -> None:
    other = make_gathering(assembly, secretary, title="Another")
    join(gathering, member)
    question = ask(gathering, member)
    assert At(secretary).post("question_let_through", other.pk, question.pk).status_code == 404


def test_the_questions_page_costs_the_same_for_one_and_for_thirty(
    gathering: Gathering, secretary: Person
) -> None:
    def asked(n: int) -> None:
        for _ in range(n):
            person = make_person()
            join(gathering, person)
            for judged in range(4):
                question = ask(gathering, person)
                if judged in (1, 2):
                    questions.let_through(question, by=secretary, at=T0)
                if judged == 2:
                    questions.mark_answered(question, by=secretary, at=T0)
                if judged == 3:
                    questions.refuse(question, by=secretary, at=T0, ground="hate")

    asked(1)
    browser = At(secretary)
    browser.text("question_list", gathering.pk)
    with CaptureQueriesContext(connection) as few:
        browser.text("question_list", gathering.pk)
    asked(7)
    with CaptureQueriesContext(connection) as many:
        browser.text("question_list", gathering.pk)
    assert len(few) == len(many)


def test_what_only_changes_by_post_does_not_change_by_get(
    gathering: Gathering, secretary: Person, member: Person
) -> None:
    join(gathering, member)
    question = ask(gathering, member)
    browser = At(secretary, STARTS)
    for name in ("question_let_through", "question_answered", "question_withdraw"):
        assert browser.get(name, gathering.pk, question.pk).status_code == 405
    for name in ("gathering_hold", "gathering_leave"):
        assert browser.get(name, gathering.pk).status_code == 405
    assert browser.get("calendar_reset").status_code == 405


def test_the_domain_refuses_what_the_page_hides(gathering: Gathering, member: Person) -> None:
    with pytest.raises(NotEntitled):
        gatherings.reschedule(gathering, by=member, at=T0, starts_at=STARTS, ends_at=ENDS)
    with pytest.raises(NotEntitled):
        gatherings.mark_held(gathering, by=member, at=STARTS)
    with pytest.raises(NotEntitled):
        registration.mark_attendance(gathering, by=member, at=STARTS, came=[])
    with pytest.raises(NotEntitled):
        gatherings.invite_person(gathering, by=member, at=T0, person=member)
