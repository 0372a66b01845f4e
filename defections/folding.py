"""Text with case, accents, digits of other scripts and spacing folded, each character knowing where it stood.

What is looked for in the folded text is thus found however somebody has written it.
"""

import unicodedata
from dataclasses import dataclass

# Characters that are seen by nobody: soft hyphen, zero-width spaces and joiners, directions, byte-order mark.
_UNSEEN = dict.fromkeys(
    [0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065), 0xFEFF]
)
# Letters that no decomposition turns into plain ones.
_PLAIN = str.maketrans({"ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ı": "i", "æ": "ae", "œ": "oe"})
_DASHES = "‐‑‒–—―−﹘﹣－"
_QUOTES = "‘’ʼ＇`´"


@dataclass(frozen=True)
class Folded:
    """`plain`, and for each of its characters the place in the original where it begins."""

    plain: str
    places: tuple[int, ...]
    length: int  # of the original

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where plain[start:end] stands in the original; `end` lies after `start`."""
        last = end - 1
        following = next((place for place in self.places[end:] if place > self.places[last]), self.length)
        return self.places[start], following


def fold(text: str) -> Folded:
    """`text` folded; a run of white space becomes one space, or one line break where it holds one."""
    plain: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        for one in _folded(char):
            if one in " \n" and plain and plain[-1] in " \n":
                plain[-1] = "\n" if "\n" in (one, plain[-1]) else " "
                continue
            plain.append(one)
            places.append(place)
    return Folded("".join(plain), tuple(places), len(text))


def compact(folded: Folded) -> Folded:
    """Its letters and digits alone."""
    kept = [(char, place) for char, place in zip(folded.plain, folded.places, strict=True) if char.isalnum()]
    return Folded("".join(char for char, _ in kept), tuple(place for _, place in kept), folded.length)


def _folded(char: str) -> str:
    if ord(char) in _UNSEEN:
        return ""
    if char.isspace():
        return "\n" if char in "\n\r\v\f\x85\u2028\u2029" else " "
    if char in _DASHES:
        return "-"
    if char in _QUOTES:
        return "'"
    digit = unicodedata.digit(char, None)
    if digit is not None:
        return str(digit)
    parts = unicodedata.normalize("NFKD", char).casefold()
    parts = unicodedata.normalize("NFKD", parts).translate(_PLAIN)
    return "".join(" " if part.isspace() else part for part in parts if not unicodedata.combining(part))
