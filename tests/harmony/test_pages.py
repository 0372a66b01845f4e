"""Pages of the whole site: the home page, error pages, what every answer carries, and who may see what."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.test import Client, RequestFactory, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, path, reverse
from django.utils import timezone

from assemblies.models import Assembly
from ballots.models import Ballot, RollEntry
from harmony import urls, views
from members.models import Person
from tests.factories import make_member, make_participation
from tests.login import log_in

pytestmark = pytest.mark.django_db
SITE = Path(__file__).resolve().parents[2]


def fail(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a secret of somebody's")


fail.login_required = False  # type: ignore[attr-defined]


def refuse(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied("Only members can <vote>.")


refuse.login_required = False  # type: ignore[attr-defined]

urlpatterns = [path("fail/", fail), path("refuse/", refuse), *urls.urlpatterns]
handler400, handler403, handler404, handler500 = (
    urls.handler400,
    urls.handler403,
    urls.handler404,
    urls.handler500,
)

with_failing_pages = override_settings(ROOT_URLCONF=__name__, DEBUG=False)


# --- Error pages --------------------------------------------------------------------------------------
def test_a_page_that_is_not_there_says_so(client: Client) -> None:
    response = client.get("/no/such/page/")
    assert response.status_code == 404
    assert "Page not found" in response.content.decode()


@with_failing_pages
def test_our_fault_is_owned_and_gives_nothing_away() -> None:
    response = Client(raise_request_exception=False).get("/fail/")
    assert response.status_code == 500
    assert "This is our fault" in response.content.decode()
    assert "secret" not in response.content.decode()


@with_failing_pages
def test_our_fault_looks_like_the_site(client: Client) -> None:
    response = Client(raise_request_exception=False).get("/fail/")
    assert 'href="/static/harmony.css"' in response.content.decode()


def test_the_page_for_our_fault_asks_the_database_nothing() -> None:
    request = RequestFactory().get("/")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert views.server_error(request).status_code == 500
        assert views.bad_request(request, ValueError()).status_code == 400
    assert len(queries) == 0


def test_the_page_for_our_fault_stands_without_collected_static_files(tmp_path: Path) -> None:
    storages = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
    with override_settings(STORAGES=storages, STATIC_ROOT=tmp_path):
        response = views.server_error(RequestFactory().get("/"))
    assert "This is our fault" in response.content.decode()


@with_failing_pages
def test_a_refusal_says_why_as_text(client: Client) -> None:
    response = client.get("/refuse/")
    assert response.status_code == 403
    assert "Only members can &lt;vote&gt;." in response.content.decode()


def test_a_form_from_elsewhere_does_nothing_and_says_so() -> None:
    response = Client(enforce_csrf_checks=True).post(reverse("account_login"), {"login": "a@example.org"})
    assert response.status_code == 403
    assert "Nothing was sent" in response.content.decode()


def test_a_host_that_is_not_ours_is_refused(client: Client) -> None:
    with override_settings(ALLOWED_HOSTS=["harmony.example"]):
        response = client.get("/", headers={"host": "evil.example"})
    assert response.status_code == 400
    assert "made no sense" in response.content.decode()
    assert "evil" not in response.content.decode()


def test_the_site_is_healthy(client: Client) -> None:
    assert client.get(reverse("healthy")).content == b"ok"


# --- What every answer carries ------------------------------------------------------------------------
STRICT = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
}


@with_failing_pages
@pytest.mark.parametrize(
    "url",
    ["/", "/account/login/", "/no/such/page/", "/fail/", "/refuse/", "/account/", "/admin/", "/healthy/"],
)
def test_every_answer_allows_our_own_files_only(url: str) -> None:
    response = Client(raise_request_exception=False).get(url)
    assert set(response["Content-Security-Policy"].split("; ")) == STRICT
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("url", ["/", "/account/", "/assemblies/"])
def test_pages_of_somebody_logged_in_are_kept_in_no_cache(client: Client, member: Person, url: str) -> None:
    log_in(client, member)
    assert "no-store" in client.get(url)["Cache-Control"]


def test_no_template_breaks_the_policy_for_content() -> None:
    broken = [
        f"{template.relative_to(SITE)}: {found.group()}"
        for template in (SITE / "templates").rglob("*.html")
        for found in re.finditer(
            r"""\sstyle\s*=|\son[a-z]+\s*=\s*["']|<style|javascript:|https?://(?!www\.w3\.org)|"""
            r"""<script(?![^>]*(?:src=|type="application/json"))|\|safe\b""",
            template.read_text(),
        )
    ]
    assert broken == []


