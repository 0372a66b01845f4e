"""Calendar files: what is in them, and feeds behind secret addresses."""

from datetime import UTC, datetime, timedelta
from typing import Any

import icalendar
import pytest
import time_machine
from django.test import Client

from assemblies.models import Assembly
from decisions import calendars, conduct, gatherings
from decisions.models import Decision, Feed, Gathering
from ledger.models import Message
from members.models import Person
from tests.decisions.meetings import ENDS, LINK, STARTS, T0, At, join, make_gathering
from tests.factories import make_assembly, make_decision, make_member, make_participation

pytestmark = pytest.mark.django_db


@pytest.fixture
def gathering(assembly: Assembly, secretary: Person, member: Person) -> Gathering:
    return make_gathering(assembly, secretary)


def file_of(gathering: Gathering, person: Person | None = None) -> Any:
    response = At(person).get("gathering_calendar", gathering.pk)
    assert response.status_code == 200
    assert response["Content-Type"] == "text/calendar; charset=utf-8; method=PUBLISH"
    calendar = icalendar.Calendar.from_ical(response.content)
    assert isinstance(calendar, icalendar.Calendar)
    return calendar


def events_at(address: str, at: datetime = T0) -> list[Any]:
    with time_machine.travel(at, tick=False):
        response = Client().get(address)
    assert response.status_code == 200
    calendar: Any = icalendar.Calendar.from_ical(response.content)
    assert calendar["METHOD"] == "PUBLISH"
    return list(calendar.events)


def address_of(feed: Feed) -> str:
    return f"/decisions/gatherings/calendars/{calendars.address_of(feed)}.ics"


def test_the_file_says_when_in_utc_where_and_no_link(gathering: Gathering, member: Person) -> None:
    join(gathering, member)
    for person in (None, member):
        calendar = file_of(gathering, person)
        raw = calendar.to_ical().decode()
        (event,) = calendar.events
        assert calendar["METHOD"] == "PUBLISH"
        assert "DTSTART:20260608T180000Z" in raw
        assert "DTEND:20260608T200000Z" in raw
        assert event["UID"] == f"{gathering.pk}@{event['UID'].split('@')[1]}"
        assert (event["SEQUENCE"], event["STATUS"]) == (0, "CONFIRMED")
        assert event["SUMMARY"] == "What shall we plant? (Society for Elections)"
        assert event["LOCATION"] == "Town Hall, 1 High Street"
        assert LINK not in raw


@pytest.mark.parametrize(
    ("starts", "dtstart"),
    [
        (datetime(2026, 10, 24, 18, 0, tzinfo=UTC), "20261024T180000Z"),
        (datetime(2026, 10, 25, 19, 0, tzinfo=UTC), "20261025T190000Z"),
        (datetime(2027, 3, 27, 19, 0, tzinfo=UTC), "20270327T190000Z"),
        (datetime(2027, 3, 28, 18, 0, tzinfo=UTC), "20270328T180000Z"),
    ],
)
def test_seven_in_the_evening_in_london_on_both_sides_of_a_clock_change(
    assembly: Assembly, secretary: Person, starts: datetime, dtstart: str
) -> None:
    gathering = make_gathering(assembly, secretary, starts_at=starts, ends_at=starts + timedelta(hours=2))
    assert f"DTSTART:{dtstart}" in file_of(gathering).to_ical().decode()
    assert "at 19:00" in At(None).text("gathering_detail", gathering.pk)


def test_the_uid_stays_and_the_sequence_rises_with_every_move_and_the_calling_off(
    gathering: Gathering, secretary: Person
) -> None:
    seen = [file_of(gathering).events[0]]
    for days in (1, 2):
        move = timedelta(days=days)
        gatherings.reschedule(
            gathering, by=secretary, at=T0 + move, starts_at=STARTS + move, ends_at=ENDS + move
        )
        seen.append(file_of(gathering).events[0])
    gatherings.call_off(gathering, by=secretary, at=T0 + timedelta(days=3), reason="No.")
    seen.append(file_of(gathering).events[0])
    assert [event["SEQUENCE"] for event in seen] == [0, 1, 2, 3]
    assert len({str(event["UID"]) for event in seen}) == 1
    assert [event["STATUS"] for event in seen] == ["CONFIRMED"] * 3 + ["CANCELLED"]
    stamps = [event["DTSTAMP"].dt for event in seen]
    assert stamps == sorted(set(stamps))


def test_every_mail_of_a_gathering_leads_to_its_calendar_file(
    gathering: Gathering, secretary: Person, member: Person
) -> None:
    join(gathering, member)
    gatherings.reschedule(gathering, by=secretary, at=T0, starts_at=STARTS, ends_at=ENDS + timedelta(hours=1))
    gatherings.call_off(gathering, by=secretary, at=T0, reason="No.")
    kinds = ("invited", "registered", "moved", "off")
    mails = [
        Message.objects.get(kind=f"decisions/mail/gathering_{k}", address="mary@example.org") for k in kinds
    ]
    for mail in mails:
        path = f"/decisions/gatherings/{gathering.pk}/gathering.ics"
        assert path in mail.text
        assert LINK not in mail.text
    assert Client().get(path).status_code == 200


