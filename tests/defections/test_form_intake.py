"""What the intake takes and refuses, whoever calls it."""

from datetime import timedelta

import pytest

from defections import intake
from defections.errors import DefectionError, Incomplete, WrongMoment
from defections.models import Answer, Application
from ledger.models import Event
from tests.defections.making import SENT_AT, mails_to, make_application, make_release, make_volunteer

pytestmark = pytest.mark.django_db


def test_a_full_application_is_sent_with_a_reference_by_mail() -> None:
    made = make_application(email="rowan@example.org")
    assert made.is_open
    assert [made.reference in mail.subject for mail in mails_to("rowan@example.org")] == [True]
    assert intake.section_of(made, "declaration") == {"declared_at": "2026-06-01T12:00:00.000000Z"}


def test_the_record_says_which_section_and_nothing_of_what_stands_in_it() -> None:
    made = make_application(email="rowan@example.org")
    facts = str(list(Event.objects.about(made).values_list("verb", "data")))
    assert "application.sent" in facts
    for secret in ("Rowan", "Ashdown", "example.org", "1977", "7700"):
        assert secret not in facts


def test_a_name_that_the_catalogue_does_not_have_is_refused() -> None:
    made = make_application(is_sent=False)
    for section, data in (
        ("name", {"nickname": "Ro"}),
        ("hobbies", {"any": "chess"}),
        ("employment", {"rows": [{"salary": "1"}]}),
        ("name", {"rows": []}),
    ):
        with pytest.raises(DefectionError):
            intake.save_section(made, section, data, at=SENT_AT)


def test_what_is_missing_is_said_and_nothing_is_sent() -> None:
    made = make_application(is_sent=False, answers={"phones": {"home_phone": ""}, "links": None})
    assert [lack.section for lack in intake.issues_before_sending(made)] == ["phones", "links"]
    with pytest.raises(Incomplete, match="at least one phone"):
        intake.send(made, at=SENT_AT)
    made.refresh_from_db()
    assert made.is_draft


def test_what_was_sent_is_neither_sent_again_nor_changed_nor_thrown_away() -> None:
    made = make_application()
    for step in (
        lambda: intake.send(made, at=SENT_AT),
        lambda: intake.save_section(made, "name", {}, at=SENT_AT),
        lambda: intake.erase_draft(made, at=SENT_AT),
    ):
        with pytest.raises(WrongMoment, match="has been sent"):
            step()


def test_an_address_has_one_open_application() -> None:
    made = make_application(is_sent=False, email="rowan@example.org")
    with pytest.raises(WrongMoment, match="already"):
        intake.start(" ROWAN@example.org", at=SENT_AT)
    intake.erase_draft(made, at=SENT_AT + timedelta(hours=1))
    assert intake.start("rowan@example.org", at=SENT_AT).is_draft


def test_a_draft_keeps_the_release_that_it_was_begun_on() -> None:
    first = make_release()
    made = make_application(is_sent=False, release=first)
    make_release()
    intake.send(made, at=SENT_AT)
    assert Application.objects.get().release == first


def test_without_a_published_form_nobody_begins() -> None:
    make_release(published=False)
    with pytest.raises(WrongMoment, match="no form at the moment"):
        intake.start("rowan@example.org", at=SENT_AT)


def test_a_draft_thrown_away_leaves_no_key_and_no_answer() -> None:
    made = make_application(is_sent=False)
    intake.erase_draft(made, at=SENT_AT)
    made.refresh_from_db()
    assert (made.key_wrapped, made.email_sealed, made.email_mark) == (None, None, None)
    assert not Answer.objects.exists()


def test_a_volunteer_of_the_making_is_cleared() -> None:
    assert make_volunteer().clearances.exists()
