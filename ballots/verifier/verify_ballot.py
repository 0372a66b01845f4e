#!/usr/bin/env python3
"""Check a published Harmony ballot for yourself.

You need two files in one folder: this one, and the ballot's bundle, which its result page offers for
download (here called bundle.json). You need Python 3.9 or later from python.org, and nothing else.
Open a terminal in that folder and type

    python3 verify_ballot.py bundle.json

(on Windows: py verify_ballot.py bundle.json). Nothing is sent anywhere and nothing is changed.
The program recounts the ballot by itself. It says either that all checks hold, and tells who won and
how, or in one sentence the first thing that does not hold.

It can also check what only you know. Add any of these to the line above:

    --digest CODE             the digest in the mail that announced the result
    --definition-digest CODE  the definition digest in the mail that told you that the ballot had opened
    --roll-digest CODE        the roll digest in that same mail
    --tracker CODE            your tracker: shows the scores that were counted under it
    --entry CODE              your roll number: says whether it is in the roll
    --csv FILE                the table of votes, downloaded from the same page: does it say the same?

It ends with exit code 0 if everything holds, 1 if anything does not, and 2 if a file cannot be read at
all (or the command line is not understood).

This file uses only Python's standard library, and shares no line with the program that ran the ballot.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import json
import re
import sys
import unicodedata
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from fractions import Fraction
from typing import Any, NamedTuple, NoReturn

FORMAT = "harmony-ballot/1"
LARGEST_FILE = 512 * 1024 * 1024  # bytes; a million votes take about 120 million
LONGEST_NUMBER = 15  # digits
HIGHEST_SCORE = 5

TRACKER = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{3}(-[0-9A-HJKMNP-TV-Z]{4}){5}-[0-9A-HJKMNP-TV-Z]{2}")
TRACKER_LENGTH = 26  # without its hyphens
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
DIGEST = re.compile(r"[0-9a-f]{64}")
TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")
FRACTION = re.compile(r"(0|[1-9][0-9]{0,3999})(/[1-9][0-9]{0,3999})?")

RULES = {
    "head_to_head": "Votes that prefer it",
    "total": "Total score",
    "five_stars": "Five-star scores",
    "lot": "Lot, by place in the lot order",
}
BY = {
    "runoff": "by the runoff",
    "total": "by the higher total",
    "five_stars": "by more five-star scores",
    "lot": "by lot",
    "unopposed": "unopposed",
}
TIES_FOR = {"finalists": "a place in the runoff", "runoff": "the runoff", "allocation": "the seat"}
OPPOSED = re.compile("score( tie)* allocation winner")
UNOPPOSED = re.compile("winner")
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")  # a cell that begins so may have an apostrophe before it
BIDI_CONTROLS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


class RefusedError(Exception):
    """A check that does not hold; its text is the sentence for the reader (exit code 1)."""


class UnreadableError(Exception):
    """A file that cannot be read at all; its text is the sentence for the reader (exit code 2)."""


# A part of a bundle, such as its definition or a step of its account; and options' names by their keys
Part = dict[str, Any]
Names = dict[str, str]


def refuse(sentence: str) -> NoReturn:
    """Stop checking: something does not hold, and the sentence says what."""
    raise RefusedError(sentence)


class Tally(NamedTuple):
    """The sums of a ballot, by option key: all that STAR and Bloc STAR are counted from."""

    turnout: int
    totals: dict[str, int]
    five_stars: dict[str, int]
    distribution: dict[str, list[int]]
    pairwise: dict[str, dict[str, int]]


# Saying things


def plain(text: str, longest: int = 300) -> str:
    """Make a stranger's text fit to print: one line, no control characters, at most `longest` characters."""
    safe = []
    for character in text[: longest + 1]:
        hidden = unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}
        safe.append(" " if hidden or unicodedata.bidirectional(character) in BIDI_CONTROLS else character)
    line = " ".join("".join(safe).split())
    return line if len(text) <= longest else line[:longest] + "..."


def shown(value: Any) -> str:
    """Name any JSON value in a few words for a sentence, however large or strange it is."""
    if isinstance(value, str):
        return f'"{plain(value, 80)}"'
    if value is None:
        return "empty (null)"
    if isinstance(value, (bool, int)):
        return json.dumps(value)
    return "a list" if isinstance(value, list) else "a group of named values"


def joined(items: list[str]) -> str:
    """Write a list as people do: "A", "A and B", "A, B and C", or "nobody"."""
    return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items) or "nobody"


def named(keys: list[str], names: Names) -> str:
    """List options by their names; a key that names no option is shown as it is."""
    return joined([names.get(key, shown(key)) for key in keys])


def figure(number: Any) -> str:
    """Write a number or a fraction, cut off where it is longer than anyone reads."""
    try:
        return plain(str(number), 60)
    except ValueError:  # Python refuses to write a number of many thousands of digits
        return "a very long fraction"


def numbered(numbers: Part, names: Names) -> str:
    """List options with a number each: "A 12, B 7"."""
    return ", ".join(f"{named([key], names)} {figure(number)}" for key, number in numbers.items())


def told(step: Part, names: Names) -> str:
    """Tell one step of a count in a sentence; it must have passed the check of its shape."""
    kind = step["step"]
    if kind == "score":
        weighted = f" By remaining weight: {numbered(step['weighted'], names)}." if "weighted" in step else ""
        fives = numbered(step["five_stars"], names)
        sentence = f"Total scores: {numbered(step['totals'], names)}.{weighted} Five-star scores: {fives}."
    elif kind == "tie":
        sentence = told_tie(step, names)
    elif kind == "finalists":
        sentence = f"Finalists: {named(step['finalists'], names)}."
    elif kind == "runoff":
        sentence = f"Runoff: {numbered(step['votes'], names)}, equal support {step['equal_support']}."
    elif kind == "allocation":
        sentence = told_allocation(step, names)
    elif kind == "winner":
        sentence = f"{named([step['winner']], names)} is elected {BY[step['by']]}."
    else:
        sentence = "Nobody voted, so nobody is elected."
    return sentence


