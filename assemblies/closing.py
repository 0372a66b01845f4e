"""What floors above have against closing an assembly: they register here when they start."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from assemblies.models import Assembly

_asked: list[str] = []


def ask(function: str) -> None:
    """Has `function(assembly, at)` asked for sentences; call it in an AppConfig's `ready`. Repeating changes nothing.

    It is a dotted name, since no models are loaded yet when apps are set up.
    """
    if function not in _asked:
        _asked.append(function)


def issues(assembly: "Assembly", at: datetime) -> list[str]:
    """The sentences of all that were registered."""
    return [sentence for function in _asked for sentence in import_string(function)(assembly, at)]
