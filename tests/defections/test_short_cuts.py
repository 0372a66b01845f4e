"""Every forbidden short cut on the way of a case, tried by its address and in the admin, refused with its sentence.

What may not be at this moment is a 409, who may not at all a 403, and both say why.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assemblies.models import Assembly, Duty
from decisions.models import Decision, Gathering
from defections.catalogue import SECTIONS
from defections.models import Application, FormRelease, HustingsInvitation, Letter
from harmony.clock import sweep
from members.models import Person
from tests import factories
from tests.decisions.meetings import At
from tests.defections.cases import (
    HUSTINGS,
    T0,
    call_hustings,
    call_on,
    decision_of,
    deliberate,
    hold_hustings,
    make_case,
)
from tests.defections.desk_walk import CONTACT, address, client_of, sections_to_check, text_of
from tests.defections.filling import enter
from tests.defections.making import (
    full_answers,
    make_application,
    make_constituency,
    make_release,
    make_terms,
    make_volunteer,
)
from tests.defections.researching import check_all, fresh, prepare, reach, verify
from tests.login import make_app

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


def told(response: Any) -> tuple[int, str]:
    """The status of an answer, and its text with even spaces and plain apostrophes."""
    return response.status_code, text_of(response).replace("&#x27;", "’")


def in_admin(person: Person, row: Any, verb: str, at: datetime = T0, **data: Any) -> tuple[int, str]:
    """What the admin answers to one of its steps, sent by its address."""
    client = Client()
    with time_machine.travel(at, tick=False):
        client.force_login(person)
        url = f"/admin/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/move/{verb}/"
        return told(client.post(url, data))


def at_letter(
    person: Person, application: Application, at: datetime, *, send: bool = True
) -> tuple[int, str]:
    """What the letter's page answers."""
    client = Client()
    url = reverse("defections:letter_detail", args=[application.pk])
    with time_machine.travel(at, tick=False):
        client.force_login(person)
        return told(client.post(url) if send else client.get(url))


def is_refused(answer: tuple[int, str], status: int, sentence: str) -> bool:
    """Whether an answer has this status and says this."""
    assert answer[0] == status, answer
    assert sentence in answer[1], answer[1]
    return True


# --- Before the hustings ------------------------------------------------------------------------------------
@pytest.mark.policy("D20", "D21")
def test_nothing_is_decided_before_the_hustings(assembly: Assembly, secretary: Person) -> None:
    application = make_case(assembly)
    decision = decision_of(application)
    by_url = At(secretary)
    assert is_refused(told(by_url.post("call_confirm", decision.pk, 1)), 409, "its gathering first")
    assert is_refused(
        told(by_url.post("deliberation_begin", decision.pk, days=7)), 409, "A hustings comes first"
    )
    option = decision.options.get(name="Accept")
    assert is_refused(in_admin(secretary, decision, "call", option=option.pk), 409, "its gathering first")
    assert is_refused(in_admin(secretary, decision, "deliberate", days=7), 409, "A hustings comes first")
    assert not decision.calls.exists()
    assert decision_of(application).deliberation_began_at is None


@pytest.mark.policy("D20", "D21")
def test_a_hustings_called_and_not_held_is_none(assembly: Assembly, secretary: Person) -> None:
    application = make_case(assembly)
    gathering = call_hustings(application, secretary)
    decision, soon = decision_of(application), HUSTINGS - timedelta(microseconds=1)
    begun = told(At(secretary, soon).post("deliberation_begin", decision.pk, days=7))
    assert is_refused(begun, 409, "hustings")
    early = told(At(secretary, soon).post("gathering_hold", gathering.pk))
    assert is_refused(early, 409, "")
    assert is_refused(in_admin(secretary, gathering, "held", soon), 409, "")
    assert Gathering.objects.get().held_at is None


@pytest.mark.policy("D20")
def test_a_hustings_is_not_held_without_inviting_the_applicant(assembly: Assembly, secretary: Person) -> None:
    application = make_case(assembly)
    gathering = call_hustings(application, secretary)
    HustingsInvitation.objects.all().delete()
    ended = gathering.ends_at
    assert is_refused(
        told(At(secretary, ended).post("gathering_hold", gathering.pk)), 409, "has not been invited"
    )
    assert is_refused(in_admin(secretary, gathering, "held", ended), 409, "has not been invited")
    assert Gathering.objects.get().held_at is None


