"""The research desk through its pages, and whom it turns away (D16, D17)."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from defections import copies, records
from defections.desk import claims, queries
from defections.models import Application, Check, Contact
from defections.stages import Stage, stage_of
from ledger.models import Event
from members.models import Person
from tests import factories
from tests.defections.desk_walk import (
    address,
    check_section,
    client_of,
    log_contact,
    sections_to_check,
    text_of,
)
from tests.defections.making import (
    SENT_AT,
    mails_to,
    make_application,
    make_constituency,
    make_volunteer,
)
from tests.defections.researching import HOUR, fresh, make_terms, prepare, reach, release, verify
from tests.defections.test_form_files import png
from tests.login import log_in, make_app

pytestmark = pytest.mark.django_db


@pytest.fixture
def application() -> Application:
    constituency = make_constituency()
    make_terms(constituency)
    return make_application(constituency=constituency, email="rowan@example.org")


@pytest.fixture
def volunteer(application: Application) -> Person:
    return make_volunteer(name="Rita Researcher")


@pytest.fixture
def second(volunteer: Person) -> Person:
    return make_volunteer(name="Sol Second")


def looks(application: Application, person: Person) -> list[str]:
    found = Event.objects.about(application).filter(verb="application.viewed", by=person.pk)
    return [event.data["part"] for event in found]


# --- The whole way ------------------------------------------------------------------------------------
@pytest.mark.policy("D16", "D17")
def test_from_the_queue_to_the_release_through_the_pages(
    application: Application, volunteer: Person, second: Person
) -> None:
    desk = client_of(volunteer)
    queue = text_of(desk.get(reverse("defections:desk_list")))
    assert application.reference in queue
    assert "Ashdown" not in queue
    assert desk.post(address("desk_claim", application)).status_code == 302
    for section in sections_to_check(application):
        assert check_section(desk, application, section).status_code == 302
    refused = desk.post(address("desk_outcome", application), {"outcome": "genuine", "summary": "Fine."})
    assert refused.status_code == 409
    assert "Nobody has reached the applicant directly yet" in text_of(refused)
    assert log_contact(desk, application).status_code == 302
    done = desk.post(address("desk_outcome", application), {"outcome": "genuine", "summary": "Fine."})
    assert done["Location"] == address("desk_copy", application)
    assert stage_of(fresh(application)) is Stage.VERIFIED
    marks = desk.get(done["Location"]).context["form"].marks
    desk.post(done["Location"], {f"decision-{name}": "remove" for name in marks})
    assert desk.post(address("desk_copy_prepare", application)).status_code == 302
    own = desk.post(address("desk_release", application))
    assert own.status_code == 403
    assert "somebody else who is cleared releases it" in text_of(own)
    other = client_of(second)
    page = text_of(other.get(address("desk_release", application)))
    assert "Rita Researcher has made this copy" in page
    assert other.post(address("desk_release", application)).status_code == 302
    released = fresh(application)
    assert released.copy.released_by == second
    assert stage_of(released) is Stage.ASSEMBLY
    assert released.verified_by == volunteer
    assert Check.objects.filter(application=application, checked_by=volunteer).count() > 10


def test_every_look_is_recorded_by_part_and_without_values(
    application: Application, volunteer: Person
) -> None:
    claims.claim(application, by=volunteer, at=timezone.now())
    desk = client_of(volunteer)
    desk.get(address("desk_case", application))
    assert looks(application, volunteer) == []
    assert "Rowena Margaret" in text_of(desk.get(address("desk_section", application, "name")))
    assert "14 Larkspur Terrace" in text_of(desk.get(address("desk_contacts", application)))
    assert looks(application, volunteer) == ["name", "phones", "address", "email", "contacts"]
    recorded = " ".join(str(event.data) for event in Event.objects.all())
    for secret in ("Rowena", "Larkspur", "07700", "7700900456", "rowan@example.org"):
        assert secret not in recorded


# --- Whom it turns away -------------------------------------------------------------------------------
PAGES = ("desk_case", "desk_contacts", "desk_queries", "desk_outcome", "desk_copy", "desk_release")


@pytest.mark.policy("D16")
@pytest.mark.parametrize("who", ["outsider", "staff", "secretary", "expired", "left", "other_duty"])
def test_nobody_without_a_clearance_in_force_gets_in(
    who: str, application: Application, volunteer: Person, outsider: Person, secretary: Person
) -> None:
    now = timezone.now()
    people = {
        "outsider": lambda: outsider,
        "staff": lambda: factories.make_member(is_staff=True, is_superuser=True),
        "secretary": lambda: secretary,
        "expired": lambda: _expired(now),
        "left": lambda: _left(volunteer),
        "other_duty": lambda: make_volunteer("operations"),
    }
    person = people[who]()
    client = client_of(person)
    urls = [reverse("defections:desk_list"), *(address(page, application) for page in PAGES)]
    for url in [*urls, address("desk_section", application, "name")]:
        response = client.get(url)
        assert response.status_code == 403, url
        assert "Only volunteers cleared for research" in text_of(response)
        assert "Ashdown" not in text_of(response)
    assert client.post(address("desk_claim", application)).status_code == 403
    assert not fresh(application).claims.exists()
    assert looks(application, person) == []


def _expired(now: object) -> Person:
    person = make_volunteer()
    yesterday = timezone.now() - timedelta(seconds=1)
    person.clearances.update(granted_at=yesterday - timedelta(days=30), expires_at=yesterday)
    return person


def _left(volunteer: Person) -> Person:
    volunteer.participations.update(ended_at=timezone.now(), ended_because="left")
    return volunteer


def test_the_desk_opens_only_to_accounts_with_a_second_step(
    application: Application, volunteer: Person, settings: Any
) -> None:
    settings.ADMIN_NEEDS_MFA = True
    desk = client_of(volunteer)
    response = desk.get(reverse("defections:desk_list"))
    assert response.status_code == 403
    assert "second step guards" in text_of(response)
    assert desk.post(address("desk_claim", application)).status_code == 403
    make_app(volunteer)
    assert desk.get(reverse("defections:desk_list")).status_code == 200


def test_a_draft_is_not_found(volunteer: Person, application: Application) -> None:
    draft = make_application(is_sent=False)
    assert client_of(volunteer).get(address("desk_case", draft)).status_code == 404
    assert draft.reference not in text_of(client_of(volunteer).get(reverse("defections:desk_list")))


def test_reading_takes_having_taken_it_on(application: Application, volunteer: Person) -> None:
    response = client_of(volunteer).get(address("desk_section", application, "name"))
    assert response.status_code == 409
    assert "Take the application on first" in text_of(response)
    assert looks(application, volunteer) == []


def test_nobody_handles_their_own_application(application: Application, volunteer: Person) -> None:
    own = make_application(email=volunteer.email)
    response = client_of(volunteer).post(address("desk_claim", own))
    assert response.status_code == 403
    assert "Nobody handles their own application" in text_of(response)


def test_a_conflict_keeps_somebody_from_it_for_good(application: Application, volunteer: Person) -> None:
    claims.claim(application, by=volunteer, at=timezone.now())
    desk = client_of(volunteer)
    assert desk.post(address("desk_let_go", application), {}).status_code == 200
    assert desk.post(address("desk_let_go", application), {"because": "conflict"}).status_code == 302
    response = desk.post(address("desk_claim", application))
    assert response.status_code == 403
    assert "You have declared a conflict" in text_of(response)
    assert desk.get(address("desk_case", application)).status_code == 403


def test_a_second_reader_with_a_conflict_steps_back(
    application: Application, volunteer: Person, second: Person
) -> None:
    now = timezone.now()
    prepare(verify(application, volunteer, now), volunteer, now)
    other = client_of(second)
    assert other.get(address("desk_step_back", application)).status_code == 200
    assert other.post(address("desk_step_back", application)).status_code == 302
    assert other.post(address("desk_release", application)).status_code == 403
    assert fresh(application).copy.released_at is None


# --- Claims -------------------------------------------------------------------------------------------
def test_one_volunteer_has_an_application_at_a_time(
    application: Application, volunteer: Person, second: Person
) -> None:
    client_of(volunteer).post(address("desk_claim", application))
    other = client_of(second)
    response = other.post(address("desk_claim", application))
    assert response.status_code == 409
    assert "Rita Researcher has taken this application on already" in text_of(response)
    client_of(volunteer).post(address("desk_let_go", application), {"because": "handed_on"})
    assert other.post(address("desk_claim", application)).status_code == 302
    assert fresh(application).claims.count() == 2


def test_an_application_whose_holder_lost_the_clearance_is_taken_over(
    application: Application, volunteer: Person, second: Person
) -> None:
    claims.claim(application, by=volunteer, at=timezone.now())
    volunteer.clearances.update(ended_at=timezone.now())
    assert client_of(second).post(address("desk_claim", application)).status_code == 302
    assert claims.current(fresh(application)).person == second


# --- The checklist, contacts, questions ---------------------------------------------------------------
def test_a_finding_takes_a_note_and_loses_nothing(application: Application, volunteer: Person) -> None:
    claims.claim(application, by=volunteer, at=timezone.now())
    desk = client_of(volunteer)
    url = address("desk_section", application, "office")
    data = {"finding-office.body": "confirmed", "note-office.area": "The council's list of members."}
    page = text_of(desk.post(url, data))
    assert "Council, assembly or parliament: say how it was checked" in page
    assert "Ward, division or constituency represented: choose what was found" in page
    assert "The council&#x27;s list of members." in page
    assert not Check.objects.exists()


def test_one_note_counts_for_several_lines_and_saving_leads_on_to_what_is_left(
    application: Application, volunteer: Person
) -> None:
    claims.claim(application, by=volunteer, at=timezone.now())
    desk = client_of(volunteer)
    url = address("desk_section", application, "office")
    data = {"finding-office.body": "confirmed", "finding-office.area": "doubtful", "note": "The list."}
    saved = desk.post(url, {**data, "note-office.area": "Another ward.", "next": "1"})
    assert saved["Location"] == address("desk_section", application, "party")
    notes = {row.item: row.note for row in application.checks.all()}
    assert notes == {"office.body": "The list.", "office.area": "Another ward."}


def test_what_is_left_open_is_taken_out_at_once(application: Application, volunteer: Person) -> None:
    text = "Ring 01225 477000, or write to a@example.org, or b@example.org."
    application = make_application(answers={"links": {"basis": "links", "statement": text}})
    verify(application, volunteer, timezone.now())
    desk = client_of(volunteer)
    url = address("desk_copy", application)
    first = next(iter(desk.get(url).context["form"].marks))
    desk.post(url, {f"decision-{first}": "keep", f"reason-{first}": "The council's own.", "rest": "1"})
    assert "01225 477000" in fresh(application).copy.content["links.statement"]
    assert "@" not in fresh(application).copy.content["links.statement"]
    assert desk.post(address("desk_copy_prepare", application)).status_code == 302


def test_a_finding_keeps_who_made_it_until_somebody_changes_it(
    application: Application, volunteer: Person, second: Person
) -> None:
    now = timezone.now()
    claims.claim(application, by=volunteer, at=now)
    check_section(client_of(volunteer), application, "party")
    claims.let_go(application, by=volunteer, at=now, because="handed_on")
    claims.claim(application, by=second, at=now)
    check_section(client_of(second), application, "party")
    assert Check.objects.get(item="party.party").checked_by == volunteer
    check_section(client_of(second), application, "party", "doubtful")
    changed = Check.objects.get(item="party.party")
    assert (changed.checked_by, changed.finding) == (second, "doubtful")
    assert changed.note == "Seen in the public record."


def test_every_row_of_what_repeats_is_a_line(application: Application, volunteer: Person) -> None:
    claims.claim(application, by=volunteer, at=timezone.now())
    check_section(client_of(volunteer), application, "employment")
    items = set(Check.objects.values_list("item", flat=True))
    assert {"employment.1.title", "employment.1.employer", "employment.2.employer"} <= items


@pytest.mark.policy("D16")
def test_a_contact_in_the_minute_of_the_sending_is_taken_and_one_before_it_is_not(volunteer: Person) -> None:
    application = make_application(at=SENT_AT + timedelta(seconds=40))
    claims.claim(application, by=volunteer, at=timezone.now())
    desk = client_of(volunteer)
    that_day = {"day_day": SENT_AT.day, "day_month": SENT_AT.month, "day_year": SENT_AT.year}
    refused = log_contact(desk, application, hour="12:59", **that_day)  # in London, where it is 13:00 then
    assert "after the application was sent" in text_of(refused)
    assert log_contact(desk, application, hour="13:00", **that_day).status_code == 302


@pytest.mark.policy("D16")
def test_only_a_direct_contact_in_which_they_were_reached_counts(
    application: Application, volunteer: Person
) -> None:
    claims.claim(application, by=volunteer, at=timezone.now())
    desk = client_of(volunteer)
    for section in sections_to_check(application):
        check_section(desk, application, section)
    log_contact(desk, application, was_reached="no")
    log_contact(desk, application, is_direct="no")
    outcome = {"outcome": "genuine", "summary": "Fine."}
    assert desk.post(address("desk_outcome", application), outcome).status_code == 409
    log_contact(desk, application)
    assert desk.post(address("desk_outcome", application), outcome).status_code == 302
    assert Contact.objects.count() == 3


def test_a_contact_is_not_in_the_future(application: Application, volunteer: Person) -> None:
    claims.claim(application, by=volunteer, at=timezone.now())
    response = log_contact(client_of(volunteer), application, day_year="2031")
    assert "not in the future" in text_of(response)
    assert not Contact.objects.exists()


@pytest.mark.policy("D16")
def test_an_applicant_answers_a_question_on_their_page(
    client: Client, application: Application, volunteer: Person
) -> None:
    claims.claim(application, by=volunteer, at=timezone.now())
    desk = client_of(volunteer)
    desk.post(
        address("desk_queries", application), {"question": "Since when do you live in Larkspur Terrace?"}
    )
    mail = mails_to("rowan@example.org")[0]
    assert mail.subject == "You have a question to answer"
    assert "Larkspur" not in mail.text
    assert stage_of(fresh(application)) is Stage.QUESTION
    applicant = enter(client, application)
    page = text_of(applicant.get(reverse("defections:applicant_detail")))
    assert "Since when do you live in Larkspur Terrace?" in page
    query = application.queries.get()
    url = reverse("defections:query_answer", args=[query.pk])
    assert "Write your answer" in text_of(applicant.post(url, {"answer": " "}))
    assert applicant.post(url, {"answer": "Since September 2010."}).status_code == 302
    again = applicant.post(url, {"answer": "Since 2011."})
    assert again.status_code == 409
    assert "has been answered" in text_of(again)
    assert "Since September 2010." in text_of(desk.get(address("desk_queries", application)))
    told = mails_to(volunteer.email)[0]
    assert application.reference in told.subject
    assert "September" not in told.text


def enter(client: Client, application: Application) -> Client:
    """The applicant's browser."""
    session = client.session
    session["defections_applicant"] = {
        "application": str(application.pk),
        "seen": timezone.now().timestamp(),
    }
    session.save()
    return client


