"""Into the form by a code: the same for every address, one use, few tries, and an hour of idleness."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from defections import codes, intake
from defections.models import Application, FormRelease, ResumeCode
from ledger.models import Message
from tests.defections.making import mails_to, make_application, make_release

pytestmark = pytest.mark.django_db
ADDRESS = "rowan@example.org"
ASK, CODE = "/applications/go-on/", "/applications/go-on/code/"


@pytest.fixture
def release(db: None) -> FormRelease:
    return make_release()


def code_for(address: str = ADDRESS) -> str:
    text = mails_to(address)[0].text
    return next(line.strip() for line in text.splitlines() if line.startswith("    "))


def ask(client: Client, address: str = ADDRESS) -> Any:
    cache.clear()
    return client.post(ASK, {"email": address})


def get_in(client: Client, address: str = ADDRESS) -> Any:
    assert ask(client, address).status_code == 302
    return client.post(CODE, {"code": code_for(address)})


def words(response: Any) -> str:
    return " ".join(response.content.decode().split())


@pytest.mark.policy("D14")
def test_anybody_begins_online_with_a_code_by_mail(client: Client, release: FormRelease) -> None:
    assert get_in(client)["Location"] == reverse("defections:task_list")
    application = Application.objects.get()
    assert application.is_draft
    assert application.email == ADDRESS
    page = words(client.get(reverse("defections:task_list")))
    assert "0 sections of 13 are complete" in page
    assert "no-store" in client.get(reverse("defections:task_list"))["Cache-Control"]


@pytest.mark.policy("D14")
def test_every_page_leads_strangers_to_the_form(client: Client, release: FormRelease) -> None:
    start = reverse("defections:form_start")
    assert f'href="{start}"' in client.get("/").content.decode()
    page = client.get(start).content.decode()
    assert reverse("defections:resume_ask") in page
    assert reverse("defections:form_print") in page


@pytest.mark.policy("D6")
def test_the_start_page_says_who_reads_the_form(client: Client, release: FormRelease) -> None:
    page = words(client.get(reverse("defections:form_start")))
    assert "read by volunteers of the Research Working Group" in page
    assert "local Constituency, City or Regional Society" in page
    assert "release 1 of 1 May 2026" in page


def test_without_a_release_the_start_page_says_so_and_nobody_begins(client: Client) -> None:
    assert "There is no form to fill in at the moment" in words(client.get(reverse("defections:form_start")))
    assert "There is no form at the moment" in words(
        client.post(CODE, {"code": code_for()}, follow=True) if ask(client) else None
    )
    assert not Application.objects.exists()


@pytest.mark.policy("D14")
def test_a_draft_is_resumed_on_another_device(client: Client, release: FormRelease) -> None:
    get_in(client)
    client.post(reverse("defections:form_page", args=["party"]), {"is_independent": "yes"})
    elsewhere = Client()
    get_in(elsewhere, ADDRESS.upper())
    assert Application.objects.count() == 1
    assert "1 section of 13 is complete" in words(elsewhere.get(reverse("defections:task_list")))


def test_the_answer_and_the_work_are_the_same_whether_or_not_there_is_a_form(
    client: Client, release: FormRelease
) -> None:
    make_application(email=ADDRESS, release=release)
    outcomes = []
    for address in ("nobody@example.org", ADDRESS):
        visitor = Client()
        cache.clear()
        visitor.get(ASK)
        with CaptureQueriesContext(connection) as found:
            asked = visitor.post(ASK, {"email": address})
        told = words(visitor.get(CODE)).replace(address, "…")
        mail = mails_to(address)[0]
        shapes = [query["sql"].split("WHERE")[0][:60] for query in found]
        outcomes.append((asked.status_code, asked["Location"], len(told), mail.subject, shapes))
    assert outcomes[0] == outcomes[1]


def test_mails_tell_nothing_in_their_subject_and_rows_nothing_at_all(
    client: Client, release: FormRelease
) -> None:
    get_in(client)
    for row in Message.objects.all():
        assert (row.address, row.subject, row.text) == ("", "", "")
        for word in ("defect", "party", "application", "councillor"):
            assert word not in row.content.subject.casefold()


def test_looking_at_the_page_uses_no_code_up(client: Client, release: FormRelease) -> None:
    ask(client)
    for _ in range(3):
        client.get(CODE)
    assert client.post(CODE, {"code": code_for()}).status_code == 302
    assert Application.objects.count() == 1


def test_a_code_works_once(client: Client, release: FormRelease) -> None:
    ask(client)
    code = code_for()
    row = ResumeCode.objects.get()
    client.post(CODE, {"code": code})
    row.refresh_from_db()
    assert row.email_sealed is None
    assert codes.take(row.pk, code, at=timezone.now()).outcome is codes.Outcome.GONE


@pytest.mark.parametrize(
    ("seconds", "counts"), [(codes.LASTS_SECONDS - 1, True), (codes.LASTS_SECONDS, False)]
)
def test_a_code_lasts_a_quarter_of_an_hour(release: FormRelease, seconds: int, counts: bool) -> None:
    now = timezone.now()
    row = codes.send(ADDRESS, at=now)
    later = now + timedelta(seconds=seconds)
    assert codes.is_waiting(row.pk, later) is counts
    right = codes.take(row.pk, code_for(), at=later).outcome
    assert right is (codes.Outcome.RIGHT if counts else codes.Outcome.GONE)


def test_wrong_codes_are_counted_and_a_few_end_it(client: Client, release: FormRelease) -> None:
    ask(client)
    for _ in range(codes.MOST_TRIES - 1):
        assert "That is not the code" in words(client.post(CODE, {"code": "WRONG-1"}))
    gone = client.post(CODE, {"code": "WRONG-1"}, follow=True)
    assert "That code no longer counts" in words(gone)
    assert not Application.objects.exists()
    assert client.post(CODE, {"code": code_for()})["Location"] == ASK


def test_a_code_of_another_browser_does_not_work_here(client: Client, release: FormRelease) -> None:
    ask(client)
    stranger = Client()
    assert stranger.post(CODE, {"code": code_for()})["Location"] == ASK


def test_asking_again_and_again_is_slowed_down(client: Client, release: FormRelease) -> None:
    cache.clear()
    assert client.post(ASK, {"email": ADDRESS}).status_code == 302
    again = client.post(ASK, {"email": ADDRESS})
    assert "You asked for a code a moment ago" in words(again)
    assert Message.objects.count() == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(cache_key || value, ' ') FROM harmony_cache")
        assert "rowan" not in cursor.fetchone()[0]


def test_an_address_that_is_none_is_refused_with_a_sentence(client: Client, release: FormRelease) -> None:
    page = words(client.post(ASK, {"email": "rowan"}))
    assert "<title>Error:" in page
    assert "Enter an email address in the correct format" in page
    assert "Enter your email address" in words(client.post(ASK, {}))


def test_the_session_holds_ids_and_nothing_of_the_person(client: Client, release: FormRelease) -> None:
    get_in(client)
    client.post(reverse("defections:form_page", args=["name"]), {"given_name": "Rowan", "family_name": "Ash"})
    held = str(dict(client.session.items()))
    assert str(Application.objects.get().pk) in held
    for secret in ("rowan", "Rowan", "example.org"):
        assert secret not in held


@pytest.mark.parametrize(("minutes", "is_in"), [(59, True), (61, False)])
def test_an_hour_without_a_step_closes_the_form_on_this_device(
    client: Client, release: FormRelease, minutes: int, is_in: bool
) -> None:
    get_in(client)
    session = client.session
    held = session["defections_applicant"]
    session["defections_applicant"] = {**held, "seen": held["seen"] - minutes * 60}
    session.save()
    response = client.post(reverse("defections:form_page", args=["party"]), {"is_independent": "yes"})
    assert response.status_code == (302 if is_in else 403)
    if not is_in:
        assert "You were away for a while" in words(response)
        assert "was not saved" in words(response)
        assert intake.answers(Application.objects.get()) == {}


def test_leaving_forgets_the_form_on_this_device_only(client: Client, release: FormRelease) -> None:
    get_in(client)
    client.post(reverse("defections:form_leave"))
    response = client.get(reverse("defections:task_list"))
    assert response.status_code == 403
    assert "Get a code first" in words(response)
    assert Application.objects.get().is_draft


def test_who_has_sent_a_form_comes_to_its_page_and_not_to_a_second_one(
    client: Client, release: FormRelease
) -> None:
    sent = make_application(email=ADDRESS, release=release, at=timezone.now())
    assert get_in(client)["Location"] == reverse("defections:applicant_detail")
    page = words(client.get(reverse("defections:applicant_detail")))
    assert sent.reference in page
    assert "We have your form" in page
    assert Application.objects.count() == 1


def test_the_newest_open_one_is_gone_on_with(client: Client, release: FormRelease) -> None:
    old = make_application(email=ADDRESS, release=release)
    Application.objects.filter(pk=old.pk).update(closed_at=timezone.now())
    new = make_application(email=ADDRESS, release=release, is_sent=False, at=timezone.now())
    get_in(client)
    assert client.session["defections_applicant"]["application"] == str(new.pk)


def test_a_draft_is_deleted_by_its_owner_at_once(client: Client, release: FormRelease) -> None:
    get_in(client)
    client.post(reverse("defections:form_page", args=["party"]), {"is_independent": "yes"})
    page = reverse("defections:draft_delete")
    assert "erased at once" in words(client.get(page))
    assert Application.objects.get().erased_at is None
    assert "The form is deleted" in words(client.post(page, follow=True))
    application = Application.objects.get()
    assert application.key_wrapped is None
    assert application.email_mark is None
    assert client.get(reverse("defections:task_list")).status_code == 403
    assert get_in(client)["Location"] == reverse("defections:task_list")
    assert Application.objects.count() == 2
