"""The research in the story: from taking the application on to the release by a second person, by the pages."""

from typing import Any

from defections.models import Application, Query
from tests.defections.canary.applying import STREET
from tests.defections.canary.markers import Given
from tests.defections.canary.walking import Walker
from tests.defections.desk_walk import sections_to_check


def check(desk: Walker, given: Given, application: Application, applicant: Walker) -> None:
    """Takes it on, reads and checks everything, asks a question that is answered, speaks with the applicant."""
    desk.get("defections:desk_list")
    desk.post("defections:desk_claim", application.pk)
    desk.get("defections:desk_case", application.pk)
    for section in sections_to_check(application):
        page = desk.get("defections:desk_section", application.pk, section)
        lines = [line.key for line in page.context["form"].lines]
        data = {f"finding-{key}": "confirmed" for key in lines}
        data |= {f"note-{key}": f"{given('check note')} about {key}" for key in lines}
        desk.send("defections:desk_section", application.pk, section, data=data)
    desk.get("defections:desk_section", application.pk, "name")
    if application.entered_by_id:
        desk.get("defections:desk_arrival", application.pk)
    for file in application.evidence.all():
        desk.get("defections:desk_file", application.pk, file.pk)
    desk.post("defections:desk_queries", application.pk, question=f"What of {given('question')}?")
    query = Query.objects.get(application=application)
    applicant.get("defections:applicant_detail")
    applicant.get("defections:query_answer", query.pk)
    applicant.post("defections:query_answer", query.pk, answer=f"Nothing of {given('answer')}.")
    desk.get("defections:desk_queries", application.pk)
    _correct(desk, given, application)
    _speak(desk, given, application)
    outcome = {"outcome": "genuine", "summary": f"All is well: {given('summary')}."}
    desk.send("defections:desk_outcome", application.pk, data=outcome)
    desk.get("defections:desk_outcome", application.pk)


def _correct(desk: Walker, given: Given, application: Application) -> None:
    """Something that is shared and something that is not; first without saying how it is known."""
    office = {name: given(f"office.{name}") for name in ("body", "elected_as")}
    year, month = given("office.held_since").split("-")
    office |= {"area": given("corrected area"), "held_since_month": month, "held_since_year": year}
    home = {name: given(f"address.{name}") for name in ("line_1", "town", "county", "postcode")}
    home["line_2"] = given("corrected line")
    grounds = {"source": "applicant", "finding": "confirmed", "how": f"{given('correction how')} said so."}
    for step, data in (("office-details", office), ("address", home)):
        desk.get("defections:desk_correct", application.pk, step, 0)
        desk.send("defections:desk_correct", application.pk, step, 0, data=data, status=200)
        desk.send("defections:desk_correct", application.pk, step, 0, data={**data, **grounds})
        desk.get("defections:desk_correct", application.pk, step, 0)


def _speak(desk: Walker, given: Given, application: Application) -> None:
    first = desk.get("defections:desk_contacts", application.pk).context["form"].initial
    data: dict[str, Any] = {"way": "phone", "is_direct": "yes", "was_reached": "yes", "hour": "00:00"}
    data |= {"day_day": first["day"].day, "day_month": first["day"].month, "day_year": first["day"].year}
    desk.send(
        "defections:desk_contacts", application.pk, data={**data, "note": f"Spoke: {given('contact note')}."}
    )
    desk.get("defections:desk_contacts", application.pk)


def make_copy(desk: Walker, given: Given, application: Application) -> None:
    """Decides on every suggestion, takes a passage out by hand, hands the copy over."""
    _decide(desk, given, application)
    desk.post("defections:desk_copy_redact", application.pk, passage=given("typed passage"))
    desk.get("defections:desk_copy_preview", application.pk)
    desk.post("defections:desk_copy_prepare", application.pk)


def _decide(desk: Walker, given: Given, application: Application) -> None:
    marks = desk.get("defections:desk_copy", application.pk).context["form"].marks
    data = {}
    for name, marked in marks.items():
        is_kept = STREET in marked.passage
        data[f"decision-{name}"] = "keep" if is_kept else "remove"
        data[f"reason-{name}"] = given("keep reason") if is_kept else ""
    assert "keep" in data.values()
    assert len(marks) > 5
    desk.send("defections:desk_copy", application.pk, data=data)


def release(desk: Walker, second: Walker, given: Given, application: Application) -> None:
    """A second reader sends the copy back once, then releases it."""
    second.get("defections:desk_release", application.pk)
    second.post("defections:desk_send_back", application.pk, reason=f"Look at {given('sent back')} again.")
    desk.get("defections:desk_copy", application.pk)
    desk.post("defections:desk_copy_prepare", application.pk)
    second.get("defections:desk_release", application.pk)
    second.post("defections:desk_release", application.pk)