@pytest.mark.policy("D20")
@pytest.mark.parametrize("way", ["url", "admin"])
def test_the_applicant_is_not_given_less_than_a_week_of_notice(
    assembly: Assembly, secretary: Person, way: str
) -> None:
    decision = decision_of(make_case(assembly))
    day = (T0 + timedelta(days=6)).date()
    sent: dict[str, Any] = {
        "kind": "hustings",
        "title": "Hustings",
        "address": "Town Hall",
        "link": "",
        "agenda": "",
    }
    sent |= {
        "day_day": day.day,
        "day_month": day.month,
        "day_year": day.year,
        "starts": "19:00",
        "ends": "20:00",
    }
    if way == "url":
        query = f"?matter={decision.pk}"
        answer = told(At(secretary).post("gathering_call", assembly.slug, query=query, **sent))
    else:
        answer = in_admin(secretary, decision, "gather", **sent)
    assert "at least 7 days ahead" in answer[1]
    assert not Gathering.objects.exists()


# --- The deliberation -----------------------------------------------------------------------------------------
@pytest.mark.policy("D21")
def test_a_deliberation_of_less_than_seven_days_is_refused_everywhere(
    assembly: Assembly, secretary: Person
) -> None:
    application = make_case(assembly)
    ended = hold_hustings(application, secretary).ends_at
    decision = decision_of(application)
    for days in ("6", "6.96", "0", "-7"):
        assert told(At(secretary, ended).post("deliberation_begin", decision.pk, days=days))[0] == 200
        assert in_admin(secretary, decision, "deliberate", ended, days=days)[0] in (200, 409)
    assert "at least 7" in told(At(secretary, ended).post("deliberation_begin", decision.pk, days="6"))[1]
    assert "at least 7" in in_admin(secretary, decision, "deliberate", ended, days="6")[1]
    short = {"deliberation_began_at": ended, "deliberation_ends_at": ended + timedelta(days=6, hours=23)}
    with pytest.raises(IntegrityError, match="deliberates_a_week"), transaction.atomic():
        Decision.objects.filter(pk=decision.pk).update(**short)
    assert decision_of(application).deliberation_began_at is None


@pytest.mark.policy("D21", "D22")
def test_after_six_days_and_23_hours_nothing_is_decided_and_no_ballot_is_open(
    assembly: Assembly, secretary: Person, member: Person
) -> None:
    application = make_case(assembly)
    ends_at = deliberate(application, secretary).deliberation_ends_at
    assert ends_at is not None
    call_on(
        application, "Accept", secretary, secretary, member
    )  # all members agree: still the week is waited for
    sweep(ends_at - timedelta(hours=1))
    found = decision_of(application)
    assert (found.settled_at, found.ballot, found.deliberation_ended_at) == (None, None, None)
    assert is_refused(at_letter(secretary, application, ends_at - timedelta(hours=1)), 409, "no result yet")


# --- The letter -------------------------------------------------------------------------------------------------
def _settled(assembly: Assembly, secretary: Person, member: Person) -> tuple[Application, datetime]:
    application = make_case(assembly)
    deliberate(application, secretary)
    ends_at = call_on(application, "Decline", secretary, secretary, member).deliberation_ends_at
    assert ends_at is not None
    assert sweep(ends_at) == []
    return fresh(application), ends_at


@pytest.mark.policy("D24", "D26")
def test_no_letter_before_the_result(assembly: Assembly, secretary: Person) -> None:
    application = make_case(assembly)
    for send in (False, True):
        assert is_refused(at_letter(secretary, application, T0, send=send), 409, "There is no result yet")
    assert not Letter.objects.exists()


def test_no_outcome_and_no_task_before_the_letter(
    assembly: Assembly, secretary: Person, member: Person
) -> None:
    application, at = _settled(assembly, secretary, member)
    decision, by_url = decision_of(application), At(secretary, at)
    task = {"title": "Greet them", "owner": str(member.pk), "due_on_day": "1"}
    for name, verb, data in (
        ("outcome_state", "outcome", {"text": "Declined."}),
        ("task_name", "task", task),
    ):
        assert is_refused(told(by_url.get(name, decision.pk)), 409, "The letter comes first")
        assert is_refused(told(by_url.post(name, decision.pk, **data)), 409, "The letter comes first")
        assert is_refused(in_admin(secretary, decision, verb, at, **data), 409, "The letter comes first")
    assert at_letter(secretary, application, at)[0] == 302
    assert by_url.post("outcome_state", decision.pk, text="Declined.").status_code == 302
    assert decision_of(application).outcome_statement == "Declined."


