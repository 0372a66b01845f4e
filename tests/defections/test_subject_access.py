"""What applicants get and can have erased: all that is held about them, after a fresh code, by themselves or staff."""

import io
import json
import zipfile
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assemblies.models import Assembly, Duty, Kind
from defections import catalogue, records
from defections.models import Application, Claim, Hold, Letter, SanitisedCopy
from defections.office import archive
from ledger.models import Event
from tests.defections.entering import enter, newest_code
from tests.defections.making import SENT_AT, full_answers, mails_to, make_application, make_volunteer
from tests.defections.test_retention import close, decline, fill_research, is_erased, make_copy
from tests.factories import make_person

pytestmark = pytest.mark.django_db
ADDRESS = "rowan@example.org"
COPY, ERASE = "defections:data_copy", "defections:data_erase"


def send_code(client: Client, page: str, address: str = ADDRESS) -> str:
    """Asks for a fresh code on a page, a while after the last one; returns it."""
    cache.clear()
    assert client.post(reverse(page), {"send": "1"}).status_code == 302
    return newest_code(address)


def copy_of(client: Client) -> zipfile.ZipFile:
    """The archive, fetched on the applicant's page with a fresh code."""
    answer = client.post(reverse(COPY), {"code": send_code(client, COPY)})
    assert answer["Content-Type"] == "application/zip", answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    return zipfile.ZipFile(io.BytesIO(answer.content))


