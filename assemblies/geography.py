"""How areas lie within each other (A6), and the tree of them that the directory shows."""

from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from assemblies.errors import WrongPlaceError
from assemblies.models import GEOGRAPHY, Assembly, Kind

_WITHIN = {Kind.CONSTITUENCY: (Kind.CITY, Kind.REGION), Kind.CITY: (Kind.REGION,)}


def reasons_against_place(kind: str, within: Assembly | None) -> list[str]:
    """Why an assembly of `kind` does not lie within `within`, as sentences; empty when it may (A6).

    A constituency lies in a city or a region, a city in a region, and nothing else lies anywhere. As each
    lies in something larger, there are no circles.
    """
    if within is None or within.kind in _WITHIN.get(Kind(kind), ()):
        return []
    if Kind(kind) not in _WITHIN:
        return [_("Only a constituency or a city lies within another assembly.")]
    return [
        _(
            "A %(kind)s does not lie within a %(larger)s: "
            "a constituency lies in a city or a region, a city in a region."
        )
        % {"kind": Kind(kind).label.lower(), "larger": within.get_kind_display().lower()}
    ]


def refuse_wrong_place(assembly: Assembly) -> None:
    """Raises WrongPlaceError when `assembly` does not lie sensibly; by its unsaved values."""
    if reasons := reasons_against_place(assembly.kind, assembly.within):
        raise WrongPlaceError(" ".join(reasons))


@dataclass
class Area:
    """An assembly of the tree, with those that lie directly in it, by name."""

    assembly: Assembly
    parts: list["Area"] = field(default_factory=list)

    @property
    def cities(self) -> list["Area"]:
        """The cities directly in it."""
        return [part for part in self.parts if part.assembly.kind == Kind.CITY]

    @property
    def constituencies(self) -> list["Area"]:
        """The constituencies directly in it."""
        return [part for part in self.parts if part.assembly.is_constituency]

    @property
    def all_constituencies(self) -> list[Assembly]:
        """Every constituency in it, by way of its cities too, by name."""
        inner = [one for city in self.cities for one in city.all_constituencies]
        return sorted(inner + [one.assembly for one in self.constituencies], key=lambda one: one.short_name)

    @property
    def size(self) -> int:
        """How many constituencies lie in it, by way of its cities too."""
        return len(self.constituencies) + sum(city.size for city in self.cities)


def tree(at: datetime) -> list[Area]:
    """All areas open at `at` as a tree: those that lie in nothing first, each level by name. One query."""
    found = Assembly.objects.open_at(at).filter(kind__in=GEOGRAPHY).order_by("place", "name")
    areas = {assembly.pk: Area(assembly) for assembly in found}
    roots: list[Area] = []
    for area in areas.values():
        above = areas.get(area.assembly.within_id) if area.assembly.within_id else None
        (above.parts if above else roots).append(area)
    return roots
