"""How figures are printed: a table for each thing measured, and at the end what was reached of the targets."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Target:
    """A figure that issue 2 sets a bound to."""

    what: str
    reached: float
    bound: float
    unit: str
    at_least: bool = False

    @property
    def is_met(self) -> bool:
        """Whether what was reached is on the right side of the bound."""
        return self.reached >= self.bound if self.at_least else self.reached <= self.bound


@dataclass
class Table:
    """Rows under a heading; `notes` tell what to know in order to read them."""

    title: str
    head: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, *cells: object) -> None:
        """One row; numbers come formatted by `number`."""
        self.rows.append([str(cell) for cell in cells])

    def lines(self) -> list[str]:
        """The table as text: the first column to the left, the others to the right."""
        widths = [max(len(row[place]) for row in [self.head, *self.rows]) for place in range(len(self.head))]
        text = ["", self.title, "-" * len(self.title)]
        for row in [self.head, *self.rows]:
            first, *others = (
                cell.ljust(width) if place == 0 else cell.rjust(width)
                for place, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
            text.append("  ".join([first, *others]).rstrip())
        return [*text, *(f"  {note}" for note in self.notes)]


@dataclass
class Section:
    """What one part of the benchmark found."""

    tables: list[Table] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> "Section":
        """A section that came from another process as plain data (`asdict`)."""
        return cls(
            [Table(**table) for table in data["tables"]], [Target(**target) for target in data["targets"]]
        )


def number(value: float, digits: int = 3) -> str:
    """`value` to so many significant digits, thousands apart."""
    if math.isnan(value):  # there was nothing to measure
        return "-"
    if value == 0 or abs(value) >= 10 ** (digits - 1):
        return f"{value:,.0f}".replace(",", " ")
    text = f"{value:.{digits}g}"
    return text if "e" not in text else f"{value:.6f}"


def seconds(value: float) -> str:
    """A time as people read it: 1.23 s, 45.6 ms, 7.8 µs."""
    for unit, factor in (("s", 1.0), ("ms", 1e3), ("µs", 1e6)):
        if value * factor >= 1:
            return f"{number(value * factor)} {unit}"
    return f"{number(value * 1e6)} µs"


def times(value: float) -> str:
    """A ratio: 2.5 x."""
    return f"{number(value)} x"


def targets_table(targets: Sequence[Target]) -> Table:
    """What was reached, beside what was asked for."""
    table = Table("Against the targets", ("", "reached", "target", ""))
    for target in targets:
        sign = "at least" if target.at_least else "at most"
        verdict = "met" if target.is_met else "MISSED"
        table.add(
            target.what,
            f"{number(target.reached)} {target.unit}",
            f"{sign} {target.bound:g} {target.unit}",
            verdict,
        )
    return table
