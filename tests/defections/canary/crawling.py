"""Somebody who opens everything that there is: every address, every link, every search, every list by every column.

A crawl happens within a transaction that is rolled back: whatever a page changes, it is as it was afterwards.
"""

import html
import logging
import re
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urljoin, urlsplit

from django.conf import settings
from django.db import transaction
from django.template import Template
from django.test import Client

from members.models import Person
from tests.defections.canary.addresses import one_of_each, shape_of
from tests.defections.canary.finding import found_in, found_in_bytes
from tests.defections.canary.markers import EVERY, word
from tests.defections.canary.walking import log_in_at_once

_LINKS = re.compile(r"""\b(?:href|src|action|formaction)=(?:"([^"]*)"|'([^']*)')""")
_FORMS = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.DOTALL | re.IGNORECASE)
_BOXES = re.compile(r"""<input\b(?=[^>]*\btype="(?:search|text)")[^>]*\bname="([^"]+)""")
_CHANGING = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"|<script[^>]*nonce="[^"]*"')
_WAYS_OUT = ("/account/logout/", "/admin/logout/", "/static/")
_OPEN = (200, 405, 409)  # the answers of a page that lets somebody in; 405: it takes only what is sent
_MOST_QUERIES = 4  # different query strings for one path
_DEEPEST = 8  # "/admin/app/model/key/move/step/" has seven; no page of the admin lies deeper
NOTHING = word("a word that nobody gave")


@dataclass(frozen=True)
class Leak:
    """A marker where it should not be."""

    who: str
    marker: str
    where: str

    def __str__(self) -> str:
        return f"{self.who}: {self.marker} at {self.where}"


@dataclass
class Crawl:
    """One person's crawl; `run` gives what they found. `allowed` are the markers that they may see."""

    who: str
    person: Person | None
    allowed: Collection[str] = frozenset()
    is_wanted: Callable[[str], bool] = bool  # whether a link is followed
    telling: Collection[str] = frozenset()  # keys whose pages are all opened; of others, one of each kind
    tries_closed_doors: bool = True
    client: Client = field(default_factory=Client)
    leaks: set[Leak] = field(default_factory=set)
    statuses: dict[str, int] = field(default_factory=dict)  # by address
    faults: dict[str, str] = field(default_factory=dict)  # where the site broke, with what it broke of
    _searches: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    _queries: dict[str, set[str]] = field(default_factory=dict)
    _shapes: set[str] = field(default_factory=set)

    def run(
        self, addresses: Iterable[str], *, words: Collection[str] = (), is_sending: bool = False
    ) -> set[Leak]:
        """Opens `addresses` and all that they lead to; searches for each marker of `words` in every box.

        With `is_sending` it posts a form without what it asks for, and with fields of no form, to one page of each
        kind that opened.
        """
        self.client.raise_request_exception = False
        with transaction.atomic(), _plain_templates(), _quiet():
            if self.person is not None:
                log_in_at_once(self.client, self.person)
            self._follow(self._worth_trying(list(addresses)))
            self._search([marker for marker in words if marker not in self.allowed])
            opened = (address for address, status in self.statuses.items() if status in _OPEN)
            for address in one_of_each(opened) if is_sending else ():
                self._send(address)
            transaction.set_rollback(True)
        return self.leaks

    def _follow(self, addresses: Iterable[str]) -> None:
        waiting = deque(addresses)
        known = set(waiting)
        self._shapes = {shape_of(address, self.telling) for address in known}
        while waiting:
            address = waiting.popleft()
            response = self.client.get(address)
            self.statuses[address] = response.status_code
            for found in self._look(response, address, "GET"):
                if found not in known and self.is_wanted(found) and self._is_new_enough(found):
                    known.add(found)
                    waiting.append(found)

    def _send(self, address: str) -> None:
        """Posts the form, and undoes what came of it."""
        cookies = {name: cookie.value for name, cookie in self.client.cookies.items()}
        with transaction.atomic():
            self._look(self.client.post(address, {"q": NOTHING, "note": "1"}), address, "POST")
            transaction.set_rollback(True)
        self.client.cookies.load(cookies)

    def _worth_trying(self, addresses: list[str]) -> list[str]:
        """All of them, but of a table of the admin that is closed to this person one of each kind of page.

        Where all of the admin is closed, that only with `tries_closed_doors`.
        """
        records = [address for address in addresses if address.startswith("/admin/")]
        others = [address for address in addresses if not address.startswith("/admin/")]
        if self.client.get("/admin/").status_code != 200:
            return others + (one_of_each(records) if self.tries_closed_doors else [])
        tables: dict[str, list[str]] = {}
        for address in records:
            tables.setdefault("/".join(address.split("/")[:4]) + "/", []).append(address)
        for table, pages in tables.items():
            is_open = table.count("/") < 4 or self.client.get(table).status_code == 200
            others += pages if is_open else one_of_each(pages)
        return others

    def _is_new_enough(self, address: str) -> bool:
        """Whether a link leads to a page that is unlike those seen, or to another view of one."""
        path, _mark, query = address.partition("?")
        if path.count("/") > _DEEPEST or (query and path.startswith("/admin/")):
            return False  # the admin's lists by a column are asked for anyway
        shape = shape_of(path, self.telling)
        if not query:
            is_new = shape not in self._shapes
            self._shapes.add(shape)
            return is_new
        asked = self._queries.setdefault(shape, set())
        asked.add(query)
        return len(asked) <= _MOST_QUERIES

    def _look(self, response: Any, address: str, how: str) -> list[str]:
        """Notes the markers in an answer, and gives the addresses in it."""
        if response.status_code >= 500:
            self.faults[f"{how} {address}"] = repr(
                getattr(response, "exc_info", None) or response.status_code
            )
        content = b"".join(response.streaming_content) if response.streaming else response.content
        kind = response.headers.get("Content-Type", "")
        is_text = kind.startswith(("text/", "application/json", "application/atom")) or "xml" in kind
        text = content.decode(errors="replace") if is_text else ""
        shown = html.unescape(text) if kind.startswith("text/html") else text
        hidden = EVERY - set(self.allowed)
        found = found_in(shown, hidden) if is_text else found_in_bytes(content, hidden)
        self._note(found, f"{how} {address}")
        head = "\n".join(f"{name}: {text}" for name, text in response.headers.items())
        cookies = "\n".join(cookie.value for cookie in response.cookies.values())
        beside = found_in(unquote(head), hidden) | (
            found_in_bytes(cookies.encode(), hidden) if cookies else set()
        )
        self._note(beside, f"the head of {how} {address}")
        found_addresses = list(_own_addresses(text, address)) if kind.startswith("text/html") else []
        if "Location" in response.headers:
            found_addresses += _own(response.headers["Location"], address)
        if kind.startswith("text/html"):
            self._boxes(text, address)
        return found_addresses

    def _note(self, found: Iterable[str], where: str) -> None:
        self.leaks |= {Leak(self.who, marker, where) for marker in found}

    # --- searching ------------------------------------------------------------------------------------
    def _boxes(self, text: str, address: str) -> None:
        path = urlsplit(address).path
        for head, inner in _FORMS.findall(text):
            if 'method="post"' in head.lower():
                continue
            to = re.search(r'action="([^"]*)"', head)
            target = urlsplit(urljoin(path, html.unescape(to.group(1)) if to else path)).path
            names = _BOXES.findall(inner) + re.findall(r'<input[^>]*name="(q)"', inner)
            self._searches.setdefault(target, [])
            for name in names:
                if (target, name) not in self._searches[target]:
                    self._searches[target].append((target, name))

    def _search(self, words: list[str]) -> None:
        """What a search finds for a word that was given must be what it finds for one that nobody gave."""
        for target, name in [box for boxes in self._searches.values() for box in boxes] if words else ():
            nothing = self._result(target, name, NOTHING)
            for marker in words:
                if self._result(target, name, word(marker)) != nothing:
                    self._note([marker], f"the search {target}?{name}=")

    def _result(self, target: str, name: str, searched: str) -> tuple[int, str]:
        """What a search answers, but for where it repeats the word searched for."""
        response = self.client.get(target, {name: searched})
        body = html.unescape(response.content.decode(errors="replace")).replace(searched, "…")
        return response.status_code, _CHANGING.sub("", body)


@contextmanager
def _plain_templates() -> Iterator[None]:
    """Templates as in production: the test client keeps the context of each, which is slow."""
    watched = Template._render
    Template._render = lambda self, context: self.nodelist.render(context)
    try:
        yield
    finally:
        Template._render = watched


@contextmanager
def _quiet() -> Iterator[None]:
    """Without a line in the log for each refusal: these are many, and hold the address and no more."""
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def _own_addresses(text: str, base: str) -> Iterator[str]:
    for found in _LINKS.findall(text):
        yield from _own(html.unescape(found[0] or found[1]), base)


def _own(address: str, base: str) -> list[str]:
    """The address on this site, without a fragment and what only says where one came from."""
    parts = urlsplit(urljoin(f"http://testserver{base}", address))
    if parts.netloc not in ("testserver", urlsplit(settings.SITE_URL).netloc):
        return []
    if parts.scheme not in ("http", "https") or parts.path.startswith(_WAYS_OUT):
        return []
    query = [
        (name, text) for name, text in parse_qsl(parts.query) if name not in ("_changelist_filters", "next")
    ]
    return [parts.path + (f"?{urlencode(query)}" if query else "")]
