"""The map of the constituencies as hexagons: plain geometry from the places in the data (odd-r layout)."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from assemblies.geography import Area
from assemblies.models import Assembly

# A hexagon that stands on a corner, 14 wide and 16 high, in whole numbers; rows are 12 apart.
_HALF, _HIGH, _SHOULDER, _ROW = 7, 8, 4, 12
HEXAGON = "0,-8 7,-4 7,4 0,8 -7,4 -7,-4"
# The neighbour in each direction, with the edge towards it: where it begins and how it runs.
_EDGES = (
    ((14, 0), (7, -4), (0, 8)),
    ((7, 12), (7, 4), (-7, 4)),
    ((-7, 12), (0, 8), (-7, -4)),
)


@dataclass(frozen=True)
class Hexagon:
    """One constituency on the map: its middle, and the number of its region, from 1."""

    assembly: Assembly
    x: int
    y: int
    region: int


@dataclass(frozen=True)
class HexMap:
    """The whole picture; `borders` is a path between hexagons of different regions."""

    hexagons: list[Hexagon]
    regions: list[tuple[int, Assembly]]
    borders: str
    view_box: str
    shape: str = HEXAGON

    def __bool__(self) -> bool:
        return bool(self.hexagons)


def draw(regions: Iterable[Area]) -> HexMap:
    """The map of the constituencies in `regions` that have a place on it; empty where none has."""
    numbered = list(enumerate(regions, 1))
    hexagons = [
        _hexagon(assembly, number)
        for number, region in numbered
        for assembly in region.all_constituencies
        if assembly.hex_q is not None and assembly.hex_r is not None
    ]
    named = [(number, region.assembly) for number, region in numbered if region.size]
    return HexMap(hexagons, named, _borders(hexagons), _view_box(hexagons))


def _hexagon(assembly: Assembly, region: int) -> Hexagon:
    """Its middle: rows count upwards in the data and downwards on the page; odd rows stand half a step right."""
    q, r = assembly.hex_q or 0, assembly.hex_r or 0
    return Hexagon(assembly, 2 * _HALF * q + (_HALF if r % 2 else 0), -_ROW * r, region)


def _borders(hexagons: list[Hexagon]) -> str:
    """The edges between neighbours of different regions, as one SVG path."""
    regions = {(hexagon.x, hexagon.y): hexagon.region for hexagon in hexagons}
    parts = [
        f"M{x + start_x} {y + start_y}l{run_x} {run_y}"
        for (x, y), region in regions.items()
        for (to_x, to_y), (start_x, start_y), (run_x, run_y) in _EDGES
        if regions.get((x + to_x, y + to_y), region) != region
    ]
    return "".join(parts)


def _view_box(hexagons: list[Hexagon]) -> str:
    if not hexagons:
        return "0 0 0 0"
    xs = [hexagon.x for hexagon in hexagons]
    ys = [hexagon.y for hexagon in hexagons]
    left, top = min(xs) - _HALF - 1, min(ys) - _HIGH - 1
    return f"{left} {top} {max(xs) + _HALF + 1 - left} {max(ys) + _HIGH + 1 - top}"


def around(hexmap: HexMap, home: UUID | None) -> Hexagon | None:
    """The hexagon of the assembly with the id `home`, to be drawn once more on top; None where it is not there."""
    return next((hexagon for hexagon in hexmap.hexagons if hexagon.assembly.pk == home), None)
