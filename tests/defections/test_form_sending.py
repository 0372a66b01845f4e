"""From the check page to the confirmation: nothing asked twice, sent once, and nothing left readable (D14)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localtime

from assemblies.models import Assembly
from defections import intake, retention
from defections.errors import DefectionError, WrongMoment
from defections.models import Answer, Application, FormRelease, Letter, SanitisedCopy
from harmony.clock import sweep
from harmony.time import days_later
from ledger.models import Event, Message
from tests import at_once as together
from tests.defections.filling import enter, fill, given, page, words
from tests.defections.making import PASSAGES, mails_to, make_application, make_constituency, make_release
from tests.factories import make_person

CHECK, DECLARE = "/applications/form/check/", "/applications/form/send/"
SENT, MINE = "/applications/form/sent/", "/applications/mine/"
ADDRESS = "rowan@example.org"


@pytest.fixture
def release(db: None) -> FormRelease:
    return make_release()


@pytest.fixture
def bath(db: None) -> Assembly:
    return make_constituency()


@pytest.fixture
def application(client: Client, release: FormRelease) -> Application:
    return enter(client)


@pytest.mark.django_db
@pytest.mark.policy("D6", "D14")
def test_the_form_is_sent_online_from_its_first_page_to_its_reference(
    client: Client, application: Application, bath: Assembly
) -> None:
    fill(client, bath)
    assert "13 sections of 13 are complete" in words(client.get(reverse("defections:task_list")))
    checked = words(client.get(CHECK))
    for told in (
        "27 March 1977",
        "01225 496123",
        "BA1 4QX",
        "Rowena",
        "Librarian",
        "@rowan",
        "May 2019",
        bath.name,
    ):
        assert told in checked
    assert "Before you can send" not in checked
    declaring = words(client.get(DECLARE))
    assert PASSAGES["truth"] in declaring
    assert PASSAGES["readers"] in declaring
    assert "Tick the box to declare" in words(client.post(DECLARE, {}))
    assert Application.objects.get().is_draft
    assert client.post(DECLARE, {"agreed": "on"})["Location"] == SENT
    application.refresh_from_db()
    assert application.is_open
    page_ = words(client.get(SENT))
    assert application.reference in page_
    assert "gets in touch with you directly by" in page_
    mail = mails_to(ADDRESS)[0]
    assert application.reference in mail.subject
    assert application.reference in mail.text
    assert "What happens next" in mail.text


@pytest.mark.django_db
def test_what_is_missing_is_named_with_the_way_to_it_and_nothing_is_sent(
    client: Client, application: Application, bath: Assembly
) -> None:
    fill(client, bath)
    client.post(page("party"), {"is_independent": "no"})
    intake.update_section(application, "party", {"party": ""}, at=timezone.now())
    checked = words(client.get(CHECK))
    assert "Say which party you belong to now" in checked
    assert client.get(DECLARE)["Location"] == CHECK
    refused = client.post(DECLARE, {"agreed": "on"}, follow=True)
    assert "Say which party you belong to now" in words(refused)
    assert Application.objects.get().is_draft


@pytest.mark.django_db
def test_change_comes_straight_back_unless_the_change_asks_for_more(
    client: Client, application: Application, bath: Assembly
) -> None:
    fill(client, bath)
    phones = page("phones") + "?check=1"
    assert phones in client.get(CHECK).content.decode()
    assert client.post(phones, {"home_phone": "01225 496124"})["Location"] == CHECK
    assert client.post(page("links") + "?check=1", {"basis": "links"})["Location"] == CHECK
    further = client.post(page("links") + "?check=1", {"basis": "residence"})["Location"]
    assert further == page("residence") + "?check=1"
    names = {"given_name": "Rowan", "family_name": "Ashdown", "legal_differs": "no"}
    assert client.post(page("name") + "?check=1", names)["Location"] == CHECK
    again = client.post(page("name") + "?check=1", {**names, "legal_differs": "yes"})["Location"]
    assert again == page("legal-name") + "?check=1"


@pytest.mark.django_db
def test_save_and_see_all_sections_saves(client: Client, application: Application) -> None:
    answer = client.post(page("party"), {"is_independent": "yes", "later": "1"})
    assert answer["Location"] == reverse("defections:task_list")
    assert given(application, "party")["is_independent"] is True


@pytest.mark.django_db
def test_two_windows_on_one_section_lose_nothing_of_each_other(
    client: Client, application: Application
) -> None:
    names = {"given_name": "Rowan", "family_name": "Ashdown", "legal_differs": "yes"}
    client.post(page("legal-name"), {"legal_given_name": "Rowena", "legal_family_name": "Pryce"})
    client.post(page("name"), names)
    assert given(application, "name")["legal_given_name"] == "Rowena"
    assert given(application, "name")["given_name"] == "Rowan"


@pytest.mark.django_db
def test_a_window_left_open_cannot_change_what_was_sent(
    client: Client, application: Application, bath: Assembly
) -> None:
    fill(client, bath)
    client.post(DECLARE, {"agreed": "on"})
    for address, fields in (
        (page("party"), {"is_independent": "yes"}),
        (reverse("defections:form_society"), {"constituency": str(bath.pk)}),
        (reverse("defections:row_add", args=["jobs"]), {"title": "x"}),
        (reverse("defections:draft_delete"), {}),
    ):
        answer = client.post(address, fields, follow=True)
        assert answer.redirect_chain == [(MINE, 302)]
        assert "has been sent: it cannot be changed any more" in words(answer)
    assert given(application, "party")["is_independent"] is False
    assert client.post(DECLARE, {"agreed": "on"})["Location"] == SENT
    assert Message.objects.filter(kind="defections/mail/received").count() == 1


@pytest.mark.django_db
def test_a_draft_keeps_its_release_when_another_one_comes_out(
    client: Client, application: Application, bath: Assembly
) -> None:
    make_release(kernel="Something quite different.")
    text = words(client.get(page("principles")))
    assert "Something quite different." not in text
    assert "release 1 of" in text
    fill(client, bath)
    client.post(DECLARE, {"agreed": "on"})
    application.refresh_from_db()
    assert application.release.number == 1


@pytest.mark.django_db
def test_the_applicant_reads_their_answers_and_the_stage_with_its_next_date(
    client: Client, release: FormRelease
) -> None:
    sent = make_application(email=ADDRESS, release=release, at=timezone.now())
    enter(client, ADDRESS)
    mine = words(client.get(MINE))
    assert sent.reference in mine
    assert "We get in touch by" in mine
    answers = words(client.get(reverse("defections:answers_detail")))
    for told in ("Rowena Margaret", "14 Larkspur Terrace", "Fernleigh College", "Present", "September 2010"):
        assert told in answers
    assert reverse("defections:task_list") not in mine


@pytest.mark.django_db
def test_nothing_that_was_typed_is_readable_in_the_database(
    client: Client, application: Application, bath: Assembly
) -> None:
    fill(client, bath)
    client.post(DECLARE, {"agreed": "on"})
    for secret in (
        "Rowan",
        "Ashdown",
        "Rowena",
        "Larkspur",
        "BA1 4QX",
        "496123",
        "900456",
        "1977-03-27",
        ADDRESS,
    ):
        assert tables_with(secret) == [], secret
    sweep(timezone.now())
    assert tables_with(ADDRESS) == []


def tables_with(text: str) -> list[str]:
    """The tables in which `text` stands, plain or as the bytes of a binary column."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(
                f'SELECT count(*) FROM "{table}" t WHERE t::text ILIKE %s OR t::text LIKE %s',  # noqa: S608
                [f"%{text}%", f"%{text.encode().hex()}%"],
            )
            if cursor.fetchone()[0]:
                found.append(table)
    return found


