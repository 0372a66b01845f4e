"""Who sees what of a case: the public, participants, staff, the research, the applicant, members, who runs it."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assemblies.models import Assembly, Duty
from decisions import calls, conduct, talk
from decisions.models import Call, Decision, Referral
from defections import bars, letters, routing, timelines
from defections.models import Application
from defections.timelines import Audience
from harmony.clock import sweep
from ledger.models import Event, Message
from members.models import Person
from tests.decisions.meetings import At, make_resolutions
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
)
from tests.defections.making import make_volunteer
from tests.factories import (
    make_assembly,
    make_duty,
    make_member,
    make_participation,
    make_person,
    make_term,
)
from tests.login import make_app

pytestmark = pytest.mark.django_db

# What only the members of the deciding assembly see: the copy, the talk, who said it, the result.
SAID = "I have my doubts about this"


@pytest.fixture
def application(assembly: Assembly, secretary: Person, member: Person) -> Application:
    """A case that the assembly has accepted by consensus, after some talk."""
    application = make_case(assembly)
    talk.say(decision_of(application), by=member, at=T0, text=SAID)
    deliberate(application, secretary)
    decision = call_on(application, "Accept", secretary, secretary, member)
    sweep(decision.deliberation_ends_at)
    application.refresh_from_db()
    return application


def strangers(participant: Person) -> list[Person | None]:
    """Everybody who is no member of the deciding assembly."""
    elsewhere, led = make_member(), make_assembly("Elsewhere")
    make_participation(elsewhere, led)
    make_term(elsewhere, led)
    staff = make_person(is_staff=True, is_superuser=True)
    return [None, participant, elsewhere, staff, make_volunteer()]


def page(person: Person | None, url: str, at: Any) -> str:
    client = Client()
    with time_machine.travel(at, tick=False):
        if person is not None:
            client.force_login(person)
        response = client.get(url)
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return body.decode()


@pytest.mark.policy("D17", "D26")
def test_strangers_see_reference_stage_and_next_date_and_nothing_else(
    application: Application, participant: Person, member: Person
) -> None:
    decision = decision_of(application)
    at = decision.settled_at
    urls = [
        decision.get_absolute_url(),
        reverse("decisions:decision_list"),
        reverse("decisions:decision_feed"),
        reverse("decisions:decision_export"),
        decision.assembly.get_absolute_url(),
        reverse("decisions:gathering_list"),
        reverse("home"),
    ]
    for person in strangers(participant):
        shown = page(person, urls[0], at)
        assert application.reference in shown
        assert "The assembly has decided." in shown
        assert "The person concerned is told by letter." in shown
        for url in urls:
            shown = page(person, url, at)
            for secret in (
                SAID,
                "Robin",
                "Parish",
                "Mary Member",
                "Town Hall",
                SECRET_LINK,
                application.email,
            ):
                assert secret not in shown, (person, url, secret)
        for telling in ("Decided: Accept", "by consensus: Accept", 'tag--success">decided'):
            assert all(telling not in page(person, url, at) for url in urls), telling
    shown = page(member, urls[0], at)
    assert SAID in shown
    assert "Parish" in shown
    assert "Decided: Accept" in shown


def test_the_next_date_is_public(assembly: Assembly, secretary: Person, outsider: Person) -> None:
    application = make_case(assembly)
    call_hustings(application, secretary)
    shown = At(None).text("decision_detail", decision_of(application).pk)
    assert "15 June 2026" in shown
    assert "Town Hall" not in shown


@pytest.mark.policy("D26")
def test_participants_who_are_no_members_have_no_part_in_it_by_url_or_by_domain(
    assembly: Assembly, secretary: Person, member: Person, participant: Person
) -> None:
    application = make_case(assembly)
    decision = deliberate(application, secretary)
    began = decision.deliberation_began_at
    call = calls.call_for_consensus(decision, decision.options.get(name="Accept"), by=secretary, at=began)
    at = At(participant, began)
    assert at.post("comment_add", decision.pk, text="x").status_code == 403
    assert at.post("call_answer", decision.pk, 1, stance="agree").status_code == 403
    assert Call.objects.get(pk=call.pk).positions.count() == 0
    kinds = ("decisions/mail/called", "decisions/mail/deliberation", "decisions/mail/gathering_invited")
    told = Message.objects.filter(kind__in=kinds).values_list("address", flat=True)
    assert participant.email not in told
    assert member.email in told


def test_the_text_and_the_options_of_a_case_are_fixed_and_nobody_else_withdraws_it(
    assembly: Assembly, secretary: Person
) -> None:
    decision = decision_of(make_case(assembly))
    at = At(secretary)
    sent: tuple[tuple[str, dict[str, str]], ...] = (
        ("decision_edit", {"title": "Robin Ash", "text": "x"}),
        ("decision_withdraw", {"text": "because"}),
        ("option_add", {"name": "Wait a year", "statement": ""}),
    )
    for name, data in sent:
        with time_machine.travel(T0, tick=False):
            url = reverse(f"decisions:{name}", args=[decision.pk])
            assert at.client.post(url, data).status_code == 409, name
    shown = at.text("decision_detail", decision.pk)
    assert "Change the text" not in shown
    assert Decision.objects.get().title == decision.title


# --- Timelines ----------------------------------------------------------------------------------------------
def labels(application: Application, audience: Audience) -> list[str]:
    return [str(leg.label) for leg in timelines.of(application, audience)]


def told(application: Application, audience: Audience) -> str:
    return " ".join(f"{leg.label} {leg.note}" for leg in timelines.of(application, audience))


@pytest.mark.parametrize("audience", list(Audience))
def test_each_audience_is_told_its_part_of_the_way(application: Application, audience: Audience) -> None:
    found = labels(application, audience)
    assert ("Checked by the research" in found or "We check what you gave, and speak with you" in found) is (
        audience in (Audience.APPLICANT, Audience.RESEARCH)
    )
    assert any("Letter" in label for label in found) is (audience is not Audience.PUBLIC)
    assert ("Accept" in told(application, audience)) is (audience in (Audience.MEMBERS, Audience.SECRETARY))
    assert "Ballot, if there is no consensus" not in found  # it was settled without one


def test_the_applicant_is_not_told_the_result_but_by_the_letter(
    application: Application, secretary: Person
) -> None:
    at = decision_of(application).settled_at
    robin = Applicant(application, at)
    before = robin.text("applicant_detail")
    for telling in ("Accept", "accepted", "representative", SAID):
        assert telling not in before
    letters.send(application, by=secretary, at=at)
    assert "representative" in robin.text("applicant_detail")


def test_the_way_marks_where_the_case_is(assembly: Assembly, secretary: Person) -> None:
    application = make_case(assembly)
    now = dict.fromkeys(Audience) | {
        audience: [str(leg.label) for leg in timelines.of(application, audience) if leg.is_now]
        for audience in Audience
    }
    assert now[Audience.PUBLIC] == now[Audience.MEMBERS] == ["Hustings"]
    assert now[Audience.APPLICANT] == ["Meeting with you"]
    hold_hustings(application, secretary)
    application = Application.objects.get(pk=application.pk)
    legs = timelines.of(application, Audience.PUBLIC)
    assert [str(leg.label) for leg in legs if leg.is_now] == ["Deliberation"]
    assert [leg.at for leg in legs if str(leg.label) == "Hustings"] == [HUSTINGS + timedelta(hours=2)]
    shown = At(None, HUSTINGS + timedelta(hours=3)).text("decision_detail", decision_of(application).pk)
    assert 'aria-current="step"' in shown
    assert "<time datetime=" in shown


# --- What waits ---------------------------------------------------------------------------------------------
def test_the_secretary_is_shown_each_next_step_and_a_member_is_not(
    assembly: Assembly, secretary: Person, member: Person
) -> None:
    application = make_case(assembly)
    home = reverse("home")

    def asked(at: Any) -> str:
        return page(secretary, home, at)

    assert f"Call the hustings: Defection application {application.reference}" in asked(T0)
    assert "Call the hustings" not in page(member, home, T0)
    gathering = call_hustings(application, secretary)
    assert "Call the hustings" not in asked(T0)
    Applicant(application, T0).post("hustings_answer", "another_time", message="Thursdays")
    assert "The applicant asks for another time" in asked(T0)
    assert "Say whether the hustings was held" in asked(gathering.ends_at)
    At(secretary, gathering.ends_at).post("gathering_hold", gathering.pk)
    assert "Begin the deliberation" in asked(gathering.ends_at)
    At(secretary, gathering.ends_at).post("deliberation_begin", decision_of(application).pk, days="7")
    assert "Begin the deliberation" not in asked(gathering.ends_at)
    decision = call_on(application, "Decline", secretary, secretary, member)
    sweep(decision.deliberation_ends_at)
    settled_at = decision.deliberation_ends_at
    assert "Read and send the letter" in asked(settled_at)
    matter = decision_of(application)
    shown = At(secretary, settled_at).text("decision_detail", matter.pk)
    assert "Read and send the letter" in shown
    assert "Write down the outcome" not in shown
    letters.send(application, by=secretary, at=settled_at)
    assert "Read and send the letter" not in asked(settled_at)
    shown = At(secretary, settled_at).text("decision_detail", matter.pk)
    assert "Read and send the letter" not in shown
    assert "Write down the outcome" in shown


@pytest.mark.policy("D18")
def test_whoever_helps_is_shown_each_next_step_and_nothing_that_is_said(
    assembly: Assembly, secretary: Person, member: Person
) -> None:
    elections = make_assembly("Elections Desk")
    make_duty(elections, Duty.Name.ELECTIONS)
    helper = make_member()
    make_term(helper, elections)
    application = make_case(assembly)
    decision = decision_of(application)
    talk.say(decision, by=member, at=T0, text=SAID)
    home = reverse("home")
    assert application.reference not in page(helper, home, T0)
    routing.support(application, by=helper, at=T0)
    asked = page(helper, home, T0)
    assert f"Call the hustings: {decision.title}" in asked
    assert "Your assembly helps with this case" in asked
    shown = At(helper).text("decision_detail", decision.pk)
    call = reverse("decisions:gathering_call", args=[assembly.slug]) + f"?matter={decision.pk}"
    assert call in shown
    assert "You help with this case" in shown
    assert "We cannot handle this case" not in shown
    gathering = call_hustings(application, helper)
    ended = gathering.ends_at
    assert "Say whether the hustings was held" in page(helper, home, ended)
    assert At(helper, ended).post("gathering_hold", gathering.pk).status_code == 302
    assert "Begin the deliberation" in At(helper, ended).text("decision_detail", decision.pk)
    assert SAID not in At(helper, ended).text("decision_detail", decision.pk)


# --- Conduct ------------------------------------------------------------------------------------------------
@pytest.mark.policy("D29", "D30")
def test_a_member_barred_from_the_hustings_is_kept_out_and_keeps_the_vote(
    assembly: Assembly, secretary: Person, member: Person
) -> None:
    _committee, reviewer = make_resolutions()
    application = make_case(assembly)
    gathering = call_hustings(application, secretary)
    at = At(member, HUSTINGS)
    assert at.post("gathering_register", gathering.pk, way="online", accepts_code="on").status_code == 302
    assert at.get("gathering_join", gathering.pk)["Location"] == SECRET_LINK
    barred = At(secretary, HUSTINGS).post(
        "gathering_bar",
        gathering.pk,
        query=f"?person={member.pk}",
        email=member.email,
        ground="hate",
        reason="Shouted",
    )
    assert barred.status_code == 302
    assert at.get("gathering_join", gathering.pk).status_code == 403
    assert Message.objects.filter(kind="decisions/mail/gathering_referred", address=reviewer.email).exists()
    assert decision_of(application).members_at(HUSTINGS).filter(pk=member.pk).exists()


@pytest.mark.policy("D28", "D29", "D30")
def test_the_applicant_too_is_barred_and_referred(
    assembly: Assembly, secretary: Person, member: Person
) -> None:
    _committee, reviewer = make_resolutions()
    application = make_case(assembly)
    gathering = call_hustings(application, secretary)
    robin = Applicant(application, HUSTINGS)
    robin.post("hustings_answer", "accepted", accepts_code="on")
    assert robin.get("hustings_join").status_code == 302
    url = reverse("defections:applicant_bar", args=[application.pk])
    with time_machine.travel(HUSTINGS, tick=False):
        for person, status in ((member, 403), (secretary, 302)):
            client = Client()
            client.force_login(person)
            answer = client.post(url, {"ground": "hate", "reason": "What was shouted"})
            assert answer.status_code == status
    assert robin.get("hustings_join").status_code == 409
    assert robin.post("hustings_answer", "accepted", accepts_code="on").status_code == 409
    assert "You take no further part" in robin.text("hustings_detail")
    told = mails_to(application)[-1]
    assert told.subject == "You take no further part in a meeting"
    assert "Say what happened from your side on your page" in told.text
    referral = Referral.objects.get()
    assert (referral.bar.gathering, referral.bar.person, referral.bar.reason) == (gathering, None, "")
    assert referral.bar.name == f"The applicant of {application.reference}"
    referred = Message.objects.get(kind="decisions/mail/gathering_referred")
    assert referred.address == reviewer.email
    for secret in ("What was shouted", "Robin"):
        assert secret not in referred.text


def _barred(application: Application, secretary: Person) -> Referral:
    """The applicant's bar at their hustings."""
    call_hustings(application, secretary)
    invitation = application.invitations.get()
    return bars.bar(invitation, by=secretary, at=HUSTINGS, ground="hate", reason="What was shouted")


