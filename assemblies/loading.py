"""Loading assemblies from a party's own file (A11, A12, P1): safe to repeat, never deletes.

`read` turns a file of the format "harmony-assemblies/1" (docs/assemblies.md) into entries or refuses it whole,
with a sentence for each mistake; `load` forms what is new, changes what differs, and leaves all else alone.
"""

import csv
import json
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.text import slugify

from assemblies import formation, geography, nesting
from assemblies.errors import FileRefusedError
from assemblies.models import GEOGRAPHY, Assembly, Duty, Kind, Office, Term

FORMAT = "harmony-assemblies/1"
OWN_FILE = Path(__file__).parent / "data" / "assemblies.json"
_LOCK = 0x4C4F4144

# What the file calls a field, what we call it, and what it holds; ages may be null, for no limit.
_FIELDS: dict[str, tuple[str, type]] = {
    "name": ("name", str),
    "other_name": ("other_name", str),
    "kind": ("kind", str),
    "remit": ("remit", str),
    "core": ("is_core", bool),
    "minimum_age": ("minimum_age", int),
    "maximum_age": ("maximum_age", int),
    "members_only": ("members_only", bool),
    "statement": ("statement", str),
    "approval_by_secretary": ("approval_by_secretary", bool),
    "voting_days": ("voting_days", int),
    "quorum": ("quorum", int),
    "cooling_off_days": ("cooling_off_days", int),
    "deliberation_days": ("deliberation_days", int),
}
_NULLABLE = ("minimum_age", "maximum_age")
_LINKS = ("within", "supports")
_OTHERS = ("slug", "member_of", "secretary", "duties")
_COLUMNS = ("code", "name", "name_cy", "city", "region", "hex_q", "hex_r")


@dataclass
class Entry:
    """One assembly as the file describes it; other assemblies are named by their slugs."""

    where: str  # in the file, for sentences about mistakes
    slug: str
    values: dict[str, Any]  # by our names; what the file does not say is not in it
    links: dict[str, str | None] = field(default_factory=dict)  # "within", "supports"
    member_of: list[str] = field(default_factory=list)
    secretary: str | None = None
    duties: list[str] = field(default_factory=list)
    from_table: bool = False

    @property
    def named(self) -> list[str]:
        """The slugs of all assemblies that it names."""
        return [slug for slug in self.links.values() if slug] + self.member_of


@dataclass
class Loaded:
    """What a load did, by slugs."""

    formed: list[str] = field(default_factory=list)
    changed: dict[str, list[str]] = field(default_factory=dict)
    nested: int = 0
    seated: list[str] = field(default_factory=list)
    charged: list[str] = field(default_factory=list)