def test_every_static_file_that_a_template_names_exists() -> None:
    missing = [
        f"{template.relative_to(SITE)}: {name}"
        for template in (SITE / "templates").rglob("*")
        if template.is_file()
        for name in re.findall(r"{%\s*static\s+['\"]([^'\"]+)['\"]", template.read_text())
        if finders.find(name) is None
    ]
    assert missing == []


def test_static_files_can_be_given_hashed_names(tmp_path: Path) -> None:
    storages = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
    }
    with override_settings(STORAGES=storages, STATIC_ROOT=tmp_path):
        call_command("collectstatic", interactive=False, verbosity=0)
        named = re.fullmatch(r"/static/harmony\.[0-9a-f]{12}\.css", static("harmony.css"))
    assert named
    assert (tmp_path / named.group().removeprefix("/static/")).is_file()


def test_the_stylesheet_uses_only_tokens_that_exist() -> None:
    sheet = (SITE / "static/harmony.css").read_text()
    assert sheet.count("{") == sheet.count("}")  # one that is missing swallows all that follows
    defined = set(re.findall(r"(--[a-z0-9-]+)\s*:", sheet))
    used = set(re.findall(r"var\((--[a-z0-9-]+)", sheet))
    assert used <= defined
    dark = sheet.split("@media (prefers-color-scheme: dark)")[1].split("/* --- Page")[0]
    colours = re.findall(r"(--[a-z-]+): (?:#|rgb)", sheet.split("@media")[0])
    same_in_both = {"--mark", "--on-header"}
    assert set(colours) - same_in_both <= set(re.findall(r"(--[a-z-]+):", dark))


# --- Who may see what ---------------------------------------------------------------------------------
SAMPLES: dict[str, Any] = {
    "int": 1,
    "slug": "some-slug",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "str": "some",
    "path": "some",
}
# Whoever adds a page to this list says that anybody in the world may look at it, or that the page itself
# turns strangers away in words of its own (the voting pages do, so as to lose nobody's scores).
PUBLIC = """
    home healthy mail_list mail_detail login
    account_login account_logout account_inactive account_signup account_email_verification_sent
    account_reset_password account_confirm_login_code account_confirm_password_reset_code
    account_complete_password_reset account_password_reset_completed account_request_login_code
    log_in_by_password mail_stop mfa_authenticate mfa_login_webauthn
    assembly_list assembly_detail place_list
    ballot_list ballot_detail ballot_result ballot_votes ballot_votes_csv ballot_bundle star_rule verifier
    ballot_vote ballot_check ballot_cast
    decision_list decision_detail decision_history decision_export decision_feed call_detail comment_history
    gathering_list gathering_detail gathering_calendar calendar_feed question_list
    form_print release_logo data_copy data_erase email_change email_change_object
    paper_scans paper_scan paper_scan_remove paper_hand_over
    query_answer
    form_start resume_ask resume_code form_leave task_list draft_delete form_page form_society form_evidence
    form_jobs form_accounts row_add row_change row_remove evidence_file evidence_remove
    form_check form_declare form_sent applicant_detail answers_detail form_again
    hustings_detail hustings_join hustings_calendar_file hustings_answer application_withdraw bar_detail bar_answer
"""