def test_no_second_letter(assembly: Assembly, secretary: Person, member: Person) -> None:
    application, at = _settled(assembly, secretary, member)
    assert at_letter(secretary, application, at)[0] == 302
    assert is_refused(at_letter(secretary, application, at), 409, "has been sent already")
    assert Letter.objects.count() == 1


@pytest.mark.parametrize("who", ["member", "outsider", "elsewhere", "root"])
def test_only_the_deciding_assembly_sends_the_letter(
    assembly: Assembly, secretary: Person, member: Person, outsider: Person, who: str
) -> None:
    application, at = _settled(assembly, secretary, member)
    elsewhere = factories.make_member()
    factories.make_term(elsewhere, factories.make_assembly("Elsewhere"))
    root = factories.make_person(is_staff=True, is_superuser=True)
    person = {"member": member, "outsider": outsider, "elsewhere": elsewhere, "root": root}[who]
    for send in (False, True):
        assert is_refused(
            at_letter(person, application, at, send=send), 403, "Only whoever acts as secretary"
        )
    assert not Letter.objects.exists()


# --- The research ---------------------------------------------------------------------------------------------
@pytest.fixture
def application(db: None) -> Application:
    constituency = make_constituency()
    make_terms(constituency, decides=True)
    return make_application(constituency=constituency, email="rowan@example.org")


@pytest.fixture
def volunteer(application: Application) -> Person:
    return make_volunteer(name="Rita Researcher")


def test_the_same_person_does_not_release_what_they_made(application: Application, volunteer: Person) -> None:
    now = timezone.now()
    prepare(verify(application, volunteer, now), volunteer, now)
    desk = client_of(volunteer)
    assert is_refused(
        told(desk.post(address("desk_release", application))), 403, "somebody else who is cleared"
    )
    copy = fresh(application).copy
    copy.released_by, copy.released_at = volunteer, now
    with pytest.raises(IntegrityError, match="released_by_a_second"), transaction.atomic():
        copy.save()
    assert fresh(application).decision is None


def test_nobody_releases_a_copy_in_which_they_had_any_part(
    application: Application, volunteer: Person
) -> None:
    """A takes a passage out and hands the application on, B prepares the copy: neither of them releases it."""
    now, other = timezone.now(), make_volunteer()
    verify(application, volunteer, now)
    one, two = client_of(volunteer), client_of(other)
    one.post(address("desk_copy_redact", application), {"passage": "sixteen years"})
    one.post(address("desk_let_go", application), {"because": "handed_on"})
    two.post(address("desk_claim", application))
    prepare(application, other, now)
    sentence = "You had a part in making this copy: somebody else who is cleared"
    for browser in (one, two):
        assert is_refused(told(browser.post(address("desk_release", application))), 403, sentence)
        assert is_refused(
            told(browser.post(address("desk_send_back", application), {"reason": "x"})), 403, sentence
        )
        assert one.get(address("desk_release", application)).status_code == 409
    root = factories.make_person(is_staff=True, is_superuser=True)
    for verb in ("release", "change"):
        assert in_admin(root, fresh(application).copy, verb)[0] == 404
    copy = fresh(application).copy
    assert (copy.released_at, set(copy.makers)) == (None, {volunteer.pk, other.pk})
    assert client_of(make_volunteer()).post(address("desk_release", application)).status_code == 302


@pytest.mark.policy("D16", "D17")
@pytest.mark.parametrize("why", ["never cleared", "ran out", "withdrawn", "other duty", "left the group"])
@pytest.mark.parametrize(
    "page", ["desk_list", "desk_case", "desk_contacts", "desk_claim", "desk_release", "desk_section"]
)
def test_without_a_clearance_in_force_the_desk_is_shut(application: Application, why: str, page: str) -> None:
    person = _shut_out(why)
    client = client_of(person)
    url = reverse("defections:desk_list") if page == "desk_list" else address(page, application, *_more(page))
    for answer in (client.get(url), client.post(url)):
        if answer.status_code != 405:
            assert is_refused(told(answer), 403, "Only volunteers cleared for research")


def _more(page: str) -> list[str]:
    return ["name"] if page == "desk_section" else []


def _shut_out(why: str) -> Person:
    now = timezone.now()
    if why == "other duty":
        return make_volunteer(Duty.Name.ELECTIONS)
    person = make_volunteer()
    if why == "never cleared":
        person.clearances.all().delete()
    elif why == "ran out":
        person.clearances.update(
            granted_at=now - timedelta(days=30), expires_at=now - timedelta(microseconds=1)
        )
    elif why == "withdrawn":
        person.clearances.update(ended_at=now - timedelta(microseconds=1))
    else:
        person.participations.update(ended_at=now, ended_because="left")
    return person