def told_tie(step: Part, names: Names) -> str:
    """Tell in a sentence who was tied for what, and what a rule made of it."""
    tied, chosen, left = (named(step[part], names) for part in ("tied", "chosen", "left"))
    outcome = f"settled for {chosen}" if step["chosen"] else "decides nothing"
    still = f"; still level: {left}" if step["left"] else ""
    numbers = numbered(step["numbers"], names)
    place, rule = TIES_FOR[step["for"]], RULES[step["rule"]]
    return f"Tie for {place} between {tied}. {rule} ({numbers}): {outcome}{still}."


def told_allocation(step: Part, names: Names) -> str:
    """Tell in a sentence which weight a proportional seat used up."""
    parts = ("weighted_total", "quota", "spent", "left", "boundary_score", "boundary_share")
    total, quota, spent, left, worth, share = (figure(step[part]) for part in parts)
    boundary = "" if step["boundary_score"] is None else f" (votes worth {worth} pay {share} of their weight)"
    return (
        f"{named([step['winner']], names)} takes the seat with {total}; quota {quota},"
        f" weight spent {spent}{boundary}, left {left}."
    )


# Reading the file


def read_bytes(path: str) -> bytes:
    """Return a file's content; UnreadableError says in a sentence why it cannot be read."""
    try:
        with open(path, "rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it has no usable name"
        raise UnreadableError(f"The file {shown(path)} cannot be opened: {plain(str(reason))}.") from None
    if len(content) > LARGEST_FILE:
        raise UnreadableError(f"The file {shown(path)} is far larger than any ballot, so it was not read.")
    return content


def read_text(path: str) -> str:
    """Return a file's text; UnreadableError if it is not UTF-8."""
    try:
        return read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableError(
            f"The file {shown(path)} is not text, so it is not a download of ours."
        ) from None


def whole_number(digits: str) -> int:
    """Read a JSON whole number; one of absurd length is refused before it costs anything."""
    if len(digits.lstrip("-")) > LONGEST_NUMBER:
        refuse(f"The file has a number of {len(digits)} digits; no number in a ballot is so long.")
    return int(digits)


def no_such_number(text: str) -> Any:
    """Refuse 1.5, 1e3, NaN and Infinity wherever they stand."""
    refuse(f"The file has the number {shown(text)}; a ballot has only whole numbers.")


def no_repeats(pairs: list[tuple[str, Any]]) -> Part:
    """Build a JSON object; one that has a name twice is refused, since readers would disagree about it."""
    result = dict(pairs)
    if len(result) < len(pairs):
        repeated = Counter(name for name, _ in pairs).most_common(1)[0][0]
        refuse(f"The file has the name {shown(repeated)} twice in one place, so it can be read in two ways.")
    return result


def read_bundle(path: str) -> Any:
    """Return the JSON value in a file, of any shape."""
    text = read_text(path)
    try:
        return json.loads(
            text,
            parse_int=whole_number,
            parse_float=no_such_number,
            parse_constant=no_such_number,
            object_pairs_hook=no_repeats,
        )
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise UnreadableError(
            f"The file {shown(path)} is damaged or is not a bundle: no JSON at {place}."
        ) from None
    except RecursionError:
        raise UnreadableError(f"The file {shown(path)} is nested deeper than any ballot.") from None


# The shape of a bundle: each shape is a function that takes a value and where it stands, and refuses or not

Shape = Callable[[Any, str], None]


def string(value: Any, where: str) -> None:
    """Accept a string in Unicode's composed form (NFC), so that it has one digest everywhere."""
    if not isinstance(value, str):
        refuse(f"{where} should be a text, but is {shown(value)}.")
    if any("\ud800" <= character <= "\udfff" for character in value):
        refuse(f"{where} has half a character in it, so it is not proper text.")
    if not unicodedata.is_normalized("NFC", value):
        refuse(f"{where} is not in the composed form of Unicode (NFC) that the format requires.")


def words(value: Any, where: str) -> None:
    """Accept a text that is not blank."""
    string(value, where)
    if not value.strip():
        refuse(f"{where} should not be blank.")


def flag(value: Any, where: str) -> None:
    """Accept true or false."""
    if not isinstance(value, bool):
        refuse(f"{where} should be true or false, but is {shown(value)}.")


def whole(value: Any, where: str) -> None:
    """Accept a whole number from 0 up; true and false are no numbers."""
    if type(value) is not int or value < 0:
        refuse(f"{where} should be a whole number from 0 up, but is {shown(value)}.")


def matching(pattern: re.Pattern[str], description: str) -> Shape:
    """Accept a string that matches the pattern from end to end."""

    def check(value: Any, where: str) -> None:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            refuse(f"{where} should be {description}, but is {shown(value)}.")

    return check


def one_of(*choices: str) -> Shape:
    """Accept one of a few words."""

    def check(value: Any, where: str) -> None:
        if not isinstance(value, str) or value not in choices:
            refuse(f"{where} should be {' or '.join(choices)}, but is {shown(value)}.")

    return check


def optional(shape: Shape) -> Shape:
    """Accept null, or what the shape accepts."""

    def check(value: Any, where: str) -> None:
        if value is not None:
            shape(value, where)

    return check


def listing(shape: Shape) -> Shape:
    """Accept a list whose items all have the shape."""

    def check(value: Any, where: str) -> None:
        if not isinstance(value, list):
            refuse(f"{where} should be a list, but is {shown(value)}.")
        for number, item in enumerate(value, start=1):
            shape(item, f"{where} > {number}")

    return check


def by_key(shape: Shape) -> Shape:
    """Accept an object that gives each of some options a value of the shape."""

    def check(value: Any, where: str) -> None:
        if not isinstance(value, dict):
            refuse(f"{where} should give a value to each option, but is {shown(value)}.")
        for key, item in value.items():
            string(key, f"A name in {where}")
            shape(item, f"{where} > {plain(key, 40)}")

    return check


def members(shapes: dict[str, Shape]) -> Shape:
    """Accept an object that has exactly these members, each of its shape."""

    def check(value: Any, where: str) -> None:
        if not isinstance(value, dict):
            refuse(f"{where} should be a group of named values, but is {shown(value)}.")
        for name in shapes:
            if name not in value:
                refuse(f'{where} lacks its part "{name}".')
        for name in value:
            if name not in shapes:
                refuse(f"{where} has a part {shown(name)} that the format does not know.")
        for name, shape in shapes.items():
            shape(value[name], f"{where} > {name}")

    return check


def time(value: Any, where: str) -> None:
    """Accept a time such as 2026-11-22T19:00:00.000000Z that exists in the calendar."""
    matching(TIME, "a time such as 2026-11-22T19:00:00.000000Z")(value, where)
    try:
        datetime.fromisoformat(value[:-1] + "+00:00")
    except ValueError:
        raise RefusedError(f"{where} is {shown(value)}, a time that does not exist.") from None


def score(value: Any, where: str) -> None:
    """Accept a whole number from 0 to 5."""
    if type(value) is not int or not 0 <= value <= HIGHEST_SCORE:
        refuse(f"{where} should be a score from 0 to {HIGHEST_SCORE}, but is {shown(value)}.")


def is_vote(value: Any) -> bool:
    """Whether a value is a tracker with scores; said quickly, since a ballot may have a million votes."""
    return (
        isinstance(value, dict)
        and value.keys() == {"tracker", "scores"}
        and isinstance(value["tracker"], str)
        and TRACKER.fullmatch(value["tracker"]) is not None
        and isinstance(value["scores"], list)
        and all(type(each) is int and 0 <= each <= HIGHEST_SCORE for each in value["scores"])
    )


def vote(value: Any, where: str) -> None:
    """Accept a tracker with a list of scores."""
    if not is_vote(value):
        members({"tracker": matching(TRACKER, "a tracker"), "scores": listing(score)})(value, where)


def step_shapes(method: str) -> dict[str, Shape]:
    """The shapes of the steps that the account of a count may have, by their kind."""
    keys, counts, fraction = listing(string), by_key(whole), matching(FRACTION, 'a fraction such as "3/2"')
    sums: dict[str, Shape] = {"totals": counts, "five_stars": counts}
    tie: dict[str, Shape] = {"places": whole, "tied": keys, "chosen": keys, "left": keys, "numbers": counts}
    if method == "star_pr":
        kinds: dict[str, dict[str, Shape]] = {
            "score": {**sums, "weighted": by_key(fraction)},
            "tie": {
                **tie,
                "for": one_of("allocation"),
                "rule": one_of("five_stars", "lot"),
                "numbers": by_key(amount),
            },
            "allocation": {
                **dict.fromkeys(("quota", "weighted_total", "spent", "left"), fraction),
                **dict.fromkeys(("boundary_score", "boundary_share"), optional(fraction)),
                "winner": string,
            },
            "winner": {"winner": string, "by": one_of("total", "five_stars", "lot", "unopposed")},
        }
    else:
        kinds = {
            "score": sums,
            "tie": {**tie, "for": one_of("finalists", "runoff"), "rule": one_of(*RULES)},
            "finalists": {"finalists": keys},
            "runoff": {"finalists": keys, "votes": counts, "equal_support": whole},
            "winner": {"winner": string, "by": one_of("runoff", "total", "five_stars", "lot", "unopposed")},
        }
    kinds["no_votes"] = {}
    return {kind: members({"step": one_of(kind), **shapes}) for kind, shapes in kinds.items()}


def amount(value: Any, where: str) -> None:
    """Accept a whole number, or a fraction written as a string."""
    if isinstance(value, str):
        matching(FRACTION, 'a fraction such as "3/2"')(value, where)
    else:
        whole(value, where)


def any_step(method: str) -> Shape:
    """Accept a step of any kind that this method of counting has."""
    shapes = step_shapes(method)

    def check(value: Any, where: str) -> None:
        kind = value.get("step") if isinstance(value, dict) else None
        if not isinstance(kind, str) or kind not in shapes:
            refuse(f"{where} is no step that this way of counting has.")
        shapes[kind](value, where)

    return check


def anything(_value: Any, _where: str) -> None:
    """Accept any value; its shape is checked later."""


def definition_shape() -> Shape:
    """The shape of a ballot's definition."""
    return members(
        {
            "id": matching(UUID, "a code such as 0b6c1f52-7f4e-4f0e-9a51-0d3d0c2f6a11"),
            "assemblies": listing(words),
            "question": words,
            "explanation": string,
            "standing": one_of("indicative", "binding"),
            "method": one_of("star", "star_pr"),
            "seats": whole,
            "options": listing(members({"key": words, "name": words, "statement": string})),
            "lot_order": listing(string),
            "cut_off_at": time,
            "opened_at": time,
            "opens_at": time,
            "closes_at": time,
            "list_minimum": whole,
            "public_key": matching(DIGEST, "a key of 64 letters and digits"),
        }
    )


def bundle_shape() -> Shape:
    """The shape of a whole bundle, except that of the rounds, which depends on the method."""
    digest = matching(DIGEST, "a digest of 64 letters and digits")
    entry = matching(UUID, "a code such as 0b6c1f52-7f4e-4f0e-9a51-0d3d0c2f6a11")
    counts = by_key(whole)
    return members(
        {
            "format": one_of(FORMAT),
            "definition": definition_shape(),
            "definition_digest": digest,
            "roll": members({"size": whole, "entries": listing(entry), "digest": digest}),
            "closed_at": time,
            "counted_at": time,
            "turnout": whole,
            "votes": optional(listing(vote)),
            "votes_digest": optional(digest),
            "totals": counts,
            "five_stars": counts,
            "distribution": by_key(listing(whole)),
            "pairwise": by_key(counts),
            "winners": listing(string),
            "rounds": anything,
            "digest": digest,
        }
    )


def check_shape(bundle: Any) -> None:
    """Refuse a bundle that has not exactly the parts and kinds of value that the format prescribes."""
    if not isinstance(bundle, dict):
        refuse(f"The file should hold one ballot, but holds {shown(bundle)}.")
    if bundle.get("format") != FORMAT:
        found = shown(bundle.get("format"))
        refuse(f"The file is not in the format {FORMAT} that this program knows: its format is {found}.")
    bundle_shape()(bundle, "bundle")
    round_shape = members(
        {
            "seat": whole,
            "candidates": listing(string),
            "winner": optional(string),
            "unopposed": flag,
            "steps": listing(any_step(bundle["definition"]["method"])),
        }
    )
    listing(round_shape)(bundle["rounds"], "bundle > rounds")
    check_options(bundle["definition"])
    check_places(bundle)


def check_options(definition: Part) -> None:
    """Refuse a ballot without options, with two of one key, or with more seats than options."""
    keys = [option["key"] for option in definition["options"]]
    if not keys:
        refuse("The ballot has no options.")
    if not definition["assemblies"]:
        refuse("The ballot names no assembly that holds it.")
    if len(set(keys)) < len(keys):
        repeated = Counter(keys).most_common(1)[0][0]
        refuse(f"Two options have the same key {shown(repeated)}.")
    if not 1 <= definition["seats"] <= len(keys):
        refuse(f"The ballot has {definition['seats']} seats for {len(keys)} options.")


def check_places(bundle: Part) -> None:
    """Refuse a bundle whose tables do not have one place for each option, and one score in each vote."""
    keys = [option["key"] for option in bundle["definition"]["options"]]
    for name in ("totals", "five_stars", "distribution", "pairwise"):
        if set(bundle[name]) != set(keys):
            refuse(f'"{name}" does not have one entry for each option.')
    for key in keys:
        if len(bundle["distribution"][key]) != HIGHEST_SCORE + 1:
            refuse(f'"distribution" of option {shown(key)} should have six numbers, for scores 0 to 5.')
        if set(bundle["pairwise"][key]) != set(keys) - {key}:
            refuse(f'"pairwise" of option {shown(key)} does not have one entry for each other option.')
    for number, each in enumerate(bundle["votes"] or [], start=1):
        if len(each["scores"]) != len(keys):
            scores = len(each["scores"])
            refuse(f"Vote number {number} has {scores} scores for {len(keys)} options.")


# What was fixed before the vote


def digest_of(value: Any) -> str:
    """Return the SHA-256 of the canonical JSON of a value: sorted names, no spaces, UTF-8."""
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode("utf-8")).hexdigest()