def patterns(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from patterns(entry, prefix + str(entry.pattern))
        else:
            yield prefix + str(entry.pattern), entry


def sample_address(route: str) -> str:
    """An address that fits a route, with something in the place of every converter."""
    filled = re.sub(
        r"<(?:(\w+):)?\w+>", lambda found: str(SAMPLES.get(found.group(1) or "str", "some")), route
    )
    filled = re.sub(r"\(\?P<\w+>[^)]*\)", "some", filled)
    return "/" + filled.replace("^", "").replace("$", "").replace("\\Z", "").replace("\\", "")


def is_public(view: Any) -> bool:
    return getattr(view, "login_required", True) is False


def test_whatever_is_not_marked_public_sends_the_anonymous_to_log_in(client: Client) -> None:
    checked = 0
    for route, pattern in patterns(get_resolver()):
        if is_public(pattern.callback):
            continue
        url = sample_address(route)
        for response in (client.get(url), client.post(url)):
            assert response.status_code == 302, f"{url} answers {response.status_code}"
            assert response["Location"].startswith((reverse("account_login"), reverse("admin:login"))), url
        checked += 1
    assert checked > 30


def test_what_is_public_is_public_on_purpose() -> None:
    public = {
        str(pattern.name) for _route, pattern in patterns(get_resolver()) if is_public(pattern.callback)
    }
    assert public - set(PUBLIC.split()) == set()


def test_no_page_of_allauth_is_left_in_its_own_words() -> None:
    allauth = {
        str(template.name)
        for template in Path(finders.__file__).parents[3].glob("allauth/templates/account/email/*.txt")
    }
    ours = {template.name for template in (SITE / "templates/account/email").glob("*.txt")}
    assert allauth
    assert allauth <= ours


# --- Home ---------------------------------------------------------------------------------------------
def open_ballot(assembly: Assembly, question: str, **fields: Any) -> Ballot:
    """A ballot that is open, as far as the home page looks at it."""
    now = timezone.now()
    values = {
        "opens_at": now - timedelta(days=1),
        "opened_at": now - timedelta(days=1),
        "cut_off_at": now - timedelta(days=1),
        "closes_at": now + timedelta(days=6),
        "public_key": b"key",
        "definition": {},
        "roll_size": 1,
        "list_minimum": 10,
        **fields,
    }
    return Ballot.objects.create(assembly=assembly, question=question, **values)


def home(client: Client) -> str:
    return " ".join(client.get("/").content.decode().split())


def test_the_home_page_tells_a_stranger_what_this_is(client: Client, assembly: Assembly) -> None:
    ballot = open_ballot(assembly, "Where shall we meet?")
    page = home(client)
    assert reverse("account_signup") in page
    assert ballot.get_absolute_url() in page
    assert "What needs you" not in page


def test_the_home_page_says_which_votes_wait_for_somebody(
    client: Client, member: Person, assembly: Assembly
) -> None:
    wanted = open_ballot(assembly, "Where shall we meet?")
    given = open_ballot(assembly, "When shall we meet?")
    over = open_ballot(assembly, "Shall we meet at all?", closes_at=timezone.now() - timedelta(minutes=1))
    for ballot, envelope in ((wanted, None), (given, b"sealed"), (over, None)):
        RollEntry.objects.create(ballot=ballot, person=member, reason="member", envelope=envelope)
    open_ballot(assembly, "A matter of others")
    log_in(client, member)
    page = home(client)
    assert "Vote: Where shall we meet?" in page
    assert "Vote: When shall we meet?" not in page
    assert "When shall we meet?" in page
    assert "You have voted" in page
    assert "Shall we meet at all?" not in page
    assert "A matter of others" not in page
    assert assembly.name in page


def test_the_home_page_asks_as_much_of_the_database_for_many_ballots_as_for_one(
    client: Client, member: Person, assembly: Assembly
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            client.get("/")
        return len(found)

    log_in(client, member)
    for number in range(2):
        ballot = open_ballot(assembly, f"Question {number}")
        RollEntry.objects.create(ballot=ballot, person=member, reason="member")
    few = queries()
    for number in range(2, 12):
        ballot = open_ballot(assembly, f"Question {number}")
        RollEntry.objects.create(ballot=ballot, person=member, reason="member")
    assert queries() == few


def test_the_home_page_never_fetches_an_envelope(client: Client, member: Person, assembly: Assembly) -> None:
    ballot = open_ballot(assembly, "Where shall we meet?")
    RollEntry.objects.create(ballot=ballot, person=member, reason="member", envelope=b"sealed")
    log_in(client, member)
    with CaptureQueriesContext(connection) as found:
        client.get("/")
    fetched = [query["sql"].split(" FROM ")[0] for query in found if "ballots_rollentry" in query["sql"]]
    assert fetched
    assert not any('"ballots_rollentry"."envelope",' in sql for sql in fetched)


def test_where_somebody_takes_part_is_a_page_of_its_own_and_not_the_home_page(
    client: Client, secretary: Person, assembly: Assembly
) -> None:
    log_in(client, secretary)
    page = home(client)
    assert page.count(reverse("assemblies:participation_list")) == 1
    assert assembly.get_absolute_url() not in page
    assert "You hold an office here." in client.get(reverse("assemblies:participation_list")).content.decode()
    other = make_member()
    make_participation(other, assembly)
    client.logout()
    log_in(client, other)
    page = client.get(reverse("assemblies:participation_list")).content.decode()
    assert assembly.get_absolute_url() in page
    assert "You hold an office here." not in page


def test_the_way_to_the_gatherings_stands_on_every_page(client: Client) -> None:
    url = reverse("decisions:gathering_list")
    assert f'<a href="{url}">' in home(client)
    shown = client.get(url).content.decode()
    assert f'<a href="{url}" aria-current="true">' in shown
    assert shown.count('aria-current="true"') == 1


# --- The demonstration's mails ------------------------------------------------------------------------
MAIL = (
    b'Content-Type: text/plain; charset="utf-8"\nMIME-Version: 1.0\nSubject: Your code\nFrom: a@example.org\n'
    b"To: b@example.org\nDate: Sun, 22 Nov 2026 02:00:00 -0000\n\nHello <b>you</b>\nhttps://harmony.example/x\n"
)


NEWS = (
    b"List-Id: <calls.harmony.example>\nList-Unsubscribe: <https://harmony.example/account/mails/stop/x/>\n"
    + MAIL
)


@pytest.fixture
def mailbox(tmp_path: Path) -> Path:
    between = b"\n" + b"-" * 79 + b"\n"
    (tmp_path / "20261122-1.log").write_bytes(MAIL + between)
    (tmp_path / "20261122-2.log").write_bytes(NEWS + between)
    return tmp_path


def test_the_mails_of_a_demonstration_are_read_in_the_browser(client: Client, mailbox: Path) -> None:
    with override_settings(DEMONSTRATION=True, EMAIL_FILE_PATH=str(mailbox)):
        listed = client.get(reverse("mail_list")).content.decode()
        url = reverse("mail_detail", args=["20261122-1", 0])
        assert url in listed
        page = client.get(url).content.decode()
        assert "Hello &lt;b&gt;you&lt;/b&gt;" in page
        assert '<a href="https://harmony.example/x"' in page
        assert "Always sent" in page
        news = client.get(reverse("mail_detail", args=["20261122-2", 0])).content.decode()
        assert '<a href="https://harmony.example/account/mails/stop/x/">' in news
        assert "calls" in news
        assert client.get(reverse("mail_detail", args=["20261122-1", 1])).status_code == 404
        assert client.get(reverse("mail_detail", args=["..%2Fsecret", 0])).status_code == 404


def test_outside_a_demonstration_there_is_no_page_of_mails(client: Client, mailbox: Path) -> None:
    with override_settings(DEMONSTRATION=False, EMAIL_FILE_PATH=str(mailbox)):
        assert client.get(reverse("mail_list")).status_code == 404
        assert client.get(reverse("mail_detail", args=["20261122-1", 0])).status_code == 404