@pytest.mark.policy("D28", "D29")
def test_an_applicants_bar_is_reviewed_like_any_and_what_they_answer_stays_sealed(
    assembly: Assembly, secretary: Person, member: Person
) -> None:
    _committee, reviewer = make_resolutions()
    application = make_case(assembly)
    referral = _barred(application, secretary)
    robin, review = Applicant(application, HUSTINGS), At(reviewer, HUSTINGS)
    assert "You were barred from a meeting" in robin.text("applicant_detail")
    assert "What was shouted" in robin.text("bar_detail")
    assert "Write what happened" in robin.post("bar_answer", text=" ").content.decode()
    for said in ("I only coughed", "And I was tired"):
        assert robin.post("bar_answer", text=said).status_code == 302
    assert "And I was tired" in robin.text("bar_detail")
    assert b"coughed" not in bytes(application.invitations.get().bar_answers_sealed)
    assert not referral.entries.exists()

    who = f"The applicant of {application.reference}"
    assert who in review.text("referral_list")
    shown = review.text("referral_detail", referral.pk)
    for known in (who, "What was shouted", "I only coughed", "And I was tired"):
        assert known in shown, known
    assert "Robin" not in shown
    look = Event.objects.get(verb="application.viewed", by=reviewer.pk)
    assert look.data == {"part": "referral", "for": "review"}
    for person in (member, secretary):
        assert At(person, HUSTINGS).get("referral_detail", referral.pk).status_code == 404
    assert review.post("referral_review", referral.pk, text="Heard both.").status_code == 302
    done = review.post("referral_decide", referral.pk, outcome="warned", statement="It was hateful.")
    assert done.status_code == 302
    mails = {mail.subject: mail.text for mail in mails_to(application)}
    assert "It was hateful." in mails["About your part in a meeting: the review has ended"]
    assert "It was hateful." in robin.text("bar_detail")
    assert "Heard both" not in robin.text("bar_detail")
    late = robin.post("bar_answer", text="More")
    assert late.status_code == 409
    assert "The review of this bar has ended" in late.content.decode()