@pytest.mark.django_db
def test_neither_addresses_nor_logs_tell_anything(
    client: Client, application: Application, bath: Assembly, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    fill(client, bath)
    client.post(DECLARE, {"agreed": "on"})
    client.post(page("name"), {"given_name": "Rowan" * 100})
    caplog.handler.setLevel("INFO")
    for secret in ("Rowan", "Ashdown", "Larkspur", ADDRESS, "496123"):
        assert not [
            record
            for record in caplog.records
            if secret in record.getMessage() and record.name != "django.db.backends"
        ]


@pytest.mark.django_db
def test_the_check_page_asks_as_much_of_the_database_for_many_jobs_as_for_one(
    client: Client, application: Application, bath: Assembly
) -> None:
    fill(client, bath)
    counts = []
    for number in (1, 15):
        rows = [
            {"title": f"Job {n}", "employer": "X", "began": "2001-01", "ended": ""} for n in range(number)
        ]
        intake.update_section(application, "employment", {"rows": rows}, at=timezone.now())
        with CaptureQueriesContext(connection) as found:
            client.get(CHECK)
        counts.append(len(found))
    assert counts[0] == counts[1]


@pytest.mark.django_db
def test_somebody_declined_begins_anew_and_is_told_from_when_they_can_send(
    client: Client, release: FormRelease, settings: Any
) -> None:
    settings.REAPPLICATION_DAYS = 30
    now = timezone.now()
    old = make_application(email=ADDRESS, release=release, at=now)
    staff = make_person()
    SanitisedCopy.objects.create(application=old, made_by=staff, made_at=now, erased_at=now)
    Letter.objects.create(application=old, kind=Letter.Kind.DECLINE, sent_at=now, sent_by=staff)
    Application.objects.filter(pk=old.pk).update(closed_at=now)
    enter(client, ADDRESS)
    assert "Begin a new form" in words(client.get(MINE))
    again = client.post(reverse("defections:form_again"))
    assert again["Location"] == reverse("defections:task_list")
    fill(client, make_constituency("York"))
    assert "You can apply again from" in words(client.get(CHECK))
    draft = Application.objects.drafts().get()
    clock, sendable = retention.clock_of(draft), days_later(now, 30)
    assert clock is not None
    assert clock.ends_at == days_later(sendable, 30)
    assert retention.warning_at(draft) == days_later(sendable, 23)
    told = words(client.get(reverse("defections:task_list")))
    assert f"If it is not sent by {localtime(clock.ends_at):%-d %B %Y}" in told
    refused = client.post(DECLARE, {"agreed": "on"}, follow=True)
    assert refused.redirect_chain == [(CHECK, 302)]
    assert Application.objects.drafts().count() == 1
    settings.REAPPLICATION_DAYS = 0
    assert client.post(DECLARE, {"agreed": "on"})["Location"] == SENT
    assert client.post(reverse("defections:form_again"), follow=True).redirect_chain[0][0] == MINE


# --- Two at the same moment -----------------------------------------------------------------------------
def at_once(*jobs: Callable[[], object]) -> list[Any]:
    """Runs the jobs on connections of their own at the same moment; a refusal is an answer."""
    return together.at_once(jobs, DefectionError)


@pytest.mark.django_db(transaction=True)
def test_sent_from_two_windows_at_once_it_is_sent_once() -> None:
    make_application(email=ADDRESS, is_sent=False)
    now = timezone.now()
    answers = at_once(*[lambda: intake.send(Application.objects.get(), at=now)] * 4)
    assert sum(isinstance(answer, WrongMoment) for answer in answers) == 3
    assert Event.objects.filter(verb="application.sent").count() == 1
    assert Message.objects.filter(kind="defections/mail/received").count() == 1


@pytest.mark.django_db(transaction=True)
def test_begun_from_two_devices_at_once_there_is_one_draft() -> None:
    make_release()
    now = timezone.now()
    answers = at_once(*[lambda: intake.start(ADDRESS, at=now)] * 4)
    assert sum(isinstance(answer, WrongMoment) for answer in answers) == 3
    assert Application.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_saving_and_sending_at_once_keep_each_other_whole() -> None:
    application = make_application(email=ADDRESS, is_sent=False)
    now = timezone.now()
    changed = {"is_independent": True, "party": ""}
    answers = at_once(
        lambda: intake.send(Application.objects.get(), at=now),
        lambda: intake.save_section(Application.objects.get(), "party", changed, at=now),
    )
    kept = Answer.objects.get(application=application, section="party").opened()
    refused = any(isinstance(answer, WrongMoment) for answer in answers)
    assert (kept == changed) is not refused