def test_an_applicant_does_not_see_the_questions_to_another(
    client: Client, application: Application, volunteer: Person
) -> None:
    other = make_application()
    claims.claim(other, by=volunteer, at=timezone.now())
    query = queries.ask(other, by=volunteer, at=timezone.now(), question="Is it so?")
    applicant = enter(client, application)
    assert applicant.get(reverse("defections:query_answer", args=[query.pk])).status_code == 404


def test_an_open_question_stands_before_the_outcome_until_it_is_taken_back(
    application: Application, volunteer: Person
) -> None:
    now = timezone.now()
    claims.claim(application, by=volunteer, at=now)
    desk = client_of(volunteer)
    for section in sections_to_check(application):
        check_section(desk, application, section)
    reach(application, volunteer, now)
    query = queries.ask(application, by=volunteer, at=now, question="Is it so?")
    outcome = {"outcome": "genuine", "summary": "Fine."}
    refused = desk.post(address("desk_outcome", application), outcome)
    assert "waits for an answer" in text_of(refused)
    desk.post(address("desk_query_take_back", application, query.pk))
    assert desk.post(address("desk_outcome", application), outcome).status_code == 302


# --- Not genuine --------------------------------------------------------------------------------------
@pytest.mark.policy("D16")
def test_not_genuine_closes_it_and_tells_the_applicant_politely(
    application: Application, volunteer: Person
) -> None:
    claims.claim(application, by=volunteer, at=timezone.now())
    desk = client_of(volunteer)
    outcome = {"outcome": "not_genuine", "summary": "Nobody of this name sits on the council."}
    refused = desk.post(address("desk_outcome", application), outcome)
    assert "Try to reach the applicant directly first" in text_of(refused)
    log_contact(desk, application, was_reached="no")
    assert desk.post(address("desk_outcome", application), outcome).status_code == 302
    closed = fresh(application)
    assert stage_of(closed) is Stage.NOT_GENUINE
    assert closed.closed_at
    mail = mails_to("rowan@example.org")[0]
    assert mail.subject == f"About your form {application.reference}"
    assert "Nobody of this name" not in mail.text
    assert "Thank you" in mail.text
    assert desk.get(address("desk_section", application, "name")).status_code == 409