@pytest.mark.policy("D29")
def test_nobody_reviews_their_own_bar_as_an_applicant_and_one_without_email_is_told_by_post(
    assembly: Assembly, secretary: Person
) -> None:
    _committee, reviewer = make_resolutions()
    own = _barred(make_case(assembly, email=reviewer.email), secretary)
    assert At(reviewer, HUSTINGS).get("referral_detail", own.pk).status_code == 404
    posted = make_case(assembly, email="-")
    referral = _barred(posted, secretary)
    assert "By post, to the general secretary" in At(reviewer, HUSTINGS).text("referral_detail", referral.pk)
    conduct.decide(referral, by=reviewer, at=HUSTINGS, outcome="noted", statement="Once is enough.")
    assert set(posted.postal_letters.values_list("kind", flat=True)) == {"invitation", "barred", "reviewed"}


def test_the_research_sees_the_whole_way_at_its_desk_and_not_the_result(application: Application) -> None:
    volunteer = make_volunteer()
    make_app(volunteer)
    shown = page(volunteer, reverse("defections:desk_case", args=[application.pk]), timezone.now())
    assert "Checked by the research" in shown
    assert "Letter to the applicant" in shown
    assert "Accept" not in shown


@pytest.mark.policy("D26")
@pytest.mark.parametrize("changes_address", [False, True])
def test_an_applicant_who_opens_an_account_and_joins_the_assembly_reads_nothing_said_on_them(
    assembly: Assembly, member: Person, changes_address: bool, django_capture_on_commit_callbacks: Any
) -> None:
    application = make_case(assembly, email="robin@example.org")
    talk.say(decision_of(application), by=member, at=T0, text=SAID)
    with django_capture_on_commit_callbacks(execute=True):
        person = make_member(email="" if changes_address else "Robin@example.org")
    if changes_address:
        person.email = "robin@example.org"
        with django_capture_on_commit_callbacks(execute=True):
            person.save(update_fields=["email"])
    make_participation(person, assembly)
    decision = decision_of(application)
    assert decision.concerns == person
    assert SAID in page(member, decision.get_absolute_url(), T0)
    assert SAID not in page(person, decision.get_absolute_url(), T0)
    assert person not in decision.members_at(T0)
