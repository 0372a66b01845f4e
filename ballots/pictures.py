"""The geometry of a result's pictures: plain numbers in, lengths for SVG attributes out. No words, no markup.

Every picture is 100 units wide (a length is a percentage) and starts at nought, and what is compared shares one
scale: a bar twice as long stands for twice as much. Lengths are text with a point, as SVG wants them whatever
the reader's language.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

SPREAD_HEIGHT = 20
_COLUMN = 10  # of a spread: six columns in 60 units
_GAP = 1


@dataclass(frozen=True, slots=True)
class Bar:
    """One option's bar: `value` out of the highest that was possible, and the length that shows it."""

    key: str
    value: int | Fraction
    length: str


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a bar, from `start` over `length`, both in percent of the whole."""

    start: str
    length: str


@dataclass(frozen=True, slots=True)
class Runoff:
    """A runoff as one bar: votes for the winner, Equal Support, votes for the other; half of the votes is at 50."""

    first: Segment
    between: Segment
    second: Segment


@dataclass(frozen=True, slots=True)
class Column:
    """How many votes gave an option one score, as an upright bar in a spread."""

    score: int
    votes: int
    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A cell of the head-to-head table: `votes` score the row's option higher than the column's.

    `shade` is 0 (nobody) to 5 (more than four fifths of all votes). In the cell of an option against itself
    `votes` is None.
    """

    votes: int | None
    shade: int
    wins: bool


def score_bars(totals: Mapping[str, int | Fraction], highest: int | Fraction) -> list[Bar]:
    """A bar for each option, the highest total first; a full bar is `highest`, what 5 from every vote would be."""
    ordered = sorted(totals.items(), key=lambda item: item[1], reverse=True)
    return [Bar(key, value, _length(value, highest)) for key, value in ordered]


def runoff(first: int, equal: int, second: int) -> Runoff:
    """The three segments of a runoff; all without length where nobody voted."""
    whole = first + equal + second
    return Runoff(
        Segment("0", _length(first, whole)),
        Segment(_length(first, whole), _length(equal, whole)),
        Segment(_length(first + equal, whole), _length(second, whole)),
    )


def spread(distribution: Sequence[int], most: int) -> list[Column]:
    """Six columns for how many votes gave 0, 1, ... 5; a column as high as the picture is `most` votes.

    Give the same `most` to all the options of a ballot, so that their pictures can be compared.
    """
    return [_column(score, votes, most) for score, votes in enumerate(distribution)]


def _column(score: int, votes: int, most: int) -> Column:
    height = Fraction(votes * SPREAD_HEIGHT, most) if most else Fraction(0)
    return Column(
        score,
        votes,
        x=str(score * _COLUMN + _GAP),
        y=_text(SPREAD_HEIGHT - height),
        width=str(_COLUMN - 2 * _GAP),
        height=_text(height),
    )


def pairs(
    pairwise: Mapping[str, Mapping[str, int]], order: Sequence[str], turnout: int
) -> list[tuple[str, list[Pair]]]:
    """The head-to-head table, row by row, with rows and columns in `order`."""
    return [(row, [_pair(pairwise, row, column, turnout) for column in order]) for row in order]


def _pair(pairwise: Mapping[str, Mapping[str, int]], row: str, column: str, turnout: int) -> Pair:
    if row == column:
        return Pair(None, 0, False)
    votes = pairwise[row][column]
    return Pair(votes, shade(votes, turnout), votes > pairwise[column][row])


def shade(votes: int, turnout: int) -> int:
    """0 for no votes, else 1 to 5: one for each fifth of the turnout begun."""
    return -(-5 * votes // turnout) if turnout else 0


def _length(value: int | Fraction, whole: int | Fraction) -> str:
    return _text(Fraction(value) * 100 / Fraction(whole)) if whole else "0"


def _text(number: Fraction | int) -> str:
    return f"{float(number):.3f}".rstrip("0").rstrip(".")
