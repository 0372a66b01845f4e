"""What in a text could tell how to reach somebody, or what they gave in confidence: suggestions for redactions (D17).

Pure functions: text and private values in, places in the text out. They would rather suggest too much: a person
decides on each.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import Enum

import phonenumbers

from defections.folding import Folded, compact, fold

# Shorter ones ("1", "Jo") are found in every text.
SHORTEST = 3
_PHONE_TAIL = 9  # digits by which one's own number is known, however it begins
_AROUND = 30  # characters between a word such as "born" or "call" and what it is about


class Kind(Enum):
    """What a suggestion is about."""

    PHONE = "phone"
    EMAIL = "email"
    POSTCODE = "postcode"
    ADDRESS = "address"
    BIRTH = "birth"
    PRIVATE = "private"


@dataclass(frozen=True)
class Private:
    """What the applicant gave in confidence, to be found wherever it appears."""

    values: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    born: tuple[date, ...] = ()  # more than one where it was corrected

    def __or__(self, other: "Private") -> "Private":
        """Both together."""
        return Private(
            tuple(dict.fromkeys(self.values + other.values)),
            tuple(dict.fromkeys(self.phones + other.phones)),
            tuple(dict.fromkeys(self.born + other.born)),
        )


@dataclass(frozen=True, order=True)
class Found:
    """text[start:end] should perhaps not be shared."""

    start: int
    end: int
    kind: Kind = field(compare=False)


def suggestions(text: str, private: Private) -> list[Found]:
    """What `text` should perhaps not share, in order and without overlap; overlapping finds become one."""
    folded = fold(text)
    found = [
        *_spans(folded, Kind.PRIVATE, _values(folded, private.values)),
        *_spans(folded, Kind.BIRTH, _births(folded, private.born)),
        *_spans(folded, Kind.EMAIL, _emails(folded)),
        *_spans(folded, Kind.PHONE, _phones(folded, private.phones)),
        *_spans(folded, Kind.POSTCODE, _matches(_POSTCODE, folded)),
        *_spans(folded, Kind.ADDRESS, _matches(_STREET, folded)),
    ]
    return _joined(found)


def occurrences(text: str, passage: str) -> list[tuple[int, int]]:
    """Where `passage` stands in `text`, letter case, accents and spacing aside; for what a reader types."""
    looked_for = " ".join(fold(passage).plain.split())
    if not looked_for:
        return []
    folded = fold(text)
    flat = folded.plain.replace("\n", " ")
    return [folded.span(m.start(), m.end()) for m in re.finditer(re.escape(looked_for), flat)]


def _spans(folded: Folded, kind: Kind, places: Iterable[tuple[int, int]]) -> Iterator[Found]:
    for start, end in places:
        if end > start:
            yield Found(*folded.span(start, end), kind)


def _joined(found: list[Found]) -> list[Found]:
    """Overlapping ones as one, of the kind of the longest."""
    joined: list[Found] = []
    for one in sorted(found):
        if joined and one.start < joined[-1].end:
            last = joined.pop()
            kind = last.kind if last.end - last.start >= one.end - one.start else one.kind
            one = Found(last.start, max(last.end, one.end), kind)  # noqa: PLW2901
        joined.append(one)
    return joined


# --- One's own values ---------------------------------------------------------------------------------
def _values(folded: Folded, values: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Each value as a whole word or words, letter case, accents, spacing and punctuation aside."""
    letters = compact(folded)
    where = {place: index for index, place in enumerate(folded.places)}  # the last of what one letter became
    for value in values:
        looked_for = compact(fold(value)).plain
        if len(looked_for) < SHORTEST:
            continue
        for match in re.finditer(f"(?={re.escape(looked_for)})", letters.plain):
            first, last = match.start(), match.start() + len(looked_for) - 1
            start = folded.places.index(letters.places[first])
            end = where[letters.places[last]] + 1
            if _is_whole(folded.plain, start, end):
                yield start, end


def _is_whole(plain: str, start: int, end: int) -> bool:
    """Whether no letter or digit goes on before or after."""
    before = plain[start - 1] if start else " "
    after = plain[end] if end < len(plain) else " "
    return not before.isalnum() and not after.isalnum()


