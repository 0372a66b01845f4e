"""A browser that notes every address it asks for and every header it is given."""

import html
import re
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from django.test import Client, RequestFactory
from django.urls import reverse

from members.models import Person
from tests.defections.canary.finding import found_in
from tests.defections.making import mails_to

_CODE = re.compile(r"^    ([A-Z0-9-]{6,})$", re.MULTILINE)


class Walker:
    """Somebody at a browser, who has just logged in where they have an account.

    `seen` holds the addresses and headers of all their requests, for `in_passing`; `shown` the markers that they were
    shown.
    """

    def __init__(self, person: Person | None = None) -> None:
        self.client = Client()
        self.person = person
        self.seen: list[str] = []
        self.shown: set[str] = set()
        if person is not None:
            log_in_at_once(self.client, person)

    def get(self, page: str, *args: Any, status: int = 200) -> Any:
        """The page; AssertionError where the status is another."""
        return self._noted(self.client.get(_address(page, *args)), status)

    def post(self, page: str, *args: Any, status: int = 302, **data: Any) -> Any:
        """What a form's sending gives; AssertionError where the status is another. `_` in a name may stand for `-`."""
        return self.send(page, *args, data=data, status=status)

    def send(self, page: str, *args: Any, data: dict[str, Any], status: int = 302) -> Any:
        """As `post`, with names that are no words of Python."""
        return self._noted(self.client.post(_address(page, *args), data), status)

    def enter(self, address: str) -> None:
        """Goes into the form by a code that is mailed to `address`."""
        self.post("defections:resume_ask", email=address)
        found = _CODE.search(mails_to(address)[0].text)
        assert found
        self.post("defections:resume_code", code=found.group(1))

    def _noted(self, response: Any, status: int) -> Any:
        request = response.wsgi_request
        self.seen.append(request.get_full_path())
        self.seen += [
            f"{name}: {text}" for name, text in response.headers.items() if name != "Content-Disposition"
        ]
        self.seen += [f"cookie {cookie.key}: {cookie.value}" for cookie in response.cookies.values()]
        text = html.unescape(response.content.decode(errors="replace"))
        self.shown |= found_in(f"{response.headers.get('Content-Disposition', '')} {text}")
        told = " ".join(text.split())[:3000]
        assert response.status_code == status, f"{request.path}: {response.status_code} {told}"
        return response


def log_in_at_once(client: Client, person: Person) -> None:
    """Logs the person in as if by an emailed code this moment, so that no page asks for it again."""
    client.force_login(person)
    request = RequestFactory().get("/")
    request.session = client.session
    record_authentication(request, person, method="code", email=person.email)
    request.session.save()


def _address(page: str, *args: Any) -> str:
    return page if page.startswith("/") else reverse(page, args=args)
