"""What an assembly's page says about ballots: those that its members vote in."""

from datetime import datetime
from typing import Any

from django.db.models import Q

from assemblies.models import Assembly
from assemblies.panels import Viewer
from ballots.models import Ballot
from ballots.outcome import winners_sentence

MOST_OPEN = 10  # of the open ones and of those to come
MOST_PAST = 5


def gather(assembly: Assembly, viewer: Viewer, at: datetime) -> dict[str, Any] | None:
    """The assembly's ballots that the viewer may see at `at`: open, still to open, and the latest counted."""
    joint = Ballot.together_with.through._default_manager.filter(assembly=assembly)
    its_own = Q(assembly=assembly) | Q(pk__in=joint.values("ballot"))
    found = Ballot.objects.visible_to(viewer, at).filter(its_own)
    past = (
        found.filter(counted_at__isnull=False).order_by("-counted_at").prefetch_related("options")[:MOST_PAST]
    )
    return {
        "open": list(found.open_at(at).order_by("closes_at")[:MOST_OPEN]),
        "to_come": list(found.filter(opened_at=None, withdrawn_at=None).order_by("opens_at")[:MOST_OPEN]),
        "past": [(ballot, winners_sentence(ballot)) for ballot in past],
    }
