"""What floors above add to an assembly's page: they register here when they start, so nothing imports upwards."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from assemblies.models import Assembly
    from members.models import Person

Viewer: TypeAlias = "Person | AnonymousUser"


@dataclass(frozen=True)
class Panel:
    """A part of the page, shown by `template`. Lower `place`s come first.

    `gather` names a function: given the assembly, the viewer and the moment, it returns what the template is
    given as `panel`, or None where there is nothing to show.
    """

    place: int
    template: str
    gather: str


_panels: dict[str, Panel] = {}


def register(template: str, gather: str, *, place: int) -> None:
    """Adds a panel to every assembly's page; call it in an AppConfig's `ready`. Repeating it changes nothing.

    `gather` is a dotted name, since no models are loaded yet when apps are set up.
    """
    _panels[template] = Panel(place, template, gather)


def shown(assembly: "Assembly", viewer: Viewer, at: datetime) -> list[tuple[str, dict[str, Any]]]:
    """The (template, contents) of each panel that has something to show on this page."""
    ordered = sorted(_panels.values(), key=lambda panel: (panel.place, panel.template))
    gathered = ((panel.template, import_string(panel.gather)(assembly, viewer, at)) for panel in ordered)
    return [(template, contents) for template, contents in gathered if contents is not None]
