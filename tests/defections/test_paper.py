"""A form that came by post or email (D15): entered for the general secretary, handed over, then out of reach."""

import re
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from assemblies.models import Assembly, Duty, Kind, Office
from decisions import gatherings
from defections import intake, records
from defections.errors import Incomplete, NotCleared
from defections.models import Application, Claim, Evidence
from harmony.time import london_day
from ledger.models import Event, Message
from members.models import Person
from tests.defections.cases import SECRET_LINK, T0, call_hustings, make_case
from tests.defections.entering import enter
from tests.defections.making import (
    full_answers,
    mails_to,
    make_constituency,
    make_release,
    make_volunteer,
)
from tests.factories import (
    make_assembly,
    make_clearance,
    make_member,
    make_participation,
    make_person,
    make_term,
)

pytestmark = pytest.mark.django_db
ADDRESS = "rowan@example.org"
GIVEN = ("Rowan", "Ashdown", "Larkspur", "7700900456", "BA1 4QX")


@pytest.fixture
def party(db: None) -> Assembly:
    """The party itself; with a release and a constituency to choose."""
    make_release()
    make_constituency()
    return make_assembly("Harmony Party", kind=Kind.PARTY)


@pytest.fixture
def clerk(client: Client, party: Assembly) -> Person:
    """A deputy of the party, logged in."""
    person = make_member("Dee Deputy")
    make_participation(person, party)
    make_term(person, party, Office.Role.DEPUTY)
    client.force_login(person)
    return person


def arrival(**changes: Any) -> dict[str, Any]:
    today = london_day(timezone.now())
    return {
        "origin": "post",
        "arrived_on_day": today.day,
        "arrived_on_month": today.month,
        "arrived_on_year": today.year,
        "release": Application._meta.get_field("release").related_model.objects.current().pk,
        "email": ADDRESS,
        "kept_where": "Safe, folder 3",
        "signed": "on",
        **changes,
    }


def begin(client: Client, **changes: Any) -> Application:
    answer = client.post(reverse("defections:paper_begin"), arrival(**changes))
    assert answer.status_code == 302, answer.content.decode()
    return Application.objects.get()


def fill(application: Application) -> None:
    """All sections but the last two, which the test enters through the pages."""
    for section, given in full_answers(Assembly.objects.get(kind=Kind.CONSTITUENCY)).items():
        if section not in ("birth", "consensus"):
            intake.save_section(application, section, given, at=timezone.now(), by=application.entered_by)


def scan() -> SimpleUploadedFile:
    made = BytesIO()
    Image.new("RGB", (40, 60), "white").save(made, "PNG")
    return SimpleUploadedFile("form page 1.png", made.getvalue(), "image/png")


def enter_rest(client: Client, application: Application) -> None:
    fill(application)
    pages = {
        "birth": {"date_of_birth_day": "27", "date_of_birth_month": "3", "date_of_birth_year": "1977"},
        "consensus": {"agreed": "on"},
    }
    for key, typed in pages.items():
        assert client.post(reverse("defections:form_page", args=[key]), typed).status_code == 302, key
    added = client.post(reverse("defections:paper_scans"), {"file": scan()})
    assert added.status_code == 302, added.content.decode()


# --- The way ------------------------------------------------------------------------------------------
@pytest.mark.policy("D15", "D16")
def test_a_form_on_paper_is_entered_with_scans_and_goes_the_same_way(client: Client, clerk: Person) -> None:
    application = begin(client)
    assert (
        "You are entering a form that came on paper"
        in client.get(reverse("defections:task_list")).content.decode()
    )
    enter_rest(client, application)
    page = client.get(reverse("defections:paper_hand_over")).content.decode()
    assert "The applicant gets a mail with the reference." in page
    done = client.post(reverse("defections:paper_hand_over")).content.decode()
    assert application.reference in done
    application.refresh_from_db()
    assert application.origin == "post"
    assert application.is_open
    assert application.entered_by == clerk
    assert "declaration" in intake.answers(application)
    evidence = Evidence.objects.get()
    assert (evidence.proves, evidence.added_by) == ("scan", clerk)
    assert application.reference in mails_to(ADDRESS)[0].text
    events = Event.objects.about(application)
    assert {event.by for event in events} == {clerk.pk}
    assert [event.verb for event in events][-1] == "application.sent"
    reader = make_volunteer(Duty.Name.RESEARCH)
    client.force_login(reader)
    assert application.reference in client.get(reverse("defections:desk_list")).content.decode()
    Claim.objects.create(application=application, person=reader, claimed_at=timezone.now())
    written = records.look(application, records.ARRIVAL, by=reader, at=timezone.now())
    assert written == {
        "way": "by post",
        "arrived_on": london_day(timezone.now()).isoformat(),
        "signed_pledges": "on file",
        "kept_where": "Safe, folder 3",
    }