# --- The copy -----------------------------------------------------------------------------------------
def test_a_copy_that_is_sent_back_comes_with_its_reason(
    application: Application, volunteer: Person, second: Person
) -> None:
    now = timezone.now()
    prepare(verify(application, volunteer, now), volunteer, now)
    other = client_of(second)
    assert "Say what has to be put right" in text_of(other.post(address("desk_send_back", application), {}))
    sent = other.post(address("desk_send_back", application), {"reason": "The school gives the street away."})
    assert sent.status_code == 302
    desk = client_of(volunteer)
    page = text_of(desk.get(address("desk_copy", application)))
    assert "Sent back by Sol Second" in page
    assert "The school gives the street away." in page
    assert other.post(address("desk_release", application)).status_code == 409
    typed = desk.post(
        address("desk_copy_redact", application), {"passage": "my children went to SCHOOL there"}
    )
    assert typed.status_code == 302
    assert "[removed]" in fresh(application).copy.content["links.statement"]
    assert "children" not in text_of(desk.get(address("desk_copy_preview", application)))


def test_an_answer_makes_a_copy_that_waits_stale(
    application: Application, volunteer: Person, second: Person
) -> None:
    now = timezone.now()
    verify(application, volunteer, now)
    query = queries.ask(fresh(application), by=volunteer, at=now, question="Is it so?")
    desk = client_of(volunteer)
    waits = desk.post(address("desk_copy_prepare", application))
    assert waits.status_code == 409
    assert "waits for an answer" in text_of(waits)
    queries.take_back(query, by=volunteer, at=now)
    prepare(application, volunteer, now)
    late = queries.ask(fresh(application), by=volunteer, at=now + HOUR, question="And this?")
    queries.answer(late, at=now + HOUR, text="No: it was 2012.")
    refused = client_of(second).post(address("desk_release", application))
    assert refused.status_code == 409
    assert "since this copy was made" in text_of(refused)
    desk.post(address("desk_copy_take_back", application))
    assert desk.post(address("desk_copy_renew", application)).status_code == 302
    prepare(application, volunteer, timezone.now())
    assert client_of(second).post(address("desk_release", application)).status_code == 302