# --- Reading --------------------------------------------------------------------------------------------
def read(path: Path) -> list[Entry]:
    """The entries of the file at `path`, areas from its constituencies included.

    Raises FileRefusedError with every mistake found; then nothing of the file is to be used.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FileRefusedError([f"{path} cannot be read: {error}"]) from error
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise FileRefusedError([f'{path} does not say "format": "{FORMAT}".'])
    problems: list[str] = []
    if unknown := set(data) - {"format", "assemblies", "constituencies"}:
        problems.append(f"{path} has unknown parts: {', '.join(sorted(unknown))}.")
    entries = []
    for number, described in enumerate(data.get("assemblies", []), 1):
        entries += _entry(described, f"assembly {number}", problems)
    if "constituencies" in data:
        entries += _areas(data["constituencies"], path.parent, problems)
    problems += _twice(entries)
    if problems:
        raise FileRefusedError(problems)
    return entries


def _entry(described: Any, where: str, problems: list[str]) -> list[Entry]:
    """The entry that a description in the file makes; none where it has mistakes, which are added."""
    if not isinstance(described, dict) or not isinstance(described.get("slug"), str):
        problems.append(f"{where}: it has no slug.")
        return []
    where = f"{where} ({described['slug']})"
    found = _wrong_fields(described, where) + _wrong_links(described, where)
    problems += found
    if found:
        return []
    values = {ours: described[theirs] for theirs, (ours, _type) in _FIELDS.items() if theirs in described}
    if values["kind"] in GEOGRAPHY:
        values["place"] = values["name"]
    return [
        Entry(
            where,
            described["slug"],
            values,
            links={key: described[key] for key in _LINKS if key in described},
            member_of=described.get("member_of", []),
            secretary=described.get("secretary"),
            duties=described.get("duties", []),
        )
    ]


def _wrong_fields(described: dict[str, Any], where: str) -> list[str]:
    found = [
        f"{where}: unknown field “{key}”." for key in described if key not in (*_FIELDS, *_LINKS, *_OTHERS)
    ]
    found += [f"{where}: it has no {key}." for key in ("name", "kind") if not described.get(key)]
    for key, (_ours, wanted) in _FIELDS.items():
        value = described.get(key)
        if type(value) is not wanted and key in described and not (value is None and key in _NULLABLE):
            found.append(f"{where}: “{key}” is not of the right type.")
    kind = described.get("kind")
    if kind and kind not in Kind.values:
        found.append(f"{where}: there is no kind “{kind}”; the kinds are {', '.join(Kind.values)}.")
    return found


def _wrong_links(described: dict[str, Any], where: str) -> list[str]:
    found = [
        f"{where}: “{key}” is neither a text nor null."
        for key in (*_LINKS, "secretary")
        if not isinstance(described.get(key), str | None)
    ]
    parents = described.get("member_of", [])
    if not isinstance(parents, list) or not all(isinstance(parent, str) for parent in parents):
        found.append(f"{where}: “member_of” is not a list of slugs.")
    duties = described.get("duties", [])
    if not isinstance(duties, list) or not all(duty in Duty.Name.values for duty in duties):
        found.append(f"{where}: “duties” is not a list of {', '.join(Duty.Name.values)}.")
    return found


def _areas(described: Any, folder: Path, problems: list[str]) -> list[Entry]:
    """Regions, cities and constituencies from the table that the file names, each area once."""
    if not isinstance(described, dict) or not isinstance(described.get("file"), str):
        problems.append("constituencies: no file is named.")
        return []
    path = folder / described["file"]
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, ValueError, csv.Error) as error:
        problems.append(f"{path} cannot be read: {error}")
        return []
    if wrong := _wrong_rows(path, rows):
        problems += wrong
        return []
    entries: list[Entry] = []
    larger: dict[str, Entry] = {}
    for line, row in enumerate(rows, 2):
        for entry in _areas_of(row, described, f"{path.name}, line {line}"):
            if entry.values["kind"] == Kind.CONSTITUENCY or entry.slug not in larger:
                larger.setdefault(entry.slug, entry)
                entries.append(entry)
            elif larger[entry.slug].links != entry.links:
                problems.append(f"{entry.where}: {larger[entry.slug].where} puts the same city elsewhere.")
    return entries


def _wrong_rows(path: Path, rows: list[dict[str, Any]]) -> list[str]:
    if not rows or any(column not in rows[0] for column in _COLUMNS):
        return [f"{path} has not the columns {', '.join(_COLUMNS)}, or no rows."]
    found = []
    for line, row in enumerate(rows, 2):
        if None in row or None in row.values() or not row["name"].strip() or not row["region"].strip():
            found.append(f"{path.name}, line {line}: it needs a name, a region and {len(_COLUMNS)} columns.")
            continue
        found += [
            f"{path.name}, line {line}: “{column}” is not a whole number."
            for column in ("hex_q", "hex_r")
            if row[column] and not row[column].lstrip("-").isdigit()
        ]
    return found


def _areas_of(row: dict[str, str], described: dict[str, Any], where: str) -> Iterator[Entry]:
    """The region, the city where there is one, and the constituency of one row, each within the one before."""
    within = None
    for kind, column in ((Kind.REGION, "region"), (Kind.CITY, "city"), (Kind.CONSTITUENCY, "name")):
        place = row[column].strip()
        if not place:
            continue
        values: dict[str, Any] = {
            "kind": kind.value,
            "place": place,
            "name": described.get("names", {}).get(kind.value, "{place}").replace("{place}", place),
            "remit": described.get("remits", {}).get(kind.value, ""),
        }
        if kind == Kind.CONSTITUENCY:
            values |= {"code": row["code"].strip(), "other_name": row["name_cy"].strip()}
            values |= {key: int(row[key]) if row[key] else None for key in ("hex_q", "hex_r")}
        slug = f"{slugify(place)}-{kind.value}"
        parents = described.get("member_of", {}).get(kind.value, [])
        yield Entry(where, slug, values, {"within": within}, list(parents), from_table=True)
        within = slug


def _twice(entries: list[Entry]) -> list[str]:
    """A sentence for each duty, each slug and each name that two entries share."""
    found = []
    duties = [duty for entry in entries for duty in entry.duties]
    found += [
        f"Two assemblies have the duty “{duty}”." for duty in sorted(set(duties)) if duties.count(duty) > 1
    ]
    for what, key in (("address", lambda e: e.slug), ("name", lambda e: e.values["name"].casefold())):
        seen: dict[str, Entry] = {}
        for entry in entries:
            first = seen.setdefault(key(entry), entry)
            if first is not entry:
                found.append(f"{entry.where}: {first.where} has the same {what}, “{key(entry)}”.")
    return found


# --- Loading --------------------------------------------------------------------------------------------
@transaction.atomic
def load(entries: list[Entry], *, at: datetime) -> Loaded:
    """Forms the assemblies that are new, changes what differs, adds memberships, first secretaries and duties.

    All or nothing, and nothing is deleted: what the entries do not say stays as it is. A secretary is seated
    only where nobody has ever held the office, a duty given only where no assembly has ever had it. Raises
    FileRefusedError for what does not fit, CircleError.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    known = Assembly.objects.in_bulk(field_name="slug")
    rows = known | {entry.slug: _row(entry, known.get(entry.slug), at) for entry in entries}
    problems = _misfits(entries, known, rows)
    if problems:
        raise FileRefusedError(problems)
    loaded = Loaded(formed=[entry.slug for entry in entries if entry.slug not in known])
    formation.form_all([rows[slug] for slug in loaded.formed], at=at)
    for entry in entries:
        before = known.get(entry.slug)
        if before is not None and formation.differences(before, rows[entry.slug]):
            loaded.changed[entry.slug] = formation.change(rows[entry.slug], at=at)
    pairs = [(rows[entry.slug], rows[parent]) for entry in entries for parent in entry.member_of]
    loaded.nested = len(nesting.nest_all(pairs, at=at))
    loaded.seated = _seat(entries, rows, at)
    loaded.charged = _charge(entries, rows, at)
    return loaded


