"""Finding assemblies by name, whatever the accents and the case, and with a slip of the keyboard.

A party has hundreds of assemblies, not millions: they are read once and compared here, so that no extension of
the database is needed and the order of what is found can be explained.
"""

import difflib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assemblies.models import Assembly

MOST = 50  # found and shown
_CLOSE = 0.72  # how alike two names must be (0 to 1) to be offered for a slip


def fold(text: str) -> str:
    """`text` as it is compared: no accents, no case, no punctuation, single spaces; "&" is "and"."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    words = bare.casefold().replace("&", " and ").replace("'", "").replace("’", "")
    return " ".join("".join(c if c.isalnum() else " " for c in words).split())


@dataclass(frozen=True)
class Found:
    """What a search found: the best first, at most MOST; how many more; or else what was perhaps meant."""

    assemblies: Sequence[Assembly]
    more: int
    perhaps: Sequence[Assembly]


def find(query: str, assemblies: Iterable[Assembly]) -> Found:
    """The assemblies whose name, place or other name matches every word of `query`.

    A whole name before the beginning of one, that before words that begin so, those before any other part.
    When nothing matches, up to five names that look alike.
    """
    wanted = fold(query)
    if not wanted:
        return Found((), 0, ())
    named = [(_names(assembly), assembly) for assembly in assemblies]
    ranked = [
        (min(_rank(wanted, name) for name in names), assembly.name, assembly) for names, assembly in named
    ]
    found = sorted(
        ((rank, name, assembly) for rank, name, assembly in ranked if rank < _NOT), key=lambda r: r[:2]
    )
    perhaps = _alike(wanted, named) if not found else ()
    return Found([row[2] for row in found[:MOST]], max(0, len(found) - MOST), perhaps)


_NOT = 4


def _names(assembly: Assembly) -> list[str]:
    return [fold(name) for name in (assembly.name, assembly.place, assembly.other_name) if name]


def _rank(wanted: str, name: str) -> int:
    """0 the same, 1 begins so, 2 each word begins a word, 3 each word is somewhere, 4 no match."""
    if name == wanted:
        return 0
    if name.startswith(wanted):
        return 1
    words = wanted.split()
    if all(f" {word}" in f" {name}" for word in words):
        return 2
    return 3 if all(word in name for word in words) else _NOT


def _alike(wanted: str, named: list[tuple[list[str], Assembly]]) -> list[Assembly]:
    by_name = {name: assembly for names, assembly in named for name in names}
    alike = difflib.get_close_matches(wanted, by_name, n=5, cutoff=_CLOSE)
    return list(dict.fromkeys(by_name[name] for name in alike))