def test_without_a_second_step_the_desk_is_shut(
    application: Application, volunteer: Person, settings: Any
) -> None:
    settings.ADMIN_NEEDS_MFA = True
    desk = client_of(volunteer)
    for url in (reverse("defections:desk_list"), address("desk_case", application)):
        assert is_refused(told(desk.get(url)), 403, "second step guards")
    assert is_refused(told(desk.post(address("desk_claim", application))), 403, "second step guards")
    make_app(volunteer)
    assert desk.get(reverse("defections:desk_list")).status_code == 200


@pytest.mark.policy("D16")
def test_nothing_is_verified_without_direct_contact(application: Application, volunteer: Person) -> None:
    desk = client_of(volunteer)
    desk.post(address("desk_claim", application))
    check_all(application, volunteer, timezone.now())
    outcome = {"outcome": "genuine", "summary": "Fine."}
    url = address("desk_outcome", application)
    sentence = "Nobody has reached the applicant directly yet"
    assert is_refused(told(desk.post(url, outcome)), 409, sentence)
    today = desk.get(address("desk_contacts", application)).context["form"].initial["day"]
    day = {"day_day": today.day, "day_month": today.month, "day_year": today.year}
    for wrong in ({"is_direct": "no"}, {"was_reached": "no"}):
        desk.post(address("desk_contacts", application), {**CONTACT, **day, **wrong})
        assert is_refused(told(desk.post(url, outcome)), 409, sentence)
    assert fresh(application).verified_at is None


@pytest.mark.policy("D16")
def test_nothing_is_verified_while_one_part_is_unchecked(application: Application, volunteer: Person) -> None:
    desk, now = client_of(volunteer), timezone.now()
    desk.post(address("desk_claim", application))
    reach(application, volunteer, now)
    agreed = {"principles", "consensus", "declaration"}  # there is nothing to look into
    for section in (section.key for section in SECTIONS if section.key not in agreed):
        check_all(application, volunteer, now)
        application.checks.filter(item__startswith=f"{section}.").delete()
        assert section in sections_to_check(application)
        outcome = {"outcome": "genuine", "summary": "Fine."}
        answer = told(desk.post(address("desk_outcome", application), outcome))
        assert is_refused(answer, 409, "of the checklist")
    assert fresh(application).verified_at is None


# --- Somebody else's case -----------------------------------------------------------------------------------
@pytest.mark.policy("D17", "D19", "D23", "D26")
@pytest.mark.parametrize("who", ["other constituency", "participant", "nobody", "root", "research"])
def test_who_is_no_member_of_the_deciding_assembly_neither_reads_the_copy_nor_takes_part(
    assembly: Assembly, secretary: Person, member: Person, participant: Person, who: str
) -> None:
    application = make_case(assembly, name="Robin Quillfeather")
    decision = deliberate(application, secretary)
    call_on(application, "Accept", secretary)
    began = decision.deliberation_began_at
    assert began is not None
    browser = At(_stranger(who, participant), began + timedelta(hours=2))
    assert "Quillfeather" in At(member, browser.at).text("decision_detail", decision.pk)
    assert "Quillfeather" not in browser.text("decision_detail", decision.pk)
    steps: tuple[Callable[[], Any], ...] = (
        lambda: browser.post("call_answer", decision.pk, 1, stance="agree"),
        lambda: browser.post("comment_add", decision.pk, text="Let me in"),
        lambda: browser.post("call_confirm", decision.pk, 1),
        lambda: browser.post("deliberation_begin", decision.pk, days=7),
    )
    for step in steps:
        answer = step()
        assert answer.status_code == (302 if who == "nobody" else 403), answer.content
        assert who != "nobody" or answer["Location"].startswith("/account/login/")
    assert decision.calls.get().positions.count() == 0
    assert not decision.comments.exists()


def _stranger(who: str, participant: Person) -> Person | None:
    if who == "other constituency":
        person = factories.make_member()
        elsewhere = make_constituency("Wells")
        factories.make_participation(person, elsewhere)
        factories.make_term(person, elsewhere)
        return person
    if who == "root":
        return factories.make_person(is_staff=True, is_superuser=True)
    return {"participant": participant, "research": make_volunteer(), "nobody": None}[who]


