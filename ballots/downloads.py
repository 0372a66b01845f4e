"""The files that anybody can take away after the count, made piece by piece so that a large one costs no memory."""

import csv
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

from ballots.bundle import canonical
from ballots.models import Ballot

Row = TypeVar("Row")
_ROWS = 2000
# A cell that begins so is taken for a formula by spreadsheet programs (OWASP, CSV injection).
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def file_name(ballot: Ballot, ending: str) -> str:
    """What a download is called: short, and the same for all files of one ballot."""
    return f"ballot-{str(ballot.pk)[:8]}{ending}"


def bundle_pieces(ballot: Ballot) -> Iterator[bytes]:
    """The bundle of a counted ballot as canonical JSON: byte for byte that of `bundle.full`."""
    data = ballot.outcome
    members = {**data, "digest": ballot.result_digest, "roll": None, "votes": None}
    for place, name in enumerate(sorted(members)):
        yield (b"{" if place == 0 else b",") + canonical(name) + b":"
        if name == "roll":
            yield from _roll_pieces(ballot)
        elif name == "votes" and data["votes_digest"] is not None:
            rows = ballot.votes.order_by("tracker").values("tracker", "scores")
            yield from _list_pieces(rows.iterator(chunk_size=_ROWS))
        else:
            yield canonical(members[name])
    yield b"}"


def _roll_pieces(ballot: Ballot) -> Iterator[bytes]:
    yield b'{"digest":' + canonical(ballot.roll_digest) + b',"entries":'
    entries = ballot.roll.order_by("pk").values_list("pk", flat=True)
    yield from _list_pieces(str(pk) for pk in entries.iterator(chunk_size=_ROWS))
    yield b',"size":' + canonical(ballot.roll_size) + b"}"


def _list_pieces(values: Iterable[Any]) -> Iterator[bytes]:
    yield b"["
    first = True
    for several in _several(values):
        yield (b"" if first else b",") + b",".join(map(canonical, several))
        first = False
    yield b"]"


def _several(rows: Iterable[Row]) -> Iterator[list[Row]]:
    left = iter(rows)
    while taken := list(islice(left, _ROWS)):
        yield taken


class _Echo:
    """A file for csv.writer that hands back what it is given."""

    def write(self, text: str) -> str:
        """Nothing is kept."""
        return text


def table_pieces(ballot: Ballot) -> Iterator[str]:
    """The votes of a counted ballot as CSV: tracker, then the options in the order of setting up."""
    writer = csv.writer(_Echo())
    names = [option["name"] for option in ballot.terms["options"]]
    yield writer.writerow(["tracker", *map(guarded, names)])
    rows = ballot.votes.order_by("tracker").values_list("tracker", "scores")
    for several in _several(rows.iterator(chunk_size=_ROWS)):
        yield "".join(writer.writerow([tracker, *scores]) for tracker, scores in several)


def guarded(text: str) -> str:
    """`text` for a cell of a table: with an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text
