"""The account's pages in real Chromium: signing up, logging in by every way, and the keys to an account."""

import re
from collections.abc import Iterator

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from members.models import Person
from tests.browser.conftest import Visitor
from tests.factories import make_person
from tests.login import newest_code

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

WAYS = [(320, True), (320, False), (1280, True), (1280, False)]
PASSWORD = "correct horse battery"


@pytest.fixture(params=WAYS, ids=[f"{width}{'' if scripts else '-plain'}" for width, scripts in WAYS])
def visitor(request: pytest.FixtureRequest, chromium: Browser, live_server: LiveServer) -> Iterator[Visitor]:
    """Somebody who has come to the site."""
    cache.clear()
    width, scripts = request.param
    visitor = Visitor(chromium, live_server.url, width=width, scripts=scripts)
    yield visitor
    visitor.close()


def touch(visitor: Visitor, name: str) -> None:
    """Presses a button in the page's main part."""
    visitor.page.get_by_role("main").get_by_role("button", name=name, exact=True).click()


def press(visitor: Visitor, name: str) -> None:
    """Presses a button that leads to a page, and waits for it."""
    with visitor.page.expect_navigation():
        touch(visitor, name)


def enter_code(visitor: Visitor, address: str) -> None:
    """Types in the newest code that was sent to the address."""
    visitor.page.get_by_label("Code").fill(newest_code(address))
    press(visitor, "Continue")


def log_in(visitor: Visitor, person: Person) -> None:
    """Logs in by an emailed code."""
    visitor.goto("/account/login/")
    visitor.page.get_by_label("Email address").fill(person.email)
    press(visitor, "Send me a code")
    enter_code(visitor, person.email)
    visitor.page.wait_for_url(visitor.site + "/")