def test_a_hustings_on_a_defection_has_no_public_file(
    assembly: Assembly, secretary: Person, member: Person
) -> None:
    matter = make_decision(assembly, secretary, at=T0)
    Decision.objects.filter(pk=matter.pk).update(kind=Decision.Kind.DEFECTION)
    matter.refresh_from_db()
    hustings = make_gathering(assembly, secretary, decision=matter)
    assert file_of(hustings, member).events
    assert At(None).get("gathering_calendar", hustings.pk).status_code == 302
    assert At(make_member()).get("gathering_calendar", hustings.pk).status_code == 404


# --- Feeds --------------------------------------------------------------------------------------------------
def test_my_feed_holds_what_concerns_me_and_nothing_else(
    gathering: Gathering, member: Person, outsider: Person, secretary: Person
) -> None:
    elsewhere = make_member()
    far = make_gathering(make_assembly_with(elsewhere), elsewhere, title="Far away")
    At(member).post("calendar_reset")
    address = address_of(Feed.objects.get())
    assert address in At(member).text("calendar_list")
    assert [event["SUMMARY"] for event in events_at(address)] == [
        "What shall we plant? (Society for Elections)"
    ]
    join(far, member)
    assert len(events_at(address)) == 2
    gatherings.call_off(gathering, by=secretary, at=T0, reason="No.")
    assert sorted(event["STATUS"] for event in events_at(address)) == ["CANCELLED", "CONFIRMED"]
    own = calendars.make_feed(outsider, None, at=T0)
    assert events_at(address_of(own)) == []


def make_assembly_with(person: Person) -> Assembly:
    far = make_assembly("Far Society")
    make_participation(person, far)
    return far


def test_a_feed_forgets_what_is_long_over(gathering: Gathering, member: Person) -> None:
    address = address_of(calendars.make_feed(member, None, at=T0))
    assert len(events_at(address, ENDS + timedelta(days=90) - timedelta(seconds=1))) == 1
    assert events_at(address, ENDS + timedelta(days=90)) == []


def test_an_assembly_s_feed_holds_its_own_for_its_reader(
    gathering: Gathering, assembly: Assembly, secretary: Person, member: Person, participant: Person
) -> None:
    matter = make_decision(assembly, secretary, at=T0)
    Decision.objects.filter(pk=matter.pk).update(kind=Decision.Kind.DEFECTION)
    matter.refresh_from_db()
    make_gathering(assembly, secretary, decision=matter, title="Cllr Ash")
    elsewhere = make_member()
    make_gathering(make_assembly_with(elsewhere), elsewhere)
    for person, number in ((member, 2), (participant, 1)):
        At(person).post("calendar_reset", assembly=assembly.slug)
        assert len(events_at(address_of(Feed.objects.get(person=person)))) == number
        assert assembly.name in At(person).text("calendar_list")


@pytest.mark.policy("D30")
def test_a_bar_takes_the_gathering_out_of_the_feeds(
    gathering: Gathering, assembly: Assembly, secretary: Person, member: Person
) -> None:
    own, of_assembly = calendars.make_feed(member, None, at=T0), calendars.make_feed(member, assembly, at=T0)
    assert len(events_at(address_of(own))) == len(events_at(address_of(of_assembly))) == 1
    conduct.bar(gathering, person=member, by=secretary, at=T0, ground="hate", reason="Shouted.")
    assert events_at(address_of(own)) == events_at(address_of(of_assembly)) == []


def test_a_feed_s_address_is_reset_and_ended_by_its_person(member: Person, gathering: Gathering) -> None:
    browser = At(member)
    browser.post("calendar_reset")
    old = address_of(Feed.objects.get())
    browser.post("calendar_reset")  # sent twice: nothing changes
    assert address_of(Feed.objects.get()) == old
    browser.post("calendar_reset", reset="")
    new = address_of(Feed.objects.get())
    assert new != old
    assert Client().get(old).status_code == 404
    assert Client().get(new).status_code == 200
    browser.post("calendar_reset", stop="")
    assert Client().get(new).status_code == 404
    assert not Feed.objects.exists()


def test_a_guessed_or_closed_address_is_not_found(member: Person) -> None:
    feed = calendars.make_feed(member, None, at=T0)
    address = address_of(feed)
    for wrong in (f"{feed.nonce}.x", "x", f"{feed.nonce}", f"{T0.year}.a.b"):
        assert Client().get(f"/decisions/gatherings/calendars/{wrong}.ics").status_code == 404
    Person.objects.filter(pk=member.pk).update(is_active=False)
    assert Client().get(address).status_code == 404


def test_a_feed_is_kept_in_no_shared_cache(member: Person) -> None:
    response = Client().get(address_of(calendars.make_feed(member, None, at=T0)))
    assert "no-store" in response["Cache-Control"]
    assert "private" in response["Cache-Control"]
