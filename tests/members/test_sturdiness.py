"""Whatever is sent to the account's pages, nobody sees our fault page, and every page is in our look."""

import json

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from members.models import Person
from tests.factories import make_person
from tests.login import log_in, make_app

pytestmark = pytest.mark.django_db

JUNK: list[dict[str, str]] = [
    {},
    {"code": "", "email": "", "login": "", "password": "", "credential": "", "action": "verify"},
    {"code": "\x00ö²", "email": "no address", "login": "x" * 5000, "action": "resend", "next": "//evil"},
    {"credential": "{}", "name": "<b>", "action": "change", "email": "a@example.org", "action_send": ""},
    {"credential": '{"id": "AAAA", "response": {}}', "action_remove": "", "email": "a@example.org"},
    {"credential": '{"type": "public-key", "id": "AAAA", "rawId": "AAAA", "response": 7}', "action_add": ""},
    {
        "credential": json.dumps(
            {"type": "public-key", "id": "AAAA", "rawId": "AAAA", "response": {"userHandle": 1}}
        )
    },
    {"credential": "[]"},
    {"credential": '"\\u0000"'},
    {"action_primary": "", "email": "a@example.org", "password1": "short", "oldpassword": "x"},
]


def addresses() -> list[str]:
    """All addresses under /account/, with 1 where an id belongs."""

    def walk(resolver: URLResolver, prefix: str) -> list[str]:
        found = []
        for entry in resolver.url_patterns:
            route = prefix + str(entry.pattern)
            if isinstance(entry, URLPattern):
                found.append("/" + route.replace("<int:pk>", "1"))
            else:
                found += walk(entry, route)
        return found

    return sorted({url for url in walk(get_resolver(), "") if url.startswith("/account/")})


def test_there_are_account_pages_to_try() -> None:
    assert {"/account/login/", "/account/2fa/webauthn/add/", "/account/again/code/"} <= set(addresses())


@pytest.mark.parametrize("kind", ["nobody", "by password", "with a second step"])
def test_junk_is_answered_and_never_our_fault(client: Client, kind: str) -> None:
    person = make_person(password="correct horse battery" if kind == "by password" else None)
    if kind != "nobody":
        log_in(client, person)
    if kind == "with a second step":
        make_app(person)
    for url in addresses():
        cache.clear()
        for response in (
            client.get(url, {"next": "//evil.example"}),
            *(client.post(url, data) for data in JUNK),
        ):
            assert response.status_code < 500, url
            if response.status_code == 200 and response["Content-Type"].startswith("text/html"):
                assert 'class="site-header"' in response.content.decode(), url
        if kind != "nobody" and "logout" in url:
            log_in(client, person) if kind != "with a second step" else client.force_login(person)


def test_a_code_page_without_a_code_under_way_leads_back_to_logging_in(
    client: Client, member: Person
) -> None:
    for url in (
        "/account/login/code/confirm/",
        "/account/password/reset/confirm/",
        "/account/confirm-email/",
    ):
        assert client.get(url)["Location"].startswith("/account/"), url
        assert client.post(url, {"code": "BBBB-BBBB"})["Location"].startswith("/account/"), url
