"""Logging in again as the same person: what guards a vote in a long session."""

import time
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from ledger.models import Message
from members.accounts import authenticated_within
from members.models import Person
from tests.factories import make_person
from tests.login import age_login, is_logged_in, log_in, make_app, make_recovery_codes, newest_code

pytestmark = pytest.mark.django_db
PAGE = "/account/name/"
HOUR = 3600


@pytest.fixture(autouse=True)
def _fresh_rate_limits() -> None:
    cache.clear()


def request_of(client: Client, person: Person) -> HttpRequest:
    """A request as it would come from the client's session."""
    request = RequestFactory().get("/")
    request.session = client.session
    request.user = person
    return request


def again(page: str = PAGE) -> str:
    return f"{reverse('members:log_in_again')}?next={page}"


@pytest.mark.parametrize(("age", "fresh"), [(0, True), (HOUR - 5, True), (HOUR, False), (HOUR + 5, False)])
def test_a_log_in_is_fresh_for_an_hour(client: Client, member: Person, age: float, fresh: bool) -> None:
    log_in(client, member)
    age_login(client, age)
    assert authenticated_within(request_of(client, member), HOUR) is fresh


def test_signing_up_counts_as_logging_in(client: Client) -> None:
    data = {"name": "Nora", "email": "nora@example.org", "website": ""}
    page = client.post(reverse("account_signup"), data)["Location"]
    client.post(page, {"code": newest_code("nora@example.org")})
    assert authenticated_within(request_of(client, Person.objects.get()), HOUR)


def test_a_session_says_nothing_about_anybody_else(client: Client, member: Person, outsider: Person) -> None:
    log_in(client, member)
    assert not authenticated_within(request_of(client, outsider), HOUR)
    anonymous = request_of(client, member)
    anonymous.user = AnonymousUser()
    assert not authenticated_within(anonymous, HOUR)


def test_a_session_that_was_never_logged_in_to_by_the_door_is_not_fresh(
    client: Client, member: Person
) -> None:
    client.force_login(member)
    assert not authenticated_within(request_of(client, member), HOUR)


def test_a_code_by_email_makes_the_session_fresh_and_leads_back(client: Client, member: Person) -> None:
    log_in(client, member)
    age_login(client, 2 * HOUR)
    before = client.session.session_key
    assert "Send me a code" in client.get(again()).content.decode()
    page = client.post(again())["Location"]
    assert "Enter your code" in client.get(page).content.decode()
    response = client.post(page, {"code": newest_code(member.email).lower()})
    assert response["Location"] == PAGE
    assert authenticated_within(request_of(client, member), 60)
    assert client.session.session_key != before
    assert is_logged_in(client, member)


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example", ""]
)
def test_it_never_leads_to_another_site(client: Client, member: Person, wanted: str) -> None:
    log_in(client, member)
    page = client.post(reverse("members:log_in_again"), {"next": wanted})["Location"]
    assert "evil" not in page
    response = client.post(page, {"code": newest_code(member.email), "next": wanted})
    assert response["Location"] == "/"


def test_the_code_of_one_person_does_nothing_for_another(member: Person, outsider: Person) -> None:
    theirs, mine = Client(), Client()
    log_in(theirs, member)
    log_in(mine, outsider)
    theirs.post(again())
    page = mine.post(again())["Location"]
    assert mine.post(page, {"code": newest_code(member.email)}).status_code == 200


def test_a_code_that_was_used_counts_no_longer(client: Client, member: Person) -> None:
    log_in(client, member)
    page = client.post(again())["Location"]
    code = newest_code(member.email)
    client.post(page, {"code": code})
    age_login(client, 2 * HOUR)
    assert client.post(page, {"code": code})["Location"] == again("%2Faccount%2Fname%2F")
    assert not authenticated_within(request_of(client, member), HOUR)


def test_three_wrong_codes_end_the_try(client: Client, member: Person) -> None:
    log_in(client, member)
    age_login(client, 2 * HOUR)
    page = client.post(again())["Location"]
    right = newest_code(member.email)
    for _try in range(2):
        wrong = client.post(page, {"code": "BBBB-BBBB"})
        assert "That is not the code" in wrong.content.decode()
    assert client.post(page, {"code": "BBBB-BBBB"})["Location"] == again("%2Faccount%2Fname%2F")
    client.post(page, {"code": right})
    assert not authenticated_within(request_of(client, member), HOUR)
    assert is_logged_in(client, member)