@pytest.mark.policy("D19")
def test_the_secretary_of_another_constituency_moves_nothing_in_the_admin(
    assembly: Assembly, secretary: Person
) -> None:
    other = _stranger("other constituency", secretary)
    assert other is not None
    application = make_case(assembly)
    gathering = call_hustings(application, secretary)
    decision = decision_of(application)
    for row, verb in (
        (decision, "call"),
        (decision, "deliberate"),
        (decision, "gather"),
        (decision, "withdraw"),
    ):
        assert in_admin(other, row, verb)[0] in (302, 403, 404), verb
    for verb in ("held", "call-off", "bar", "notes"):
        assert in_admin(other, gathering, verb, gathering.ends_at)[0] in (302, 403, 404), verb
    assert decision_of(application).withdrawn_at is None
    found = Gathering.objects.get()
    assert (found.held_at, found.cancelled_at) == (None, None)


@pytest.mark.policy("D22", "D23")
def test_a_participants_vote_is_not_taken_and_a_members_decides(
    assembly: Assembly, secretary: Person, member: Person, participant: Person
) -> None:
    now = timezone.now()
    application = make_case(assembly, at=now - timedelta(days=40))
    start = now - timedelta(days=8)
    deliberate(application, secretary, at=now - timedelta(days=39), starts_at=start)
    assert sweep(timezone.now()) == []
    ballot = decision_of(application).ballot
    assert ballot is not None
    assert ballot.roll.filter(person=member).exists()
    assert not ballot.roll.filter(person=participant).exists()
    scores = {f"score-{place}": "5" for place in (1, 2)}
    for name in ("ballot_vote", "ballot_check", "ballot_cast"):
        url = reverse(f"ballots:{name}", args=[ballot.pk])
        for answer in (client_of(participant).get(url), client_of(participant).post(url, scores)):
            assert answer.status_code in (403, 404, 405), name
    assert not ballot.roll.exclude(envelope=None).exists()
    factories.cast_vote(ballot, member, 5, 0)
    factories.count_ballot(ballot)
    assert sweep(timezone.now()) == []
    assert decision_of(application).settled_by == "ballot"
    letter = at_letter(secretary, application, timezone.now(), send=False)
    assert letter[0] == 200
    assert "Letter of acceptance" in letter[1]


# --- The form -------------------------------------------------------------------------------------------------
@pytest.mark.policy("D2")
def test_a_published_release_is_not_edited(client: Client) -> None:
    release = make_release()
    maker = make_volunteer(Duty.Name.OPERATIONS)
    client.force_login(maker)
    base = f"/admin/defections/formrelease/{release.pk}/"
    for verb in ("change", "publish", "discard"):
        sent = {"kernel": "Another", "party_name": "Another"}
        assert is_refused(
            told(client.post(f"{base}move/{verb}/", sent)), 409, "A published release is never changed"
        )
    assert client.post(f"{base}change/", {"kernel": "Another"}).status_code in (403, 405)
    with pytest.raises(Exception, match="published"), transaction.atomic():
        FormRelease.objects.filter(pk=release.pk).update(kernel="Another")
    assert FormRelease.objects.get().kernel == release.kernel


def _without(section: str, name: str) -> dict[str, Any]:
    """Answers from which one thing is missing."""
    return {name: None if isinstance(FULL[section].get(name), bool) else ""}


FULL: dict[str, dict[str, Any]] = {
    "name": {
        "given_name": "",
        "legal_differs": True,
        "legal_given_name": "",
    },  # without the family names: some people have one name only
    "birth": {"date_of_birth": ""},
    "address": {"line_1": "", "town": "", "postcode": ""},
    "office": {"level": "", "body": "", "area": "", "held_since": "", "elected_as": ""},
    "party": {"party": ""},
    "society": {"constituency": ""},
    "links": {"basis": "", "statement": "", "resident_since": ""},
    "employment": {"is_employed": True, "is_complete": True},
    "public_accounts": {"has_any": True},
    "private_accounts": {"exist": True, "promised_at": ""},
    "principles": {"agreed_at": ""},
    "consensus": {"agreed_at": ""},
}
REQUIRED = [(section, name) for section, names in FULL.items() for name in names]