def _row(entry: Entry, before: Assembly | None, at: datetime) -> Assembly:
    """The assembly as the entry wants it, not saved; its links are set by `_link`."""
    row = Assembly(slug=entry.slug, formed_at=at) if before is None else copy(before)
    for name, value in entry.values.items():
        setattr(row, name, value)
    return row


def _misfits(entries: list[Entry], known: dict[str, Assembly], rows: dict[str, Assembly]) -> list[str]:
    """Links the rows to each other, and says what of the entries does not fit together or with what is there."""
    problems = []
    names = {row.name.casefold(): slug for slug, row in rows.items()}
    for entry in entries:
        row, before = rows[entry.slug], known.get(entry.slug)
        missing = [slug for slug in entry.named if slug not in rows]
        problems += [f"{entry.where}: there is no assembly “{slug}”." for slug in missing]
        if before is not None and before.kind != row.kind:
            problems.append(f"{entry.where}: it is a {before.kind}, and a kind is not changed.")
        if names[row.name.casefold()] != entry.slug:
            problems.append(f"{entry.where}: {names[row.name.casefold()]} has the same name.")
        if not missing:
            for key, slug in entry.links.items():
                setattr(row, key, rows[slug] if slug else None)
            if before is None or formation.differences(before, row):
                problems += [f"{entry.where}: {problem}" for problem in _faults(row, entry)]
    return problems


def _faults(row: Assembly, entry: Entry) -> list[str]:
    """What is wrong with one row by itself. Areas from a table cannot break a constraint: they carry no rules."""
    problems = geography.reasons_against_place(row.kind, row.within)
    try:
        row.clean_fields(exclude=_LINKS)
        if not entry.from_table:
            row.validate_constraints()
    except ValidationError as error:
        problems += error.messages
    return problems


def _seat(entries: list[Entry], rows: dict[str, Assembly], at: datetime) -> list[str]:
    seated = []
    for entry in entries:
        if entry.secretary:
            office, _made = Office.objects.get_or_create(
                assembly=rows[entry.slug], role=Office.Role.SECRETARY
            )
            if not office.terms.exists():
                Term(office=office, holder_name=entry.secretary, began_at=at).begin(at=at)
                seated.append(entry.slug)
    return seated


def _charge(entries: list[Entry], rows: dict[str, Assembly], at: datetime) -> list[str]:
    charged = []
    for entry in entries:
        for name in entry.duties:
            if not Duty.objects.filter(name=name).exists():
                Duty(assembly=rows[entry.slug], name=name).begin(at=at)
                charged.append(name)
    return charged