def check_told_digest(told_digest: str | None, actual: str, what: str, meaning: str) -> None:
    """Refuse a bundle whose digest is not the one that the reader was told; None: the reader gave none."""
    if told_digest is None:
        return
    given = re.sub(r"[\s:-]", "", told_digest).lower()
    if not DIGEST.fullmatch(given):
        refuse(f"The {what} that you gave is not 64 digits and letters from a to f. Please copy it again.")
    if given != actual:
        refuse(
            f"The {what} that you gave is not that of this file: {meaning}\n"
            f"  You gave:      {given}\n  The file has:  {actual}"
        )


def check_definition(bundle: Part, asked: argparse.Namespace) -> None:
    """Refuse a definition that does not have its digest, or not the one that the reader was told."""
    if digest_of(bundle["definition"]) != bundle["definition_digest"]:
        refuse(
            "The definition of the ballot (question, options, times, lot order) does not have the digest"
            " that the file gives for it: something in it has been changed."
        )
    meaning = (
        "the question, an option, a time or another part of the definition has been changed since it opened."
    )
    check_told_digest(asked.definition_digest, bundle["definition_digest"], "definition digest", meaning)


def check_order(codes: list[str], what: str) -> None:
    """Refuse a list of codes that is not in ascending order, or has one twice."""
    for earlier, later in zip(codes, codes[1:]):
        if earlier == later:
            refuse(f"The {what} {earlier} is there twice.")
        if earlier > later:
            refuse(f"The {what}s are not in order: {later} stands after {earlier}.")


