"""A case from its opening with an assembly to what ends it (D17 to D23)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from assemblies.models import Assembly, Kind
from ballots.errors import TooLate
from ballots.models import RollEntry
from decisions import deliberation, gatherings, talk
from decisions.models import Decision, Gathering
from defections import cases
from defections.errors import WrongMoment
from defections.models import Application, HustingsInvitation, Routing, SanitisedCopy
from harmony.clock import sweep
from ledger.models import Event, Message
from members.models import Person
from tests.decisions.meetings import At
from tests.defections.applying import Applicant, mails_to
from tests.defections.cases import (
    HUSTINGS,
    SECRET_LINK,
    T0,
    call_hustings,
    call_on,
    decision_of,
    deliberate,
    hold_hustings,
    make_case,
    make_routed,
)
from tests.factories import (
    cast_vote,
    make_assembly,
    make_member,
    make_participation,
    make_person,
    make_term,
)

pytestmark = pytest.mark.django_db


# --- Opening ------------------------------------------------------------------------------------------------
@pytest.mark.policy("D17", "D19")
def test_a_routed_application_becomes_a_matter_of_its_assembly_that_names_nobody(
    assembly: Assembly, secretary: Person, member: Person, participant: Person
) -> None:
    application = make_routed(assembly)
    decision = cases.open_case(application, at=T0)
    application.refresh_from_db()
    assert application.decision == decision
    assert application.routings.get().decision == decision
    assert (decision.kind, decision.assembly) == ("defection", assembly)
    assert decision.title == f"Defection application {application.reference}"
    assert "Ash" not in decision.title + decision.text
    options = [(option.name, option.leaves_things) for option in decision.options.all()]
    assert options == [("Accept", False), ("Decline", True)]
    assert (decision.quorum, decision.voting_days) == (assembly.quorum, assembly.voting_days)
    assert Event.objects.filter(verb="application.case_opened").count() == 1
    told = Message.objects.filter(kind="defections/mail/case_opened")
    assert sorted(told.values_list("address", flat=True)) == ["mary@example.org", "sam@example.org"]
    assert not any("Ash" in mail.subject + mail.text for mail in Message.objects.all())


@pytest.mark.policy("D17")
def test_nothing_goes_to_an_assembly_before_its_sanitised_copy_is_released(assembly: Assembly) -> None:
    application = make_routed(assembly)
    SanitisedCopy.objects.update(released_at=None, released_by=None)
    application.refresh_from_db()
    with pytest.raises(WrongMoment, match="not been released"):
        cases.open_case(application, at=T0)
    Application.objects.update(verification="", verified_at=None)
    with pytest.raises(WrongMoment, match="research comes first"):
        cases.open_case(application, at=T0)
    assert not Decision.objects.exists()


def test_a_case_is_opened_once(assembly: Assembly) -> None:
    application = make_case(assembly)
    with pytest.raises(WrongMoment, match="has the matter already"):
        cases.open_case(application, at=T0)


def test_a_case_that_moves_leaves_its_talk_with_those_who_had_it(
    assembly: Assembly, secretary: Person, member: Person
) -> None:
    application = make_case(assembly)
    first = decision_of(application)
    talk.say(first, by=member, at=T0, text="What was said here")
    hustings = call_hustings(application, secretary)
    cases.leave(application, reason="Too few of us", at=T0, by=secretary)
    application.refresh_from_db()
    first.refresh_from_db()
    hustings.refresh_from_db()
    assert (application.decision, first.withdrawn_because) == (None, "Too few of us")
    assert hustings.cancelled_at == T0
    routing = application.routings.get()
    routing.ended_at, routing.ended_because = T0, "Too few of us"
    routing.save()
    city = make_assembly("City")
    new_member = make_member()
    make_participation(new_member, city)
    Routing.objects.create(application=application, assembly=city, reason="city", routed_at=T0)
    second = cases.open_case(application, at=T0)
    page = At(member).text("decision_detail", first.pk)
    assert "What was said here" in page
    assert "Too few of us" in page
    assert "Parish" not in page  # the copy goes with the case
    assert "What was said here" not in At(new_member).text("decision_detail", first.pk)
    assert "Parish" in At(new_member).text("decision_detail", second.pk)
    assert "Parish" not in At(member).text("decision_detail", second.pk)
    assert set(application.routings.values_list("decision", flat=True)) == {first.pk, second.pk}


# --- The hustings (D20) -------------------------------------------------------------------------------------
def form_of(day: date, **changes: Any) -> dict[str, Any]:
    return {
        "kind": "hustings",
        "title": "Hustings",
        "day_day": day.day,
        "day_month": day.month,
        "day_year": day.year,
        "starts": "19:00",
        "ends": "21:00",
        "address": "Town Hall",
        "link": SECRET_LINK,
        **changes,
    }


@pytest.mark.policy("D20", "D27")
def test_calling_the_hustings_invites_the_applicant_by_itself_and_in_confidence(
    assembly: Assembly, secretary: Person, member: Person
) -> None:
    application = make_case(assembly)
    query = f"?matter={decision_of(application).pk}"
    sent = At(secretary).post("gathering_call", assembly.slug, query=query, **form_of(HUSTINGS.date()))
    assert sent.status_code == 302
    invitation = HustingsInvitation.objects.get()
    assert (invitation.application, invitation.sent_at, invitation.starts_at) == (application, T0, HUSTINGS)
    mail = mails_to(application)[-1]
    assert mail.subject == "An invitation waits for your answer"
    assert "Monday 15 June 2026, 19:00" in mail.text
    for secret in ("Town Hall", SECRET_LINK, "efect", application.reference, "Harmony Party"):
        assert secret not in mail.subject + mail.text
    to_members = Message.objects.filter(kind="decisions/mail/gathering_invited")
    assert {one.address for one in to_members} == {"mary@example.org", "sam@example.org"}
    assert all("Conduct matters" in one.text for one in to_members)
    assert not any(application.email in one.address + one.text for one in Message.objects.all())


@pytest.mark.policy("D20")
@pytest.mark.parametrize(("days", "status"), [(6, 200), (7, 302)])
def test_the_applicant_is_invited_a_week_ahead(
    assembly: Assembly, secretary: Person, days: int, status: int
) -> None:
    application = make_case(assembly)
    at = datetime(2026, 6, 1, 18, 0, tzinfo=UTC)
    query = f"?matter={decision_of(application).pk}"
    form = form_of((at + timedelta(days=days)).date())
    answer = At(secretary, at).post("gathering_call", assembly.slug, query=query, **form)
    assert answer.status_code == status
    if status == 200:
        assert "The applicant is invited at least 7 days ahead" in answer.content.decode()
        assert "Town Hall" in answer.content.decode()
        assert not Gathering.objects.exists()


@pytest.mark.policy("D20")
def test_a_hustings_to_which_the_applicant_was_not_invited_does_not_count(
    assembly: Assembly, secretary: Person
) -> None:
    application = make_case(assembly)
    gathering = call_hustings(application, secretary)
    HustingsInvitation.objects.all().delete()
    answer = At(secretary, gathering.ends_at).post("gathering_hold", gathering.pk)
    assert answer.status_code == 409
    assert "has not been invited" in answer.content.decode()
    gathering.refresh_from_db()
    assert gathering.held_at is None


@pytest.mark.policy("D20")
def test_one_invited_too_late_does_not_count_unless_the_applicant_agreed_to_come(
    assembly: Assembly, secretary: Person
) -> None:
    application = make_case(assembly)
    gathering = call_hustings(application, secretary)
    HustingsInvitation.objects.update(sent_at=HUSTINGS - timedelta(days=6))
    answer = At(secretary, gathering.ends_at).post("gathering_hold", gathering.pk)
    assert "was invited too late" in answer.content.decode()
    HustingsInvitation.objects.update(reply="accepted", replied_at=T0, accepted_code_at=T0)
    assert At(secretary, gathering.ends_at).post("gathering_hold", gathering.pk).status_code == 302


@pytest.mark.policy("D20", "D28")
def test_the_applicant_accepts_with_the_code_of_conduct_and_then_sees_where(
    assembly: Assembly, secretary: Person
) -> None:
    application = make_case(assembly)
    call_hustings(application, secretary)
    robin = Applicant(application, T0 + timedelta(days=1))
    assert "You are invited to a meeting" in robin.text("applicant_detail")
    page = robin.text("hustings_detail")
    assert "Town Hall" not in page
    assert robin.get("hustings_join").status_code == 409
    code = robin.text("hustings_answer", "accepted")
    for words in ("hate speech", "inciteful or aggressive", "undue negative discrimination", "stereotypes"):
        assert words in code
    refused = robin.post("hustings_answer", "accepted")
    assert "Accept the code of conduct to come" in refused.content.decode()
    assert robin.post("hustings_answer", "accepted", accepts_code="on").status_code == 302
    page = robin.text("hustings_detail")
    assert "Town Hall" in page
    assert SECRET_LINK not in page
    assert robin.get("hustings_join")["Location"] == SECRET_LINK
    calendar = robin.get("hustings_calendar_file").content.decode()
    assert "SUMMARY:Meeting" in calendar
    assert "efection" not in calendar
    invitation = HustingsInvitation.objects.get()
    assert (invitation.reply, invitation.accepted_code_at) == ("accepted", T0 + timedelta(days=1))
    told = Message.objects.get(kind="defections/mail/invitation_answered")
    assert told.address == "sam@example.org"


@pytest.mark.policy("D20")
def test_the_applicant_asks_for_another_time_and_is_asked_anew_when_it_is_moved(
    assembly: Assembly, secretary: Person, member: Person
) -> None:
    application = make_case(assembly)
    gathering = call_hustings(application, secretary)
    robin = Applicant(application, T0 + timedelta(days=1))
    assert "Say which times" in robin.post("hustings_answer", "another_time").content.decode()
    robin.post("hustings_answer", "another_time", message="Any Thursday evening")
    page = At(secretary, T0 + timedelta(days=1)).text("decision_detail", decision_of(application).pk)
    assert "asked for another time" in page
    assert "Any Thursday evening" in page
    assert "Any Thursday" not in At(member).text("decision_detail", decision_of(application).pk)
    assert b"Thursday" not in bytes(HustingsInvitation.objects.get().message_sealed)
    later = HUSTINGS + timedelta(days=3)
    gatherings.reschedule(
        gathering,
        by=secretary,
        at=T0 + timedelta(days=2),
        starts_at=later,
        ends_at=later + timedelta(hours=2),
    )
    invitation = HustingsInvitation.objects.get()
    assert (invitation.starts_at, invitation.reply, invitation.message) == (later, "", "")
    assert mails_to(application)[-1].subject == "Another time is proposed to you"
    assert "18 June 2026" in robin.text("hustings_detail")


def test_the_applicant_declines_to_attend_and_the_hustings_can_be_held_without_them(
    assembly: Assembly, secretary: Person
) -> None:
    application = make_case(assembly)
    gathering = call_hustings(application, secretary)
    robin = Applicant(application, T0 + timedelta(days=1))
    assert robin.post("hustings_answer", "declined", message="").status_code == 302
    assert robin.get("hustings_answer", "nonsense").status_code == 404
    assert At(secretary, gathering.ends_at).post("gathering_hold", gathering.pk).status_code == 302
    robin.at = gathering.ends_at
    assert robin.post("hustings_answer", "accepted", accepts_code="on").status_code in (403, 409)


def test_calling_it_off_reaches_the_applicant(assembly: Assembly, secretary: Person) -> None:
    application = make_case(assembly)
    gathering = call_hustings(application, secretary)
    At(secretary, T0 + timedelta(days=1)).post(
        "gathering_call_off", gathering.pk, reason="The hall is flooded"
    )
    mail = mails_to(application)[-1]
    assert mail.subject == "Your appointment does not take place"
    assert "flooded" not in mail.text
    assert Applicant(application, T0).get("hustings_detail").status_code == 404


# --- Deliberation and ballot (D21 to D23) -------------------------------------------------------------------
@pytest.mark.policy("D20", "D21")
def test_nothing_is_decided_before_the_hustings(assembly: Assembly, secretary: Person) -> None:
    application = make_case(assembly)
    decision = decision_of(application)
    for name, args in (("call_choose", ()), ("call_confirm", (1,)), ("deliberation_begin", ())):
        answer = At(secretary).get(name, decision.pk, *args)
        assert answer.status_code == 409, name
    answer = At(secretary).post("deliberation_begin", decision.pk, days="7")
    assert "A hustings comes first" in answer.content.decode()
    assert At(secretary).post("call_confirm", decision.pk, 1).status_code == 409
    gatherings.call_gathering(
        assembly,
        by=secretary,
        at=T0,
        decision=decision,
        kind="moot",
        title="Among ourselves",
        starts_at=T0 + timedelta(hours=1),
        ends_at=T0 + timedelta(hours=2),
        address="Here",
    )
    moot = Gathering.objects.get()
    gatherings.mark_held(moot, by=secretary, at=T0 + timedelta(hours=2))
    answer = At(secretary, T0 + timedelta(hours=3)).post("deliberation_begin", decision.pk, days="7")
    assert "A hustings comes first" in answer.content.decode()  # a moot without the applicant is none


@pytest.mark.policy("D20", "D21")
def test_the_database_too_refuses_to_deliberate_and_to_settle_before_the_hustings(
    assembly: Assembly, secretary: Person
) -> None:
    application = make_case(assembly)
    rows = Decision.objects.filter(pk=decision_of(application).pk)
    week = {"deliberation_began_at": HUSTINGS, "deliberation_ends_at": HUSTINGS + timedelta(days=7)}
    for change in (week, {"settled_at": T0, "settled_by": "consensus"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**change)
    gathering = hold_hustings(application, secretary)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(**week)  # it would have begun before the hustings was held
    held = gathering.ends_at
    rows.update(deliberation_began_at=held, deliberation_ends_at=held + timedelta(days=7))
    early = {"settled_at": held + timedelta(days=6), "settled_by": "consensus"}
    for change in (early, {**early, "deliberation_ended_at": held + timedelta(days=6)}):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**change)


@pytest.mark.policy("D21")
@pytest.mark.parametrize(
    ("began", "ends"),
    [
        # In summer, across the end of summer time, and across its beginning: seven days by London's clocks.
        (datetime(2026, 6, 15, 18, tzinfo=UTC), datetime(2026, 6, 22, 18, tzinfo=UTC)),
        (datetime(2026, 10, 22, 18, tzinfo=UTC), datetime(2026, 10, 29, 19, tzinfo=UTC)),
        (datetime(2027, 3, 25, 19, tzinfo=UTC), datetime(2027, 4, 1, 18, tzinfo=UTC)),
    ],
)
def test_a_deliberation_lasts_seven_days_by_the_clocks_in_london_by_the_page_and_in_the_database(
    assembly: Assembly, secretary: Person, began: datetime, ends: datetime
) -> None:
    application = make_case(assembly, at=began - timedelta(days=30))
    start = began - timedelta(hours=2)
    hold_hustings(application, secretary, at=began - timedelta(days=29), starts_at=start)
    rows = Decision.objects.filter(pk=decision_of(application).pk)
    for short in (ends - timedelta(hours=1), ends - timedelta(microseconds=1)):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(deliberation_began_at=began, deliberation_ends_at=short)
    at = At(secretary, began)
    assert "at least 7" in at.post("deliberation_begin", rows.get().pk, days="6").content.decode()
    assert rows.get().deliberation_began_at is None
    assert at.post("deliberation_begin", rows.get().pk, days="7").status_code == 302
    assert rows.get().deliberation_ends_at == ends
    sweep(ends - timedelta(microseconds=1))
    assert rows.get().deliberation_ended_at is None
    sweep(ends)
    assert rows.get().deliberation_ended_at == ends


@pytest.mark.policy("D21")
def test_a_demonstration_with_short_days_deliberates_on_a_defection_for_whole_days(
    assembly: Assembly, secretary: Person, settings: Settings
) -> None:
    application = make_case(assembly)
    gathering = hold_hustings(application, secretary)
    settings.DAY_SECONDS = 5
    at = At(secretary, gathering.ends_at)
    assert at.post("deliberation_begin", decision_of(application).pk, days="7").status_code == 302
    assert decision_of(application).deliberation_ends_at == gathering.ends_at + timedelta(days=7)


@pytest.mark.policy("D19", "D21", "D22")
def test_consensus_in_the_deliberation_decides_at_its_end_and_not_before(
    assembly: Assembly, secretary: Person, member: Person
) -> None:
    application = make_case(assembly)
    deliberate(application, secretary)
    decision = call_on(application, "Accept", secretary, secretary, member)
    ends_at = decision.deliberation_ends_at
    later = At(member, ends_at - timedelta(hours=1))
    assert later.post("comment_add", decision.pk, text="One thing more").status_code == 302
    assert "One thing more" in later.text("decision_detail", decision.pk)
    sweep(ends_at - timedelta(seconds=1))
    assert decision_of(application).settled_at is None
    sweep(ends_at)
    assert (decision_of(application).settled_by, decision_of(application).ballot) == ("consensus", None)


@pytest.mark.policy("D22", "D23")
def test_without_consensus_a_ballot_opens_for_the_members_and_nobody_else_sees_it(
    assembly: Assembly, secretary: Person, member: Person, participant: Person, outsider: Person
) -> None:
    staff = make_person(is_staff=True, is_superuser=True)
    application = make_case(assembly)
    decision = deliberate(application, secretary)
    lapsed = make_member()
    make_participation(lapsed, assembly)
    lapsed.memberships.update(lapses_at=decision.deliberation_ends_at)
    sweep(decision.deliberation_ends_at)
    ballot = decision_of(application).ballot
    assert (ballot.terms["method"], ballot.terms["standing"]) == ("star", "binding")
    assert {option.name for option in ballot.options.all()} == {"Accept", "Decline"}
    assert set(RollEntry.objects.values_list("person", flat=True)) == {secretary.pk, member.pk}
    at = decision.deliberation_ends_at + timedelta(hours=1)
    for person in (participant, outsider, None, staff):
        for name in ("ballot_detail", "ballot_result", "ballot_bundle", "ballot_votes_csv"):
            client = At(person, at)
            response = client.client.get(reverse(f"ballots:{name}", args=[ballot.pk]))
            assert response.status_code == 404, (person, name)
        assert application.reference not in At(person, at).page(reverse("ballots:ballot_list"))
        assert str(ballot.pk) not in At(person, at).page(reverse("home"))
    assert "Accept" in At(member, at).page(ballot.get_absolute_url())
    assert "nobody else sees this ballot" in At(member, at).page(ballot.get_absolute_url())


def test_nobody_reads_or_decides_what_is_said_on_themselves(
    assembly: Assembly, secretary: Person, member: Person
) -> None:
    application = make_case(assembly, email="mary@example.org")
    decision = decision_of(application)
    assert decision.concerns == member
    talk.say(decision, by=secretary, at=T0, text="I have my doubts")
    gathering = call_hustings(application, secretary)
    page = At(member).text("decision_detail", decision.pk)
    assert "I have my doubts" not in page
    assert At(member).get("gathering_detail", gathering.pk).status_code == 404
    assert At(member).post("comment_add", decision.pk, text="x").status_code == 403
    held = gathering.ends_at
    gatherings.mark_held(gathering, by=secretary, at=held)
    deliberation.begin(decision, by=secretary, at=held)
    sweep(decision_of(application).deliberation_ends_at)
    assert set(RollEntry.objects.values_list("person", flat=True)) == {secretary.pk}


# --- Withdrawing --------------------------------------------------------------------------------------------
def test_the_applicant_withdraws_during_the_ballot_and_every_vote_is_erased(
    assembly: Assembly, secretary: Person, member: Person
) -> None:
    now = timezone.now()
    application = make_case(assembly, at=now - timedelta(days=40))
    decision = deliberate(
        application, secretary, at=now - timedelta(days=39), starts_at=now - timedelta(days=8, hours=2)
    )
    sweep(decision.deliberation_ends_at)
    decision = decision_of(application)
    ballot = decision.ballot
    cast_vote(ballot, member, 5, 0)
    robin = Applicant(application, now)
    assert "votes are erased" in robin.text("application_withdraw")
    assert decision_of(application).withdrawn_at is None  # a GET changes nothing
    assert robin.post("application_withdraw").status_code == 302
    decision.refresh_from_db()
    ballot.refresh_from_db()
    application.refresh_from_db()
    assert (application.withdrawn_at, decision.withdrawn_at, ballot.withdrawn_at) == (now, now, now)
    assert ballot.private_key_wrapped is None
    assert not RollEntry.objects.exclude(envelope=None).exists()
    with pytest.raises(TooLate):
        cast_vote(ballot, member, 5, 0)
    for days in (1, 30):
        assert sweep(now + timedelta(days=days)) == []
    ballot.refresh_from_db()
    assert (ballot.closed_at, ballot.counted_at) == (None, None)
    assert Message.objects.filter(kind="defections/mail/case_ended").count() == 2
    assert Message.objects.get(kind="defections/mail/withdrawn").sealed is None  # sent, and erased with it
    assert robin.post("application_withdraw").status_code == 409
    page = At(member, now).page(ballot.get_absolute_url())
    assert "withdrawn" in page


@pytest.mark.parametrize("stage", ["opened", "called", "deliberation"])
def test_the_applicant_can_withdraw_at_every_stage(
    assembly: Assembly, secretary: Person, member: Person, stage: str
) -> None:
    application = make_case(assembly)
    at = T0 + timedelta(days=1)
    if stage == "called":
        call_hustings(application, secretary)
    if stage == "deliberation":
        decision = deliberate(application, secretary)
        assert decision.deliberation_began_at is not None
        at = decision.deliberation_began_at + timedelta(hours=2)
        call_on(application, "Accept", secretary, secretary, member)
    robin = Applicant(application, at)
    assert robin.post("application_withdraw").status_code == 302
    assert [mail.subject for mail in mails_to(application)][-1] == "We have stopped, as you asked"
    assert sum("does not take place" in mail.subject for mail in mails_to(application)) == 0
    decision = decision_of(application)
    assert (decision.withdrawn_at, decision.withdrawn_because) == (at, "The applicant withdrew.")
    assert not decision.calls.standing().exists()
    assert not Gathering.objects.coming_at(at).exists()
    assert "Withdrawn" in robin.text("applicant_detail")
    sweep(at + timedelta(days=60))
    assert decision_of(application).settled_at is None


def test_the_general_secretary_withdraws_for_an_applicant_and_nobody_else_does(
    assembly: Assembly, secretary: Person, member: Person
) -> None:
    party = make_assembly("The Party", kind=Kind.PARTY)
    general = make_member()
    make_term(general, party)
    application = make_case(assembly)
    url = reverse("defections:withdraw_for", args=[application.pk])
    for person in (secretary, member):
        client = Client()
        client.force_login(person)
        assert client.post(url, {"reference": application.reference}).status_code == 403
    client = Client()
    client.force_login(general)
    assert client.post(url, {"reference": "HD-0"}).status_code == 200
    application.refresh_from_db()
    assert application.withdrawn_at is None
    assert client.post(url, {"reference": application.reference.lower()}).status_code == 302
    application.refresh_from_db()
    assert application.withdrawn_at is not None
    assert Event.objects.get(verb="application.withdrawn").by == general.pk
