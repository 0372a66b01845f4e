"""Releases of the form: made in the admin by people cleared for operations, published whole, never changed."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image, PngImagePlugin

from assemblies.models import Assembly, Duty, Participation
from defections import catalogue, releases
from defections.models import NOTICES, PLEDGES, Application, FormRelease, Passage
from defections.office import demonstration, paper_form
from harmony.time import london_day
from ledger.models import Event
from members.models import Person
from tests.factories import make_clearance, make_duty, make_member, make_participation, make_person, make_term

pytestmark = pytest.mark.django_db
LIST = "/admin/defections/formrelease/"
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def page(release: FormRelease, verb: str = "") -> str:
    return f"{LIST}{release.pk}/move/{verb}/" if verb else f"{LIST}{release.pk}/change/"


def boxes(day: Any) -> dict[str, Any]:
    return {"released_on_day": day.day, "released_on_month": day.month, "released_on_year": day.year}


def wording(**changes: Any) -> dict[str, Any]:
    """What is typed into the draft's form when all of it is there."""
    return {
        **boxes(london_day(timezone.now())),
        "party_name": "Harmony Party",
        "kernel": "We look after one another.\n\nThat is all.",
        "principles": "One\nTwo\nThree\nFour",
        **{f"text_{key}": f"Wording of {key}." for key in (*NOTICES, *PLEDGES)},
        **changes,
    }


@pytest.fixture
def maker(assembly: Assembly) -> Person:
    """Takes part in the assembly with the operations duty, and is cleared for it."""
    make_duty(assembly, Duty.Name.OPERATIONS)
    person = make_member("Olga Operations")
    make_participation(person, assembly)
    make_clearance(person, Duty.Name.OPERATIONS)
    return person


@pytest.fixture
def draft(client: Client, maker: Person) -> FormRelease:
    """An empty draft, made through the admin by the maker, who is logged in."""
    client.force_login(maker)
    answer = client.post(f"{LIST}add/")
    made = FormRelease.objects.get()
    assert answer["Location"] == page(made)
    return made


def publish(client: Client, release: FormRelease, **changes: Any) -> FormRelease:
    assert client.post(page(release, "change"), wording(**changes)).status_code == 302
    assert client.post(page(release, "publish")).status_code == 302
    release.refresh_from_db()
    return release


def png(size: tuple[int, int] = (40, 20), **extra: Any) -> SimpleUploadedFile:
    made = BytesIO()
    Image.new("RGB", size, "purple").save(made, "PNG", **extra)
    return SimpleUploadedFile("logo.png", made.getvalue(), "image/png")


# --- Making and publishing ---------------------------------------------------------------------------
@pytest.mark.policy("D2", "D3")
def test_the_cleared_make_word_and_publish_a_release(
    client: Client, draft: FormRelease, maker: Person
) -> None:
    publish(client, draft)
    assert draft.is_published
    assert draft.published_by == maker
    assert FormRelease.objects.current() == draft
    assert draft.released_on == london_day(timezone.now())
    assert {passage.key for passage in draft.passages.all()} == {*NOTICES, *PLEDGES}
    shown = client.get(reverse("defections:form_print")).content.decode()
    for wanted in ("Harmony Party", "We look after one another.", "<p>That is all.</p>", "<li>Three</li>"):
        assert wanted in shown
    assert f'<time datetime="{draft.released_on:%Y-%m-%d}">' in shown
    assert [event.verb for event in Event.objects.about(draft)] == [
        "form_release.drafted",
        "form_release.changed",
        "form_release.published",
    ]