def check_roll(roll: Part, asked: argparse.Namespace) -> None:
    """Refuse a roll of another size than it says, out of order, with a repeated entry or a false digest."""
    entries = roll["entries"]
    if roll["size"] != len(entries):
        refuse(f"The roll says that it has {roll['size']} entries, but {len(entries)} are listed.")
    check_order(entries, "roll number")
    if digest_of(entries) != roll["digest"]:
        refuse("The roll does not have the digest that the file gives for it: an entry has been changed.")
    meaning = "somebody has been added to the roll, or taken from it, since the ballot opened."
    check_told_digest(asked.roll_digest, roll["digest"], "roll digest", meaning)


def check_times(bundle: Part) -> None:
    """Refuse times in an impossible order; all are UTC and of one length, so they compare as written."""
    times = {**bundle["definition"], "closed_at": bundle["closed_at"], "counted_at": bundle["counted_at"]}
    if times["opened_at"] >= times["closes_at"]:
        refuse(f"The ballot opened at {times['opened_at']}, not before its deadline {times['closes_at']}.")
    for first, second, complaint in (
        ("opens_at", "opened_at", "The ballot opened before its appointed opening time"),
        ("cut_off_at", "opened_at", "The cut-off for the roll is later than the opening"),
        ("closes_at", "closed_at", "The ballot was closed before its deadline"),
        ("closed_at", "counted_at", "The ballot was counted before it was closed"),
    ):
        if times[first] > times[second]:
            refuse(f"{complaint}: {first} is {times[first]}, {second} is {times[second]}.")


def check_lot_order(definition: Part) -> None:
    """Refuse a lot order that does not have each option once."""
    if sorted(definition["lot_order"]) != sorted(option["key"] for option in definition["options"]):
        refuse("The lot order does not name each option exactly once.")


# The votes and their sums


def check_turnout(bundle: Part) -> None:
    """Refuse more votes than voters, and a list of votes published or withheld against the rule."""
    turnout, minimum, size = bundle["turnout"], bundle["definition"]["list_minimum"], bundle["roll"]["size"]
    if turnout > size:
        refuse(f"{turnout} votes were counted, but the roll has only {size} people.")
    if bundle["votes"] is None and turnout >= minimum:
        refuse(f"The list of votes is missing, though {turnout} voted and {minimum} are enough for it.")
    if bundle["votes"] is None and bundle["votes_digest"] is not None:
        refuse("There is a digest of the list of votes, but no list.")
    if bundle["votes"] is not None and turnout < minimum:
        refuse(f"Votes are listed, though only {turnout} voted and a list takes at least {minimum}.")


def check_votes(bundle: Part) -> None:
    """Refuse a list of votes of another length than the turnout, out of order, or with a false digest."""
    listed = bundle["votes"]
    if listed is None:
        return
    if len(listed) != bundle["turnout"]:
        refuse(f"The turnout is given as {bundle['turnout']}, but {len(listed)} votes are listed.")
    check_order([each["tracker"] for each in listed], "tracker")
    if digest_of(listed) != bundle["votes_digest"]:
        refuse(
            "The list of votes does not have the digest that the file gives for it:"
            " a vote has been changed, added or taken away."
        )