def leaves(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [leaf for part in value.values() for leaf in leaves(part)]
    if isinstance(value, list):
        return [leaf for part in value for leaf in leaves(part)]
    return [value] if isinstance(value, str) and value else []


# --- The copy -----------------------------------------------------------------------------------------
def test_the_archive_holds_everything_in_both_forms(client: Client) -> None:
    application = make_application(email=ADDRESS)
    fill_research(application)
    make_copy(application, SENT_AT)
    enter(client, ADDRESS)
    with copy_of(client) as archive:
        page, data = archive.read("index.html").decode(), json.loads(archive.read("data.json"))
        (file,) = data["files"]
        assert archive.read(file["path"]) == b"file"
    assert file["name"] == "bill.png"
    text = json.dumps(data, ensure_ascii=False)
    for section, given in full_answers(Assembly.objects.get(kind=Kind.CONSTITUENCY)).items():
        for leaf in leaves(given):
            assert leaf in text, (section, leaf)
    for found in (
        "Seen on the register",
        "Newbridge ward",
        "In the answer",
        "Spoke for ten minutes",
        "Since when?",
        "Since May",
        "Bath Council",
        ADDRESS,
    ):
        assert found in text, found
        assert found in page, found
    assert "<dt>Council, assembly or parliament: Confirmed</dt>" in page
    for words in ("Rowena Margaret", "14 Larkspur Terrace", "27 March 1977", 'href="files/', "bill.png"):
        assert words in page, words
    assert {one["key"] for one in data["answers"]} == {section.key for section in catalogue.SECTIONS}


def test_every_look_is_told_by_role_and_never_by_name(client: Client) -> None:
    application = make_application(email=ADDRESS)
    volunteer = make_volunteer(Duty.Name.RESEARCH, "Vera Volunteer")
    Claim.objects.create(application=application, person=volunteer, claimed_at=SENT_AT)
    records.look(application, "phones", by=volunteer, at=timezone.now())
    records.look(application, "address", by=volunteer, at=timezone.now())
    enter(client, ADDRESS)
    with copy_of(client) as archive:
        whole = archive.read("index.html").decode() + archive.read("data.json").decode()
        events = json.loads(archive.read("data.json"))["events"]
    looks = [event for event in events if event["verb"] == "application.viewed"]
    assert [look["what"].rpartition(": ")[2] for look in looks] == ["Your phone numbers", "Your address"]
    assert {look["who"] for look in looks} == {"a volunteer of the research (person 1)"}
    for name in ("Vera", volunteer.email, str(volunteer.pk)):
        assert name not in whole
    assert (
        Event.objects.filter(verb="application.data_given", subject_id=str(application.pk), by=None).count()
        == 1
    )


def test_what_may_tell_about_others_is_left_out_and_said_so(client: Client) -> None:
    application = make_application(email=ADDRESS)
    fill_research(application)
    Hold.objects.create(
        application=application, reason="Order of the court", placed_at=SENT_AT, placed_by=make_person()
    )
    enter(client, ADDRESS)
    with copy_of(client) as archive:
        whole = archive.read("index.html").decode() + archive.read("data.json").decode()
    assert "Dilys" not in whole
    assert "The note is left out" in whole
    assert "Order of the court" not in whole
    assert "Legal hold since" in whole


def test_the_letter_and_the_copy_are_in_it_after_the_end(client: Client) -> None:
    close(make_application(email=ADDRESS), Letter.Kind.DECLINE, timezone.now())
    enter(client, ADDRESS)
    with copy_of(client) as archive:
        assert "Dear Rowan, thank you." in archive.read("index.html").decode()


def test_without_a_fresh_code_nothing_is_given(client: Client) -> None:
    application = make_application(email=ADDRESS)
    enter(client, ADDRESS)
    for sent in ({}, {"code": "AAA-BBB"}):
        answer = client.post(reverse(COPY), sent)
        assert answer["Content-Type"].startswith("text/html")
    code = send_code(client, COPY)
    wrong = client.post(reverse(COPY), {"code": "AAA-BBB"})
    assert "That is not the code" in wrong.content.decode()
    assert client.post(reverse(COPY), {"code": code})["Content-Type"] == "application/zip"
    assert client.post(reverse(COPY), {"code": code})["Content-Type"].startswith("text/html")
    assert Event.objects.filter(verb="application.data_given", subject_id=str(application.pk)).count() == 1


def test_a_code_of_another_address_opens_nothing(client: Client) -> None:
    make_application(email=ADDRESS)
    make_application(email="other@example.org")
    enter(client, "other@example.org")
    other = Client()
    enter(other, ADDRESS)
    code = send_code(other, COPY)
    session, theirs = client.session, other.session
    session["defections_data_code"] = theirs["defections_data_code"]
    session.save()
    refused = client.post(reverse(COPY), {"code": code})
    assert refused["Content-Type"].startswith("text/html")
    assert Client().get(reverse(COPY)).status_code == 403


# --- Erasure on request -------------------------------------------------------------------------------
def test_erasure_on_request_says_first_what_stays_and_confirms_by_mail(client: Client) -> None:
    application = decline(make_application(email=ADDRESS), timezone.now())
    enter(client, ADDRESS)
    shown = client.get(reverse(ERASE)).content.decode()
    for what, why in settings.DEFECTIONS_KEPT_BY_LAW:
        assert f"{what}, {why}" in shown
    code = send_code(client, ERASE)
    assert not is_erased(application)
    done = client.post(reverse(ERASE), {"code": code}).content.decode()
    assert "Your data has been erased" in done
    assert is_erased(application)
    mail = mails_to(ADDRESS)[0]
    assert "erased" in mail.subject
    assert "17(3)(e)" in mail.text
    event = Event.objects.get(verb="application.erased")
    assert event.data == {"because": "request", "copy_stays": False}
    assert client.get(reverse("defections:applicant_detail")).status_code == 403


def test_the_copy_of_somebody_accepted_outlasts_the_request_where_the_setting_says_so(
    client: Client, settings: Any
) -> None:
    application = close(make_application(email=ADDRESS), Letter.Kind.ACCEPTANCE, timezone.now())
    enter(client, ADDRESS)
    assert "since you represent the party" in client.get(reverse(ERASE)).content.decode()
    settings.DEFECTIONS_COPY_OUTLASTS_REQUEST = False
    assert "since you represent the party" not in client.get(reverse(ERASE)).content.decode()
    settings.DEFECTIONS_COPY_OUTLASTS_REQUEST = True
    client.post(reverse(ERASE), {"code": send_code(client, ERASE)})
    assert is_erased(application)
    assert SanitisedCopy.objects.get().erased_at is None


def test_a_hold_and_an_open_case_refuse_it_with_their_sentences(client: Client) -> None:
    application = make_application(email=ADDRESS)
    enter(client, ADDRESS)
    assert "it has to be withdrawn before it can be erased" in client.get(reverse(ERASE)).content.decode()
    application.withdrawn_at = timezone.now()
    application.save()
    code = send_code(client, ERASE)
    Hold.objects.create(application=application, reason="Order", placed_at=SENT_AT, placed_by=make_person())
    refused = client.post(reverse(ERASE), {"code": code})
    assert refused.status_code == 409
    assert "A legal hold keeps this application" in refused.content.decode()
    assert not is_erased(application)


def test_staff_erase_for_an_applicant_and_say_how_they_knew(client: Client) -> None:
    application = decline(make_application(email=ADDRESS), timezone.now())
    client.force_login(make_volunteer(Duty.Name.OPERATIONS))
    address = f"/admin/defections/application/{application.pk}/move/erase/"
    assert "Choose how you know" in client.post(address).content.decode()
    assert client.post(address, {"known_by": "letter"}).status_code == 302
    assert is_erased(application)
    asked = Event.objects.get(verb="application.requested")
    assert asked.data == {"what": "erasure", "known_by": "letter"}


# --- For an applicant who asked staff -----------------------------------------------------------------
def ask(client: Client, reference: str, **changes: Any) -> Any:
    return client.post(
        reverse("defections:data_for_applicant"), {"reference": reference, "known_by": "phone", **changes}
    )


def test_a_cleared_volunteer_makes_the_copy_and_the_applicant_is_told(client: Client) -> None:
    application = make_application(email=ADDRESS)
    fill_research(application)
    client.force_login(make_volunteer(Duty.Name.RESEARCH))
    assert "No application has this reference" in ask(client, "H-0000-0000").content.decode()
    assert "Choose how you know" in ask(client, application.reference, known_by="").content.decode()
    answer = ask(client, application.reference.lower())
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert "Dilys" not in archive.read("index.html").decode()
    with zipfile.ZipFile(io.BytesIO(ask(client, application.reference, with_others="on").content)) as archive:
        assert "Dilys" in archive.read("index.html").decode()
    events = Event.objects.about(application).filter(verb="application.requested")
    assert [event.data for event in events] == [{"what": "copy", "known_by": "phone"}] * 2
    mail = mails_to(ADDRESS)[0]
    assert "A copy of your data was made" in mail.subject
    assert "defect" not in (mail.subject + mail.text).lower()


@pytest.mark.parametrize("who", ["superuser", "operations", "outsider"])
def test_others_get_no_copy_of_anybodys_data(client: Client, who: str) -> None:
    application = make_application()
    make_volunteer(Duty.Name.RESEARCH)
    person = {
        "superuser": lambda: make_person(is_staff=True, is_superuser=True),
        "operations": lambda: make_volunteer(Duty.Name.OPERATIONS),
        "outsider": make_person,
    }[who]()
    client.force_login(person)
    refused = ask(client, application.reference)
    assert refused.status_code == 403
    assert "Only volunteers cleared for research" in refused.content.decode()


def test_nobody_makes_the_copy_of_a_case_in_which_they_have_a_part(client: Client) -> None:
    volunteer = make_volunteer(Duty.Name.RESEARCH)
    own = make_application(email=volunteer.email)
    client.force_login(volunteer)
    assert "Nobody handles their own application." in ask(client, own.reference).content.decode()
    theirs = make_application()
    theirs.conflicts.create(person=volunteer, declared_at=timezone.now())
    assert "You have declared a conflict" in ask(client, theirs.reference).content.decode()
    assert not Event.objects.filter(verb="application.data_given").exists()


def test_whatever_hangs_on_an_application_has_its_place_in_the_archive() -> None:
    """A new table of an applicant's data fails this until somebody says where the archive tells of it."""
    told_in = {
        "answers": "answers",
        "evidence": "files",
        "holds": "kept",
        "claims": "events",
        "conflicts": "events",
        "checks": "checks",
        "corrections": "corrections",
        "contacts": "contacts",
        "queries": "questions",
        "copy": "copy",
        "routings": "routing",
        "invitations": "invitations",
        "letter": "letter",
        "email_changes": "email_changes",
        "postal_letters": "posted",
    }
    hanging = {relation.get_accessor_name() for relation in Application._meta.related_objects}
    assert hanging == set(told_in)
    gathered = archive.gather(make_application(), at=timezone.now(), with_others=True)
    assert set(told_in.values()) <= set(gathered)
