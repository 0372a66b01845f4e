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
from itertools import islice, product
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from django.apps import apps
from django.contrib.admin import site as admin_site
from django.db import transaction
from django.template import Template
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from members.models import Person
from tests.defections.canary.markers import EVERY, found_in, found_in_bytes, value, word

_LINKS = re.compile(r"""\b(?:href|src|action|formaction)=(?:"([^"]*)"|'([^']*)')""")
_FORMS = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.DOTALL | re.IGNORECASE)
_BOXES = re.compile(r"""<input\b(?=[^>]*\btype="(?:search|text)")[^>]*\bname="([^"]+)""")
_KEY = re.compile(r"[0-9a-f-]{8,}|\d+")
_CHANGING = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"|<script[^>]*nonce="[^"]*"')
_WAYS_OUT = ("/account/logout/", "/admin/logout/", "/static/")
_MOST_QUERIES = 4  # different query strings for one path
_DEEPEST = 8  # "/admin/app/model/key/move/step/" has seven; no page of the admin lies deeper
_TELLING = ("defections", "decisions", "ledger", "members")  # whose rows could tell of an application
_MOST_FILLINGS = 2  # ways to fill in one pattern
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
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))
    leaks: set[Leak] = field(default_factory=set)
    statuses: dict[str, int] = field(default_factory=dict)  # by address
    faults: dict[str, str] = field(default_factory=dict)  # where the site broke, with what it broke of
    _searches: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    _queries: dict[str, set[str]] = field(default_factory=dict)
    _shapes: dict[str, int] = field(default_factory=dict)

    def run(
        self, addresses: Iterable[str], *, sends: Iterable[str] = (), words: Iterable[str] = ()
    ) -> set[Leak]:
        """Opens `addresses` and all that they lead to, searches for each marker of `words` in every box, posts to
        `sends` an empty form and one with wrong fields.
        """
        with transaction.atomic(), _plain_templates(), _quiet():
            if self.person is not None:
                self.client.force_login(self.person)
            self._follow(self._open_to_them(addresses))
            self._search(list(words))
            for address in sends:
                self._look(self.client.post(address, {"q": NOTHING, "note": "1"}), address, "POST")
            transaction.set_rollback(True)
        return self.leaks

    def _follow(self, addresses: Iterable[str]) -> None:
        waiting = deque(addresses)
        known = set(waiting)
        while waiting:
            address = waiting.popleft()
            response = self.client.get(address)
            self.statuses[address] = response.status_code
            if response.status_code >= 500:
                self.faults[address] = repr(getattr(response, "exc_info", None) or response.status_code)
            for found in self._look(response, address, "GET"):
                if found not in known and self.is_wanted(found) and self._is_new_enough(found):
                    known.add(found)
                    waiting.append(found)

    def _open_to_them(self, addresses: Iterable[str]) -> list[str]:
        """All of them; of the admin's, where it is closed to this person, one of each kind of page."""
        kept, kinds = [], set()
        is_closed = self.client.get("/admin/").status_code != 200
        for address in addresses:
            kind = _KEY.sub("…", address.partition("?")[0])
            if not (is_closed and kind.startswith("/admin/") and kind in kinds):
                kept.append(address)
            kinds.add(kind)
        return kept

    def _is_new_enough(self, address: str) -> bool:
        path, _mark, query = address.partition("?")
        if query and path.startswith("/admin/"):
            return False  # its lists by every column are asked for anyway
        if path.count("/") > _DEEPEST:
            return False
        asked = self._queries.setdefault(path, set())
        if not query or query in asked:
            return True
        asked.add(query)
        return len(asked) <= _MOST_QUERIES

    def _look(self, response: Any, address: str, how: str) -> list[str]:
        """Notes the markers in an answer, and gives the addresses in it."""
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
        self._note(found_in_bytes(f"{head}\n{cookies}".encode(), hidden), f"the head of {how} {address}")
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
        for target, name in [box for boxes in self._searches.values() for box in boxes]:
            for marker in words:
                blank = value(marker).replace(word(marker), NOTHING)
                given = self._result(target, name, value(marker), word(marker))
                if marker not in self.allowed and given != self._result(target, name, blank, NOTHING):
                    self._note([marker], f"the search {target}?{name}=")

    def _result(self, target: str, name: str, text: str, own: str) -> tuple[int, str]:
        """What a search for `text` answers, but for where it repeats the word `own`."""
        response = self.client.get(target, {name: text})
        body = html.unescape(response.content.decode(errors="replace")).replace(own, "…")
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
    if parts.netloc != "testserver" or parts.scheme != "http" or parts.path.startswith(_WAYS_OUT):
        return []
    query = [
        (name, text) for name, text in parse_qsl(parts.query) if name not in ("_changelist_filters", "next")
    ]
    return [parts.path + (f"?{urlencode(query)}" if query else "")]