def add_up(keys: list[str], rows: Counter[tuple[int, ...]]) -> Tally:
    """Add up votes, given as how often each row of scores (in the order of the keys) was given."""
    distribution = {key: [0] * (HIGHEST_SCORE + 1) for key in keys}
    pairwise = {key: {other: 0 for other in keys if other != key} for key in keys}
    for row, copies in rows.items():
        for key, given in zip(keys, row):
            distribution[key][given] += copies
            for other, given_other in zip(keys, row):
                if given > given_other:
                    pairwise[key][other] += copies
    totals = {key: sum(given * copies for given, copies in enumerate(distribution[key])) for key in keys}
    five_stars = {key: distribution[key][HIGHEST_SCORE] for key in keys}
    return Tally(sum(rows.values()), totals, five_stars, distribution, pairwise)


def compare_sums(published: Tally, counted: Tally, names: Names) -> None:
    """Refuse published sums that differ from those of the votes, naming the first that does."""
    for what, said, found in (
        ("total score", published.totals, counted.totals),
        ("number of five-star scores", published.five_stars, counted.five_stars),
        ("numbers of scores from 0 to 5", published.distribution, counted.distribution),
    ):
        for key, name in names.items():
            if said[key] != found[key]:
                refuse(f"The {what} of {name} is given as {said[key]}, but the votes give {found[key]}.")
    for key, row in counted.pairwise.items():
        for other, number in row.items():
            said_number = published.pairwise[key][other]
            if said_number != number:
                refuse(
                    f"{said_number} votes are said to score {names[key]} higher than {names[other]},"
                    f" but by the votes it is {number}."
                )


def check_sums_agree(tally: Tally, names: Names) -> None:
    """Refuse sums that no list of votes could have; used where the list itself is withheld."""
    for key, name in names.items():
        row, total, fives = tally.distribution[key], tally.totals[key], tally.five_stars[key]
        if sum(row) != tally.turnout:
            refuse(f"{sum(row)} scores are given for {name}, but the turnout is {tally.turnout}.")
        found = sum(given * copies for given, copies in enumerate(row))
        if total != found:
            refuse(f"The total score of {name} is given as {total}, but its scores add up to {found}.")
        if fives != row[HIGHEST_SCORE]:
            refuse(f"{name} is said to have {fives} five-star scores, but its scores have {row[5]}.")
    for key in names:
        for other in names:
            if key != other:
                check_pair(tally, key, other, names)


def check_pair(tally: Tally, key: str, other: str, names: Names) -> None:
    """Refuse pairwise numbers of two options that cannot come about with their scores."""
    ahead, behind = tally.pairwise[key][other], tally.pairwise[other][key]
    pair = f"{names[key]} and {names[other]}"
    if ahead + behind > tally.turnout:
        refuse(f"The votes that prefer one of {pair} are more than the turnout: {ahead} and {behind}.")
    scored = tally.turnout - tally.distribution[key][0]
    beatable = tally.turnout - tally.distribution[other][HIGHEST_SCORE]
    if ahead > min(scored, beatable):
        refuse(f"{ahead} votes are said to score {names[key]} higher than {names[other]}: too many.")
    if tally.totals[key] - tally.totals[other] > HIGHEST_SCORE * ahead - behind:
        refuse(f"The totals of {pair} do not fit the number of votes that prefer one of them.")


# The count: STAR, and Bloc STAR seat by seat


def fill(
    places: int, contenders: list[str], numbers: Part, lowest: bool = False
) -> tuple[list[str], list[str]]:
    """Fill places one at a time with the highest number (or the lowest).

    Returns those who got a place, best first, and those who are level for the places that are left:
    more of them than there are places, or none.
    """
    chosen: list[str] = []
    while len(chosen) < places:
        waiting = [key for key in contenders if key not in chosen]
        best = (min if lowest else max)(numbers[key] for key in waiting)
        level = [key for key in waiting if numbers[key] == best]
        if len(level) > places - len(chosen):
            return chosen, level
        chosen += level
    return chosen, []


def break_tie(
    purpose: str, places: int, tied: list[str], rungs: list[tuple[str, Part]]
) -> tuple[list[str], list[Part]]:
    """Go down the rungs until the places are filled; return who got them, and each rung as a step.

    A rung is a rule's name and the number that it gives to each option; the last rung is always the lot.
    """
    won: list[str] = []
    steps = []
    for rule, numbers in rungs:
        chosen, left = fill(places, tied, numbers, lowest=rule == "lot")
        step = {"step": "tie", "for": purpose, "places": places, "tied": tied, "rule": rule}
        step.update(numbers={key: numbers[key] for key in tied}, chosen=chosen, left=left)
        steps.append(step)
        won += chosen
        places -= len(chosen)
        tied = left
        if not places:
            break
    return won, steps


def star_finalists(racing: list[str], lots: dict[str, int], tally: Tally) -> tuple[list[str], list[Part]]:
    """The score round: return the two finalists, and a step for each rung of a tie for their places."""
    finalists, tied = fill(2, racing, tally.totals)
    if not tied:
        return finalists, []
    rungs: list[tuple[str, Part]] = [("five_stars", tally.five_stars), ("lot", lots)]
    places = 2 - len(finalists)
    if places == 1 and len(tied) == 2:
        one, two = tied
        rungs.insert(0, ("head_to_head", {one: tally.pairwise[one][two], two: tally.pairwise[two][one]}))
    chosen, steps = break_tie("finalists", places, tied, rungs)
    return finalists + chosen, steps


def star_seat(racing: list[str], lots: dict[str, int], tally: Tally) -> tuple[str, list[Part]]:
    """Count one seat among two or more options; return who is elected, and the steps."""
    totals = {key: tally.totals[key] for key in racing}
    five_stars = {key: tally.five_stars[key] for key in racing}
    steps: list[Part] = [{"step": "score", "totals": totals, "five_stars": five_stars}]
    finalists, ties = star_finalists(racing, lots, tally)
    steps += [*ties, {"step": "finalists", "finalists": finalists}]
    one, two = finalists
    runoff = {one: tally.pairwise[one][two], two: tally.pairwise[two][one]}
    neither = tally.turnout - sum(runoff.values())
    steps.append({"step": "runoff", "finalists": finalists, "votes": runoff, "equal_support": neither})
    winner, by = max(finalists, key=lambda key: runoff[key]), "runoff"
    if runoff[one] == runoff[two]:
        rungs = [("total", tally.totals), ("five_stars", tally.five_stars), ("lot", lots)]
        (winner,), ties = break_tie("runoff", 1, finalists, rungs)
        by = ties[-1]["rule"]
        steps += ties
    return winner, [*steps, {"step": "winner", "winner": winner, "by": by}]