def test_what_is_kept_needs_a_reason(application: Application, volunteer: Person) -> None:
    application = make_application(
        answers={"links": {"basis": "links", "statement": "Ring the office on 01225 477000 any time."}}
    )
    verify(application, volunteer, timezone.now())
    desk = client_of(volunteer)
    url = address("desk_copy", application)
    (name,) = desk.get(url).context["form"].marks
    assert "Say why it is kept" in text_of(desk.post(url, {f"decision-{name}": "keep"}))
    assert fresh(application).copy.content["links.statement"] == "Ring the office on [removed] any time."
    desk.post(url, {f"decision-{name}": "keep", f"reason-{name}": "The council's own number."})
    assert "01225 477000" in fresh(application).copy.content["links.statement"]


def test_a_typed_redaction_is_put_back(application: Application, volunteer: Person) -> None:
    verify(application, volunteer, timezone.now())
    desk = client_of(volunteer)
    nowhere = desk.post(address("desk_copy_redact", application), {"passage": "no such words"})
    assert "stands nowhere" in text_of(nowhere)
    desk.post(address("desk_copy_redact", application), {"passage": "sixteen years"})
    copy = fresh(application).copy
    (mark,) = [mark for mark in copy.review["marks"]["links.statement"] if mark["kind"] == "typed"]
    name = copies.mark_id("links.statement", mark)
    desk.post(address("desk_copy_put_back", application), {"mark": name})
    assert "sixteen years" in fresh(application).copy.content["links.statement"]


