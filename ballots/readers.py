"""Files of votes, read for a recount: our own bundles, star.vote's and plain CSV, BetterVoting's JSON.

Nothing is guessed and nothing dropped: either every vote of a file is understood or the file is refused with
a sentence for each fault, by its line (in JSON, whose lines mean nothing, by the place of the vote).
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ballots.poll import FIGURES, Poll, UnreadableError, clean, shown

BUNDLE_FORMAT = "harmony-ballot/1"
STAR_VOTE_COLUMNS = ["voterid", "votetime", "pollid"]
TRACKER_COLUMN = "tracker"
CELLS = {"": 0} | {str(score): score for score in range(6)}
BETTERVOTING_METHODS = {"STAR": "star", "STAR_PR": "star_pr"}

Scores = tuple[int, ...]
Row = tuple[int, list[str]]


def read(content: bytes, *, race: str | None = None) -> Poll:
    """Read a file of votes, whichever of the known kinds it is.

    `race` chooses one of a BetterVoting election's several races, by id, title or number (1 = first).
    Raises UnreadableError.
    """
    text = _decode(content)
    data = _parse(text) if text.lstrip().startswith(("{", "[")) else None
    if isinstance(data, dict) and {"Election", "Ballots"} <= data.keys():
        return _read_bettervoting(data, race)
    if race is not None:
        raise UnreadableError(_("This file holds one ballot: there is no race to choose."))
    if data is None:
        return _read_csv(text)
    if isinstance(data, dict) and data.get("format") == BUNDLE_FORMAT:
        return _read_bundle(data)
    raise UnreadableError(_("This JSON is neither a bundle of Harmony’s nor an export of BetterVoting’s."))


def _decode(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UnreadableError(_("Line %(line)s is not text in UTF-8.") % {"line": line}) from None
    if not text.strip():
        raise UnreadableError(_("The file is empty."))
    return text


# --- CSV --------------------------------------------------------------------------------------------


def _read_csv(text: str) -> Poll:
    rows = list(_rows(text))
    while not rows[-1][1]:
        rows.pop()  # empty lines at the end
    (first, header), *rest = rows
    leading = _leading_columns(header)
    names = [clean(name) for name in header[leading:]]
    _check_names(names, first)
    faults: list[str] = []
    votes = []
    for line, row in rest:
        scores, row_faults = _row_scores(line, row, names, leading)
        votes.append(scores)
        faults += row_faults
    if leading:
        faults += _repeated_voters(rest)
    if leading == len(STAR_VOTE_COLUMNS):
        faults += _several_polls(rest)
    if faults:
        raise UnreadableError(*faults)
    return Poll(names={name: name for name in names}, votes=votes)


def _rows(text: str) -> Iterator[Row]:
    """Every row with the line on which it begins (1 = first)."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for row in reader:
            yield line, row
            line = reader.line_num + 1
    except csv.Error:
        fault = _("Line %(line)s does not follow the rules of CSV, or its quotes are never closed.")
        raise UnreadableError(fault % {"line": line}) from None


def _leading_columns(header: list[str]) -> int:
    """How many columns come before the options."""
    titles = [title.strip().casefold() for title in header[:3]]
    if titles == STAR_VOTE_COLUMNS:
        return len(STAR_VOTE_COLUMNS)
    return 1 if titles[:1] == [TRACKER_COLUMN] else 0


def _check_names(names: list[str], line: int) -> None:
    if not names:
        raise UnreadableError(_("Line %(line)s names no options.") % {"line": line})
    if not all(name and name.isprintable() for name in names):
        raise UnreadableError(_("Line %(line)s has an option without a readable name.") % {"line": line})
    fault = _("Line %(line)s names the option “%(name)s” more than once.")
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise UnreadableError(*(fault % {"line": line, "name": shown(name)} for name in repeated))


def _row_scores(line: int, row: list[str], names: list[str], leading: int) -> tuple[Scores, list[str]]:
    """The scores of a row, an empty cell as 0, and its faults; with any fault the scores mean nothing."""
    if not row:
        return (), [_("Line %(line)s is empty.") % {"line": line}]
    expected = leading + len(names)
    if len(row) != expected:
        fault = ngettext(
            "Line %(line)s has %(found)s cell where the first line has %(expected)s.",
            "Line %(line)s has %(found)s cells where the first line has %(expected)s.",
            len(row),
        )
        return (), [fault % {"line": line, "found": len(row), "expected": expected}]
    fault = _("Line %(line)s: “%(value)s” for %(name)s is not a whole number from 0 to 5.")
    cells = row[leading:]
    return tuple(CELLS.get(cell, 0) for cell in cells), [
        fault % {"line": line, "value": shown(cell), "name": name}
        for name, cell in zip(names, cells, strict=True)
        if cell not in CELLS
    ]