# The count: Proportional STAR


class Pile:
    """The votes of a proportional count: equal votes together, each with the weight that is left to it."""

    def __init__(self, rows: Counter[tuple[int, ...]]) -> None:
        self.copies = dict(rows)
        self.weight = dict.fromkeys(rows, Fraction(1))

    def held(self, rows: Any) -> Fraction:
        """The weight that is left to these rows of scores together."""
        return sum((self.copies[row] * self.weight[row] for row in rows), Fraction(0))

    def total(self, place: int) -> Fraction:
        """Weight times score for the option in this place, over all votes."""
        return sum((self.copies[row] * self.weight[row] * row[place] for row in self.copies), Fraction(0))

    def five_stars(self, place: int) -> Fraction:
        """The weight of the votes that give five to the option in this place."""
        return self.held(row for row in self.copies if row[place] == HIGHEST_SCORE)

    def spend(self, place: int, quota: Fraction) -> dict[str, Fraction | None]:
        """Spend a quota on the option in this place, from the highest weight times score downwards."""
        classes: dict[Fraction, list[tuple[int, ...]]] = {}
        for row, weight in self.weight.items():
            if weight and self.copies[row]:
                classes.setdefault(weight * row[place], []).append(row)
        account: dict[str, Fraction | None] = {"boundary_score": None, "boundary_share": None}
        wanted = quota
        for worth in sorted(classes, reverse=True):
            held = self.held(classes[worth])
            share = min(Fraction(1), wanted / held)
            wanted -= share * held
            for row in classes[worth]:
                self.weight[row] *= 1 - share
            if not wanted:
                account = {"boundary_score": worth, "boundary_share": share}
                break
        return {**account, "spent": quota - wanted, "left": self.held(self.copies)}


def pr_seat(
    racing: list[str], lots: dict[str, int], tally: Tally, piles: dict[str, tuple[Pile, int]], quota: Fraction
) -> tuple[str, list[Part]]:
    """Count one proportional seat; return who is elected, and the steps.

    `piles` gives for each option the pile of votes and the option's place in them; the weight that
    the winner costs is spent there.
    """
    totals = {key: tally.totals[key] for key in racing}
    five_stars = {key: tally.five_stars[key] for key in racing}
    weighted = {key: piles[key][0].total(piles[key][1]) for key in racing}
    steps: list[Part] = []
    steps.append({"step": "score", "totals": totals, "five_stars": five_stars, "weighted": weighted})
    elected, tied = fill(1, racing, weighted)
    by = "total"
    if tied:
        fives = {key: piles[key][0].five_stars(piles[key][1]) for key in tied}
        elected, ties = break_tie("allocation", 1, tied, [("five_stars", fives), ("lot", lots)])
        by = ties[-1]["rule"]
        steps += ties
    winner = elected[0]
    pile, place = piles[winner]
    allocation = {"step": "allocation", "winner": winner, "quota": quota, "weighted_total": weighted[winner]}
    steps.append({**allocation, **pile.spend(place, quota)})
    return winner, [*steps, {"step": "winner", "winner": winner, "by": by}]


def piles_of(
    keys: list[str], tally: Tally, rows: Counter[tuple[int, ...]] | None
) -> dict[str, tuple[Pile, int]]:
    """Return for each option the pile to count it from and its place there.

    Where the votes are withheld, each option has a pile made of its own scores: that serves for one
    seat, while every vote still has its whole weight, but not for the next.
    """
    if rows is not None:
        pile = Pile(rows)
        return {key: (pile, place) for place, key in enumerate(keys)}
    columns = {
        key: {(given,): copies for given, copies in enumerate(tally.distribution[key])} for key in keys
    }
    return {key: (Pile(Counter(column)), 0) for key, column in columns.items()}


def seats_to_count(definition: Part, tally: Tally, listed: bool) -> int:
    """How many seats can be recounted: all, or one of a proportional ballot whose votes are withheld."""
    uncountable = definition["method"] == "star_pr" and tally.turnout > 0 and not listed
    return 1 if uncountable else definition["seats"]


def recount(definition: Part, tally: Tally, rows: Counter[tuple[int, ...]] | None) -> list[Part]:
    """Count the ballot and return its rounds as the format writes them, but with fractions as numbers.

    `rows` says how often each row of scores was given, or is None where the votes are withheld.
    """
    keys = [option["key"] for option in definition["options"]]
    steps: list[Part] = [{"step": "no_votes"}]
    if not tally.turnout:
        return [{"seat": 1, "candidates": keys, "winner": None, "unopposed": False, "steps": steps}]
    lots = {key: number for number, key in enumerate(definition["lot_order"], start=1)}
    piles = piles_of(keys, tally, rows) if definition["method"] == "star_pr" else {}
    quota = Fraction(tally.turnout, definition["seats"])
    rounds: list[Part] = []
    racing = keys
    for seat in range(1, seats_to_count(definition, tally, rows is not None) + 1):
        if len(racing) == 1:
            winner, steps = racing[0], [{"step": "winner", "winner": racing[0], "by": "unopposed"}]
        elif piles:
            winner, steps = pr_seat(racing, lots, tally, piles, quota)
        else:
            winner, steps = star_seat(racing, lots, tally)
        alone = len(racing) == 1
        rounds.append(
            {"seat": seat, "candidates": racing, "winner": winner, "unopposed": alone, "steps": steps}
        )
        racing = [key for key in racing if key != winner]
    return rounds


# Comparing the published account with the count


def same(mine: Any, theirs: Any) -> bool:
    """Whether a published value, of the right shape, is the one that was counted.

    A list of options may be in any order, and a fraction may be in any terms.
    """
    if isinstance(mine, Fraction):
        return type(theirs) in (int, str) and Fraction(theirs) == mine
    if isinstance(mine, dict):
        return set(mine) == set(theirs) and all(same(mine[key], theirs[key]) for key in mine)
    if isinstance(mine, list):
        return sorted(mine) == sorted(theirs)
    return bool(mine == theirs)


