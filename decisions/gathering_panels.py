"""What an assembly's page shows of its gatherings."""

from datetime import datetime
from typing import Any

from assemblies.models import Assembly
from assemblies.panels import Viewer
from decisions import gatherings
from decisions.models import Gathering, Referral
from members.models import Person

SHOWN = 5


def gather(assembly: Assembly, viewer: Viewer, at: datetime) -> dict[str, Any]:
    """The gatherings to come that the viewer may see; whether they can call one, and what waits for their review."""
    coming = Gathering.objects.visible_to(viewer, at).of_assembly(assembly).coming_at(at)
    found: dict[str, Any] = {"coming": coming.filter(held_at=None).order_by("starts_at")[:SHOWN]}
    if isinstance(viewer, Person):
        found["can_call"] = assembly.is_open_at(at) and gatherings.may_convene(assembly, viewer, at)
        if assembly.duties.in_force_at(at).filter(name="resolutions").exists():
            found["to_review"] = Referral.objects.reviewed_by(viewer, at).waiting().count()
    return found