# --- Phones, mails, addresses -------------------------------------------------------------------------
_EMAIL = re.compile(
    r"[\w.+'-]+\s?(?:@|[\[(]\s?at\s?[\])])\s?[\w-]+(?:\s?(?:\.(?!\s)|[\[(]\s?dot\s?[\])])\s?[\w-]+)+"
    r"|[\w.+'-]+\sat\s[\w-]+(?:\sdot\s[\w-]+)+"
)
_POSTCODE = re.compile(r"\b(?:[a-z]{1,2}[0-9][a-z0-9]?|gir)[\s-]{0,3}[0-9][abd-hjlnp-uw-z]{2}\b")
_STREETS = (
    "street|st|road|rd|avenue|ave|lane|ln|close|drive|dr|court|ct|crescent|cres|place|pl|terrace|terr|gardens|gdns|"
    "way|walk|square|sq|hill|grove|mews|row|parade|rise|view|park|green|yard|wharf|quay|gate|fold|croft|villas|"
    "cottages|buildings|heights|meadow|meadows|brow|bank|wynd|heol|ffordd|stryd|lon|maes|clos|rhodfa"
)
_NO_STREET = (
    "the|a|an|of|in|on|at|and|or|to|for|from|with|we|i|it|is|was|were|my|our|years?|months?|weeks?|days?"
)
_NUMBER = r"[0-9]{1,4}[a-z]?(?:\s?[-/]\s?[0-9]{1,4}[a-z]?)?"
_STREET = re.compile(
    rf"\b(?:(?:flat|apartment|apt|unit|suite|room)\s[0-9a-z]{{1,5}},?\s)?"
    rf"(?:{_NUMBER},?\s(?:(?!(?:{_NO_STREET})\b)[\w'.-]+\s){{1,3}}(?:{_STREETS})\b"
    rf"|{_NUMBER},?\s(?:heol|ffordd|stryd|lon|maes|clos|rhodfa)\s[\w'-]+)"
    r"|\b(?:flat|apartment|apt)\s[0-9]{1,4}[a-z]?\b|\bp\.?\s?o\.?\sbox\s[0-9]+"
)
_CALL = re.compile(r"\b(?:phone|telephone|tel|mobile|mob|call|ring|text|whatsapp|signal|ffon|ffonio)\b")
_DIGITS = re.compile(r"\+?\(?[0-9](?:[^\w@]{0,4}[0-9]){6,}")


def _matches(pattern: re.Pattern[str], folded: Folded) -> Iterator[tuple[int, int]]:
    return (match.span() for match in pattern.finditer(folded.plain))


def _emails(folded: Folded) -> Iterator[tuple[int, int]]:
    """Addresses; not a name on a network of the kind @name@server, which is a public account."""
    for start, end in _matches(_EMAIL, folded):
        if not (start and folded.plain[start - 1] == "@"):
            yield start, end


def _phones(folded: Folded, own: Iterable[str]) -> Iterator[tuple[int, int]]:
    """What the library takes for a phone number that could be dialled from here, and one's own in any writing.

    What is as short as two years ("2010-2015") counts only beside a word such as "call".
    """
    flat = folded.plain.replace("\n", " ")
    words = [match.span() for match in _CALL.finditer(flat)]
    leniency = phonenumbers.Leniency.POSSIBLE
    for match in phonenumbers.PhoneNumberMatcher(flat, "GB", leniency=leniency, max_tries=1000):
        if len(_digits_of(match.raw_string)) >= _PHONE_TAIL or _is_near(words, match.start, match.end):
            yield match.start, match.end
    tails = {digits[-_PHONE_TAIL:] for digits in map(_digits_of, own) if len(digits) >= _PHONE_TAIL}
    for run in _DIGITS.finditer(flat):
        digits = _digits_of(run.group())
        if any(tail in digits for tail in tails) or _is_dialled(digits):
            yield run.span()


def _is_dialled(digits: str) -> bool:
    """Whether so many digits in a row look like a number of this country, whatever stands between them."""
    national = re.sub("^(?:0044|44)0?", "0", digits)
    return re.fullmatch("0[1-9][0-9]{8,9}", national) is not None


def _digits_of(text: str) -> str:
    return "".join(char for char in text if char.isdigit())