def compare_step(where: str, mine: Part, theirs: Part, names: Names) -> None:
    """Refuse a published step that is not what the count gives, showing both."""
    both = f"\n  The file says:   {told(theirs, names)}\n  The count gives: {told(mine, names)}"
    if mine["step"] != theirs["step"]:
        refuse(f"{where} is not what the count gives.{both}")
    for name, value in mine.items():
        if not same(value, theirs[name]):
            refuse(f'{where} is not what the count gives: "{name}" differs.{both}')


def compare_rounds(counted: list[Part], published: list[Part], names: Names) -> None:
    """Refuse a published account that differs from the count in any round, step or number."""
    if len(counted) != len(published):
        refuse(f"The account tells of {len(published)} rounds, but the count takes {len(counted)}.")
    for number, (mine, theirs) in enumerate(zip(counted, published), start=1):
        for name in ("seat", "candidates", "winner", "unopposed"):
            if not same(mine[name], theirs[name]):
                refuse(f'Round {number} of the account is not what the count gives: "{name}" differs.')
        for step, (my_step, their_step) in enumerate(zip(mine["steps"], theirs["steps"]), start=1):
            compare_step(f"Seat {number}, step {step} of the account", my_step, their_step, names)
        steps, expected = len(theirs["steps"]), len(mine["steps"])
        if steps != expected:
            refuse(f"Seat {number} of the account has {steps} steps, but the count takes {expected}.")


def compare_winners(counted: list[Part], published: list[str], names: Names) -> None:
    """Refuse winners other than those of the count, or in another order of election."""
    winners = [each["winner"] for each in counted if each["winner"] is not None]
    if winners != published:
        said, found = named(published, names), named(winners, names)
        refuse(f"The file says that the ballot elected {said}, but the count elects {found}.")


def check_later_seats(bundle: Part, tally: Tally, names: Names) -> None:
    """Refuse a proportional account that contradicts itself; used for seats that cannot be recounted."""
    racing, seats = list(names), bundle["definition"]["seats"]
    if len(bundle["rounds"]) != seats:
        refuse(f"The account tells of {len(bundle['rounds'])} rounds for {seats} seats.")
    for seat, each in enumerate(bundle["rounds"], start=1):
        winner = each["winner"]
        if each["seat"] != seat or not same(racing, each["candidates"]) or winner not in racing:
            refuse(f"Round {seat} of the account does not fit the options that were still in the race.")
        kinds = " ".join(step["step"] for step in each["steps"])
        if each["unopposed"] != (len(racing) == 1) or not re.fullmatch(
            UNOPPOSED if each["unopposed"] else OPPOSED, kinds
        ):
            refuse(f"Round {seat} of the account does not have the steps that its count must have.")
        for step in each["steps"]:
            if step["step"] == "score" and step["totals"] != {key: tally.totals[key] for key in racing}:
                refuse(f"Round {seat} of the account gives other totals than the ballot's.")
            if step.get("winner", winner) != winner:
                refuse(f"Round {seat} of the account contradicts itself about who was elected.")
        racing.remove(winner)


def check_outcome(bundle: Part, tally: Tally, names: Names) -> list[Part]:
    """Recount, and refuse winners or an account that differ; return the rounds that could be recounted."""
    definition, listed = bundle["definition"], bundle["votes"]
    rows = None if listed is None else Counter(tuple(each["scores"]) for each in listed)
    counted = recount(definition, tally, rows)
    if seats_to_count(definition, tally, rows is not None) == definition["seats"]:
        compare_winners(counted, bundle["winners"], names)
        compare_rounds(counted, bundle["rounds"], names)
    else:
        compare_rounds(counted, bundle["rounds"][:1], names)
        check_later_seats(bundle, tally, names)
        compare_winners(bundle["rounds"], bundle["winners"], names)
    return counted


# What only the reader knows


def check_digest(bundle: Part, asked: argparse.Namespace) -> None:
    """Refuse a bundle that does not have its own digest, or not the one that the reader was told."""
    actual = digest_of({name: value for name, value in bundle.items() if name != "digest"})
    if actual != bundle["digest"]:
        refuse("The file as a whole does not have the digest that it gives: something in it was changed.")
    meaning = "it is not the result that was announced to you."
    check_told_digest(asked.digest, actual, "digest", meaning)


def find_tracker(bundle: Part, code: str, names: Names) -> str:
    """Return a sentence with the scores counted under a tracker; refuse if it is not there."""
    if bundle["votes"] is None:
        refuse("The file is sound, but so few voted that votes are not listed: no tracker can be looked up.")
    bare = re.sub(r"[\s-]", "", code).upper().translate(str.maketrans("OIL", "011"))
    if len(bare) != TRACKER_LENGTH:
        refuse(
            f"A tracker has {TRACKER_LENGTH} letters and digits; you gave {len(bare)}. Please copy it again."
        )
    for each in bundle["votes"]:
        if each["tracker"].replace("-", "") == bare:
            return f"Under your tracker: {numbered(dict(zip(names, each['scores'])), names)}."
    refuse(f"The file is sound, but no vote in it has the tracker {shown(code)}.")


def find_entry(bundle: Part, code: str) -> str:
    """Return a sentence that a roll number is in the roll; refuse if it is not."""
    try:
        entry = str(uuid.UUID(code.strip()))
    except ValueError:
        raise RefusedError(f"{shown(code)} is not a roll number. Please copy it again.") from None
    if entry not in bundle["roll"]["entries"]:
        refuse(f"The file is sound, but the roll number {entry} is not in its roll.")
    return "Your roll number is in the roll."


def read_table(path: str) -> list[list[str]]:
    """Return the rows of a CSV file; UnreadableError if it is none."""
    try:
        return list(csv.reader(io.StringIO(read_text(path), newline=""), strict=True))
    except csv.Error:
        raise UnreadableError(f"The file {shown(path)} is not a table of comma-separated values.") from None


