"""Who is seated where: several seats, terms that follow each other, and somebody who serves already."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from assemblies import formation, offices
from assemblies.errors import WrongMomentError
from assemblies.models import Assembly, Office, Term
from decisions import calls, declaring, nominations
from decisions.errors import NotEntitled, WrongMoment
from decisions.models import Candidacy, Decision, Race, Stance
from harmony.clock import sweep
from harmony.time import days_later, months_later
from ledger.models import Message
from members.models import Person
from tests.decisions.meetings import At
from tests.decisions.racing import DAY, HOUR, declared, ended, make_office, stands, terms_of
from tests.decisions.test_races import contest_now, to_ballot, told
from tests.factories import cast_vote, count_ballot, make_decision, make_members, make_term

pytestmark = pytest.mark.django_db
T0 = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
END = days_later(T0, 7)
TICK = timedelta(microseconds=1)


@pytest.fixture
def members(assembly: Assembly) -> list[Person]:
    """Four members of an assembly without a secretary."""
    return make_members(assembly, 4)


@pytest.fixture
def deputies(assembly: Assembly, members: list[Person]) -> Office:
    """Its two deputies' seats, both vacant."""
    return make_office(assembly, "deputy", seats=2)


def holds(person: Person, office: Office, began_at: datetime, ends_at: datetime | None = None) -> Term:
    """A term that was loaded."""
    return make_term(person, office.assembly, office.role, began_at=began_at, ends_at=ends_at)


def agreed(decision: Decision, members: list[Person], at: datetime) -> None:
    """All of these agree at once on all who stand, as far as the call is on all."""
    call = calls.call_for_consensus(decision, decision.options.get(position=1), by=members[0], at=at)
    for person in members:
        calls.take_position(call, person, Stance.AGREE, at=at)


# --- Re-opening, with several seats ---------------------------------------------------------------------
@pytest.mark.policy("P8")
def test_nobody_placed_behind_reopening_is_seated(deputies: Office, members: list[Person]) -> None:
    decision = contest_now(deputies, members[:3])
    ballot = to_ballot(decision, members[3], timezone.now())
    assert "Whoever comes behind it is not elected" in ballot.options.get(stays_last=True).statement
    cast_vote(ballot, members[3], 0, 0, 0, 5)  # none of those who stand
    count_ballot(ballot)
    assert sweep(timezone.now()) == []
    assert len(ballot.result["winners"]) == 2
    page = At(None, timezone.now()).page(f"/ballots/{ballot.pk}/result/")
    free = "“Re-open nominations” came first: nobody is elected, and nominations open again for all 2 seats."
    for told_of in (free, "leaves seat 1 free", "not elected", "Nobody is elected to this seat"):
        assert told_of in page, told_of
    assert "bars__winner" not in page
    assert free in Message.objects.filter(kind="ballots/mail/result")[0].text
    assert terms_of(deputies, timezone.now()) == []
    assert told("not_elected") == {person.email for person in members[:3]}
    assert not told("elected")
    new = Race.objects.running().get()
    assert (new.seats, new.reopens_id) == (2, decision.pk)
    assert [option.name for option in decision.options.filter(won_at__isnull=False)] == [
        "Re-open nominations"
    ]


# --- Somebody who serves already -------------------------------------------------------------------------
def test_whoever_serves_on_goes_on_in_their_own_seat_and_the_free_one_is_the_other_s(
    deputies: Office, members: list[Person]
) -> None:
    ends_at = T0 + 30 * DAY
    holds(members[0], deputies, T0 - 300 * DAY, ends_at)
    race = declared(deputies, members[1], T0)
    assert race.seats == 2
    stands(members[0], deputies, T0)
    stands(members[2], deputies, T0 + HOUR)
    agreed(ended(race), members, END)
    assert terms_of(deputies, END) == sorted([members[0].name, members[2].name])
    assert Term.objects.in_force_at(END).filter(person=members[0]).count() == 1
    again = Term.objects.get(person=members[0], elected=True)
    assert (again.began_at, again.ends_at) == (ends_at, months_later(ends_at, 12))


def test_of_two_loaded_deputies_the_one_elected_again_does_not_drive_out_the_other(
    deputies: Office, members: list[Person]
) -> None:
    holds(members[0], deputies, T0 - 300 * DAY)
    holds(members[1], deputies, T0 - 400 * DAY)
    race = declared(deputies, members[2], T0)
    stands(members[0], deputies, T0)
    agreed(ended(race), members, END)
    assert terms_of(deputies, END) == sorted([members[0].name, members[1].name])
    assert Term.objects.in_force_at(END).filter(person=members[0]).get().elected


def test_a_race_that_follows_a_term_without_an_end_ends_that_and_waits_for_no_other(
    deputies: Office, members: list[Person]
) -> None:
    holds(members[0], deputies, T0 - 300 * DAY, T0 + 300 * DAY)
    loaded = holds(members[1], deputies, T0 - 400 * DAY)
    race = declared(deputies, members[2], T0)
    assert list(race.follows.all()) == [loaded]
    stands(members[2], deputies, T0)
    agreed(ended(race), members, END)
    assert terms_of(deputies, END) == sorted([members[0].name, members[2].name])


def test_two_terms_one_after_the_other_take_one_seat(deputies: Office, members: list[Person]) -> None:
    ends_at = T0 + 30 * DAY
    holds(members[0], deputies, T0 - 300 * DAY, ends_at)
    Term(
        office=deputies, person=members[1], began_at=ends_at, ends_at=ends_at + 365 * DAY, elected=True
    ).begin(at=T0)
    assert deputies.free_seat_at(T0) == (T0, None)
    race = stands(members[2], deputies, T0).race
    assert race.seats == 1
    agreed(ended(race), members, END)
    assert terms_of(deputies, END) == sorted([members[0].name, members[2].name])
    assert terms_of(deputies, ends_at) == sorted([members[1].name, members[2].name])