# --- Dates of birth -----------------------------------------------------------------------------------
_MONTHS = (
    ("january", "jan", "ionawr", "ion"),
    ("february", "feb", "chwefror", "chwe"),
    ("march", "mar", "mawrth", "maw"),
    ("april", "apr", "ebrill", "ebr"),
    ("may", "mai"),
    ("june", "jun", "mehefin", "meh"),
    ("july", "jul", "gorffennaf", "gorff"),
    ("august", "aug", "awst"),
    ("september", "sept", "sep", "medi"),
    ("october", "oct", "hydref", "hyd"),
    ("november", "nov", "tachwedd", "tach"),
    ("december", "dec", "rhagfyr", "rhag"),
)
_MONTH_OF = {name: number for number, names in enumerate(_MONTHS, 1) for name in names}
_MONTH = "|".join(sorted(_MONTH_OF, key=len, reverse=True))
_SEP = r"[\s./,'-]{0,3}"
_DOT = r"\s?[-./ ]\s?"
_DATES = (
    re.compile(rf"\b(?P<d>[0-9]{{1,2}})\s?(?:st|nd|rd|th|af|ail|ydd|fed)?(?:\s(?:of|o))?{_SEP}"
               rf"(?P<name>{_MONTH})\b\.?{_SEP}(?P<y>[0-9]{{4}}|[0-9]{{2}})\b"),
    re.compile(rf"\b(?P<name>{_MONTH})\b\.?{_SEP}(?P<d>[0-9]{{1,2}})\s?(?:st|nd|rd|th)?{_SEP}"
               r"(?P<y>[0-9]{4}|[0-9]{2})\b"),
    re.compile(rf"\b(?P<y>[0-9]{{4}}){_SEP}(?P<name>{_MONTH})\b\.?{_SEP}(?P<d>[0-9]{{1,2}})\b"),
    re.compile(rf"(?<![0-9])(?P<y>[0-9]{{4}}){_DOT}(?P<m>[0-9]{{1,2}}){_DOT}(?P<d>[0-9]{{1,2}})(?![0-9])"),
    re.compile(rf"(?<![0-9])(?P<d>[0-9]{{1,2}}){_DOT}(?P<m>[0-9]{{1,2}}){_DOT}(?P<y>[0-9]{{4}}|[0-9]{{2}})(?![0-9])"),
    re.compile(r"(?<![0-9])(?P<d>[0-9]{2})(?P<m>[0-9]{2})(?P<y>[0-9]{4})(?![0-9])"),
    re.compile(r"(?<![0-9])(?P<y>[0-9]{4})(?P<m>[0-9]{2})(?P<d>[0-9]{2})(?![0-9])"),
)  # fmt: skip
_BORN = re.compile(r"\b(?:born|birth|birthday|birthdate|d\.?\s?o\.?\s?b|geni|ganwyd|ganed)\b")
_YEAR = re.compile(r"\b(?:19|20)[0-9]{2}\b")


def _births(folded: Folded, born: Iterable[date]) -> Iterator[tuple[int, int]]:
    """One's own date of birth in any usual spelling; any date, and any year, that stands beside "born"."""
    flat = folded.plain.replace("\n", " ")
    words = [match.span() for match in _BORN.finditer(flat)]
    for pattern in _DATES:
        for match in pattern.finditer(flat):
            if _is_near(words, *match.span()) or any(_may_say(match, day) for day in born):
                yield match.span()
    yield from (match.span() for match in _YEAR.finditer(flat) if _is_near(words, *match.span()))


def _is_near(words: list[tuple[int, int]], start: int, end: int) -> bool:
    return any(first - _AROUND <= end and start <= last + _AROUND for first, last in words)


def _may_say(match: re.Match[str], born: date) -> bool:
    """Whether a date reads as `born`, also with day and month the other way round or the century left out."""
    given = match.groupdict()
    day, year = int(given["d"]), int(given["y"])
    month = _MONTH_OF[given["name"]] if given.get("name") else int(given["m"])
    years = {born.year, born.year % 100} if len(given["y"]) == 2 else {born.year}
    pairs = {(day, month)} if given.get("name") else {(day, month), (month, day)}
    return year in years and (born.day, born.month) in pairs
