"""Signing up and logging in, through the pages and the outbox."""

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse

from ledger import outbox
from ledger.models import Message
from members.models import Person
from tests.factories import make_person
from tests.login import code_in, is_logged_in, log_in, newest_code, newest_mail

pytestmark = pytest.mark.django_db
HOME = "/"


@pytest.fixture(autouse=True)
def _fresh_rate_limits() -> None:
    cache.clear()


def sign_up(client: Client, email: str, name: str = "Nora New") -> str:
    """Asks for an account; returns the address of the page that asks for the code."""
    response = client.post(reverse("account_signup"), {"name": name, "email": email, "website": ""})
    assert response.status_code == 302, response.content.decode()
    return response["Location"]


def test_signing_up_takes_a_name_an_address_and_the_code_sent_to_it(client: Client) -> None:
    page = sign_up(client, "Nora@Example.org")
    person = Person.objects.get()
    assert (person.name, person.email) == ("Nora New", "nora@example.org")
    assert not person.has_usable_password()
    assert not is_logged_in(client, person)
    response = client.post(page, {"code": newest_code("nora@example.org").lower().replace("-", " ")})
    assert response["Location"] == HOME
    assert is_logged_in(client, person)
    assert "Nora New" in client.get(HOME).content.decode()


def test_nobody_gets_in_with_a_wrong_code(client: Client) -> None:
    page = sign_up(client, "nora@example.org")
    response = client.post(page, {"code": "BBBB-BBBB"})
    assert response.status_code == 200
    assert "That is not the code" in response.content.decode()
    assert client.get(reverse("members:account_detail"))["Location"].startswith(reverse("account_login"))


def test_an_unverified_account_gets_in_by_code_alone_and_that_verifies_it(client: Client) -> None:
    sign_up(Client(), "nora@example.org")
    person = Person.objects.get()
    assert not EmailAddress.objects.get(user=person).verified
    log_in(client, person)
    assert is_logged_in(client, person)
    assert EmailAddress.objects.get(user=person).verified


def test_a_code_logs_in_and_goes_on_to_the_page_that_was_wanted(client: Client, member: Person) -> None:
    response = log_in(client, member, reverse("members:name_change"))
    assert response["Location"] == reverse("members:name_change")
    assert is_logged_in(client, member)


def test_logging_in_never_leads_to_another_site(client: Client, member: Person) -> None:
    assert log_in(client, member, "https://evil.example/")["Location"] == HOME


def test_a_code_counts_once(client: Client, member: Person) -> None:
    log_in(client, member)
    used = newest_code(member.email)
    other = Client()
    page = other.post(reverse("account_login"), {"login": member.email})["Location"]
    assert other.post(page, {"code": used, "action": "verify"}).status_code == 200
    assert not is_logged_in(other, member)


def test_three_wrong_codes_end_the_try(client: Client, member: Person) -> None:
    page = client.post(reverse("account_login"), {"login": member.email})["Location"]
    right = newest_code(member.email)
    for _try in range(3):
        response = client.post(page, {"code": "BBBB-BBBB", "action": "verify"})
    assert response.status_code == 302
    client.post(page, {"code": right, "action": "verify"})
    assert not is_logged_in(client, member)


def test_another_code_can_be_asked_for_and_the_old_one_then_counts_no_longer(
    client: Client, member: Person
) -> None:
    page = client.post(reverse("account_login"), {"login": member.email})["Location"]
    old = newest_code(member.email)
    assert "Send me another code" in client.get(page).content.decode()
    client.post(page, {"action": "resend"})
    new = newest_code(member.email)
    assert new != old
    assert client.post(page, {"code": old, "action": "verify"}).status_code == 200
    client.post(page, {"code": new, "action": "verify"})
    assert is_logged_in(client, member)


def test_a_password_logs_in_where_there_is_one(client: Client) -> None:
    person = make_person(password="correct horse battery")
    page = reverse("members:log_in_by_password")
    assert "password" in client.get(page).content.decode()
    wrong = client.post(page, {"login": person.email, "password": "wrong horse battery"})
    assert "The email address and the password do not match." in wrong.content.decode()
    response = client.post(page, {"login": person.email, "password": "correct horse battery"})
    assert response["Location"] == HOME
    assert is_logged_in(client, person)


def test_without_a_password_no_password_logs_in(client: Client, member: Person) -> None:
    page = reverse("members:log_in_by_password")
    for password in ("", "None", member.password):
        client.post(page, {"login": member.email, "password": password})
        assert not is_logged_in(client, member)


def test_a_closed_account_cannot_be_entered(client: Client) -> None:
    person = make_person(is_active=False, password="correct horse battery")
    page = reverse("members:log_in_by_password")
    response = client.post(page, {"login": person.email, "password": "correct horse battery"})
    assert not is_logged_in(client, person)
    assert "This account is closed" in client.get(response["Location"]).content.decode()
    client.post(reverse("account_login"), {"login": person.email})
    assert "has no account here" in newest_mail(person.email).text


def shown(client: Client, url: str, data: dict[str, str], address: str) -> tuple[object, ...]:
    """All that somebody at the keyboard sees of what they sent, with the address itself blotted out."""
    response = client.post(url, data)
    pages = [response.status_code, response.headers.get("Location")]
    if response.status_code == 302:
        page = client.get(response["Location"])
        text = page.content.decode().replace(address, "ADDRESS")
        pages += [page.status_code, "".join(line for line in text.splitlines() if "csrf" not in line)]
    return tuple(pages)