@pytest.mark.policy("D2", "D3", "D4", "D5", "D6", "D13")
def test_a_draft_says_all_that_keeps_it_from_being_published(client: Client, draft: FormRelease) -> None:
    shown = client.get(page(draft)).content.decode()
    assert "The date of release is missing." in shown
    assert "The Ethical Kernel is empty" in shown
    assert "There are four principles, one on each line; this has 0." in shown
    for key in (*NOTICES, *PLEDGES):
        assert f"A text is missing. {key.label}" in shown
    assert page(draft, "publish") not in shown
    refused = client.post(page(draft, "publish"))
    assert refused.status_code == 409
    assert "The Ethical Kernel is empty" in refused.content.decode()
    draft.refresh_from_db()
    assert not draft.is_published


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"kernel": "  "}, "The Ethical Kernel is empty"),
        ({"principles": "One\nTwo\n\nThree"}, "this has 3."),
        ({"principles": "One\nTwo\nThree\nFour\nFive"}, "this has 5."),
        ({"text_readers": ""}, "A text is missing. Notice: who reads the form (D6)"),
        ({"text_privacy": " "}, "A text is missing. Pledge: to keep private accounts private"),
        (
            {"released_on_day": "", "released_on_month": "", "released_on_year": ""},
            "The date of release is missing.",
        ),
    ],
)
def test_each_gap_alone_keeps_it_a_draft(
    client: Client, draft: FormRelease, changes: dict[str, str], sentence: str
) -> None:
    assert client.post(page(draft, "change"), wording(**changes)).status_code == 302
    refused = client.post(page(draft, "publish"))
    assert refused.status_code == 409
    assert sentence in refused.content.decode()


def test_a_release_is_not_published_before_its_date_nor_behind_the_last(
    client: Client, draft: FormRelease
) -> None:
    today = london_day(timezone.now())
    tomorrow = today + timedelta(days=1)
    client.post(page(draft, "change"), wording(**boxes(tomorrow)))
    assert "Publish it on that day or later" in client.post(page(draft, "publish")).content.decode()
    publish(client, draft)
    client.post(f"{LIST}add/")
    later = FormRelease.objects.exclude(pk=draft.pk).get()
    client.post(page(later, "change"), wording(**boxes(today - timedelta(days=1))))
    assert "lies before that of the last release" in client.post(page(later, "publish")).content.decode()


@pytest.mark.policy("D2")
def test_what_was_published_is_changed_by_nobody(client: Client, draft: FormRelease, maker: Person) -> None:
    publish(client, draft)
    shown = client.get(page(draft)).content.decode()
    assert "Published: nothing of it changes any more." in shown
    assert "Wording of readers." in shown
    assert 'name="kernel"' not in shown
    for verb in ("change", "publish", "discard"):
        refused = client.post(page(draft, verb), wording(kernel="Other"))
        assert refused.status_code == 409
        assert "A published release is never changed" in refused.content.decode()
    assert client.post(page(draft), {"kernel": "Other"}).status_code == 403
    assert client.post(f"{LIST}{draft.pk}/delete/", {"post": "yes"}).status_code == 403
    with pytest.raises(DatabaseError, match="is not changed"), transaction.atomic():
        FormRelease.objects.filter(pk=draft.pk).update(kernel="Other")
    draft.refresh_from_db()
    assert draft.kernel.startswith("We look after")


def test_a_new_release_starts_as_a_copy_of_the_last(client: Client, draft: FormRelease) -> None:
    publish(client, draft, logo=png())
    client.post(f"{LIST}add/")
    copy = FormRelease.objects.get(number=2)
    assert copy.kernel == draft.kernel
    assert bytes(copy.logo) == bytes(draft.logo)
    assert copy.released_on is None
    assert {passage.text for passage in copy.passages.all()} == {
        passage.text for passage in draft.passages.all()
    }
    assert FormRelease.objects.current() == draft
    publish(client, copy, party_name="Party of Harmony")
    assert FormRelease.objects.current() == copy
    assert "Party of Harmony" in client.get(reverse("defections:form_print")).content.decode()


def test_a_draft_can_be_discarded_and_the_record_keeps_that(client: Client, draft: FormRelease) -> None:
    assert client.post(page(draft, "discard"))["Location"] == LIST
    assert not FormRelease.objects.exists()
    assert Event.objects.filter(verb="form_release.discarded", subject_id=str(draft.pk)).exists()


def test_bad_input_is_told_beside_the_field_and_loses_nothing(client: Client, draft: FormRelease) -> None:
    sent = wording(party_name="", released_on_day="31", released_on_month="2", kernel="Kept words")
    told = client.post(page(draft, "change"), sent).content.decode()
    assert "Enter the party’s name" in told
    assert "The date must be a real date" in told
    assert "Kept words" in told