@pytest.mark.policy("D4", "D5", "D7", "D8", "D9", "D10", "D11", "D12", "D13")
@pytest.mark.parametrize(("section", "name"), REQUIRED, ids=lambda part: part)
def test_nothing_is_sent_while_one_thing_is_missing(client: Client, section: str, name: str) -> None:
    constituency = make_constituency()
    answers = {**full_answers(constituency)[section], **_without(section, name)}
    if (section, name) == ("links", "basis"):
        answers["basis"] = "neither"
    made = make_application(
        is_sent=False,
        constituency=constituency,
        email="rowan@example.org",
        answers={section: answers},
        at=timezone.now(),
    )
    _is_not_sent(client, made, section)


@pytest.mark.policy("D9", "D10", "D12", "D13")
@pytest.mark.parametrize(
    ("section", "changed"),
    [
        ("phones", {"home_phone": "", "mobile_phone": ""}),
        ("employment", {"rows": []}),
        ("public_accounts", {"rows": []}),
        ("private_accounts", {"exist": False, "promised_at": ""}),  # who has none may open one
    ],
)
def test_nothing_is_sent_without_any_phone_number_job_account_or_promise(
    client: Client, section: str, changed: dict[str, Any]
) -> None:
    constituency = make_constituency()
    answers = {section: {**full_answers(constituency)[section], **changed}}
    made = make_application(
        is_sent=False,
        constituency=constituency,
        email="rowan@example.org",
        answers=answers,
        at=timezone.now(),
    )
    _is_not_sent(client, made, section)


@pytest.mark.policy("D4", "D5", "D13", "D14")
@pytest.mark.parametrize("section", [section.key for section in SECTIONS if section.key != "declaration"])
def test_nothing_is_sent_while_a_whole_part_is_missing(client: Client, section: str) -> None:
    made = make_application(
        is_sent=False, email="rowan@example.org", answers={section: None}, at=timezone.now()
    )
    _is_not_sent(client, made, section)


def _is_not_sent(client: Client, application: Application, section: str) -> None:
    enter(client, "rowan@example.org")
    declared = client.post(reverse("defections:form_declare"), {"agreed": "on"})
    assert declared["Location"] == reverse("defections:form_check")
    page = client.get(declared["Location"])
    assert section in page.context["lacking"]
    assert page.context["lacking"][section].replace("'", "’") in told(page)[1].replace("'", "’")
    assert fresh(application).sent_at is None


@pytest.mark.policy("D14")
def test_nothing_is_sent_without_the_declaration(client: Client) -> None:
    made = make_application(is_sent=False, email="rowan@example.org", at=timezone.now())
    enter(client, "rowan@example.org")
    page = client.post(reverse("defections:form_declare"), {})
    assert "Tick the box to declare this" in told(page)[1]
    assert fresh(made).sent_at is None


# --- Erasure --------------------------------------------------------------------------------------------------
def test_nothing_is_erased_under_a_hold(client: Client) -> None:
    application = make_application(email="rowan@example.org")
    Application.objects.update(withdrawn_at=application.sent_at)
    keeper = make_volunteer(Duty.Name.OPERATIONS)
    client.force_login(keeper)
    base = f"/admin/defections/application/{application.pk}/move/"
    assert client.post(f"{base}hold/", {"reason": "Court order 17"}).status_code == 302
    sentence = "A legal hold keeps this application"
    assert is_refused(told(client.post(f"{base}erase/", {"known_by": "email"})), 409, sentence)
    assert sweep(timezone.now() + timedelta(days=3000)) == []
    assert fresh(application).erased_at is None
    own = Client()
    enter(own, "rowan@example.org")
    page = told(own.post(reverse("defections:data_erase"), {"send": "1"}))
    assert page[0] == 409
    assert "legal hold" in page[1]


# --- Wrong person, wrong moment -------------------------------------------------------------------------------
@pytest.mark.policy("D17", "D19")
def test_the_wrong_person_and_the_wrong_moment_are_told_apart(
    application: Application, volunteer: Person, outsider: Person
) -> None:
    second = make_volunteer()
    now = timezone.now()
    url = address("desk_release", application)
    assert is_refused(told(client_of(outsider).post(url)), 403, "Only volunteers cleared")
    assert is_refused(told(client_of(second).post(url)), 409, "outcome of the research first")
    prepare(verify(application, volunteer, now), volunteer, now)
    assert is_refused(told(client_of(outsider).post(url)), 403, "Only volunteers cleared")
    assert client_of(second).post(url).status_code == 302
    again = told(client_of(second).post(url))
    assert again[0] == 409
    letter = reverse("defections:letter_detail", args=[application.pk])
    assert is_refused(told(client_of(outsider).post(letter)), 403, "Only whoever acts as secretary")
