"""Finding markers in anything: letter case, spacing and punctuation aside, dates in any order, and in disguise."""

import base64
import re
from collections.abc import Collection, Iterable, Iterator
from functools import cache

from tests.defections.canary.markers import BEGINNING, EVERY, MARKERS, Marker, word

_PUNCTUATION = re.compile(r"[\s\-()+.,/]+")
_BETWEEN = r"[\s\-()+.,/]*"
_YEARS = sorted(
    {
        year
        for marker in MARKERS.values()
        if word(marker.name) not in marker.value
        for year in re.findall(r"\b(?:19|20)\d\d\b", marker.value)
    }
)
# Phone numbers and postcodes, with any punctuation between their characters.
_NUMBERS = re.compile(
    "|".join(_BETWEEN.join(map(re.escape, way)) for marker in MARKERS.values() for way in marker.packed)
)


def found_in(text: str, among: Collection[str] = EVERY) -> set[str]:
    """The names of the markers in a text."""
    plain = text.casefold()
    if not _is_suspicious(plain):  # as nearly always
        return set()
    packed = _PUNCTUATION.sub("", plain)
    return {name for name in among if _is_in(MARKERS[name], plain, packed)}


def _is_suspicious(plain: str) -> bool:
    """Whether any marker may stand in it: all words begin alike, all dates hold their year."""
    return (
        BEGINNING.lower() in plain
        or any(year in plain for year in _YEARS)
        or _NUMBERS.search(plain) is not None
    )


def _is_in(marker: Marker, plain: str, packed: str) -> bool:
    return any(way in plain for way in marker.plain) or any(way in packed for way in marker.packed)


def found_in_bytes(content: bytes, among: Collection[str] = EVERY) -> set[str]:
    """The names of the markers in bytes: as text in UTF-8 or UTF-16, and as hexadecimal or base64 of either."""
    found = found_in(content.decode("utf-8", "replace"), among)
    lower = content.lower()
    for name in set(among) - found:
        if any(
            way in (content if is_case_kept else lower) for way, is_case_kept in _disguises(MARKERS[name])
        ):
            found.add(name)
    return found


@cache
def _disguises(marker: Marker) -> tuple[tuple[bytes, bool], ...]:
    """Ways in which the value stands in a dump, each with whether letter case counts."""
    return tuple(dict.fromkeys(_made_disguises(marker)))


def _made_disguises(marker: Marker) -> Iterator[tuple[bytes, bool]]:
    for text in {marker.value, marker.value.lower(), *_bare(marker)}:
        for encoded in (text.encode(), text.encode("utf-16-le")):
            yield encoded.hex().encode(), False
            yield from ((way, True) for way in _base64_of(encoded))
        yield text.lower().encode("utf-16-le"), False


def _bare(marker: Marker) -> Iterable[str]:
    """The word alone, without what stands around it."""
    made = word(marker.name)
    return (made, made.lower()) if made in marker.value else marker.packed


def _base64_of(content: bytes) -> Iterator[bytes]:
    """What is sure to stand in the base64 of anything that has `content` in it, wherever it begins."""
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + content).rstrip(b"=")
        start, end = -(-before * 8 // 6), (before + len(content)) * 8 // 6
        yield encoded[start:end]