def compare_table(bundle: Part, path: str) -> str:
    """Return a sentence that a table of votes says the same as the bundle; refuse if it does not."""
    rows = [row for row in read_table(path) if row]
    if bundle["votes"] is None:
        refuse("The file is sound, but so few voted that votes are not listed, so the table is not ours.")
    heads = ["tracker"] + [option["name"] for option in bundle["definition"]["options"]]
    guarded = [f"'{head}" if head.startswith(FORMULA_SIGNS) else head for head in heads]
    if not rows or rows[0] not in (heads, guarded):
        refuse("The first line of the table of votes should be: tracker, then the options in their order.")
    expected = {each["tracker"]: [str(given) for given in each["scores"]] for each in bundle["votes"]}
    seen = set()
    for number, (tracker, *scores) in enumerate(rows[1:], start=2):
        if tracker in seen or tracker not in expected:
            why = "is there twice" if tracker in seen else "is not in the bundle"
            refuse(f"Row {number} of the table of votes: the tracker {shown(tracker)} {why}.")
        if scores != expected[tracker]:
            refuse(f"Row {number} of the table of votes: {tracker} has other scores in the bundle.")
        seen.add(tracker)
    if len(seen) < len(expected):
        refuse(f"The table of votes has {len(seen)} votes, but the bundle has {len(expected)}.")
    return "The table of votes says the same as the bundle."


# Putting it together


def summary(bundle: Part, counted: list[Part], names: Names) -> list[str]:
    """Tell the result in a few lines."""
    definition = bundle["definition"]
    seats = "1 seat" if definition["seats"] == 1 else f"{definition['seats']} seats"
    method = "STAR" if definition["seats"] == 1 else "Bloc STAR"
    method = "Proportional STAR" if definition["method"] == "star_pr" else method
    partly = len(counted) < len(bundle["rounds"])
    lines = ["ALL CHECKS THAT COULD BE MADE HOLD; see below." if partly else "ALL CHECKS HOLD.", ""]
    lines.append(f"Question: {plain(definition['question'])}")
    lines.append(f"Held by {joined([plain(name) for name in definition['assemblies']])}.")
    lines.append(f"{definition['standing'].capitalize()} vote, counted by {method}, {seats}.")
    lines.append(f"Turnout: {bundle['turnout']} of {bundle['roll']['size']} on the roll.")
    lines.append(f"Elected: {named(bundle['winners'], names)}.")
    for each in [*counted, *bundle["rounds"][len(counted) :]]:
        lines.append(f"Seat {each['seat']}:")
        lines += [f"  {told(step, names)}" for step in each["steps"]]
    return lines


def caveats(bundle: Part, counted: list[Part], asked: argparse.Namespace) -> list[str]:
    """Tell what could not be checked, and how the reader can check it."""
    lines = []
    if len(counted) < len(bundle["rounds"]):
        lines.append(
            "Not checked: who was elected from seat 2 on, as told above. A proportional count needs every"
            " vote for that, and so few voted that the list is withheld. Seat 1 was recounted from the"
            " published sums."
        )
    elif bundle["votes"] is None:
        lines.append("So few voted that the list of votes is withheld: recounted from the published sums.")
    if asked.digest is None:
        lines.append(
            "What this file alone cannot show is that it is the one that was announced. Compare its digest"
            " with the mail that told you the result, or run this again with --digest and that code."
        )
        lines.append(f"  Digest of this file: {bundle['digest']}")
    if asked.definition_digest is None:
        lines.append(
            "Nor can it show that the question, the options and the times are those of the day it opened."
            " Compare with the mail that told you of the opening, or use --definition-digest."
        )
        lines.append(f"  Definition digest:   {bundle['definition_digest']}")
    if asked.roll_digest is None:
        lines.append("Nor that the roll is the one of that day: the same mail, or --roll-digest.")
        lines.append(f"  Roll digest:         {bundle['roll']['digest']}")
    return lines


def verify(bundle: Any, asked: argparse.Namespace) -> list[str]:
    """Make every check in order and return the lines to print; RefusedError tells the first that fails."""
    check_shape(bundle)
    check_definition(bundle, asked)
    check_roll(bundle["roll"], asked)
    check_times(bundle)
    check_lot_order(bundle["definition"])
    check_turnout(bundle)
    check_votes(bundle)
    names = {option["key"]: plain(option["name"], 120) for option in bundle["definition"]["options"]}
    tally = Tally(*(bundle[name] for name in Tally._fields))
    if bundle["votes"] is None:
        check_sums_agree(tally, names)
    else:
        rows = Counter(tuple(each["scores"]) for each in bundle["votes"])
        compare_sums(tally, add_up(list(names), rows), names)
    counted = check_outcome(bundle, tally, names)
    check_digest(bundle, asked)
    lines = summary(bundle, counted, names)
    for part in (personal_answers(bundle, asked, names), caveats(bundle, counted, asked)):
        lines += ["", *part] if part else []
    return lines


def personal_answers(bundle: Part, asked: argparse.Namespace, names: Names) -> list[str]:
    """Answer what the reader asked about their own entry, tracker and table; RefusedError if one fails."""
    answers = []
    if asked.entry is not None:
        answers.append(find_entry(bundle, asked.entry))
    if asked.tracker is not None:
        answers.append(find_tracker(bundle, asked.tracker, names))
    if asked.csv is not None:
        answers.append(compare_table(bundle, asked.csv))
    return answers


def command_line() -> argparse.ArgumentParser:
    """What may stand on the command line."""
    parser = argparse.ArgumentParser(
        description="Check and recount a published Harmony ballot.", allow_abbrev=False
    )
    parser.add_argument("bundle", help="the bundle (JSON) that you downloaded from the ballot's result page")
    parser.add_argument("--digest", metavar="CODE", help="the digest from the result mail")
    parser.add_argument(
        "--definition-digest", metavar="CODE", help="the definition digest from the opening mail"
    )
    parser.add_argument("--roll-digest", metavar="CODE", help="the roll digest from the opening mail")
    parser.add_argument(
        "--tracker", metavar="CODE", help="your tracker: show the scores that were counted under it"
    )
    parser.add_argument("--entry", metavar="CODE", help="your roll number: is it in the roll?")
    parser.add_argument("--csv", metavar="FILE", help="the table of votes (CSV): does it say the same?")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Check the bundle named on the command line, print what was found and return the exit code."""
    asked = command_line().parse_args(arguments)
    try:
        lines, code = verify(read_bundle(asked.bundle), asked), 0
    except RefusedError as refusal:
        lines, code = ["NOT ALL CHECKS HOLD.", "", str(refusal)], 1
    except UnreadableError as refusal:
        lines, code = [str(refusal)], 2
    except MemoryError:
        lines, code = ["This computer has not enough memory to check this file."], 2
    sys.stdout.write("\n".join(lines) + "\n")
    return code


if __name__ == "__main__":
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