@pytest.mark.policy("D15")
def test_without_an_address_there_is_a_letter_to_print_once(client: Client, clerk: Person) -> None:
    application = begin(client, email="", origin="email")
    enter_rest(client, application)
    assert "the next page is a letter" in client.get(reverse("defections:paper_hand_over")).content.decode()
    letter = client.post(reverse("defections:paper_hand_over")).content.decode()
    for words in ("Dear Rowan Ashdown,", "14 Larkspur Terrace", "BA1 4QX", application.reference):
        assert words in letter
    assert (
        "defect"
        not in re.sub(r'href="[^"]*"', "", letter.split('<article class="paper', 1)[1])
        .split("</article>")[0]
        .lower()
    )
    again = client.get(reverse("defections:paper_hand_over"))
    assert again.status_code == 403
    assert "Larkspur" not in again.content.decode()


@pytest.mark.policy("D15")
def test_the_same_is_asked_as_online_and_the_scan_and_pledges_besides(client: Client, clerk: Person) -> None:
    application = begin(client)
    refused = client.post(reverse("defections:form_page", args=["birth"]), {"date_of_birth_day": "31"})
    assert refused.status_code == 200
    fill(application)
    page = client.post(reverse("defections:paper_hand_over"))
    assert page.status_code == 409
    text = page.content.decode()
    for sentence in (
        "Give your date of birth.",
        "Agree to follow Party Consensus.",
        "Attach the scan of the form",
    ):
        assert sentence in text
    assert client.get(reverse("defections:form_declare"))["Location"] == reverse("defections:paper_hand_over")
    application.refresh_from_db()
    assert application.is_draft


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"signed": ""}, "Tick the box once all pledges are signed"),
        ({"arrived_on_day": ""}, "The date must include a day"),
        ({"arrived_on_year": "2999"}, "must not lie ahead"),
        ({"kept_where": " "}, "Say where the signed paper is kept"),
        ({"origin": "online"}, "Select a valid choice"),
        ({"email": "nobody"}, "Enter an email address in the correct format"),
    ],
)
def test_an_arrival_that_is_not_whole_is_told_beside_the_field(
    client: Client, clerk: Person, changes: dict[str, str], sentence: str
) -> None:
    told = client.post(reverse("defections:paper_begin"), arrival(**changes))
    assert told.status_code == 200
    assert sentence in told.content.decode()
    assert not Application.objects.exists()


def test_a_second_form_of_an_address_is_refused_with_its_sentence(client: Client, clerk: Person) -> None:
    begin(client)
    told = client.post(reverse("defections:paper_begin"), arrival()).content.decode()
    assert "There is an open application from this address already" in told


def test_a_file_that_is_no_scan_is_refused(client: Client, clerk: Person) -> None:
    begin(client)
    bad = SimpleUploadedFile("form.pdf", b"hello", "application/pdf")
    told = client.post(reverse("defections:paper_scans"), {"file": bad})
    assert told.status_code == 200
    assert not Evidence.objects.exists()
    client.post(reverse("defections:paper_scans"), {"file": scan()})
    one = Evidence.objects.get()
    assert client.get(reverse("defections:paper_scan", args=[one.pk]))["Content-Type"] == "image/png"
    client.post(reverse("defections:paper_scan_remove", args=[one.pk]))
    assert not Evidence.objects.exists()


def test_one_goes_on_with_what_one_has_begun_and_with_nobody_elses(
    client: Client, clerk: Person, party: Assembly
) -> None:
    application = begin(client)
    address = reverse("defections:paper_open", args=[application.pk])
    client.post(reverse("defections:form_leave"))
    assert application.reference in client.get(reverse("defections:paper_list")).content.decode()
    assert client.post(address)["Location"] == reverse("defections:task_list")
    other = make_member()
    make_participation(other, party)
    make_term(other, party)
    client.force_login(other)
    assert application.reference not in client.get(reverse("defections:paper_list")).content.decode()
    assert client.post(address).status_code == 404
    assert client.get(reverse("defections:task_list")).status_code == 403


# --- Out of reach afterwards --------------------------------------------------------------------------
@pytest.mark.policy("D15")
def test_after_handing_over_whoever_entered_it_cannot_read_it(client: Client, clerk: Person) -> None:
    application = begin(client)
    enter_rest(client, application)
    one = Evidence.objects.get()
    client.post(reverse("defections:paper_hand_over"))
    addresses = [
        reverse(f"defections:{name}")
        for name in (
            "task_list",
            "form_check",
            "applicant_detail",
            "answers_detail",
            "paper_scans",
            "data_copy",
        )
    ]
    addresses += [
        reverse("defections:paper_scan", args=[one.pk]),
        reverse("defections:form_page", args=["name"]),
    ]
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 403, address
        assert not any(given in answer.content.decode() for given in GIVEN), address
    assert client.post(reverse("defections:paper_open", args=[application.pk])).status_code == 404
    listed = client.get(reverse("defections:paper_list")).content.decode()
    assert application.reference in listed
    assert not any(given in listed for given in GIVEN)