@pytest.mark.parametrize(
    ("url_name", "field"),
    [
        ("account_login", "login"),
        ("account_request_login_code", "email"),
        ("account_reset_password", "email"),
    ],
)
def test_nobody_learns_who_has_an_account_by_trying_to_get_in(
    member: Person, url_name: str, field: str
) -> None:
    known = shown(Client(), reverse(url_name), {field: member.email}, member.email)
    unknown = shown(Client(), reverse(url_name), {field: "nobody@example.org"}, "nobody@example.org")
    assert known == unknown
    assert code_in(newest_mail(member.email))
    assert "has no account here" in newest_mail("nobody@example.org").text


def test_nobody_learns_who_has_an_account_by_signing_up(member: Person) -> None:
    def data(email: str) -> dict[str, str]:
        return {"name": "X", "email": email, "website": ""}

    url = reverse("account_signup")
    known = shown(Client(), url, data(member.email), member.email)
    unknown = shown(Client(), url, data("nobody@example.org"), "nobody@example.org")
    assert known == unknown
    assert "has an account already" in newest_mail(member.email).text
    assert Person.objects.filter(email=member.email).count() == 1


def test_a_password_page_answers_the_same_for_known_and_unknown_addresses(member: Person) -> None:
    page = reverse("members:log_in_by_password")
    texts = [
        Client()
        .post(page, {"login": email, "password": "some password or other"})
        .content.decode()
        .replace(email, "ADDRESS")
        for email in (member.email, "nobody@example.org")
    ]
    assert texts[0].split("csrfmiddlewaretoken")[0] == texts[1].split("csrfmiddlewaretoken")[0]


def test_a_robot_that_fills_in_every_box_makes_no_account(client: Client) -> None:
    data = {"name": "Bot", "email": "bot@example.org", "website": "https://spam.example"}
    assert client.post(reverse("account_signup"), data).status_code == 302
    assert not Person.objects.exists()
    assert not Message.objects.exists()


def test_too_many_tries_get_our_page_and_status_429() -> None:
    responses = [
        Client().post(reverse("account_login"), {"login": f"p{number}@example.org"}) for number in range(31)
    ]
    statuses = [response.status_code for response in responses]
    assert statuses == [302] * 20 + [200] * 10 + [429]
    assert "too many tries" in responses[20].content.decode()
    assert "Wait a little" in responses[-1].content.decode()


def test_codes_for_one_address_are_limited(member: Person) -> None:
    for _try in range(3):
        assert Client().post(reverse("account_login"), {"login": member.email}).status_code == 302
    refused = Client().post(reverse("account_login"), {"login": member.email})
    assert refused.status_code == 200
    assert "too many tries" in refused.content.decode()
    assert Message.objects.filter(address=member.email).count() == 3


def test_a_forgotten_password_is_replaced_by_code(client: Client) -> None:
    person = make_person(password="correct horse battery")
    page = client.post(reverse("account_reset_password"), {"email": person.email})["Location"]
    page = client.post(page, {"code": newest_code(person.email)})["Location"]
    weak = client.post(page, {"password1": "password"})
    assert weak.status_code == 200
    done = client.post(page, {"password1": "another horse battery"})
    assert client.get(done["Location"]).status_code == 200
    person.refresh_from_db()
    assert person.check_password("another horse battery")
    assert "was changed" in newest_mail(person.email).text


def test_a_mail_with_a_code_is_erased_once_it_is_sent(client: Client, member: Person) -> None:
    client.post(reverse("account_login"), {"login": member.email})
    message = newest_mail(member.email)
    code = code_in(message)
    assert message.is_secret
    assert code not in message.subject
    outbox.send_due(message.not_before)
    message.refresh_from_db()
    assert message.sent_at is not None
    assert message.text == ""


def test_logging_out_needs_a_post(client: Client, member: Person) -> None:
    log_in(client, member)
    assert "Log out" in client.get(reverse("account_logout")).content.decode()
    assert is_logged_in(client, member)
    client.post(reverse("account_logout"))
    assert not is_logged_in(client, member)


def test_the_admin_has_no_log_in_of_its_own(client: Client) -> None:
    response = client.get(reverse("admin:login"))
    assert response["Location"] == f"{settings.LOGIN_URL}?next=%2Fadmin%2F"
    person = make_person(password="correct horse battery", is_staff=True)
    client.post(reverse("admin:login"), {"username": person.email, "password": "correct horse battery"})
    assert not is_logged_in(client, person)


def test_an_outsider_is_told_that_the_admin_is_not_for_them(client: Client, outsider: Person) -> None:
    log_in(client, outsider)
    assert client.get(reverse("admin:login")).status_code == 403


def test_when_somebody_logged_in_stands_in_no_table_but_their_session(client: Client, member: Person) -> None:
    with connection.cursor() as cursor:
        before = [cursor.execute("SELECT * FROM members_person").fetchall()]
        log_in(client, member)
        assert is_logged_in(client, member)
        assert [cursor.execute("SELECT * FROM members_person").fetchall()] == before
        columns = [
            column.name for column in connection.introspection.get_table_description(cursor, "members_person")
        ]
    assert "last_login" not in columns
