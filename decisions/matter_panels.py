"""What floors above add to a matter's page: they register here when they start, so nothing imports upwards."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from decisions.matter import Matter


@dataclass(frozen=True)
class Panel:
    """A part of the page, shown by `template`. Lower `place`s come first.

    `gather` names a function: given the matter as its reader sees it, it returns what the template is given as
    `panel`, or None where there is nothing for this reader.
    """

    place: int
    template: str
    gather: str


_panels: dict[str, Panel] = {}


def register(template: str, gather: str, *, place: int) -> None:
    """Adds a panel to the pages of matters; call it in an AppConfig's `ready`. Repeating it changes nothing."""
    _panels[template] = Panel(place, template, gather)


def shown(matter: "Matter") -> list[tuple[str, dict[str, Any]]]:
    """The (template, contents) of each panel that has something to show on this page."""
    ordered = sorted(_panels.values(), key=lambda panel: (panel.place, panel.template))
    gathered = ((panel.template, import_string(panel.gather)(matter)) for panel in ordered)
    return [(template, contents) for template, contents in gathered if contents is not None]