def test_whoever_is_elected_and_has_not_begun_does_not_stand_for_another_seat(
    deputies: Office, members: list[Person]
) -> None:
    ends_at = T0 + 30 * DAY
    holds(members[0], deputies, T0 - 300 * DAY, ends_at)
    Term(
        office=deputies, person=members[1], began_at=ends_at, ends_at=ends_at + 365 * DAY, elected=True
    ).begin(at=T0)
    with pytest.raises(NotEntitled, match="elected to this office already"):
        stands(members[1], deputies, T0)
    assert not Candidacy.objects.exists()


# --- Elected, and not begun -----------------------------------------------------------------------------
@pytest.fixture
def elected_ahead(assembly: Assembly, members: list[Person]) -> Office:
    """The secretary's office: its holder's term ends in thirty days, and their successor is elected."""
    office, ends_at = make_office(assembly), T0 + 30 * DAY
    holds(members[0], office, T0 - 300 * DAY, ends_at)
    Term(office=office, person=members[1], began_at=ends_at, ends_at=ends_at + 365 * DAY, elected=True).begin(
        at=T0
    )
    return office


@pytest.mark.policy("A14")
def test_a_seat_for_which_somebody_is_elected_is_not_filled_twice(
    elected_ahead: Office, members: list[Person]
) -> None:
    office, slug = elected_ahead, elected_ahead.assembly.slug
    offices.resign(Term.objects.get(person=members[0]), by=members[0], at=T0 + DAY)
    assert office.vacant_seats_at(T0 + DAY) == 1
    with pytest.raises(WrongMoment, match="elected already for the vacant seat"):
        stands(members[2], office, T0 + DAY)
    browser = At(members[2], T0 + DAY)
    assert browser.get("office_stand", slug, "secretary").status_code == 409
    page = browser.page(office.assembly.get_absolute_url())
    assert "Apply to be Secretary" not in page
    for shown in (page, browser.page("/assemblies/")):
        assert members[1].name in shown
        assert "elected, from 1 July 2026" in " ".join(shown.split())
        assert f"/decisions/offices/{slug}/secretary/stand/" not in shown
    assert not Race.objects.exists()


@pytest.mark.policy("A14")
def test_whoever_resigns_before_their_term_begins_stands_in_nobody_s_way(
    elected_ahead: Office, members: list[Person]
) -> None:
    office = elected_ahead
    for person in members[:2]:
        offices.resign(Term.objects.get(person=person), by=person, at=T0 + HOUR)
    assert (
        At(members[1], T0 + 2 * HOUR).get("office_resign", office.assembly.slug, "secretary").status_code
        == 403
    )
    race = stands(members[2], office, T0 + 2 * HOUR).race
    decision = ended(race)
    agreed(decision, members, race.nominations_end_at)
    assert terms_of(office, race.nominations_end_at) == [members[2].name]


def test_nominations_do_not_take_in_a_seat_for_which_somebody_is_elected(
    deputies: Office, members: list[Person]
) -> None:
    holds(members[0], deputies, T0 - 300 * DAY, T0 + 30 * DAY)
    Term(
        office=deputies,
        person=members[1],
        began_at=T0 + 30 * DAY,
        ends_at=T0 + 395 * DAY,
        elected=True,
    ).begin(at=T0)
    race = stands(members[2], deputies, T0).race
    offices.resign(Term.objects.get(person=members[0]), by=members[0], at=T0 + DAY)
    ended(race)
    race.refresh_from_db()
    assert race.seats == 1
    assert declaring.plan(deputies, T0 + DAY).seats == 1
    assert nominations.running_race(deputies) == race


# --- Who cannot serve any more --------------------------------------------------------------------------
@pytest.mark.policy("A4")
def test_somebody_elected_who_may_not_take_part_any_more_is_not_seated(
    assembly: Assembly, members: list[Person]
) -> None:
    office = make_office(assembly)
    race = stands(members[0], office, T0).race
    decision = ended(race)
    call = calls.call_for_consensus(decision, decision.options.get(position=1), by=members[1], at=END)
    for person in members[1:]:
        calls.take_position(call, person, Stance.AGREE, at=END)
    Assembly.objects.filter(pk=assembly.pk).update(members_only=True)
    members[0].memberships.update(ended_at=END + HOUR)
    assert sweep(call.ends_at) == []
    assert terms_of(office, call.ends_at) == []
    assert told("not_seated") == {members[0].email}
    assert not told("elected")
    assert f"{members[0].name} was elected and can no longer take the office" in At(None, call.ends_at).text(
        "decision_detail", decision.pk
    )
    assert stands(members[1], office, call.ends_at).race != race


def test_an_assembly_is_not_closed_over_a_race_or_a_call(assembly: Assembly, members: list[Person]) -> None:
    race = stands(members[0], make_office(assembly), T0).race
    assert formation.issues_before_closing(assembly, T0) == [
        "A race for one of its offices is under way: let it end first."
    ]
    sweep(race.nominations_end_at)
    with pytest.raises(WrongMomentError, match="race"):
        formation.close(assembly, at=END)
    agreed(Decision.objects.get(), members, END)
    matter = make_decision(assembly, members[1], at=END)
    assert formation.issues_before_closing(assembly, END) == []
    calls.call_for_consensus(matter, matter.options.get(position=1), by=members[0], at=END)
    assert "under way" in formation.issues_before_closing(assembly, END)[0]
    sweep(days_later(END, 5))
    formation.close(assembly, at=days_later(END, 5))