# --- Every address that there is ---------------------------------------------------------------------------
Rows = dict[str, list[str]]


def rows_there_are() -> Rows:
    """The keys of the rows there are, by what addresses call them."""
    found: Rows = {}
    for model in apps.get_models():
        keys = [str(key) for key in model._default_manager.values_list("pk", flat=True)[:_MOST_FILLINGS]]
        name = model._meta.model_name or ""
        found[f"{name}_id"] = keys
        found[f"admin:{model._meta.app_label}_{name}"] = keys
    found["slug"] = [
        str(slug)
        for slug in apps.get_model("assemblies", "assembly")._default_manager.values_list("slug", flat=True)
    ]
    found["file_id"] = found["evidence_id"]
    return found


_WORDS: Rows = {
    "section": ["name", "links"],
    "key": ["name", "phones"],
    "step": ["jobs", "accounts"],
    "reply": ["accepted", "moved", "declined", "another-time"],
    "number": ["1"],
    "place": ["1"],
    "index": ["0"],
    "app_label": ["defections", "members"],
    "role": ["secretary"],
}


def every_address(rows: Rows) -> Iterator[str]:
    """Every pattern of the site filled in with the keys of `rows`, and every list of the admin by every column."""
    for route, pattern in _patterns(get_resolver()):
        name = _admin_name(pattern) if route.startswith("admin/") else ""
        keys = rows.get(f"admin:{name}", [])
        keys = keys if name.startswith(_TELLING) else keys[:1]
        yield from _filled(route, rows, keys)
    for model, shown in admin_site._registry.items():
        if model._meta.app_label not in _TELLING:
            continue
        base = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        yield from (
            f"{base}?o={sign}{place}" for place in range(1, len(shown.list_display) + 1) for sign in ("", "-")
        )
        yield f"{base}?all="
        yield f"{base}?_popup=1"
    yield from ("/no/such/page/", "/applications/no-such-page/", "/admin/no/such/")


def _patterns(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from _patterns(entry, before + str(entry.pattern))
        else:
            yield before + str(entry.pattern), entry


def _admin_name(pattern: URLPattern) -> str:
    return str(pattern.name or "").rpartition("_")[0]


_CONVERTER = re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>")


def _filled(route: str, rows: Rows, admin_keys: list[str]) -> Iterator[str]:
    if not isinstance(route, str) or "(?P" in route or "^" in route:
        route = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<str:\1>", route).replace("^", "").replace("$", "")
        route = route.replace("\\Z", "").replace("\\", "")
    names = [(found["kind"] or "str", found["name"]) for found in _CONVERTER.finditer(route)]
    choices = [_choices(kind, name, rows, admin_keys) for kind, name in names]
    for chosen in islice(product(*choices), _MOST_FILLINGS):
        parts = iter(chosen)
        yield "/" + _CONVERTER.sub(lambda _found, parts=parts: next(parts), route)


def _choices(kind: str, name: str, rows: Rows, admin_keys: list[str]) -> list[str]:
    if name == "object_id":
        return admin_keys or ["0"]
    if found := rows.get(name) or _WORDS.get(name):
        return found
    return {"uuid": ["00000000-0000-4000-8000-000000000000"], "int": ["1"]}.get(kind, ["some"])