# --- Files --------------------------------------------------------------------------------------------
@pytest.mark.policy("D16")
def test_a_file_that_the_research_found_shows_a_finding_and_is_only_ever_saved(
    application: Application, volunteer: Person, second: Person
) -> None:
    claims.claim(application, by=volunteer, at=timezone.now())
    desk = client_of(volunteer)
    url = address("desk_file_add", application)
    assert "Choose a file first" in text_of(desk.post(url, {}))
    no_file = SimpleUploadedFile("list.html", b"<script>alert(1)</script>", "text/html")
    assert "error-summary" in text_of(desk.post(url, {"file": no_file}))
    found = SimpleUploadedFile("Rowena's page.png", png(), "image/png")
    assert desk.post(url, {"file": found}).status_code == 302
    row = application.evidence.get()
    assert (row.proves, row.added_by) == ("research", volunteer)
    page = text_of(desk.get(address("desk_case", application)))
    assert "Found by the research (PNG" in page
    assert "Rowena" not in page
    finding = {
        "finding-office.body": "confirmed",
        "note-office.body": "It is in the list.",
        "evidence-office.body": [str(row.pk)],
    }
    desk.post(address("desk_section", application, "office"), finding)
    assert Check.objects.get(item="office.body").evidence.get() == row
    saved = desk.get(address("desk_file", application, row.pk))
    assert saved["Content-Disposition"].startswith("attachment")
    assert saved["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in saved["Content-Security-Policy"]
    assert "no-store" in saved["Cache-Control"]
    assert saved.content.startswith(b"\x89PNG")
    assert f"evidence:{row.pk}" in looks(application, volunteer)
    assert client_of(second).get(address("desk_file", application, row.pk)).status_code == 409
    assert desk.get(address("desk_file", make_application(), row.pk)).status_code == 404


def test_a_second_reader_reads_the_form_only_while_a_copy_waits(
    application: Application, volunteer: Person, second: Person
) -> None:
    now = timezone.now()
    verify(application, volunteer, now)
    other = client_of(second)
    assert other.get(address("desk_release", application)).status_code == 409
    prepare(application, volunteer, now)
    assert other.get(address("desk_release", application)).status_code == 200
    assert looks(application, second) == [records.REVIEW]
    other.post(address("desk_release", application))
    assert other.get(address("desk_section", application, "name")).status_code == 409


def test_logging_in_leads_on_to_the_desk(client: Client, volunteer: Person) -> None:
    assert log_in(client, volunteer, reverse("defections:desk_list")).status_code == 302
    assert client.get(reverse("defections:desk_list")).status_code == 200


@pytest.mark.policy("D15", "D16")
def test_a_form_that_came_by_post_says_how_and_its_clerk_does_not_check_it(
    application: Application, volunteer: Person
) -> None:
    paper = make_application(email="", origin="post", by=volunteer)
    arrival = {"way": "by post", "arrived_on": "2026-05-28", "kept_where": "Safe of the office"}
    paper.arrival_sealed = paper.seal(arrival, f"defections.application:{paper.pk}:arrival")
    paper.email_sealed = paper.email_mark = None
    paper.save()
    other = make_volunteer()
    assert client_of(volunteer).post(address("desk_claim", paper)).status_code == 403
    claims.claim(paper, by=other, at=timezone.now())
    desk = client_of(other)
    assert address("desk_arrival", paper) in text_of(desk.get(address("desk_case", paper)))
    page = text_of(desk.get(address("desk_arrival", paper)))
    assert "28 May 2026" in page
    assert "Safe of the office" in page
    assert "people print your question, post it" in text_of(desk.get(address("desk_queries", paper)))
    assert desk.post(address("desk_queries", paper), {"question": "Is it so?"}).status_code == 302
    assert paper.postal_letters.get().query == paper.queries.get()


def test_a_volunteer_sees_what_they_checked_after_the_release_and_nothing_that_was_given(
    application: Application, volunteer: Person, second: Person
) -> None:
    release(application, timezone.now() - 4 * HOUR, by=volunteer, second=second)
    desk = client_of(volunteer)
    assert address("desk_case", application) in text_of(desk.get(reverse("defections:desk_list")))
    shown = text_of(desk.get(address("desk_case", application)))
    assert "Employment 1: Job" in shown
    assert "Date of birth: Date of birth" in shown
    assert "Confirmed," in shown
    for secret in ("Rowan", "Larkspur", "Librarian", "1977", "496123", "Seen in the public record"):
        assert secret not in shown, secret
    other = client_of(second)
    assert "What you have checked" not in text_of(other.get(address("desk_case", application)))
    assert application.reference not in text_of(other.get(reverse("defections:desk_list")))
    assert looks(application, volunteer) == []
