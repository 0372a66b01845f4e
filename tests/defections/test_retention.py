"""How long an application is kept: each window just before, at and after its end; holds; what is left afterwards."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.conf import settings
from django.db.models import BinaryField
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assemblies.models import Duty, Kind
from decisions import gatherings
from defections import intake, retention, vault
from defections.erasure import Because
from defections.errors import Erased
from defections.models import (
    Application,
    Check,
    Contact,
    Correction,
    Evidence,
    Hold,
    HustingsInvitation,
    Letter,
    Query,
    SanitisedCopy,
)
from harmony.clock import sweep
from harmony.time import days_later, months_later
from ledger.models import Event
from members.models import Person
from tests.defections.entering import enter
from tests.defections.making import SENT_AT, mails_to, make_application, make_volunteer
from tests.factories import (
    make_assembly,
    make_member,
    make_participation,
    make_person,
    make_term,
)

pytestmark = pytest.mark.django_db
MOMENT = timedelta(microseconds=1)
LIST = "/admin/defections/application/"


def decline(application: Application, at: datetime = SENT_AT) -> Application:
    """Closes it with a letter, as the letter of a decline does."""
    return close(application, Letter.Kind.DECLINE, at)


def close(application: Application, kind: str, at: datetime) -> Application:
    make_copy(application, at)
    copy = application.copy
    place = vault.place_of("letter", application.pk, "text")
    text = {"subject": "The outcome", "text": "Dear Rowan, thank you."}
    sealed = vault.seal(copy.key_wrapped, text, key_context=copy.key_context, place=place)
    Letter.objects.create(
        application=application, kind=kind, sealed=sealed, sent_by=make_person(), sent_at=at
    )
    application.closed_at = at
    application.save(update_fields=["closed_at"])
    return application


def make_copy(application: Application, at: datetime) -> SanitisedCopy:
    copy = SanitisedCopy(application=application, made_by=make_person(), made_at=at)
    copy.seal_content({"office.body": "Bath Council"})
    copy.seal_review({"made_of": {}})
    copy.save()
    return copy


def fill_research(application: Application) -> None:
    """A check, a correction, a contact, a question and a file, each sealed as the desk does."""
    who = make_person()
    place = Correction.place
    Correction.objects.create(
        application=application,
        item="office.area",
        value_sealed=application.seal("Newbridge ward", place(application, "office.area", "value")),
        how_sealed=application.seal("In the answer", place(application, "office.area", "how")),
        source="applicant",
        corrected_by=who,
        corrected_at=SENT_AT,
    )
    Check.objects.create(
        application=application,
        item="office.body",
        finding="confirmed",
        note_sealed=application.seal("Seen on the register", Check.place(application, "office.body")),
        checked_by=who,
        checked_at=SENT_AT,
    )
    for direct, note in ((True, "Spoke for ten minutes"), (False, "The clerk Dilys said so")):
        contact = Contact(
            application=application, way="phone", is_direct=direct, was_reached=True, entered_by=who
        )
        contact.contacted_at = contact.entered_at = SENT_AT
        contact.note_sealed = application.seal(note, vault.place_of("contact", contact.pk, "note"))
        contact.save()
    query = Query(application=application, asked_by=who, asked_at=SENT_AT, answered_at=SENT_AT)
    query.question_sealed = application.seal("Since when?", vault.place_of("query", query.pk, "question"))
    query.answer_sealed = application.seal("Since May", vault.place_of("query", query.pk, "answer"))
    query.save()
    evidence = Evidence(application=application, proves="links", media_type="image/png", size=4)
    evidence.added_at = SENT_AT
    evidence.name_sealed = application.seal("bill.png", vault.place_of("evidence", evidence.pk, "name"))
    evidence.content_sealed = vault.seal_bytes(
        application.key_wrapped,
        b"file",
        key_context=application.key_context,
        place=vault.place_of("evidence", evidence.pk, "content"),
    )
    evidence.save()


def is_erased(application: Application) -> bool:
    application.refresh_from_db()
    return application.erased_at is not None


# --- Windows ------------------------------------------------------------------------------------------
def a_draft() -> Application:
    return make_application(is_sent=False)


def a_withdrawn() -> Application:
    made = make_application()
    made.withdrawn_at = SENT_AT
    made.save()
    return made


def one_not_genuine() -> Application:
    made = make_application()
    made.verification, made.verified_at = Application.Verification.NOT_GENUINE, SENT_AT
    made.closed_at = SENT_AT
    made.save()
    return made


WINDOWS: list[tuple[str, Callable[[], Application], Callable[[], datetime]]] = [
    ("draft", a_draft, lambda: days_later(SENT_AT, 30)),
    ("withdrawn", a_withdrawn, lambda: months_later(SENT_AT, 6)),
    ("not genuine", one_not_genuine, lambda: months_later(SENT_AT, 6)),
    ("declined", lambda: decline(make_application()), lambda: months_later(SENT_AT, 6)),
    (
        "accepted",
        lambda: close(make_application(), Letter.Kind.ACCEPTANCE, SENT_AT),
        lambda: days_later(SENT_AT, 90),
    ),
]


@pytest.mark.parametrize(("make", "ends"), [one[1:] for one in WINDOWS], ids=[one[0] for one in WINDOWS])
def test_each_is_erased_at_the_end_of_its_time_and_not_before(
    make: Callable[[], Application], ends: Callable[[], datetime]
) -> None:
    application, end = make(), ends()
    for at, gone in ((end - MOMENT, False), (end, True), (end + MOMENT, True)):
        assert sweep(at) == []
        assert is_erased(application) is gone, at
    assert application.erased_at == end
    assert Event.objects.filter(verb="application.erased", subject_id=str(application.pk)).count() == 1


def test_the_days_are_london_days_across_the_change_of_the_clocks() -> None:
    saved = datetime(2026, 10, 10, 11, tzinfo=UTC)  # noon in London; thirty days on it is winter
    draft = make_application(is_sent=False, at=saved)
    end = datetime(2026, 11, 9, 12, tzinfo=UTC)
    assert retention.clock_of(draft).ends_at == end
    sweep(end - MOMENT)
    assert not is_erased(draft)
    sweep(end)
    assert is_erased(draft)


def test_what_is_in_hand_is_never_erased_by_the_clock() -> None:
    application = make_application()
    sweep(SENT_AT + timedelta(days=5000))
    assert not is_erased(application)
    assert retention.clock_of(application) is None


def test_saving_something_begins_the_time_of_a_draft_anew() -> None:
    draft = a_draft()
    later = days_later(SENT_AT, 29)
    intake.save_section(draft, "birth", {"date_of_birth": "1977-03-27"}, at=later)
    sweep(days_later(SENT_AT, 30))
    assert not is_erased(draft)
    sweep(days_later(later, 30))
    assert is_erased(draft)


def test_the_times_are_settings(settings: Any) -> None:
    settings.DEFECTIONS_OVER_MONTHS = 1
    declined = decline(make_application())
    sweep(months_later(SENT_AT, 1) - MOMENT)
    assert not is_erased(declined)
    sweep(months_later(SENT_AT, 1))
    assert is_erased(declined)


# --- The reminder -------------------------------------------------------------------------------------
def test_the_owner_of_a_draft_is_warned_once_seven_days_ahead() -> None:
    draft = make_application(is_sent=False, email="rowan@example.org")
    warned = days_later(SENT_AT, 23)
    sweep_without_sending(warned - MOMENT)
    assert mails_to("rowan@example.org") == []
    sweep_without_sending(warned)
    sweep_without_sending(warned + timedelta(hours=1))
    (mail,) = mails_to("rowan@example.org")
    assert draft.reference in mail.subject
    assert "erase it on Wednesday 1 July 2026 at 13:00, London time" in mail.text
    for hint in ("defect", "party", "Rowan", "Harmony Party"):
        assert hint.lower() not in mail.subject.lower()
    intake.save_section(draft, "birth", {"date_of_birth": "1977-03-27"}, at=warned + timedelta(days=1))
    sweep_without_sending(days_later(warned + timedelta(days=1), 23))
    assert len(mails_to("rowan@example.org")) == 2


def sweep_without_sending(at: datetime) -> None:
    retention.warn_due(at)


# --- What is left -------------------------------------------------------------------------------------
def test_erasing_leaves_the_reference_the_dates_and_the_kind_of_letter() -> None:
    application = decline(make_application(email="rowan@example.org"))
    fill_research(application)
    sweep(months_later(SENT_AT, 6))
    application.refresh_from_db()
    assert application.key_wrapped is None
    assert not Application.objects.of_email("rowan@example.org").exists()
    for rows in ("answers", "evidence", "checks", "contacts", "queries", "claims", "conflicts", "holds"):
        assert not getattr(application, rows).exists(), rows
    with pytest.raises(Erased):
        _ = application.email
    letter = Letter.objects.get()
    assert (letter.sealed, letter.kind) == (None, "decline")
    assert SanitisedCopy.objects.get().key_wrapped is None
    assert application.sent_at == application.closed_at == SENT_AT
    event = Event.objects.get(verb="application.erased")
    assert (event.by, event.data) == (None, {"because": "over", "copy_stays": False})


def test_no_sealed_column_of_any_table_outlasts_the_erasure() -> None:
    """A new one fails here until erasing takes it too."""
    application = decline(make_application(email="rowan@example.org"))
    fill_research(application)
    secretary, assembly = make_member(), make_assembly()
    make_participation(secretary, assembly)
    make_term(secretary, assembly)
    now = timezone.now()
    soon = {
        "starts_at": now + timedelta(days=1),
        "ends_at": now + timedelta(days=2),
        "address": "The Old Library",
    }
    hustings = gatherings.call_gathering(assembly, by=secretary, at=now, title="Hustings", **soon)
    sealed_in_it = [f.name for f in HustingsInvitation._meta.concrete_fields if isinstance(f, BinaryField)]
    HustingsInvitation.objects.create(
        application=application,
        gathering=hustings,
        starts_at=now,
        sent_at=SENT_AT,
        **dict.fromkeys(sealed_in_it, b"sealed"),
    )
    sealing: list[tuple[str, str]] = []
    for model in apps.get_app_config("defections").get_models():
        to_application = [
            field.name for field in model._meta.concrete_fields if field.related_model is Application
        ]
        sealed = [field.name for field in model._meta.concrete_fields if isinstance(field, BinaryField)]
        if model is Application or to_application:
            sealing += [(model.__name__, name) for name in sealed]
    assert len(sealing) > 15
    sweep(months_later(SENT_AT, 6))
    for name, column in sealing:
        model = apps.get_model("defections", name)
        assert not model.objects.filter(**{f"{column}__isnull": False}).exists(), (name, column)


def test_after_an_acceptance_copy_and_letter_stay_for_a_time_of_their_own() -> None:
    application = close(make_application(), Letter.Kind.ACCEPTANCE, SENT_AT)
    fill_research(application)
    sweep(days_later(SENT_AT, 90))
    copy = SanitisedCopy.objects.get()
    assert copy.content == {"office.body": "Bath Council"}
    assert copy.review_sealed is None
    assert Letter.objects.get().sealed is not None
    application.refresh_from_db()
    assert retention.clock_of(application).because == Because.COPY
    end = months_later(SENT_AT, settings.DEFECTIONS_COPY_MONTHS)
    sweep(end - MOMENT)
    assert SanitisedCopy.objects.get().erased_at is None
    sweep(end)
    assert SanitisedCopy.objects.get().content_sealed is None
    letter = Letter.objects.get()
    assert (letter.sealed, letter.kind) == (None, "acceptance")
    sweep(end + timedelta(days=1))
    assert Event.objects.filter(verb="application.copy_erased").count() == 1


# --- Legal holds --------------------------------------------------------------------------------------
@pytest.fixture
def keeper(client: Client) -> Person:
    """Cleared for operations, and logged in."""
    person = make_volunteer(Duty.Name.OPERATIONS)
    client.force_login(person)
    return person


def move(application: Application, verb: str) -> str:
    return f"{LIST}{application.pk}/move/{verb}/"


def test_a_hold_stops_the_clock_until_it_is_lifted(client: Client, keeper: Person) -> None:
    application = decline(make_application())
    due = months_later(SENT_AT, 6)
    empty = client.post(move(application, "hold"), {"reason": " "})
    assert "Say why the law requires that it is kept" in empty.content.decode()
    assert client.post(move(application, "hold"), {"reason": "Court order 17"}).status_code == 302
    again = client.post(move(application, "hold"), {"reason": "Again"})
    assert (again.status_code, Hold.objects.count()) == (409, 1)
    sweep(due + timedelta(days=400))
    assert not is_erased(application)
    shown = client.get(f"{LIST}{application.pk}/change/").content.decode()
    assert "Court order 17" in shown
    refused = client.post(move(application, "erase"), {"known_by": "email"})
    assert refused.status_code == 409
    assert "A legal hold keeps this application" in refused.content.decode()
    assert client.post(move(application, "lift")).status_code == 302
    assert client.post(move(application, "lift")).status_code == 409
    sweep(due + timedelta(days=400))
    assert is_erased(application)
    assert list(Event.objects.filter(verb__startswith="application.h").values_list("verb", flat=True)) == [
        "application.held",
        "application.hold_lifted",
    ]


def test_a_hold_keeps_the_copy_too(client: Client, keeper: Person) -> None:
    application = close(make_application(), Letter.Kind.ACCEPTANCE, SENT_AT)
    sweep(days_later(SENT_AT, 90))
    assert is_erased(application)
    client.post(move(application, "hold"), {"reason": "Court order 17"})
    sweep(months_later(SENT_AT, settings.DEFECTIONS_COPY_MONTHS))
    assert SanitisedCopy.objects.get().erased_at is None


@pytest.mark.parametrize("who", ["superuser", "secretary", "research"])
def test_others_place_no_hold(client: Client, who: str) -> None:
    application = decline(make_application())
    if who == "superuser":
        person = make_person(is_staff=True, is_superuser=True)
    elif who == "research":
        person = make_volunteer(Duty.Name.RESEARCH)
        person.is_staff = True
        person.save()
    else:
        person, assembly = make_member(), make_assembly()
        make_participation(person, assembly)
        make_term(person, assembly)
    client.force_login(person)
    for verb in ("hold", "lift", "erase"):
        answer = client.post(move(application, verb), {"reason": "Because", "known_by": "email"})
        assert answer.status_code in (403, 404), verb
    assert not Hold.objects.exists()
    assert not is_erased(application)


def test_the_general_secretary_places_holds(client: Client) -> None:
    application = decline(make_application())
    person, party = make_member(), make_assembly(kind=Kind.PARTY)
    make_participation(person, party)
    make_term(person, party)
    client.force_login(person)
    assert client.post(move(application, "hold"), {"reason": "Proceedings"}).status_code == 302
    assert Hold.objects.get().placed_by == person


def test_the_list_shows_dates_and_nothing_that_was_given(
    client: Client, keeper: Person, django_assert_max_num_queries: Any
) -> None:
    application = decline(make_application())
    shown = client.get(LIST).content.decode()
    assert application.reference in shown
    assert "1 Dec 2026, 13:00" in shown
    for given in ("Rowan", "Ashdown", "Larkspur"):
        assert given not in shown
        assert given not in client.get(f"{LIST}{application.pk}/change/").content.decode()
    decline(make_application())
    decline(make_application())
    with django_assert_max_num_queries(30):
        client.get(LIST)


def test_applicants_see_their_clock(client: Client) -> None:
    with time_machine.travel(SENT_AT, tick=False):
        application = decline(make_application(email="rowan@example.org"))
        enter(client, "rowan@example.org")
        shown = client.get(reverse("defections:applicant_detail")).content.decode()
        assert "Tuesday 1 December 2026 at 13:00</time> (London time)" in shown
        Hold.objects.create(
            application=application, reason="Secret order", placed_at=SENT_AT, placed_by=make_person()
        )
        shown = client.get(reverse("defections:applicant_detail")).content.decode()
        assert "A legal hold keeps this application" in shown
        assert "Secret order" not in shown


def test_a_draft_that_was_thrown_away_is_gone_at_once() -> None:
    draft = a_draft()
    intake.erase_draft(draft, at=timezone.now())
    assert is_erased(draft)
    assert Event.objects.get(verb="application.erased").data["because"] == "discarded"
