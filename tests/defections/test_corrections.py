"""What was given and turns out to be otherwise: corrected at the desk, in the copy, and wherever else it counts."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assemblies.models import Assembly
from defections import copies, intake
from defections.desk import claims
from defections.models import Application, Check, Correction
from ledger.models import Event
from members.models import Person
from tests.defections.desk_walk import address, client_of, text_of
from tests.defections.making import full_answers, make_application, make_constituency, make_volunteer
from tests.defections.researching import check_all, fresh, make_terms, prepare, reach, release, verify
from tests.defections.test_desk_pages import enter

pytestmark = pytest.mark.django_db
GROUNDS = {"source": "applicant", "how": "Their answer to question 1.", "finding": "confirmed"}
OFFICE = {
    "body": "Bath and North East Somerset Council",
    "area": "Newbridge ward",
    "held_since_month": 5,
    "held_since_year": 2019,
    "elected_as": "Liberal Democrat",
}
PHONES = {"home_phone": "01225 496 777", "mobile_phone": "07700 900456"}


@pytest.fixture
def application() -> Application:
    constituency = make_constituency()
    make_terms(constituency)
    return make_application(constituency=constituency, email="rowan@example.org")


@pytest.fixture
def volunteer(application: Application) -> Person:
    return make_volunteer(name="Rita Researcher")


@pytest.fixture
def desk(application: Application, volunteer: Person) -> Client:
    """The browser of a volunteer who has taken it on."""
    claims.claim(application, by=volunteer, at=timezone.now())
    return client_of(volunteer)


def correct(desk: Client, application: Application, step: str, row: int = 0, **data: Any) -> Any:
    return desk.post(address("desk_correct", application, step, row), {**GROUNDS, **data})


def corrected(application: Application) -> dict[str, Any]:
    return {row.item: row.value for row in Correction.objects.filter(application=application)}


def to_outcome(desk: Client, application: Application, by: Person) -> None:
    """The rest of the research, to a copy in the making."""
    check_all(application, by, timezone.now())
    reach(application, by, timezone.now())
    done = desk.post(address("desk_outcome", application), {"outcome": "genuine", "summary": "Fine."})
    assert done.status_code == 302


# --- From the answer to the assembly --------------------------------------------------------------------
@pytest.mark.policy("D16", "D17")
def test_what_an_applicant_puts_right_in_an_answer_reaches_the_assembly(
    client: Client, application: Application, volunteer: Person, desk: Client
) -> None:
    desk.post(address("desk_queries", application), {"question": "Which ward is it?"})
    url = reverse("defections:query_answer", args=[application.queries.get().pk])
    enter(client, application).post(url, {"answer": "Newbridge ward, sorry."})
    shown = text_of(desk.get(address("desk_section", application, "office")))
    assert address("desk_correct", application, "office-details", 0) in shown
    assert correct(desk, application, "office-details", **OFFICE).status_code == 302
    assert corrected(application) == {"office.area": "Newbridge ward"}
    assert intake.section_of(application, "office")["area"] == "Weston ward"
    shown = text_of(desk.get(address("desk_section", application, "office")))
    assert "Given:</span> Weston ward" in shown
    assert "Corrected:</strong> Newbridge ward" in shown
    assert "Their answer to question 1." in shown
    assert Check.objects.get(item="office.area").note == "Their answer to question 1."
    to_outcome(desk, application, volunteer)
    content = fresh(application).copy.content
    assert (content["office.area"], content["corrected"]) == ("Newbridge ward", "office.area")
    assert "Weston" not in " ".join(content.values())
    page = text_of(desk.get(address("desk_copy_preview", application)))
    assert 'Newbridge ward <span class="small soft">(corrected in the course of the checks)' in page
    assert page.count("(corrected in the course") == 1
    assert "Given at first: Weston ward" in text_of(desk.get(address("desk_copy", application)))
    recorded = " ".join(str(event.data) for event in Event.objects.all())
    assert "Newbridge" not in recorded


@pytest.mark.policy("D15", "D16")
def test_a_form_from_paper_is_corrected_by_what_was_said_on_the_phone(volunteer: Person) -> None:
    paper = make_application(email="", origin="post", by=make_volunteer())
    Application.objects.filter(pk=paper.pk).update(email_sealed=None, email_mark=None)
    claims.claim(paper, by=volunteer, at=timezone.now())
    desk = client_of(volunteer)
    assert correct(desk, paper, "party", is_independent="yes").status_code == 302
    assert corrected(paper) == {"party.is_independent": True, "party.party": ""}
    to_outcome(desk, paper, volunteer)
    content = fresh(paper).copy.content
    assert content["party.is_independent"] == "Yes"
    assert "party.party" not in content


def test_what_the_research_finds_out_while_the_copy_is_made_is_in_it_once_made_anew(
    application: Application, volunteer: Person
) -> None:
    answers = full_answers(Assembly.objects.get(place="Bath"))
    statement = "Ring 01225 496777 or 01225 496123. I was sworn in on 28 March 1977 and on 27 March 1977."
    application = make_application(answers={"links": {**answers["links"], "statement": statement}})
    verify(application, volunteer, timezone.now())
    prepare(application, volunteer, timezone.now())
    desk = client_of(volunteer)
    waits = correct(desk, application, "phones", **PHONES)
    assert waits.status_code == 409
    assert "Take it back first" in text_of(waits)
    desk.post(address("desk_copy_take_back", application))
    born = {"date_of_birth_day": 28, "date_of_birth_month": 3, "date_of_birth_year": 1977}
    assert correct(desk, application, "birth", **born, source="research").status_code == 302
    assert "28 March" in fresh(application).copy.content["links.statement"]
    assert "has changed, since this copy" in text_of(desk.post(address("desk_copy_prepare", application)))
    desk.post(address("desk_copy_renew", application))
    content = fresh(application).copy.content
    assert content["links.statement"] == (
        "Ring [removed] or [removed]. I was sworn in on [removed] and on [removed]."
    )
    assert content["birth.date_of_birth"] == "Yes"
    assert "corrected" not in content  # the fact that is told has not changed
    marks = fresh(application).copy.review["marks"]["links.statement"]
    assert [mark["decision"] for mark in marks].count("") == 1  # what was decided stays decided


def test_a_corrected_constituency_decides_where_it_goes(
    application: Application, volunteer: Person, desk: Client
) -> None:
    wells = make_constituency("Wells")
    make_terms(wells)
    assert correct(desk, application, "society", constituency=str(wells.pk)).status_code == 302
    claims.let_go(application, by=volunteer, at=timezone.now(), because="handed_on")
    done = release(application, timezone.now(), by=make_volunteer())
    assert done.routings.get().assembly == wells
    assert done.copy.content["society.constituency"] == wells.name


# --- What is taken ------------------------------------------------------------------------------------------
def test_a_correction_is_checked_like_the_question_it_answers_and_loses_nothing(
    application: Application, desk: Client
) -> None:
    wrong = {**GROUNDS, "how": ""}
    page = text_of(
        desk.post(
            address("desk_correct", application, "phones", 0),
            {**wrong, "home_phone": "12", "mobile_phone": ""},
        )
    )
    assert "Enter a phone number, like" in page
    assert "Say how you know" in page
    assert 'value="12"' in page
    same = correct(desk, application, "phones", home_phone="01225496123", mobile_phone="07700 900456")
    assert "This is what stands there already" in text_of(same)
    assert "Choose where the correct answer" in text_of(correct(desk, application, "party", source="x"))
    assert not Correction.objects.exists()


def test_an_entry_that_was_left_out_is_added_and_checked(application: Application, desk: Client) -> None:
    job = {"title": "Ferryman", "employer": "Harbour Trust", "began_month": 2, "began_year": 2001}
    early = {**job, "ended_month": 1, "ended_year": 2000}
    refused = correct(desk, application, "jobs", 3, **early)
    assert "The end must not come before the beginning" in text_of(refused)
    assert correct(desk, application, "jobs", 3, **job, is_current="on").status_code == 302
    assert corrected(application)["employment.3.title"] == "Ferryman"
    assert Check.objects.get(item="employment.3.employer").finding == "confirmed"
    assert desk.get(address("desk_correct", application, "jobs", 5)).status_code == 404
    page = text_of(desk.get(address("desk_section", application, "employment")))
    assert "Given:</span> nothing" in page


def test_a_corrected_answer_asks_for_what_it_makes_needed(desk: Client) -> None:
    answers = {"party": {"is_independent": True, "party": ""}}
    application = make_application(answers=answers)
    claims.claim(application, by=Person.objects.get(name="Rita Researcher"), at=timezone.now())
    then = correct(desk, application, "party", is_independent="no")
    assert then["Location"] == address("desk_correct", application, "party-name", 0)
    assert "party.party" not in {check.item for check in application.checks.all()}
    assert correct(desk, application, "party-name", party="Green Party").status_code == 302
    assert corrected(application) == {"party.is_independent": False, "party.party": "Green Party"}


def test_a_correction_goes_when_it_is_taken_back_or_what_was_given_is_right(
    application: Application, desk: Client
) -> None:
    correct(desk, application, "office-details", **OFFICE)
    correct(desk, application, "office-details", **{**OFFICE, "area": "Weston ward"})
    assert corrected(application) == {}
    correct(desk, application, "office-details", **OFFICE)
    back = address("desk_correction_take_back", application, "office")
    assert back in text_of(desk.get(address("desk_correct", application, "office-details", 0)))
    assert desk.post(back, {"item": "office.area"}).status_code == 302
    assert corrected(application) == {}
    assert desk.post(back, {"item": "office.area"}).status_code == 400


# --- Who, and when --------------------------------------------------------------------------------------------
def test_what_somebody_promised_is_not_corrected_and_nobody_corrects_but_who_has_it(
    application: Application, desk: Client
) -> None:
    for step in ("principles", "consensus", "declaration", "evidence", "jobs"):
        assert correct(desk, application, step).status_code == 404, step
    assert correct(desk, application, "private-accounts", exist="no").status_code == 302
    assert corrected(application) == {"private_accounts.exist": False}
    other = client_of(make_volunteer())
    refused = correct(other, application, "party", is_independent="yes")
    assert refused.status_code == 409
    assert "Take the application on first" in text_of(refused)


def test_the_private_accounts_that_were_corrected_show_nowhere_in_the_copy(
    application: Application, volunteer: Person, desk: Client
) -> None:
    correct(desk, application, "private-accounts", exist="no")
    to_outcome(desk, application, volunteer)
    assert not [key for key in fresh(application).copy.content if "exist" in key or key == "corrected"]


def test_whoever_corrected_something_does_not_release_the_copy(
    application: Application, volunteer: Person, desk: Client
) -> None:
    correct(desk, application, "office-details", **OFFICE)
    claims.let_go(application, by=volunteer, at=timezone.now(), because="handed_on")
    other = make_volunteer()
    verify(application, other, timezone.now())
    prepare(application, other, timezone.now())
    assert desk.post(address("desk_release", application)).status_code == 403
    copies.release(fresh(application), by=make_volunteer(), at=timezone.now())