# --- Who may ------------------------------------------------------------------------------------------
def somebody(who: str, maker: Person, assembly: Assembly) -> Person:
    """One of those who may not make a release."""
    if who == "secretary":
        person = make_member()
        make_participation(person, assembly)
        make_term(person, assembly)
        return person
    if who == "left":
        maker.participations.update(ended_at=timezone.now(), ended_because=Participation.Ending.LEFT)
        return maker
    person = make_member(is_staff=True, is_superuser=who == "superuser")
    make_participation(person, assembly)
    if who == "lapsed":
        then = timezone.now() - timedelta(days=600)
        make_clearance(person, Duty.Name.OPERATIONS, granted_at=then, expires_at=then + timedelta(days=300))
    if who == "research":
        make_duty(assembly, Duty.Name.RESEARCH)
        make_clearance(person, Duty.Name.RESEARCH)
    return person


@pytest.mark.policy("D2")
@pytest.mark.parametrize("who", ["superuser", "secretary", "lapsed", "research", "left"])
def test_others_make_and_publish_nothing(
    client: Client, draft: FormRelease, maker: Person, assembly: Assembly, who: str
) -> None:
    client.post(page(draft, "change"), wording())
    client.force_login(somebody(who, maker, assembly))
    for address in (f"{LIST}add/", page(draft, "change"), page(draft, "publish"), page(draft, "discard")):
        assert client.post(address, wording(kernel="Other")).status_code in (302, 403, 404), address
    draft.refresh_from_db()
    assert not draft.is_published
    assert draft.kernel != "Other"
    assert FormRelease.objects.count() == 1


def test_the_admin_opens_to_the_cleared_for_this_alone(
    client: Client, maker: Person, outsider: Person
) -> None:
    client.force_login(maker)
    assert "Form releases" in client.get("/admin/").content.decode()
    assert client.get("/admin/members/person/").status_code == 403
    client.force_login(outsider)
    assert client.get(LIST).status_code == 302


@pytest.mark.usefixtures("maker")
def test_a_superuser_looks_at_releases_and_is_told_who_makes_them(client: Client, draft: FormRelease) -> None:
    client.force_login(make_person(is_staff=True, is_superuser=True))
    assert client.get(page(draft)).status_code == 200
    refused = client.get(page(draft, "publish"))
    assert refused.status_code == 403
    assert "Only people cleared for the operations duty" in refused.content.decode()


# --- The logo -----------------------------------------------------------------------------------------
@pytest.mark.policy("D2")
def test_a_logo_is_kept_without_anything_but_its_pixels(client: Client, draft: FormRelease) -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", "Somebody with a name")
    publish(client, draft, logo=png(pnginfo=notes))
    assert b"Somebody" not in bytes(draft.logo)
    shown = client.get(reverse("defections:form_print")).content.decode()
    address = reverse("defections:release_logo", args=[draft.number])
    assert f'src="{address}" alt="Harmony Party"' in shown
    answer = Client().get(address)
    assert answer["Content-Type"] == "image/png"
    assert Image.open(BytesIO(answer.content)).size == (40, 20)


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (lambda: SimpleUploadedFile("a.png", b"<svg/>", "image/png"), "does not open as one"),
        (lambda: png((2001, 20)), "16 to 2,000 pixels"),
        (lambda: png((20, 15)), "16 to 2,000 pixels"),
        (lambda: SimpleUploadedFile("a.png", b"\x89PNG\r\n\x1a\n" + b"0" * 1024 * 1024), "smaller than 1 MB"),
        (lambda: SimpleUploadedFile("a.png", png().read()[:60], "image/png"), "does not open as one"),
    ],
)
def test_a_logo_that_will_not_do_is_refused(
    client: Client, draft: FormRelease, file: Any, sentence: str
) -> None:
    told = client.post(page(draft, "change"), wording(logo=file()))
    assert told.status_code == 200
    assert sentence in told.content.decode()
    draft.refresh_from_db()
    assert not draft.logo


