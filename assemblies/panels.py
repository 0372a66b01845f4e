"""What floors above add to an assembly's page: they register here when they start, so nothing imports upwards."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser

from assemblies.models import Assembly
from members.models import Person

Viewer = Person | AnonymousUser
# What a panel shows to somebody at a moment, or None where there is nothing to show.
Gather = Callable[[Assembly, Viewer, datetime], dict[str, Any] | None]


@dataclass(frozen=True)
class Panel:
    """A part of the page: `template` is given what `gather` returns as `panel`. Lower `place`s come first."""

    place: int
    template: str
    gather: Gather


_panels: dict[str, Panel] = {}


def register(template: str, gather: Gather, *, place: int) -> None:
    """Adds a panel to every assembly's page; call it in an AppConfig's `ready`. Repeating it changes nothing."""
    _panels[template] = Panel(place, template, gather)


def shown(assembly: Assembly, viewer: Viewer, at: datetime) -> list[tuple[str, dict[str, Any]]]:
    """The (template, contents) of each panel that has something to show on this page."""
    ordered = sorted(_panels.values(), key=lambda panel: (panel.place, panel.template))
    gathered = ((panel.template, panel.gather(assembly, viewer, at)) for panel in ordered)
    return [(template, contents) for template, contents in gathered if contents is not None]
