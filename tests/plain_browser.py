"""A browser without a screen or scripts: follows redirects, keeps cookies, fills in forms by their fields."""

import re
import urllib.error
import urllib.parse
import urllib.request
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from typing import Any


class _Inputs(HTMLParser):
    """The inputs that have a name and a value, as a browser would send them untouched, form by form."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, list[tuple[str, str]]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((given.get("action", ""), []))
        elif tag == "input" and given.get("name") and self.forms:
            if given.get("type") in ("radio", "checkbox") and "checked" not in given:
                return
            self.forms[-1][1].append((given["name"], given.get("value", "")))


def forms_in(page: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Each form of the page: its address ("" for the page's own) and the fields that it sends untouched."""
    found = _Inputs()
    found.feed(page)
    return found.forms


class PlainBrowser:
    """One person's browser on the site at `site` ("http://127.0.0.1:8123")."""

    def __init__(self, site: str) -> None:
        self.site = site
        self.url, self.status, self.text = "", 0, ""
        cookies = urllib.request.HTTPCookieProcessor(CookieJar())
        self._opener = urllib.request.build_opener(cookies)

    def get(self, path: str) -> int:
        """Fetches a page; the status."""
        return self._fetch(urllib.request.Request(urllib.parse.urljoin(self.url or self.site, path)))

    def form(self, action: str) -> tuple[str, list[tuple[str, str]]]:
        """Address and fields of the first form to this address; AssertionError where the page has none."""
        forms = [
            (there or self.url, fields)
            for there, fields in forms_in(self.text)
            if action in (there or self.url)
        ]
        assert forms, f"no form to {action!r} at {self.url}: {re.findall(r'<form[^>]*>', self.text)}"
        return forms[0]

    def send(self, action: str, fields: list[tuple[str, str]]) -> int:
        """Posts the fields to the address; the status."""
        data = urllib.parse.urlencode(fields).encode()
        url = urllib.parse.urljoin(self.url, action)
        return self._fetch(urllib.request.Request(url, data, {"Referer": self.url}))

    def submit(self, action: str, **filled: Any) -> int:
        """Sends the form with this in its action, as it stands but for what is filled in; the status."""
        target, given = self.form(action)
        fields = [(name, value) for name, value in given if name not in filled]
        return self.send(target, [*fields, *((name, str(value)) for name, value in filled.items())])

    def _fetch(self, request: urllib.request.Request) -> int:
        try:
            response = self._opener.open(request, timeout=30)
        except urllib.error.HTTPError as error:
            response = error
        with response:
            self.url, self.status = response.url, response.status
            self.text = response.read().decode(errors="replace")
        return self.status
