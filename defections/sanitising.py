"""What an assembly is given of an application (D17): built from the catalogue's allow-list, never filtered from it.

A content is {key: text}. Its keys are those of the lines ("office.body", "employment.1.title"),
"verified.<section>" for what the research found about a section, and CORRECTED, which names the keys whose texts
are not as the applicant first gave them. What the catalogue does not list as shared is
not read here at all, but for facts derived from it and for looking out for it in what is shared.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from defections import lines
from defections.catalogue import BY_KEY, SECTIONS, Share
from defections.models import Check
from defections.redaction import Private
from harmony.time import london_day

OF_AGE = 18
REMOVED = gettext_lazy("[removed]")
VERIFIED = "verified"
CORRECTED = "corrected"

# How the sections are headed for members; the form's own headings speak to the applicant.
HEADINGS: dict[str, Promise] = {
    "name": gettext_lazy("Name"),
    "birth": gettext_lazy("Age"),
    "office": gettext_lazy("Office held"),
    "party": gettext_lazy("Present party"),
    "society": gettext_lazy("Local society"),
    "links": gettext_lazy("Links with the area"),
    "employment": gettext_lazy("Employment"),
    "public_accounts": gettext_lazy("Public accounts"),
    "private_accounts": gettext_lazy("Promise about private accounts"),
    "principles": gettext_lazy("The Four Principles"),
    "consensus": gettext_lazy("Party Consensus"),
    "declaration": gettext_lazy("Declaration"),
    "phones": gettext_lazy("Phone numbers"),
    "address": gettext_lazy("Address"),
    VERIFIED: gettext_lazy("What the research found"),
}
_LABELS: dict[str, Promise] = {
    "birth.date_of_birth": gettext_lazy("Of age"),
    "links.resident_since": gettext_lazy("Lived in the area for"),
}


@dataclass(frozen=True)
class Entry:
    """One text of a content, with what it is."""

    key: str
    label: str
    text: str
    is_corrected: bool = False  # whether the applicant gave something else at first


@dataclass(frozen=True)
class Part:
    """The entries under one heading; a row of a section that repeats is a part of its own."""

    heading: str
    entries: tuple[Entry, ...]


def build(
    answers: Mapping[str, Mapping[str, Any]],
    findings: Mapping[str, str],
    *,
    at: datetime,
    given: Mapping[str, Mapping[str, Any]] | None = None,
) -> dict[str, str]:
    """The content before any redaction; `findings` are Check.Finding by key of the line, `at` when it was sent.

    `given` are the answers before any correction: a text that they would not have made is said to be corrected.
    """
    content = texts(answers, at=at)
    before = content if given is None else texts(given, at=at)
    if corrected := [key for key, text in content.items() if before.get(key) != text]:
        content[CORRECTED] = " ".join(corrected)
    return content | _verified(findings)


def texts(answers: Mapping[str, Mapping[str, Any]], *, at: datetime) -> dict[str, str]:
    """What is shared of the answers, by key of the line."""
    content: dict[str, str] = {}
    for line in lines.of_answers(answers):
        if line.item.share in (Share.AS_GIVEN, Share.REVIEWED):
            content[line.key] = line.text
        elif line.item.share == Share.DERIVED:
            content[line.key] = _DERIVED[line.key](str(line.value), london_day(at))
    return content


def free_keys(answers: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """The keys of a content whose texts somebody typed: these may hold anything."""
    return {line.key for line in lines.of_answers(answers) if line.is_free and _is_shared(line)}


def private_values(answers: Mapping[str, Mapping[str, Any]], email: str) -> Private:
    """What was given and is not shared, to be found wherever it appears in what is."""
    hidden = [
        line for line in lines.of_answers(answers) if line.item.is_traced and isinstance(line.value, str)
    ]
    shared = {
        word for line in lines.of_section("name", answers.get("name", {})) if _is_shared(line)
        for word in line.text.casefold().split()
    }  # fmt: skip
    values = [email, *(variant for line in hidden for variant in _variants(line, shared))]
    return Private(
        values=tuple(dict.fromkeys(filter(None, values))),
        phones=tuple(line.value.partition(";")[0] for line in hidden if line.section.key == "phones"),
        born=_dates(answers.get("birth", {}).get("date_of_birth")),
    )


def laid_out(content: Mapping[str, str]) -> list[Part]:
    """A content as members see it: the parts and entries in the order of the form, what was verified last."""
    parts: dict[tuple[str, int], list[Entry]] = {}
    corrected = content.get(CORRECTED, "").split()
    for key, text in content.items():
        if key == CORRECTED:
            continue
        section, row, _name = lines.parts_of(key)
        parts.setdefault((section, row), []).append(Entry(key, label_of(key), text, key in corrected))
    order = [section.key for section in SECTIONS] + [VERIFIED]
    return [
        Part(_heading(section, row), tuple(entries))
        for (section, row), entries in sorted(
            parts.items(), key=lambda one: (order.index(one[0][0]), one[0][1])
        )
    ]


def label_of(key: str, *, given: bool = False) -> str:
    """What an entry of a content is, in words; `given`: what the applicant gave, where the content has a fact of it."""
    section, _dot, rest = key.partition(".")
    if section == VERIFIED:
        return str(HEADINGS[rest])
    name = rest.rpartition(".")[2]
    known = BY_KEY[section]
    item = next(item for item in (known.rows if "." in rest else known.items) if item.name == name)
    return str(item.label if given else _LABELS.get(key, item.label))


def heading_of(key: str, headings: Mapping[str, Promise]) -> str:
    """The heading that a line of the form ("employment.1.title") stands under, with its row."""
    section, _dot, rest = key.partition(".")
    row = rest.partition(".")[0] if "." in rest else ""
    return f"{headings[section]} {row}".strip()


def _heading(section: str, row: int) -> str:
    heading = str(HEADINGS[section])
    return f"{heading} {row}" if row else heading


def _is_shared(line: lines.Line) -> bool:
    return line.item.share in (Share.AS_GIVEN, Share.REVIEWED)


# --- Facts worked out ---------------------------------------------------------------------------------
def _of_age(born: str, today: date) -> str:
    day = date.fromisoformat(born)
    reached = (today.year - day.year) - ((today.month, today.day) < (day.month, day.day))
    return _("Yes") if reached >= OF_AGE else _("No")


def _how_long(since: str, today: date) -> str:
    """ "2010-09" as 16 years 2 months."""
    began = date.fromisoformat(f"{since}-01")
    months = max(0, (today.year - began.year) * 12 + today.month - began.month)
    years, rest = divmod(months, 12)
    texts = {
        "years": ngettext("%(n)d year", "%(n)d years", years) % {"n": years},
        "months": ngettext("%(n)d month", "%(n)d months", rest) % {"n": rest},
    }
    if not years:
        return texts["months"]
    return _("%(years)s and %(months)s") % texts if rest else texts["years"]


_DERIVED: dict[str, Callable[[str, date], str]] = {
    "birth.date_of_birth": _of_age,
    "links.resident_since": _how_long,
}


# --- What was verified --------------------------------------------------------------------------------
def _verified(findings: Mapping[str, str]) -> dict[str, str]:
    """A line for each section that was checked and may be told of: how it went, and no note."""
    found = {}
    for section in SECTIONS:
        own = [finding for key, finding in findings.items() if key.partition(".")[0] == section.key]
        if own and section.is_told:
            found[f"{VERIFIED}.{section.key}"] = _summed_up(own)
    return found


def _summed_up(findings: Iterable[str]) -> str:
    kinds = set(findings)
    if Check.Finding.DOUBTFUL in kinds:
        return _("Doubtful, in whole or in part")
    if kinds == {Check.Finding.CONFIRMED}:
        return _("Confirmed")
    if kinds == {Check.Finding.UNCHECKABLE}:
        return _("Could not be checked")
    return _("Confirmed in part; the rest could not be checked")


# --- What is looked out for ---------------------------------------------------------------------------
def _variants(line: lines.Line, shared: set[str]) -> list[str]:
    """A private value, and the pieces of it by which it would be known; `shared` are words that are known anyway."""
    value = str(line.value)
    if line.section.key == "name":
        words = value.replace("-", " ").split()
        own = [word for word in words if word.casefold() not in shared]
        return [value, *own] if own else []
    if line.item.name in ("line_1", "line_2", "employer_address"):
        first = value.replace("\n", ",").split(",")[0].strip()
        return [value, first, first.lstrip("0123456789 ,/-")]
    if line.item.name == "postal_lines":
        rows = [row.strip() for row in value.splitlines()]
        return [value, *rows, *(row.lstrip("0123456789 ,/-") for row in rows)]
    if line.section.key in ("birth", "links", "phones"):
        return []  # by their own rules; a month of residence is no secret
    return [value]


def _dates(value: Any) -> tuple[date, ...]:
    try:
        return (date.fromisoformat(str(value)),)
    except ValueError:
        return ()