def test_whoever_entered_it_does_not_verify_it_either(client: Client, clerk: Person) -> None:
    application = begin(client)
    enter_rest(client, application)
    client.post(reverse("defections:paper_hand_over"))
    holder = (
        Duty.objects.holder_at(Duty.Name.RESEARCH, timezone.now())
        or make_volunteer().participations.get().assembly
    )
    make_participation(clerk, holder)
    make_clearance(clerk, Duty.Name.RESEARCH)
    Claim.objects.create(application=application, person=clerk, claimed_at=timezone.now())
    application.refresh_from_db()
    with pytest.raises(NotCleared, match="You entered this application from paper"):
        records.look(application, "name", by=clerk, at=timezone.now())


def test_an_office_that_ends_ends_the_entering(client: Client, clerk: Person) -> None:
    begin(client)
    assert client.get(reverse("defections:task_list")).status_code == 200
    clerk.terms.update(ends_at=timezone.now() - timedelta(seconds=1))
    assert client.get(reverse("defections:task_list")).status_code == 403
    assert client.get(reverse("defections:paper_list")).status_code == 403


# --- Who may ------------------------------------------------------------------------------------------
@pytest.mark.policy("D15")
@pytest.mark.parametrize("who", ["superuser", "secretary elsewhere", "research", "member"])
def test_others_enter_nothing(client: Client, party: Assembly, who: str) -> None:
    if who == "superuser":
        person = make_person(is_staff=True, is_superuser=True)
    elif who == "research":
        person = make_volunteer(Duty.Name.RESEARCH)
    else:
        person = make_member()
        if who == "secretary elsewhere":
            society = make_assembly()
            make_participation(person, society)
            make_term(person, society)
    client.force_login(person)
    for page in ("paper_list", "paper_begin"):
        for answer in (
            client.get(reverse(f"defections:{page}")),
            client.post(reverse(f"defections:{page}"), arrival()),
        ):
            assert answer.status_code == 403
            assert "Only the general secretary and the deputies of the party" in answer.content.decode()
    assert not Application.objects.exists()


def test_without_a_second_step_it_stays_shut(client: Client, clerk: Person, settings: Any) -> None:
    settings.ADMIN_NEEDS_MFA = True
    refused = client.get(reverse("defections:paper_begin"))
    assert refused.status_code == 403
    assert "a second step guards" in refused.content.decode()
    Authenticator.objects.create(user=clerk, type=Authenticator.Type.TOTP, data={"secret": ""})
    assert client.get(reverse("defections:paper_begin")).status_code == 200


def test_an_applicant_at_their_own_form_is_no_clerk(client: Client, party: Assembly) -> None:
    enter(client, ADDRESS)
    for page in ("paper_scans", "paper_hand_over"):
        assert client.get(reverse(f"defections:{page}"))["Location"] == reverse("defections:task_list")
    assert "came on paper" not in client.get(reverse("defections:task_list")).content.decode()


def test_entering_from_paper_begins_no_form_of_ones_own(client: Client, clerk: Person) -> None:
    begin(client, email="")
    refused = client.post(reverse("defections:form_again"), follow=True)
    assert "begun from the list of such forms" in refused.content.decode()
    with pytest.raises(Incomplete, match="needs an email address"):
        intake.start(" ", at=timezone.now())
    assert Application.objects.count() == 1


def test_an_entry_page_asks_the_applicants_own_things_of_nobody_else(client: Client, clerk: Person) -> None:
    begin(client)
    for page in ("data_copy", "data_erase"):
        assert client.get(reverse(f"defections:{page}")).status_code == 403


def test_the_partys_page_leads_there_for_them_alone(client: Client, clerk: Person, party: Assembly) -> None:
    address = reverse("defections:paper_list")
    assert address in client.get(party.get_absolute_url()).content.decode()
    client.force_login(make_member())
    assert address not in client.get(party.get_absolute_url()).content.decode()


@pytest.mark.policy("D15", "D20")
def test_an_applicant_without_an_address_is_invited_by_post(
    client: Client, clerk: Person, assembly: Assembly, secretary: Person, member: Person
) -> None:
    application = make_case(assembly, email="-")
    online = make_case(assembly, email="robin@example.org")
    gathering = call_hustings(application, secretary)
    with time_machine.travel(T0, tick=False):
        client.force_login(clerk)
        page = reverse("defections:invitation_print", args=[gathering.applicant_invitation.pk])
        mail = Message.objects.get(kind="defections/mail/post_invitation", address=clerk.email)
        assert page in mail.text
        listed = client.get(reverse("defections:paper_list")).content.decode()
        assert page in listed
        assert online.reference not in listed
        shown = client.get(page).content.decode()
        for said in (
            application.reference,
            "Town Hall",
            SECRET_LINK,
            "15 June 2026",
            "hate speech",
            "By coming",
        ):
            assert said in shown, said
        assert "Robin" not in shown
        assert "Write by post" in client.get("/").content.decode()
        gatherings.call_off(gathering, by=secretary, at=T0, reason="The hall is closed.")
        assert "does not take place" in client.get(page).content.decode()
        assert (
            Message.objects.filter(kind="defections/mail/post_invitation", address=clerk.email).count() == 2
        )
        for person in (secretary, member):
            client.force_login(person)
            assert client.get(page).status_code == 403
