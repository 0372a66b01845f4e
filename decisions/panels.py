"""What an assembly's page shows of its decisions."""

from datetime import datetime
from typing import Any

from assemblies.models import Assembly
from assemblies.panels import Viewer
from decisions import matter
from decisions.models import Decision
from decisions.register import Listed, of_assembly
from members.models import Person

SHOWN = 5


def gather(assembly: Assembly, viewer: Viewer, at: datetime) -> dict[str, Any]:
    """What is being decided now and what was decided last; and whether the viewer can propose something."""
    theirs = Decision.objects.filter(of_assembly(assembly))
    now = matter.listed(theirs.unsettled().order_by("-proposed_at"))[:SHOWN]
    past = matter.listed(theirs.filter(settled_at__isnull=False).order_by("-settled_at"))[:SHOWN]
    takes_part = isinstance(viewer, Person) and assembly.has_participant_at(viewer, at)
    return {
        "open": [Listed(decision, at) for decision in now],
        "past": [Listed(decision, at) for decision in past],
        "can_propose": takes_part and assembly.is_open_at(at),
    }
