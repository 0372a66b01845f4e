"""Every address that there is: each pattern of the site filled in with rows, every list and row of the admin."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.apps import apps
from django.contrib.admin import site as admin_site
from django.db.models import Max, Model
from django.urls import URLPattern, URLResolver, get_resolver

from defections.models import Application
from ledger.models import Event

Rows = dict[str, list[str]]
KEY = re.compile(r"[0-9a-f-]{8,}|\d+")
_TELLING = (
    "ballots",
    "decisions",
    "defections",
    "ledger",
    "members",
)  # whose rows could tell of an application
_MOST_ROWS = 2  # of what belongs to no case
_OWNERS = ("application", "decision", "gathering", "ballot")  # by which a row belongs to a case
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


def rows_there_are(cases: Sequence[Application] = ()) -> Rows:
    """The keys of rows, by what addresses call them: for each case in turn one of its own, and the first of others.

    The events are the newest of each sort, since only the page of an event shows all that it holds.
    """
    owners = _owners(cases)
    found: Rows = {}
    for model in apps.get_models():
        name = model._meta.model_name or ""
        keys = owners.get(name) or _of_the_cases(model, owners) or _first(model)
        found[f"{name}_id"] = found[f"admin:{model._meta.app_label}_{name}"] = keys
    assemblies = apps.get_model("assemblies", "assembly")._default_manager.order_by("pk")
    found["slug"] = list(assemblies.filter(decisions__in=owners["decision"]).values_list("slug", flat=True))
    found["slug"] = found["slug"] or list(assemblies.values_list("slug", flat=True)[:_MOST_ROWS])
    found["file_id"] = found["evidence_id"]
    newest = Event.objects.values("verb").annotate(newest=Max("pk"))
    found["admin:ledger_event"] = [str(one["newest"]) for one in newest]
    return found


def keys_of(cases: Sequence[Application]) -> set[str]:
    """The keys by which an address is about one of the cases."""
    owners = _owners(cases)
    return {key for owner in _OWNERS for key in owners[owner]}


def _owners(cases: Sequence[Application]) -> Rows:
    """For each kind of owner its rows, in the order of the cases."""
    matters = [case.decision for case in cases if case.decision is not None]
    met = [matter.gatherings.first() for matter in matters]
    accounts = [case.person_id for case in cases if case.person_id is not None]
    return {
        "application": [str(case.pk) for case in cases],
        "decision": [str(matter.pk) for matter in matters],
        "gathering": [str(one.pk) for one in met if one is not None],
        "ballot": [str(matter.ballot_id) for matter in matters if matter.ballot_id is not None],
        "person": [str(key) for key in accounts],
    }


def _of_the_cases(model: type[Model], owners: Rows) -> list[str]:
    """For each case the first row of the model that belongs to it, by whichever owner it names."""
    names = {field.name for field in model._meta.concrete_fields if field.is_relation}
    for owner in (one for one in _OWNERS if one in names):
        rows = model._default_manager.filter(**{f"{owner}__in": owners[owner]}).order_by("-pk")
        own = {str(of): str(key) for of, key in rows.values_list(owner, "pk")}
        return [own[key] for key in owners[owner] if key in own]
    return []


def _first(model: type[Model]) -> list[str]:
    return [
        str(key) for key in model._default_manager.order_by("pk").values_list("pk", flat=True)[:_MOST_ROWS]
    ]


def every_address(rows: Rows) -> Iterator[str]:
    """Every pattern of the site filled in with the keys of `rows`, every list of the admin also by a column."""
    for route, pattern in _patterns(get_resolver()):
        if route.endswith("<path:object_id>/"):
            continue  # leads on to the row's own page
        name = _admin_name(pattern) if route.startswith("admin/") else ""
        keys = rows.get(f"admin:{name}", [])
        most = None if route.endswith("/change/") else _MOST_ROWS if name.startswith(_TELLING) else 1
        yield from _filled(route, rows, keys[:most])
    for model in admin_site._registry:
        if model._meta.app_label in _TELLING:
            base = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
            yield f"{base}?o=-1"
    yield from ("/no/such/page/", "/applications/no-such-page/", "/admin/no/such/")


def one_of_each(addresses: Iterable[str], telling: Iterable[str] = ()) -> list[str]:
    """The first address of each shape: those that differ in other keys than `telling` are alike."""
    first: dict[str, str] = {}
    for address in addresses:
        first.setdefault(shape_of(address, telling), address)
    return list(first.values())


def shape_of(address: str, telling: Iterable[str] = ()) -> str:
    """The address without what it was asked and without its keys, but for those that are `telling`."""
    return KEY.sub(lambda found: found[0] if found[0] in telling else "…", address.partition("?")[0])


def _patterns(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from _patterns(entry, before + str(entry.pattern))
        else:
            yield before + str(entry.pattern), entry


def _admin_name(pattern: URLPattern) -> str:
    return str(pattern.name or "").rpartition("_")[0]


_CONVERTER = re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>")


def _filled(route: Any, rows: Rows, admin_keys: list[str]) -> Iterator[str]:
    """The pattern filled in with the first choice of each part, with the second of each, and so on."""
    if not isinstance(route, str) or "(?P" in route or "^" in route:
        route = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<str:\1>", route).replace("^", "").replace("$", "")
        route = route.replace("\\Z", "").replace("\\", "")
    names = [(found["kind"] or "str", found["name"]) for found in _CONVERTER.finditer(route)]
    choices = [_choices(kind, name, rows, admin_keys) for kind, name in names]
    for turn in range(max(map(len, choices), default=1)):
        parts = iter(choice[turn % len(choice)] for choice in choices)
        yield "/" + _CONVERTER.sub(lambda _found, parts=parts: next(parts), route)


def _choices(kind: str, name: str, rows: Rows, admin_keys: list[str]) -> list[str]:
    if name == "object_id":
        return admin_keys or ["0"]
    if found := rows.get(name) or _WORDS.get(name):
        return found
    return {"uuid": ["00000000-0000-4000-8000-000000000000"], "int": ["1"]}.get(kind, ["some"])