def _repeated_voters(rows: list[Row]) -> list[str]:
    """A fault for each row whose first cell, the voter or the tracker, is that of a row before it."""
    lines: dict[str, int] = {}
    fault = _("Line %(line)s repeats the voter or tracker “%(voter)s” of line %(first)s.")
    return [
        fault % {"line": line, "voter": shown(row[0]), "first": lines[row[0]]}
        for line, row in rows
        if row and lines.setdefault(row[0], line) != line
    ]


def _several_polls(rows: list[Row]) -> list[str]:
    """A fault for the first row of every other poll than that of the first row."""
    lines: dict[str, int] = {}
    for line, row in rows:
        if len(row) > 2:
            lines.setdefault(row[2], line)
    fault = _("Line %(line)s belongs to another poll, “%(poll)s”.")
    return [fault % {"line": line, "poll": shown(poll)} for poll, line in list(lines.items())[1:]]


# --- JSON -------------------------------------------------------------------------------------------


def _parse(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_no_repeats, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        words = {"line": error.lineno, "column": error.colno}
        raise UnreadableError(_("Line %(line)s is not JSON, from character %(column)s on.") % words) from None
    except RecursionError:
        raise UnreadableError(_("This JSON is nested too deeply to be a file of votes.")) from None
    except ValueError as error:
        if isinstance(error, UnreadableError):
            raise
        raise UnreadableError(_("This JSON has a number of too many digits.")) from None


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _value in pairs]
        repeated = next(name for name in names if names.count(name) > 1)
        raise UnreadableError(_("A member named “%(name)s” occurs twice.") % {"name": shown(repeated)})
    return members


def _no_constant(constant: str) -> None:
    raise UnreadableError(_("“%(value)s” is not a number in JSON.") % {"value": constant})


def _member(data: Any, name: str, kind: type) -> Any:
    """The member `name` of a JSON object, if it is exactly of this kind. Raises UnreadableError."""
    value = data.get(name) if isinstance(data, dict) else None
    if type(value) is not kind:
        fault = _("The member “%(name)s” is missing somewhere, or is not what it should be.")
        raise UnreadableError(fault % {"name": name})
    return value


def _options(listed: list[Any], key: str, name: str) -> dict[str, str]:
    """Names by key; a name that several options share is told apart by their keys."""
    pairs = [(_member(option, key, str), clean(_member(option, name, str))) for option in listed]
    names = [text for _key, text in pairs]
    if not pairs or len(dict(pairs)) < len(pairs) or not all(text and text.isprintable() for text in names):
        fault = _("There are no options, or one has no readable name, or two have the same key.")
        raise UnreadableError(fault)
    return {each: text if names.count(text) == 1 else f"{text} ({shown(each)})" for each, text in pairs}


def _is_score(score: object) -> bool:
    return type(score) is int and 0 <= score <= 5


def _score_faults(number: int, scores: Mapping[str, object]) -> list[str]:
    """A fault for each of a vote's scores, by the option's name, that is none."""
    fault = _("Vote %(number)s: “%(value)s” for %(name)s is not a whole number from 0 to 5.")
    return [
        fault % {"number": number, "value": shown(score), "name": name}
        for name, score in scores.items()
        if not _is_score(score)
    ]


def _not_every_option(number: int) -> str:
    return _("Vote %(number)s does not have one score for each option.") % {"number": number}


def _repeated_votes(ids: list[str]) -> list[str]:
    """A fault for each vote whose id or tracker is that of a vote before it."""
    numbers: dict[str, int] = {}
    fault = _("Vote %(number)s repeats the id or tracker “%(id)s” of vote %(first)s.")
    return [
        fault % {"number": number, "id": shown(each), "first": numbers[each]}
        for number, each in enumerate(ids, 1)
        if numbers.setdefault(each, number) != number
    ]