def test_the_logo_of_a_draft_is_not_public(client: Client, draft: FormRelease) -> None:
    client.post(page(draft, "change"), wording(logo=png()))
    assert Client().get(reverse("defections:release_logo", args=[draft.number])).status_code == 404
    own = reverse("defections:release_logo", args=[draft.number])
    assert own in client.get(f"{LIST}{draft.pk}/preview/").content.decode()
    answer = client.get(own)
    assert answer["Content-Type"] == "image/png"
    assert "no-store" in answer["Cache-Control"]


# --- The preview and the printed form -----------------------------------------------------------------
def test_the_preview_shows_a_draft_as_it_will_be_printed(client: Client, draft: FormRelease) -> None:
    client.post(page(draft, "change"), wording(is_demonstration="on"))
    shown = client.get(f"{LIST}{draft.pk}/preview/").content.decode()
    assert "Preview of a draft" in shown
    assert "Wording of truth." in shown
    assert "the wording of this form is demonstration text" in shown
    assert Client().get(reverse("defections:form_print")).status_code == 404


@pytest.mark.policy("D3", "D4", "D5", "D6", "D13")
def test_the_preview_shows_each_page_of_the_form_as_people_will_see_it(
    client: Client, draft: FormRelease
) -> None:
    client.post(page(draft, "change"), wording(is_demonstration="on"))
    listed = client.get(page(draft)).content.decode()
    shown = {
        "start": ("Wording of readers.",),
        "private-accounts": ("Wording of private_breach.", "Wording of privacy."),
        "principles": (
            "We look after one another.",
            "<li>Three</li>",
            "Wording of reselection.",
            "Wording of principles.",
        ),
        "consensus": ("Wording of consensus.",),
        "declaration": ("Wording of truth.", "Wording of readers."),
    }
    for key, words in shown.items():
        address = f"{LIST}{draft.pk}/preview/{key}/"
        assert address in listed
        text = client.get(address).content.decode()
        for wanted in words:
            assert wanted in text, (key, wanted)
        assert client.post(address, {"agreed": "on"})["Location"] == page(draft)
    assert client.get(f"{LIST}{draft.pk}/preview/name/").status_code == 404
    assert not Application.objects.exists()
    assert Client().get(f"{LIST}{draft.pk}/preview/start/").status_code == 302


@pytest.mark.policy("D3", "D4", "D5", "D6", "D13", "D15")
def test_the_printed_form_asks_all_and_gives_every_notice_and_pledge(
    client: Client, draft: FormRelease
) -> None:
    publish(client, draft)
    shown = Client().get(reverse("defections:form_print")).content.decode()
    for key in (*NOTICES, *PLEDGES):
        assert f"Wording of {key}." in shown, key
    assert shown.count("<p>Signature</p>") == len(PLEDGES)
    assert "Send it by post or email to the general secretary of the party." in shown
    asked = {question.key for part in paper_form.parts() for question in part.questions}
    in_tables = {f"{section.key}.{item.name}" for section in catalogue.SECTIONS for item in section.rows}
    left_out = set(catalogue.item_keys()) - asked - in_tables
    assert left_out == paper_form.SIGNED
    for section in catalogue.SECTIONS:
        assert str(section.label) in shown
        for item in section.rows:
            assert f'<th scope="col">{item.label}</th>' in shown


# --- The demonstration --------------------------------------------------------------------------------
@pytest.mark.policy("D3")
def test_the_demonstration_release_is_whole_and_says_that_it_is_a_sample(
    client: Client, draft: FormRelease, maker: Person
) -> None:
    with time_machine.travel(timezone.now()):
        draft.released_on, draft.is_demonstration = london_day(timezone.now()), True
        draft.kernel, draft.principles = demonstration.KERNEL, demonstration.PRINCIPLES
        releases.change(draft, demonstration.PASSAGES, by=maker, at=timezone.now())
    assert releases.issues_before_publishing(draft, timezone.now()) == []
    client.post(page(draft, "publish"))
    shown = client.get(reverse("defections:form_print")).content.decode()
    assert "the wording of this form is demonstration text" in shown
    assert all(line in shown for line in demonstration.KERNEL.splitlines())
    assert set(demonstration.PASSAGES) == set(Passage.Key)
    for words in ("Compassion", "unavoidable injury", "inaction", "Transparency", "consensus"):
        assert words in demonstration.PRINCIPLES