def test_a_stranger_signs_up_and_keeps_the_account_in_order(visitor: Visitor) -> None:
    page = visitor.page
    visitor.goto("/")
    visitor.examine("stranger")
    page.get_by_role("main").get_by_role("link", name="Sign up").click()
    press(visitor, "Sign up")
    visitor.examine("sign-up-errors", targets=True)
    assert page.title().startswith("Error: ")
    assert page.evaluate("document.activeElement.className") == "error-summary"
    page.get_by_role("link", name="Enter your email address").click()
    assert page.evaluate("document.activeElement.id") == "id_email"
    page.get_by_label("Name").fill("Wilhelmina Featherstonehaugh-Cholmondeley")
    page.get_by_label("Email address").fill("wilhelmina.featherstonehaugh-cholmondeley@example.org")
    press(visitor, "Sign up")
    visitor.examine("sign-up-code", targets=True)
    enter_code(visitor, "wilhelmina.featherstonehaugh-cholmondeley@example.org")
    page.wait_for_url(visitor.site + "/")
    visitor.examine("home")

    visitor.goto("/account/date-of-birth/")
    page.get_by_label("Day").fill("31")
    page.get_by_label("Month").fill("feb")
    page.get_by_label("Year").fill("1977")
    press(visitor, "Save")
    visitor.examine("birth-errors")
    page.get_by_label("Day").fill("27")
    press(visitor, "Save")
    visitor.examine("account", targets=True)

    visitor.goto("/account/email/")
    visitor.examine("email")
    page.get_by_label("New email address").fill("wilma@example.org")
    press(visitor, "Change it")
    visitor.examine("email-code")
    enter_code(visitor, "wilma@example.org")
    assert "wilma@example.org" in page.inner_text(".summary")

    visitor.goto("/account/password/set/")
    page.get_by_label("Password").fill("short")
    press(visitor, "Keep it")
    visitor.examine("password-errors")
    page.get_by_label("Password").fill(PASSWORD)
    press(visitor, "Keep it")
    visitor.examine("account-with-password")
    for path in ("/account/password/change/", "/account/again/?next=/account/", "/account/logout/"):
        visitor.goto(path)
        visitor.examine(path.strip("/").replace("/", "-").partition("?")[0])
    press(visitor, "Log out")

    visitor.goto("/account/login/password/")
    visitor.examine("log-in-by-password")
    page.get_by_label("Email address").fill("wilma@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    press(visitor, "Log in")
    page.wait_for_url(visitor.site + "/")
    assert Person.objects.get().email == "wilma@example.org"


def test_somebody_forgets_a_password_and_chooses_another(visitor: Visitor) -> None:
    person = make_person(password=PASSWORD)
    visitor.goto("/account/password/reset/")
    visitor.examine("reset")
    visitor.page.get_by_label("Email address").fill(person.email)
    press(visitor, "Send me a code")
    visitor.examine("reset-code")
    enter_code(visitor, person.email)
    visitor.examine("reset-new")
    visitor.page.get_by_label("New password").fill("another horse battery")
    press(visitor, "Change it")
    visitor.examine("reset-done")
    person.refresh_from_db()
    assert person.check_password("another horse battery")


def test_an_authenticator_app_guards_an_account(visitor: Visitor) -> None:
    page = visitor.page
    person = make_person()
    log_in(visitor, person)
    visitor.goto("/account/2fa/")
    visitor.examine("second-step")
    page.get_by_role("link", name="Set up").click()
    page.get_by_text("I cannot scan it").click()
    visitor.examine("app")
    secret = page.inner_text(".details__body .code").strip()
    page.get_by_label("Code from the app").fill(totp(secret))
    press(visitor, "Turn it on")
    visitor.examine("recovery-codes")
    spare = page.inner_text("pre").split()[0]
    for path in ("/account/2fa/", "/account/2fa/recovery-codes/generate/", "/account/2fa/totp/deactivate/"):
        visitor.goto(path)
        if "reauthenticate" in page.url:
            visitor.examine("app-again")
            page.get_by_label("Code").fill(spare)
            press(visitor, "Continue")
        visitor.examine(path.strip("/").replace("/", "-"))
    visitor.goto("/account/logout/")
    press(visitor, "Log out")
    visitor.goto("/account/login/")
    page.get_by_label("Email address").fill(person.email)
    press(visitor, "Send me a code")
    enter_code(visitor, person.email)
    visitor.examine("second-step-asked")
    assert page.get_by_role("heading", name="Second step").is_visible()


def totp(secret: str) -> str:
    """The code that an app would show now."""
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


@pytest.fixture(params=[320, 1280])
def keeper(request: pytest.FixtureRequest, chromium: Browser, live_server: LiveServer) -> Iterator[Visitor]:
    """Somebody whose device keeps passkeys."""
    cache.clear()
    visitor = Visitor(chromium, live_server.url, width=request.param)
    device = visitor.context.new_cdp_session(visitor.page)
    device.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    device.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    yield visitor
    visitor.close()


def test_a_passkey_logs_in_by_itself(keeper: Visitor) -> None:
    page = keeper.page
    log_in(keeper, make_person("Petra Passkey"))
    keeper.goto("/account/2fa/webauthn/add/")
    keeper.examine("passkey-add", targets=True)
    page.get_by_label("What to call it").fill("My phone")
    touch(keeper, "Make the passkey")
    page.wait_for_url(re.compile("/account/2fa/(recovery-codes/)?$"))
    keeper.goto("/account/2fa/webauthn/")
    keeper.examine("passkeys")
    assert "My phone" in page.inner_text(".summary")
    keeper.goto("/account/logout/")
    press(keeper, "Log out")
    keeper.goto("/account/login/?next=/account/name/")
    keeper.examine("log-in-with-passkey", targets=True)
    touch(keeper, "Log in with a passkey")
    page.wait_for_url(keeper.site + "/account/name/")
    keeper.goto("/account/2fa/webauthn/reauthenticate/?next=/account/")
    keeper.examine("passkey-again")
    touch(keeper, "Use my passkey")
    page.wait_for_url(keeper.site + "/account/")
    keeper.goto("/account/2fa/webauthn/")
    page.get_by_role("link", name="Remove My phone").click()
    keeper.examine("passkey-remove")
    press(keeper, "Remove it")
    keeper.examine("no-passkeys")
    assert "You have no passkey." in page.inner_text("main")


def test_a_passkey_that_does_not_work_is_told_in_words(chromium: Browser, live_server: LiveServer) -> None:
    cache.clear()
    visitor = Visitor(chromium, live_server.url)
    visitor.goto("/account/login/")
    visitor.page.evaluate(
        "() => { navigator.credentials.get = () => Promise.reject(new Error('cancelled')) }"
    )
    touch(visitor, "Log in with a passkey")
    visitor.page.get_by_role("alert").filter(has_text="The passkey did not work").wait_for()
    visitor.examine("passkey-failed")
    visitor.close()