# --- Our own bundles --------------------------------------------------------------------------------


def _read_bundle(data: dict[str, Any]) -> Poll:
    definition = _member(data, "definition", dict)
    names = _options(_member(definition, "options", list), "key", "name")
    return Poll(
        names=names,
        votes=_bundle_votes(data, names),
        title=shown(clean(_member(definition, "question", str)), most=200),
        method=_member(definition, "method", str),
        seats=_member(definition, "seats", int),
        lot_order=tuple(
            _member({"lot_order": key}, "lot_order", str) for key in _member(definition, "lot_order", list)
        ),
        published={name: data.get(name) for name in FIGURES},
    )


def _bundle_votes(data: dict[str, Any], names: Mapping[str, str]) -> list[Scores] | None:
    if "votes" in data and data["votes"] is None:
        return [] if data.get("turnout") == 0 else None
    listed = _member(data, "votes", list)
    faults = _repeated_votes([_member(vote, "tracker", str) for vote in listed])
    votes = [tuple(_member(vote, "scores", list)) for vote in listed]
    for number, scores in enumerate(votes, 1):
        if len(scores) != len(names):
            faults.append(_not_every_option(number))
        else:
            faults += _score_faults(number, dict(zip(names.values(), scores, strict=True)))
    if faults:
        raise UnreadableError(*faults)
    return votes


# --- BetterVoting -----------------------------------------------------------------------------------


def _read_bettervoting(data: dict[str, Any], wanted: str | None) -> Poll:
    race = _race(_member(_member(data, "Election", dict), "races", list), wanted)
    names = _options(_member(race, "candidates", list), "candidate_id", "candidate_name")
    method = _member(race, "voting_method", str)
    if method not in BETTERVOTING_METHODS:
        fault = _("This race was held by another method than STAR: %(method)s.")
        raise UnreadableError(fault % {"method": shown(method)})
    ballots = _member(data, "Ballots", list)
    faults = _repeated_votes([_member(ballot, "ballot_id", str) for ballot in ballots])
    votes: list[Scores] = []
    for number, ballot in enumerate(ballots, 1):
        cast = [
            vote
            for vote in _member(ballot, "votes", list)
            if _member(vote, "race_id", str) == race["race_id"]
        ]
        if len(cast) > 1:
            faults.append(_("Vote %(number)s is cast more than once in this race.") % {"number": number})
        for vote in cast:
            scores, vote_faults = _bettervoting_scores(vote, number, names)
            votes.append(scores)
            faults += vote_faults
    if faults:
        raise UnreadableError(*faults)
    return Poll(
        names=names,
        votes=votes,
        title=shown(clean(_member(race, "title", str)), most=200),
        method=BETTERVOTING_METHODS[method],
        seats=_member(race, "num_winners", int),
        notes=_without_vote(len(ballots) - len(votes)),
    )


def _race(races: list[Any], wanted: str | None) -> dict[str, Any]:
    """The race that `wanted` names by id, title or number; the only one if it is None."""
    found: list[dict[str, Any]] = [
        race
        for number, race in enumerate(races, 1)
        if wanted in {None, _member(race, "race_id", str), _member(race, "title", str), str(number)}
    ]
    if len(found) != 1:
        titles = "; ".join(f"{number}. {shown(race['title'])}" for number, race in enumerate(races, 1))
        raise UnreadableError(_("Choose one of the races of this election: %(races)s.") % {"races": titles})
    return found[0]


def _bettervoting_scores(
    vote: dict[str, Any], number: int, names: Mapping[str, str]
) -> tuple[Scores, list[str]]:
    """The scores of a vote, a blank (null) as 0, and its faults; with any fault the scores mean nothing."""
    entries = _member(vote, "scores", list)
    given = {_member(entry, "candidate_id", str): entry.get("score", "") for entry in entries}
    if len(given) < len(entries) or given.keys() != names.keys():
        return (), [_not_every_option(number)]
    scores = {names[key]: 0 if given[key] is None else given[key] for key in names}
    return tuple(scores.values()), _score_faults(number, scores)


def _without_vote(number: int) -> tuple[str, ...]:
    if not number:
        return ()
    note = ngettext(
        "%(number)s ballot of this election holds no vote in this race.",
        "%(number)s ballots of this election hold no vote in this race.",
        number,
    )
    return (note % {"number": number},)
