"""Races for offices: who declares, applies and stands; how they are decided; what the result makes."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone

from assemblies import offices
from assemblies.errors import NotElectedError
from assemblies.models import Assembly, Kind, Office, Term
from ballots.models import Ballot
from decisions import calls, declaring, deliberation, gatherings, nominations, proposals
from decisions.errors import BadProposal, NotEntitled, PrinciplesNotAccepted, WrongMoment
from decisions.models import Call, Candidacy, Decision, Race, Stance
from harmony.clock import sweep
from harmony.time import days_later, months_later
from ledger.models import Event, Message
from members import mails
from members.mails import Stream
from members.models import MutedStream, Person
from tests.decisions.meetings import At
from tests.decisions.racing import DAY, HOUR, declared, ended, make_office, stands, terms_of
from tests.factories import (
    cast_vote,
    count_ballot,
    make_assembly,
    make_held_moot,
    make_member,
    make_members,
    make_participation,
    make_person,
    make_term,
)

pytestmark = pytest.mark.django_db
T0 = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
END = days_later(T0, 7)
TICK = timedelta(microseconds=1)


@pytest.fixture
def members(assembly: Assembly) -> list[Person]:
    """Four members of an assembly without a secretary."""
    return make_members(assembly, 4)


@pytest.fixture
def office(assembly: Assembly, members: list[Person]) -> Office:
    """The vacant office of its secretary."""
    return make_office(assembly)


def where(office: Office) -> tuple[str, str]:
    return office.assembly.slug, office.role


def verbs(decision: Decision) -> list[str]:
    return list(Event.objects.about(decision).values_list("verb", flat=True))


def told(what: str) -> set[str]:
    return set(Message.objects.filter(kind=f"decisions/mail/race_{what}").values_list("address", flat=True))


def agree_all(decision: Decision, by: Person, people: list[Person], at: datetime, place: int = 1) -> Call:
    """A call on the option at this place, to which all of these agree."""
    option = decision.options.get(position=place)
    call = calls.call_for_consensus(decision, option, by=by, at=at)
    for person in people:
        calls.take_position(call, person, Stance.AGREE, at=at)
    return call


# --- Standing, through the pages --------------------------------------------------------------------
STATEMENT = {"statement": "I can keep *notes*.", "accepts_principles": "on"}


@pytest.mark.policy("A13")
def test_anyone_with_an_account_stands_in_a_declared_race(
    office: Office, members: list[Person], outsider: Person
) -> None:
    At(members[0], T0).post("race_declare", *where(office))
    race = Race.objects.get()
    browser = At(outsider, T0 + DAY)
    form = browser.text("office_stand", *where(office))
    assert "Nominations are open until" in form
    assert "Demonstration wording" in form
    assert "Compassion comes before justice" in form
    check = browser.post("office_stand", *where(office), **STATEMENT).content.decode()
    assert "Check your answers" in check
    assert "<em>notes</em>" in check
    assert not race.candidacies.exists()
    sent = browser.post("office_stand", *where(office), **STATEMENT, send="1")
    candidacy = Candidacy.objects.get()
    assert sent["Location"] == f"/decisions/candidacies/{candidacy.pk}/"
    assert "You stand" in browser.text("candidacy_detail", candidacy.pk)
    assert candidacy.person == outsider
    assert candidacy.race == race
    assert candidacy.accepted_edition == "demonstration-1"
    assert told("stood") == {outsider.email}
    page = At(None, T0 + DAY).text("decision_detail", race.pk)
    assert "Olive Outsider" in page
    assert "<em>notes</em>" in page
    again = browser.post("office_stand", *where(office), **STATEMENT, send="1")
    assert again["Location"] == sent["Location"]
    assert Candidacy.objects.count() == 1


@pytest.mark.policy("A14")
def test_anyone_applies_to_a_vacant_office_and_the_first_application_opens_the_race(
    office: Office, members: list[Person], outsider: Person
) -> None:
    assembly = office.assembly
    address = f"/decisions/offices/{assembly.slug}/secretary/stand/"
    assert address in At(None, T0).page(assembly.get_absolute_url())
    assert address in At(None, T0).page("/assemblies/")
    first, second = At(outsider, T0), At(members[0], T0 + DAY)
    assert "Your application opens a race" in first.text("office_stand", *where(office))
    first.post("office_stand", *where(office), **STATEMENT, send="1")
    race = Race.objects.get()
    assert (race.cause, race.seats, race.nominations_end_at) == (Race.Cause.APPLIED, 1, END)
    assert told("declared") == {person.email for person in members}
    second.post("office_stand", *where(office), **STATEMENT, send="1")
    assert race.standing().count() == 2
    page = At(None, T0 + DAY).text("decision_detail", race.pk)
    assert "applied for the vacant office" in page
    assert "Olive Outsider stands." in page


@pytest.mark.policy("A14")
@pytest.mark.parametrize("days", [0, 1, 100, 1000])
def test_a_vacancy_takes_applications_at_any_time_also_after_nobody_stood(
    office: Office, members: list[Person], outsider: Person, days: int
) -> None:
    race = declared(office, members[0], T0)
    ended(race)
    at = END + timedelta(days=days)
    At(outsider, at).post("office_stand", *where(office), **STATEMENT, send="1")
    assert Candidacy.objects.get().race != race
    assert Race.objects.running().get().nominations_end_at == days_later(at, 7)


def test_no_statement_no_acceptance_and_nothing_typed_is_lost(office: Office, outsider: Person) -> None:
    browser = At(outsider, T0)
    without = browser.post("office_stand", *where(office), statement="Because.", send="1").content.decode()
    assert "Accept the Ethical Kernel and the Four Principles to stand" in without
    assert "Because." in without
    empty = browser.post("office_stand", *where(office), accepts_principles="on", send="1").content.decode()
    assert "Say why you stand" in empty
    changed = browser.post("office_stand", *where(office), **STATEMENT, change="1").content.decode()
    assert "I can keep *notes*." in changed
    assert "checked" in changed
    with pytest.raises(PrinciplesNotAccepted):
        nominations.stand(office, outsider, at=T0, statement="Because.", accepts_principles=False)
    with pytest.raises(BadProposal):
        nominations.stand(office, outsider, at=T0, statement=" ", accepts_principles=True)
    assert not Race.objects.exists()


def test_who_does_not_meet_the_assembly_s_rules_cannot_serve_it_and_so_cannot_stand(outsider: Person) -> None:
    closed = make_assembly("Members’ Hall", members_only=True, statement="I pay my dues.")
    office = make_office(closed)
    answer = At(outsider, T0).get("office_stand", *where(office))
    assert answer.status_code == 403
    assert "for members of the party" in answer.content.decode()
    with pytest.raises(NotEntitled, match="members of the party"):
        stands(outsider, office, T0)
    member = make_member()
    with pytest.raises(BadProposal, match="statement"):
        nominations.stand(office, member, at=T0, statement="Yes", accepts_principles=True)
    assert "I pay my dues." in At(member, T0).text("office_stand", *where(office))
    stands(member, office, T0)


def test_an_office_that_is_held_takes_no_application(
    assembly: Assembly, secretary: Person, outsider: Person
) -> None:
    office = make_office(assembly)
    answer = At(outsider, T0).get("office_stand", *where(office))
    assert answer.status_code == 409
    assert "no race is declared" in answer.content.decode()
    with pytest.raises(WrongMoment):
        stands(outsider, office, T0)
    make_office(assembly, seats=2)
    with pytest.raises(NotEntitled, match="hold this office"):
        stands(secretary, office, T0)
    stands(outsider, office, T0)


@pytest.mark.parametrize(
    ("at", "is_open"), [(T0, True), (END - TICK, True), (END, False), (END + TICK, False)]
)
def test_nominations_are_open_for_seven_days(
    office: Office, members: list[Person], outsider: Person, at: datetime, is_open: bool
) -> None:
    race = declared(office, members[0], T0)
    assert race.is_in_nominations_at(at) is is_open
    assert Race.objects.in_nominations_at(at).exists() is is_open
    answer = At(outsider, at).post("office_stand", *where(office), **STATEMENT, send="1")
    assert answer.status_code == (302 if is_open else 409)
    assert race.candidacies.exists() is is_open


def test_seven_days_are_london_days_across_the_change_of_the_clocks(
    office: Office, members: list[Person]
) -> None:
    before = datetime(2026, 10, 22, 18, 0, tzinfo=UTC)  # 19:00 in London
    race = declared(office, members[0], before)
    assert race.nominations_end_at == datetime(2026, 10, 29, 19, 0, tzinfo=UTC)
    spring = datetime(2027, 3, 25, 19, 0, tzinfo=UTC)
    other = declared(make_office(office.assembly, "deputy"), members[0], spring)
    assert other.nominations_end_at == datetime(2027, 4, 1, 18, 0, tzinfo=UTC)


# --- Declaring ------------------------------------------------------------------------------------------
def test_a_secretary_declares_and_where_there_is_none_the_general_secretary_or_any_member(
    assembly: Assembly, participant: Person, outsider: Person
) -> None:
    deputies = make_office(assembly, "deputy")
    general, member = make_member(), make_member()
    make_term(general, make_assembly("Harmony Party", kind=Kind.PARTY))
    make_participation(member, assembly)
    for stranger in (participant, outsider):
        assert At(stranger, T0).post("race_declare", *where(deputies)).status_code == 403
    assert At(member, T0).get("race_declare", *where(deputies)).status_code == 200
    assert At(general, T0).post("race_declare", *where(deputies)).status_code == 302
    term = make_term(make_member(), assembly)
    for other in (member, general):
        with pytest.raises(NotEntitled):
            declaring.declare(make_office(assembly), by=other, at=T0)
    assert term.person is not None
    race = declared(make_office(assembly), term.person, T0)  # a term without an end: for what comes after it
    assert list(race.follows.all()) == [term]
    page = At(term.person, T0).get("race_declare", *where(race.office))
    assert page.status_code == 409


def test_a_race_is_declared_once_and_not_while_every_seat_is_held_for_long(
    assembly: Assembly, secretary: Person
) -> None:
    office = make_office(assembly)
    Term.objects.update(ends_at=T0 + 41 * DAY)
    with pytest.raises(WrongMoment, match="declared by itself"):
        declared(office, secretary, T0)
    declared(office, secretary, T0 + DAY)
    with pytest.raises(WrongMoment, match="race for this office already"):
        declared(office, secretary, T0 + DAY)


def test_a_race_is_neither_edited_nor_withdrawn_nor_given_options(
    office: Office, members: list[Person]
) -> None:
    decision = declared(office, members[0], T0).decision
    for attempt in (
        lambda: proposals.withdraw(decision, by=members[0], at=T0, reason="No."),
        lambda: proposals.edit(decision, by=members[0], at=T0, title="No", text=""),
        lambda: proposals.add_option(decision, by=members[0], at=T0, name="Me", statement=""),
    ):
        with pytest.raises(WrongMoment, match="race for an office"):
            attempt()
    page = At(members[0], T0).text("decision_detail", decision.pk)
    assert "/withdraw/" not in page
    assert "/edit/" not in page


# --- The end of nominations -----------------------------------------------------------------------------
def test_nominations_end_by_the_clock_once_and_those_who_stand_become_the_options(
    office: Office, members: list[Person], outsider: Person
) -> None:
    namesake = make_person(outsider.name)
    race = declared(office, members[0], T0)
    for n, person in enumerate((outsider, namesake, members[0])):
        stands(person, office, T0 + DAY + n * HOUR)
    sweep(END - TICK)
    assert not race.decision.options.exists()
    sweep(END)
    sweep(END + HOUR)
    names = [option.name for option in race.decision.options.all()]
    assert names == [outsider.name, f"{outsider.name} (2)", members[0].name, "Re-open nominations"]
    assert verbs(race.decision).count("decision.nominations_ended") == 1
    assert told("nominations_ended") == {person.email for person in (outsider, namesake, members[0])}
    text = Message.objects.filter(kind="decisions/mail/race_nominations_ended")[0].text
    assert "hustings" in text
    assert members[0].name in text


def test_with_nobody_the_race_lapses_and_those_who_act_are_told(
    assembly: Assembly, secretary: Person
) -> None:
    office = make_office(assembly, "deputy")
    decision = ended(declared(office, secretary, T0))
    assert decision.withdrawn_at == END
    assert Race.objects.get().closed_at == END
    assert verbs(decision)[-1] == "decision.withdrawn"
    assert told("lapsed") == {secretary.email}
    page = At(None, END).text("decision_detail", decision.pk)
    assert "The race lapsed: Nobody stood." in page
    assert "Withdrawn" not in page


def test_seats_that_fall_vacant_during_nominations_are_filled_too(
    assembly: Assembly, secretary: Person, outsider: Person
) -> None:
    office = make_office(assembly, "deputy", seats=2)
    deputy = make_term(make_member(), assembly, "deputy")
    race = declared(office, secretary, T0)
    assert race.seats == 1
    deputy.end(at=T0 + DAY)
    stands(outsider, office, T0 + DAY)
    ended(race)
    race.refresh_from_db()
    assert race.seats == 2


# --- Withdrawing ----------------------------------------------------------------------------------------
def test_a_candidate_withdraws_and_stands_again_while_nominations_are_open(
    office: Office, members: list[Person], outsider: Person
) -> None:
    mine = stands(outsider, office, T0)
    browser = At(outsider, T0 + DAY)
    browser.post("candidacy_change", mine.pk, statement="Better words.")
    assert "Better words." in browser.text("candidacy_detail", mine.pk)
    assert At(members[0], T0).get("candidacy_detail", mine.pk).status_code == 404
    assert browser.post("candidacy_withdraw", mine.pk).status_code == 302
    assert browser.post("candidacy_withdraw", mine.pk).status_code == 409
    browser.post("office_stand", *where(office), **STATEMENT, send="1")
    assert mine.race.standing().get() != mine
    decision = ended(mine.race)
    assert decision.options.count() == 2
    late = At(outsider, END).post("candidacy_change", mine.race.standing().get().pk, statement="Late.")
    assert late.status_code == 409


def test_after_nominations_a_candidate_withdraws_until_people_answer_or_deliberate(
    office: Office, members: list[Person]
) -> None:
    mine, other = stands(members[0], office, T0), stands(members[1], office, T0 + HOUR)
    decision = ended(mine.race)
    nominations.withdraw(mine, by=members[0], at=END)
    call = calls.call_for_consensus(decision, decision.options.get(position=2), by=members[2], at=END)
    answer = At(members[1], END).post("candidacy_withdraw", other.pk)
    assert answer.status_code == 409
    assert "resign at once" in answer.content.decode()
    with pytest.raises(BadProposal, match="withdrawn"):
        calls.call_for_consensus(decision, decision.options.get(position=1), by=members[2], at=END)
    sweep(call.ends_at)
    nominations.withdraw(other, by=members[1], at=call.ends_at)
    decision.refresh_from_db()
    assert decision.withdrawn_because == "Everybody who stood has withdrawn."
    assert Race.objects.get().closed_at == call.ends_at


# --- Uncontested ----------------------------------------------------------------------------------------
@pytest.mark.policy("P9")
def test_one_candidate_is_elected_by_consensus_at_once_without_a_hustings(
    office: Office, members: list[Person], outsider: Person
) -> None:
    mine = stands(outsider, office, T0)
    decision = ended(mine.race)
    at = END + HOUR
    chooser = At(members[0], at)
    page = chooser.text("decision_detail", decision.pk)
    assert "a hustings is needed only if that call falls" in page
    chooser.post("call_confirm", decision.pk, 1)
    for person in members:
        At(person, at).post("call_answer", decision.pk, 1, stance="agree", reason="")
    decision.refresh_from_db()
    assert decision.settled_by == Decision.SettledBy.CONSENSUS
    term = Term.objects.get()
    assert (term.person, term.began_at, term.elected) == (outsider, at, True)
    assert term.ends_at == months_later(at, 12)
    assert office.assembly.has_participant_at(outsider, at)
    assert told("elected") == {outsider.email}
    mine.refresh_from_db()
    assert (mine.term, mine.elected_at) == (term, at)
    assembly_page = At(None, at).page(office.assembly.get_absolute_url())
    assert "Olive Outsider" in assembly_page
    assert "until 8 June 2027" in assembly_page
    assert "Olive Outsider was elected" in At(None, at).text("decision_detail", decision.pk)
    assert "You are elected" in At(outsider, at).text("candidacy_detail", mine.pk)
    assert Assembly.objects.served_by(outsider, at).get() == office.assembly


def test_a_fallen_call_takes_the_one_candidate_up_the_ladder(office: Office, members: list[Person]) -> None:
    decision = ended(stands(members[0], office, T0).race)
    assert "no call for consensus has been made" in " ".join(
        deliberation.issues_before_deliberating(decision)
    )
    call = calls.call_for_consensus(decision, decision.options.get(position=1), by=members[1], at=END)
    calls.take_position(call, members[2], Stance.OBJECT, reason="Never at meetings.", at=END)
    sweep(call.ends_at)
    with pytest.raises(WrongMoment, match="moot comes first"):
        deliberation.begin(decision, by=members[1], at=call.ends_at)
    met = call.ends_at + DAY
    make_held_moot(decision, members[1], met)
    deliberation.begin(decision, by=members[1], at=met)
    sweep(days_later(met, 7))
    decision.refresh_from_db()
    assert decision.ballot is not None
    assert decision.ballot.seats == 1


@pytest.mark.policy("P8")
def test_as_many_candidates_as_seats_are_called_on_together(
    assembly: Assembly, members: list[Person]
) -> None:
    office = make_office(assembly, "deputy", seats=2)
    race = stands(members[0], office, T0).race
    stands(members[1], office, T0 + HOUR)
    decision = ended(race)
    both = f"{members[0].name} and {members[1].name}"
    assert both in At(members[2], END).text("call_choose", decision.pk)
    agree_all(decision, members[2], members, END)
    assert Call.objects.get().subject == both
    decision.refresh_from_db()
    assert decision.settled_at == END
    assert terms_of(office, END) == sorted([members[0].name, members[1].name])
    assert decision.options.filter(won_at__isnull=False).count() == 2


def test_a_consensus_on_reopening_opens_nominations_anew(office: Office, members: list[Person]) -> None:
    decision = ended(stands(members[0], office, T0).race)
    agree_all(decision, members[1], members, END, place=2)
    new = Race.objects.running().get()
    assert (new.cause, new.seats, new.reopens_id) == (Race.Cause.REOPENED, 1, decision.pk)
    assert not Term.objects.exists()
    assert "decision.nominations_reopened" in verbs(decision)
    assert told("not_elected") == {members[0].email}


# --- Contested ------------------------------------------------------------------------------------------
def contest(office: Office, people: list[Person]) -> Decision:
    """A race in which all of these stand, at the end of its nominations."""
    for n, person in enumerate(people):
        stands(person, office, T0 + n * HOUR)
    return ended(Race.objects.running().get())


def to_ballot(decision: Decision, by: Person, at: datetime) -> Ballot:
    """Takes a contested race through its hustings and deliberation, all of it by now, to its open ballot."""
    make_held_moot(decision, by, at - 8 * DAY)
    deliberation.begin(decision, by=by, at=at - 8 * DAY)
    assert sweep(at) == []
    decision.refresh_from_db()
    assert decision.ballot is not None
    return decision.ballot


def contest_now(office: Office, people: list[Person]) -> Decision:
    """The same as `contest`, twenty days before the present, so that its ballot can really be cast."""
    at = timezone.now() - 20 * DAY
    for n, person in enumerate(people):
        stands(person, office, at + n * HOUR)
    race = Race.objects.running().get()
    nominations.end_nominations(race, at=race.nominations_end_at)
    return Decision.objects.get(pk=race.pk)


def test_a_contested_race_has_its_hustings_before_any_call(office: Office, members: list[Person]) -> None:
    decision = contest(office, members[:2])
    with pytest.raises(WrongMoment, match="hustings come first"):
        calls.call_for_consensus(decision, decision.options.get(position=1), by=members[2], at=END)
    with pytest.raises(WrongMoment, match="moot comes first"):
        deliberation.begin(decision, by=members[2], at=END)
    make_held_moot(decision, members[2], END + DAY)
    with pytest.raises(WrongMoment, match="hustings come first"):
        calls.call_for_consensus(decision, decision.options.get(position=1), by=members[2], at=END + DAY)
    deliberation.begin(decision, by=members[2], at=END + DAY)
    decision.refresh_from_db()
    call = calls.call_for_consensus(decision, decision.options.get(position=2), by=members[2], at=END + DAY)
    for person in members:
        calls.take_position(call, person, Stance.AGREE, at=END + 2 * DAY)
    assert terms_of(office, END + 2 * DAY) == [members[1].name]


def test_the_hustings_is_for_all_who_stand_taking_part_or_not(
    office: Office, members: list[Person], outsider: Person
) -> None:
    decision = contest(office, [members[0], outsider])
    hustings = gatherings.call_gathering(
        office.assembly,
        by=members[1],
        at=END,
        decision=decision,
        kind="hustings",
        title="Hear those who stand",
        starts_at=END + DAY,
        ends_at=END + DAY + HOUR,
        address="The Old Library",
    )
    assert outsider in hustings.audience_at(END)
    invited = Message.objects.filter(kind="decisions/mail/gathering_invited")
    assert outsider.email in set(invited.values_list("address", flat=True))
    assert hustings.get_absolute_url() in At(outsider, END).page("/")


def test_no_gathering_and_no_call_before_nominations_have_ended(
    office: Office, members: list[Person]
) -> None:
    race = declared(office, members[0], T0)
    for issues in (
        gatherings.issues_before_gathering(race.decision),
        calls.issues_before_calling(race.decision, T0),
    ):
        assert "Nominations are open until" in issues[0]
    page = At(members[0], T0).text("decision_detail", race.pk)
    assert "Call a gathering" not in page
    assert "call/" not in page


@pytest.mark.policy("A13", "P9")
def test_the_winner_of_the_ballot_serves_from_then_on(office: Office, members: list[Person]) -> None:
    decision = contest_now(office, members[:2])
    now = timezone.now()
    ballot = to_ballot(decision, members[2], now)
    assert ballot.seats == 1
    assert [option.name for option in ballot.options.all()][-1] == "Re-open nominations"
    assert ballot.options.get(stays_last=True).name == "Re-open nominations"
    cast_vote(ballot, members[2], 0, 5, 1)
    count_ballot(ballot)
    assert sweep(timezone.now()) == []
    assert terms_of(office, timezone.now()) == [members[1].name]
    assert told("elected") == {members[1].email}
    assert told("not_elected") == {members[0].email}
    assert sweep(timezone.now()) == []
    assert Term.objects.count() == 1


@pytest.mark.policy("P8")
def test_two_are_elected_to_one_role_by_bloc_star(assembly: Assembly, members: list[Person]) -> None:
    office = make_office(assembly, seats=2)
    decision = contest_now(office, members[:3])
    now = timezone.now()
    make_held_moot(decision, members[3], now - 8 * DAY)
    deliberation.begin(decision, by=members[3], at=now - 8 * DAY)
    decision.refresh_from_db()
    with pytest.raises(WrongMoment, match="several seats"):
        calls.call_for_consensus(decision, decision.options.get(position=1), by=members[3], at=now - 7 * DAY)
    sweep(now)
    decision.refresh_from_db()
    assert decision.ballot is not None
    assert decision.ballot.seats == 2
    cast_vote(decision.ballot, members[3], 5, 0, 4, 1)
    count_ballot(decision.ballot)
    sweep(timezone.now())
    assert terms_of(office, timezone.now()) == sorted([members[0].name, members[2].name])
    assert office.vacant_seats_at(timezone.now()) == 0
    assert not Race.objects.running().exists()


@pytest.mark.policy("P8")
def test_where_reopening_wins_a_seat_nominations_open_anew_for_that_seat(
    assembly: Assembly, members: list[Person]
) -> None:
    office = make_office(assembly, "deputy", seats=2)
    decision = contest_now(office, members[:3])
    ballot = to_ballot(decision, members[3], timezone.now())
    cast_vote(ballot, members[3], 5, 0, 0, 4)
    count_ballot(ballot)
    sweep(timezone.now())
    now = timezone.now()
    assert terms_of(office, now) == [members[0].name]
    page = At(None, now).page(f"/ballots/{ballot.pk}/result/")
    assert f"{members[0].name} won. “Re-open nominations” came next: nominations open again for the" in page
    assert page.count("bars__winner") == 1
    new = Race.objects.running().get()
    assert (new.seats, new.reopens_id) == (1, decision.pk)
    assert new.is_in_nominations_at(now)


# --- Terms: their end, and the race in time --------------------------------------------------------------
def test_a_term_ends_on_its_date_by_itself_and_the_clock_records_it_once(
    assembly: Assembly, secretary: Person
) -> None:
    term = Term.objects.get()
    Term.objects.update(ends_at=T0)
    for at, serves in ((T0 - TICK, True), (T0, False), (T0 + HOUR, False)):
        sweep(at)
        assert Assembly.objects.served_by(secretary, at).exists() is serves
        assert Event.objects.about(term).filter(verb="term.ended").exists() is not serves
    term.refresh_from_db()
    assert term.ended_at == T0
    assert Event.objects.about(term).count() == 1


@pytest.mark.policy("P9")
def test_the_race_for_a_seat_is_declared_in_time_by_the_clock(assembly: Assembly, secretary: Person) -> None:
    ends_at = T0 + 40 * DAY  # 7 of nominations, 14 for the hustings, 5, 7 and 7 by the assembly's rules
    Term.objects.update(ends_at=ends_at)
    assert declaring.days_needed(assembly) == 40
    sweep(T0 - TICK)
    assert not Race.objects.exists()
    sweep(T0)
    sweep(T0)
    race = Race.objects.get()
    assert (race.cause, race.seats, list(race.follows.all())) == (Race.Cause.DUE, 1, [Term.objects.get()])
    assert told("ending") == {secretary.email}
    sweep(END)  # nobody stands
    sweep(ends_at - TICK)
    assert Race.objects.count() == 1


def test_whoever_is_elected_in_time_begins_when_the_term_before_ends(
    assembly: Assembly, secretary: Person
) -> None:
    members = make_members(assembly, 3)
    office, ends_at = make_office(assembly), T0 + 40 * DAY
    Term.objects.update(ends_at=ends_at)
    sweep(T0)
    stands(members[0], office, T0 + DAY)
    decision = ended(Race.objects.get())
    agree_all(decision, secretary, [secretary, *members], END)
    assert terms_of(office, ends_at - TICK) == [secretary.name]
    assert terms_of(office, ends_at) == [members[0].name]
    elected = Term.objects.get(elected=True)
    assert (elected.began_at, elected.ends_at) == (ends_at, months_later(ends_at, 12))
    sweep(ends_at - DAY)
    assert Race.objects.count() == 1


def test_somebody_elected_takes_the_place_of_a_term_without_an_end(
    assembly: Assembly, secretary: Person, member: Person
) -> None:
    office = make_office(assembly)
    race = declared(office, secretary, T0)
    stands(member, office, T0)
    decision = ended(race)
    agree_all(decision, secretary, [secretary, member], END)
    assert terms_of(office, END) == [member.name]
    assert Term.objects.get(person=secretary).ended_at == END


def test_a_term_s_length_is_the_office_s_within_bounds(office: Office) -> None:
    office.term_months = 6
    office.full_clean()
    assert office.end_of_term(datetime(2026, 8, 31, 12, tzinfo=UTC)) == datetime(2027, 2, 28, 13, tzinfo=UTC)
    for months in (0, 61):
        office.term_months = months
        with pytest.raises(ValidationError, match="1 to 60 months"):
            office.validate_constraints()


# --- Never appointed; resigning -------------------------------------------------------------------------
@pytest.mark.policy("P9")
@pytest.mark.parametrize("role", ["secretary", "deputy"])
def test_nobody_is_appointed_to_an_office_that_is_filled_by_election(
    client: Client, assembly: Assembly, role: str
) -> None:
    office = make_office(assembly, role, seats=3)
    friend = make_member()
    Term(office=office, person=friend, began_at=T0).begin(at=T0)  # loading what stands already
    with pytest.raises(NotElectedError, match="has begun already"):
        Term(office=office, person=friend, began_at=T0 + TICK).begin(at=T0)
    Term(office=office, person=make_member(), began_at=T0, elected=True).begin(at=T0)
    with pytest.raises(NotElectedError, match="filled by election"):
        Term(office=office, person=friend, began_at=T0).begin(at=T0)
    client.force_login(make_person(is_staff=True, is_superuser=True))
    sent = {"office": office.pk, "person": make_member().pk, "began_at": "2026-06-01T00:00"}
    page = client.post("/admin/assemblies/term/add/", sent, follow=True).content.decode()
    assert "This office is filled by election here" in page
    assert office.terms.count() == 2


def test_a_holder_resigns_and_the_seat_is_vacant(
    assembly: Assembly, secretary: Person, outsider: Person
) -> None:
    general = make_member("Gene General")
    make_term(general, make_assembly("Harmony Party", kind=Kind.PARTY))
    office = make_office(assembly)
    assert At(outsider, T0).get("office_resign", *where(office)).status_code == 403
    with pytest.raises(PermissionDenied):
        offices.resign(Term.objects.get(person=secretary), by=outsider, at=T0)
    browser = At(secretary, T0)
    assert "Resign as Secretary" in browser.page(assembly.get_absolute_url())
    assert "Your term ends at once" in browser.text("office_resign", *where(office))
    assert browser.post("office_resign", *where(office)).status_code == 302
    assert office.vacant_seats_at(T0) == 1
    assert Message.objects.get(kind="assemblies/mail/resigned").address == general.email
    assert browser.post("office_resign", *where(office)).status_code == 403
    assert "Apply to be Secretary" in At(outsider, T0).page(assembly.get_absolute_url())


def test_somebody_elected_who_declines_before_the_term_leaves_the_seat_to_be_filled(
    assembly: Assembly, secretary: Person, outsider: Person
) -> None:
    office, ends_at = make_office(assembly), T0 + 30 * DAY
    Term.objects.update(ends_at=ends_at)
    coming = Term(office=office, person=outsider, began_at=ends_at, ends_at=ends_at + 300 * DAY, elected=True)
    coming.begin(at=T0)
    offices.resign(coming, by=outsider, at=T0 + DAY)
    assert office.free_seat_at(T0 + 2 * DAY) == (ends_at, None)
    assert declaring.plan(office, T0 + 2 * DAY).seats == 1


# --- What waits for me ----------------------------------------------------------------------------------
def test_home_tells_members_of_open_nominations_and_candidates_of_their_own(
    office: Office, members: list[Person], outsider: Person
) -> None:
    race = declared(office, members[0], T0)
    assert "Who stands? Secretary of the Society for Elections" in At(members[1], T0).page("/")
    assert "Secretary of the" not in At(outsider, T0).page("/")
    mine = stands(outsider, office, T0)
    home = At(outsider, T0).page("/")
    assert f"/decisions/candidacies/{mine.pk}/" in home
    assert "You stand" in home
    sweep(END)
    assert "Who stands?" not in At(members[1], END).page("/")
    assert race.pk


# --- What nobody sends by a page ------------------------------------------------------------------------
@pytest.mark.parametrize("what", ["\0", "\U0001f600" * 6000, "9" * 5001, " \t\n"])
def test_hostile_answers_get_a_page_and_leave_nothing(
    office: Office, members: list[Person], what: str
) -> None:
    browser = At(members[0], T0)
    given = {"statement": what, "accepts_principles": what, "affirms": what, "send": what}
    for data in (given, {**given, "change": "1"}):
        assert browser.post("office_stand", *where(office), **data).status_code == 200
    assert not Candidacy.objects.exists()
    candidacy = stands(members[0], office, T0)
    assert browser.post("candidacy_change", candidacy.pk, statement=what).status_code in (200, 302)
    for name, status in (("candidacy_change", 404), ("candidacy_withdraw", 404), ("candidacy_detail", 404)):
        assert At(members[1], T0).get(name, candidacy.pk).status_code == status
    client = Client()
    client.force_login(members[0])
    for path in ("/decisions/offices/%00/secretary/stand/", f"/decisions/offices/{'a' * 3000}/x/declare/"):
        assert client.get(path).status_code == 404
    for path in ("/account/mails/stop/%00/", "/account/mails/stop/digest.nonsense:%F0%9F%98%80/"):
        for answer in (client.get(path), client.post(path, {"List-Unsubscribe": "One-Click"})):
            assert answer.status_code == 404
        assert client.put(path).status_code == 405


def test_an_address_that_stops_mails_stops_no_other_and_no_other_token_does(
    office: Office, members: list[Person]
) -> None:
    first, second = (mails.stopping_address(person, Stream.RACES) for person in members[:2])
    token = first.rstrip("/").rsplit("/", 1)[-1]
    other = signing.Signer(salt="ballots.link").sign(f"{Stream.RACES.value}.{members[1].pk.hex}")
    for forged in (
        token.replace(members[0].pk.hex, members[1].pk.hex),
        token.replace("races", "calls"),
        other,
    ):
        assert Client().post(f"/account/mails/stop/{forged}/").status_code == 404
    assert not MutedStream.objects.exists()
    assert Client().post(f"/account/mails/stop/{token}/").status_code == 200
    assert list(MutedStream.objects.values_list("person", "stream")) == [(members[0].pk, "races")]
    assert second != first
