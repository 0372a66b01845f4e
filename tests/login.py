"""Logging in as the cast does: by a code from the outbox."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.core import context as allauth_context
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth import SESSION_KEY
from django.test import Client, RequestFactory
from django.urls import reverse

from ledger.models import Message
from members.models import Person

RECORDS = "account_authentication_methods"  # what allauth.account.authentication reads


@contextmanager
def request_by(person: Person) -> Iterator[None]:
    """Within it allauth acts in a request of `person`, who is logged in."""
    request = RequestFactory().get("/")
    request.user = person
    with allauth_context.request_context(request):
        yield


def make_app(person: Person) -> str:
    """Sets up an authenticator app for `person`; returns its secret."""
    secret = generate_totp_secret()
    with request_by(person):
        TOTP.activate(person, secret)
    return secret


def make_recovery_codes(person: Person) -> list[str]:
    """Makes recovery codes for `person`, and returns them."""
    with request_by(person):
        return RecoveryCodes.activate(person).get_unused_codes()


def newest_mail(address: str) -> Message:
    """The newest mail queued for `address`."""
    message = Message.objects.filter(address=address).order_by("-queued_at").first()
    assert message is not None, f"no mail is queued for {address}"
    return message


def code_in(message: Message) -> str:
    """The code that stands on a line of its own in the mail."""
    found = re.search(r"^    ([A-Z0-9-]{6,})$", message.text, re.MULTILINE)
    assert found, f"no code in {message.text!r}"
    return found.group(1)


def newest_code(address: str) -> str:
    """The code in the newest mail queued for `address`."""
    return code_in(newest_mail(address))


def log_in(client: Client, person: Person, page: str = "") -> Any:
    """Logs `person` in through the pages, by an emailed code; returns the redirect to `page`."""
    query = f"?next={page}" if page else ""
    asked = client.post(reverse("account_login") + query, {"login": person.email})
    assert asked.status_code == 302, asked.content.decode()
    return client.post(asked["Location"], {"code": newest_code(person.email), "action": "verify"})


def is_logged_in(client: Client, person: Person) -> bool:
    """Whether the client's session belongs to `person`."""
    return client.session.get(SESSION_KEY) == str(person.pk)


def age_login(client: Client, seconds: float) -> None:
    """Makes the client's log-in as old as `seconds`: what passing time would do."""
    session = client.session
    session[RECORDS] = [{**record, "at": time.time() - seconds} for record in session[RECORDS]]
    session.save()
