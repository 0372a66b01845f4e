"""Conduct at a gathering: a bar works on every path, takes nothing else away, and is reviewed."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction

from assemblies.models import Assembly, Duty
from ballots.models import RollEntry
from decisions import conduct, gatherings, registration
from decisions.errors import BadProposal, Barred, DecisionError, NotEntitled, ReasonMissing, WrongMoment
from decisions.models import Bar, Gathering, Question, Referral, Registration
from ledger.models import Event, Message
from members.models import Person
from tests.at_once import at_once
from tests.decisions.meetings import (
    STARTS,
    T0,
    TICK,
    At,
    ask,
    join,
    make_gathering,
    make_resolutions,
)
from tests.factories import cast_vote, make_member, make_open_ballot, make_term

pytestmark = pytest.mark.django_db
WHY = {"ground": "hate", "reason": "Shouted at the applicant."}


@pytest.fixture
def reviewer() -> Person:
    return make_resolutions()[1]


@pytest.fixture
def gathering(assembly: Assembly, secretary: Person) -> Gathering:
    return make_gathering(assembly, secretary, kind="hustings")


def barred(gathering: Gathering, person: Person, by: Person) -> Referral:
    return conduct.bar(gathering, person=person, by=by, at=STARTS, **WHY)


# --- The bar ------------------------------------------------------------------------------------------------
@pytest.mark.policy("D28", "D30")
@pytest.mark.parametrize("who", ["member", "participant"])
def test_a_bar_works_at_once_on_every_digital_path_and_on_the_door_list(
    gathering: Gathering, secretary: Person, reviewer: Person, who: str, request: pytest.FixtureRequest
) -> None:
    person = request.getfixturevalue(who)
    join(gathering, person)
    shown, waiting = ask(gathering, person, "Shown question?"), ask(gathering, person, "Waiting question?")
    chair = At(secretary, STARTS)
    chair.post("question_let_through", gathering.pk, shown.pk)
    them = At(person, STARTS)
    assert them.get("gathering_join", gathering.pk).status_code == 302

    answer = chair.post("gathering_bar", gathering.pk, query=f"?person={person.pk}", **WHY)
    assert answer.status_code == 302

    for name in ("gathering_join", "gathering_register", "question_list"):
        refused = them.get(name, gathering.pk)
        assert refused.status_code == 403
        assert "You have been barred from this gathering" in refused.content.decode()
    assert them.post("gathering_register", gathering.pk, way="room", accepts_code="on").status_code == 403
    assert them.post("question_list", gathering.pk, text="Again?").status_code == 403
    assert them.post("gathering_leave", gathering.pk).status_code == 403
    page = them.text("gathering_detail", gathering.pk)
    assert "You are barred from this gathering" in page
    assert "Join online" not in page
    for reader in (None, secretary):
        questions = At(reader, STARTS).text("question_list", gathering.pk)
        assert "Shown question?" not in questions
        assert "Waiting question?" not in questions
    _above, below = chair.text("gathering_door", gathering.pk).split("Not to be let in")
    assert below.index(person.name) < below.index("0 registered")
    assert chair.post("question_let_through", gathering.pk, waiting.pk).status_code == 400
    assert not Registration.objects.in_force().exists()
    with pytest.raises(Barred):
        registration.way_in(gathering, person, at=STARTS)


@pytest.mark.policy("D30")
def test_a_barred_person_is_told_of_no_change_and_finds_it_in_no_feed(
    gathering: Gathering, secretary: Person, member: Person, reviewer: Person
) -> None:
    join(gathering, member)
    assert Gathering.objects.concerning(member, T0).exists()
    conduct.bar(gathering, person=member, by=secretary, at=T0, **WHY)
    assert not Gathering.objects.concerning(member, T0).exists()
    gatherings.call_off(gathering, by=secretary, at=T0, reason="No.")
    told = Message.objects.filter(kind="decisions/mail/gathering_off").values_list("address", flat=True)
    assert "mary@example.org" not in told
    assert "sam@example.org" in told


@pytest.mark.policy("D30", "A3")
def test_a_bar_is_from_that_gathering_alone_and_takes_no_vote_away(
    gathering: Gathering, assembly: Assembly, secretary: Person, member: Person, reviewer: Person
) -> None:
    other = make_gathering(assembly, secretary, title="Another evening")
    join(gathering, member)
    barred(gathering, member, secretary)
    assert At(member).post("gathering_register", other.pk, way="room", accepts_code="on").status_code == 302
    assert At(member).post("question_list", other.pk, text="Here I may?").status_code == 302
    assert assembly.has_participant_at(member, STARTS)
    assert member.is_member_at(STARTS)
    ballot = make_open_ballot(assembly)
    assert RollEntry.objects.filter(ballot=ballot, person=member).exists()
    assert cast_vote(ballot, member, 5, 0, 0).tracker


def test_the_chair_or_the_secretary_bars_and_nobody_else(
    gathering: Gathering, secretary: Person, member: Person, participant: Person, reviewer: Person
) -> None:
    join(gathering, member, participant)
    for person in (participant, reviewer):
        answer = At(person, STARTS).post("gathering_bar", gathering.pk, query=f"?person={member.pk}", **WHY)
        assert answer.status_code == 403
    gatherings.name_chair(gathering, by=secretary, at=T0, chair=participant)
    gathering.refresh_from_db()
    answer = At(participant, STARTS).post("gathering_bar", gathering.pk, query=f"?person={member.pk}", **WHY)
    assert answer.status_code == 302
    assert Bar.objects.get().barred_by == participant


@pytest.mark.parametrize(
    "sent", [{"ground": "hate"}, {"reason": "Because."}, {"ground": "other", "reason": "x"}]
)
def test_a_bar_names_its_ground_and_says_what_happened(
    gathering: Gathering, secretary: Person, member: Person, sent: dict[str, str]
) -> None:
    join(gathering, member)
    page = At(secretary, STARTS).post("gathering_bar", gathering.pk, query=f"?person={member.pk}", **sent)
    assert page.status_code == 200
    assert not Bar.objects.exists()
    with pytest.raises(ReasonMissing):
        conduct.bar(gathering, person=member, by=secretary, at=STARTS, **{"ground": "", "reason": "", **sent})


def test_nobody_bars_themselves_or_twice_or_somebody_unknown_to_the_gathering_by_id(
    gathering: Gathering, secretary: Person, member: Person, outsider: Person
) -> None:
    join(gathering, member, secretary)
    barred(gathering, member, secretary)
    chair = At(secretary, STARTS)
    again = chair.post("gathering_bar", gathering.pk, query=f"?person={member.pk}", **WHY)
    assert "barred from this gathering already" in again.content.decode()
    own = chair.post("gathering_bar", gathering.pk, query=f"?person={secretary.pk}", **WHY)
    assert "You cannot bar yourself" in own.content.decode()
    for unknown in (outsider.pk, "junk"):
        assert chair.get("gathering_bar", gathering.pk, query=f"?person={unknown}").status_code == 404
    assert Bar.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Bar.objects.create(gathering=gathering, person=member, barred_by=secretary, barred_at=STARTS, **WHY)


@pytest.mark.policy("D30")
def test_somebody_in_the_room_who_never_registered_is_barred_by_their_address(
    gathering: Gathering, secretary: Person, outsider: Person
) -> None:
    chair = At(secretary, STARTS)
    assert chair.post("gathering_bar", gathering.pk, email="nobody@example.org", **WHY).status_code == 200
    assert chair.post("gathering_bar", gathering.pk, email="olive@example.org", **WHY).status_code == 302
    assert At(outsider, STARTS).get("gathering_register", gathering.pk).status_code == 403


def test_a_barred_secretary_no_longer_runs_the_gathering_but_their_assembly_still(
    gathering: Gathering, assembly: Assembly, secretary: Person, member: Person
) -> None:
    gatherings.name_chair(gathering, by=secretary, at=T0, chair=member)
    barred(gathering, secretary, member)
    them = At(secretary, STARTS)
    for name in (
        "gathering_door",
        "gathering_change",
        "gathering_move",
        "gathering_bar",
        "gathering_call_off",
    ):
        assert them.get(name, gathering.pk).status_code == 403
    assert them.post("gathering_hold", gathering.pk).status_code == 403
    with pytest.raises(NotEntitled):
        conduct.bar(gathering, person=member, by=secretary, at=STARTS, **WHY)
    assert make_gathering(assembly, secretary, title="Another").pk


def test_a_called_off_gathering_bars_nobody(gathering: Gathering, secretary: Person, member: Person) -> None:
    gatherings.call_off(gathering, by=secretary, at=T0, reason="No.")
    with pytest.raises(WrongMoment):
        barred(gathering, member, secretary)


# --- The referral -------------------------------------------------------------------------------------------
@pytest.mark.policy("D29")
def test_every_bar_is_referred_told_answered_reviewed_and_decided(
    gathering: Gathering, secretary: Person, member: Person, participant: Person, reviewer: Person
) -> None:
    join(gathering, member)
    ask(gathering, member, "The question in question?")
    At(secretary, STARTS).post("gathering_bar", gathering.pk, query=f"?person={member.pk}", **WHY)
    referral = Referral.objects.get()
    assert referral.assembly is not None
    assert referral.assembly.name == "Committee for Resolutions"
    mail = Message.objects.get(kind="decisions/mail/gathering_barred")
    assert mail.address == "mary@example.org"
    for words in ("Shouted at the applicant.", "hate speech", referral.get_absolute_url(), "Your vote"):
        assert words in mail.text
    assert Message.objects.get(kind="decisions/mail/gathering_referred").address == "rita@example.org"

    them, review = At(member, STARTS), At(reviewer, STARTS)
    assert "Shouted at the applicant." in them.text("referral_detail", referral.pk)
    assert them.post("referral_answer", referral.pk, text="").status_code == 200
    assert them.post("referral_answer", referral.pk, text="It was not me.").status_code == 302
    assert "Mary Member" in review.text("referral_list")
    page = review.text("referral_detail", referral.pk)
    assert "It was not me." in page
    assert "The question in question?" in page
    assert review.post("referral_review", referral.pk, text="Heard two witnesses.").status_code == 302
    assert "Heard two witnesses." in review.text("referral_detail", referral.pk)
    assert "Heard two witnesses." not in them.text("referral_detail", referral.pk)
    assert review.post("referral_decide", referral.pk, outcome="noted").status_code == 200
    decided = {"outcome": "noted", "statement": "It happened, once."}
    assert review.post("referral_decide", referral.pk, **decided).status_code == 302
    assert "It happened, once." in them.text("referral_detail", referral.pk)
    outcome = Message.objects.get(kind="decisions/mail/gathering_outcome")
    assert outcome.address == "mary@example.org"
    assert "It happened, once." in outcome.text
    for late in (
        them.post("referral_answer", referral.pk, text="More."),
        review.post("referral_review", referral.pk, text="More."),
        review.post("referral_decide", referral.pk, **decided),
    ):
        assert late.status_code == 409
    verbs = ["referral.opened", "referral.answered", "referral.reviewed", "referral.decided"]
    assert [event.verb for event in Event.objects.about(referral)] == verbs
    assert [event.verb for event in Event.objects.about(referral.bar)] == ["gathering.person_barred"]
    assert not any("Shouted" in str(event.data) for event in Event.objects.all())


@pytest.mark.policy("D29")
def test_a_referral_is_seen_by_its_reviewers_and_the_person_and_nobody_else(
    gathering: Gathering, secretary: Person, member: Person, participant: Person, reviewer: Person
) -> None:
    referral = barred(gathering, member, secretary)
    for person in (secretary, participant, make_member()):
        assert At(person).get("referral_detail", referral.pk).status_code == 404
        assert At(person).get("referral_decide", referral.pk).status_code == 404
        assert "Mary Member" not in At(person).text("referral_list")
    assert At(None).get("referral_detail", referral.pk)["Location"].startswith("/account/login/")
    assert At(member).post("referral_review", referral.pk, text="I am right.").status_code == 403
    decided = {"outcome": "no_breach", "statement": "I am right."}
    assert At(member).post("referral_decide", referral.pk, **decided).status_code == 403
    assert At(reviewer).post("referral_answer", referral.pk, text="For them.").status_code == 403
    referral.refresh_from_db()
    assert referral.is_waiting
    assert not referral.entries.exists()


@pytest.mark.policy("D29")
def test_nobody_reviews_a_bar_of_their_own(
    gathering: Gathering, secretary: Person, reviewer: Person, member: Person
) -> None:
    committee = Duty.objects.get().assembly
    make_term(secretary, committee, role="deputy")
    referral = barred(gathering, member, secretary)
    assert At(secretary).get("referral_detail", referral.pk).status_code == 404
    own = barred(gathering, reviewer, secretary)
    assert At(reviewer).post("referral_decide", own.pk, outcome="no_breach", statement="x").status_code == 403
    told = Message.objects.filter(kind="decisions/mail/gathering_referred")
    assert [message.address for message in told] == ["rita@example.org"]


@pytest.mark.policy("D29")
def test_without_an_assembly_with_the_duty_the_referral_waits_for_one(
    gathering: Gathering, secretary: Person, member: Person
) -> None:
    referral = barred(gathering, member, secretary)
    assert referral.assembly is None
    assert At(member).get("referral_detail", referral.pk).status_code == 200
    committee, reviewer = make_resolutions()
    assert "Mary Member" in At(reviewer).text("referral_list")
    for person, told in ((reviewer, True), (member, False), (secretary, False)):
        page = At(person).page(committee.get_absolute_url())
        assert ("1 bar waits for your review" in page) is told
    assert At(reviewer).get("referral_decide", referral.pk).status_code == 200


@pytest.mark.policy("D29")
def test_the_review_moves_with_the_duty(
    gathering: Gathering, secretary: Person, member: Person, reviewer: Person, assembly: Assembly
) -> None:
    referral = barred(gathering, member, secretary)
    Duty.objects.get().end(at=STARTS)
    assert At(reviewer, STARTS - TICK).get("referral_detail", referral.pk).status_code == 200
    assert At(reviewer, STARTS).get("referral_detail", referral.pk).status_code == 404


# --- At the same moment -------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
@pytest.mark.policy("D30")
def test_a_bar_and_what_its_person_does_at_that_moment_come_one_after_the_other(
    assembly: Assembly, secretary: Person, member: Person
) -> None:
    gathering = make_gathering(assembly, secretary)
    join(gathering, member)
    jobs: list[Callable[[], object]] = [lambda: ask(gathering, member) for _ in range(4)]
    jobs += [lambda: registration.cancel(gathering, member, at=T0), lambda: join(gathering, member)]
    jobs += [lambda: barred(gathering, member, secretary)] * 2
    answers = at_once(jobs, DecisionError)
    assert sum(isinstance(answer, Referral) for answer in answers) == 1
    assert sum(isinstance(answer, BadProposal) for answer in answers) == 1
    assert Bar.objects.count() == Referral.objects.count() == 1
    assert not Question.objects.standing().exists()
    assert not Registration.objects.in_force().exists()