@pytest.mark.parametrize(("seconds", "counts"), [(14 * 60 + 55, True), (15 * 60, False), (16 * 60, False)])
def test_a_code_counts_for_a_quarter_of_an_hour(
    client: Client, member: Person, seconds: float, counts: bool
) -> None:
    log_in(client, member)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        page = client.post(again())["Location"]
        code = newest_code(member.email)
        clock.shift(timedelta(seconds=seconds))
        response = client.post(page, {"code": code})
    assert (response["Location"] == PAGE) is counts


def test_codes_are_not_sent_without_end(client: Client, member: Person) -> None:
    log_in(client, member)
    for _try in range(5):
        response = client.post(again())
    assert response.status_code == 200
    assert "Wait a little" in response.content.decode()
    assert Message.objects.filter(address=member.email).count() == 3


def test_the_session_keeps_no_code_in_clear(client: Client, member: Person) -> None:
    log_in(client, member)
    client.post(again())
    code = newest_code(member.email)
    kept = str(dict(client.session.items()))
    assert code not in kept
    assert code.replace("-", "") not in kept.upper()


def test_a_password_is_enough_where_there_is_one(client: Client) -> None:
    person = make_person(password="correct horse battery")
    log_in(client, person)
    age_login(client, 2 * HOUR)
    page = client.get(again()).content.decode()
    assert reverse("account_reauthenticate") + f"?next={PAGE.replace('/', '%2F')}" in page
    url = f"{reverse('account_reauthenticate')}?next={PAGE}"
    assert client.post(url, {"password": "wrong horse battery"}).status_code == 200
    assert not authenticated_within(request_of(client, person), HOUR)
    assert client.post(url, {"password": "correct horse battery"})["Location"] == PAGE
    assert authenticated_within(request_of(client, person), 60)


def test_where_a_second_step_guards_the_account_a_code_by_email_is_not_enough(
    client: Client, member: Person
) -> None:
    log_in(client, member)
    age_login(client, 2 * HOUR)
    make_app(member)
    codes = make_recovery_codes(member)
    page = client.get(again()).content.decode()
    assert "Send me a code" not in page
    assert reverse("mfa_reauthenticate") in page
    sent = Message.objects.count()
    assert client.post(again()).status_code == 403
    assert Message.objects.count() == sent
    response = client.post(f"{reverse('mfa_reauthenticate')}?next={PAGE}", {"code": codes[0]})
    assert response["Location"] == PAGE
    assert authenticated_within(request_of(client, member), 60)


KEYS = [
    "account_email",
    "account_set_password",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_generate_recovery_codes",
    "mfa_view_recovery_codes",
    "mfa_download_recovery_codes",
]


@pytest.mark.parametrize("url_name", KEYS)
def test_the_keys_to_an_account_change_hands_only_after_a_fresh_log_in(
    client: Client, member: Person, url_name: str
) -> None:
    log_in(client, member)
    age_login(client, 2 * HOUR)
    url = reverse(url_name)
    wanted = again(url.replace("/", "%2F"))
    assert client.get(url)["Location"] == wanted
    assert client.post(url, {"password1": "correct horse battery"})["Location"] == wanted
    member.refresh_from_db()
    assert not member.has_usable_password()
    age_login(client, 0)
    assert client.get(url).get("Location", "") != wanted


def test_a_fresh_log_in_by_code_is_asked_for_nothing_more_when_a_second_step_is_set_up(
    client: Client, member: Person
) -> None:
    log_in(client, member)
    assert client.get(reverse("mfa_activate_totp")).status_code == 200
    make_app(member)
    make_recovery_codes(member)
    assert client.get(reverse("mfa_view_recovery_codes")).status_code == 200
    age_login(client, 2 * HOUR)
    assert client.get(reverse("mfa_view_recovery_codes"))["Location"].startswith("/account/again/")


def test_using_a_guarded_page_does_not_make_a_log_in_any_fresher(client: Client, member: Person) -> None:
    log_in(client, member)
    age_login(client, HOUR - 30)
    client.get(reverse("account_email"))
    assert authenticated_within(request_of(client, member), HOUR)
    assert not authenticated_within(request_of(client, member), HOUR - 60)


def test_time_is_read_from_the_records_alone(client: Client, member: Person) -> None:
    log_in(client, member)
    age_login(client, HOUR - 1)
    request = request_of(client, member)
    assert authenticated_within(request, HOUR)
    with time_machine.travel(time.time() + 2, tick=False):
        assert not authenticated_within(request, HOUR)
