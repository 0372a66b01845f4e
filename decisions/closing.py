"""What stands against closing an assembly: matters that the clock moves, and that could then never end."""

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from assemblies.models import Assembly
from decisions.models import Decision, Race


def issues(assembly: Assembly, _at: datetime) -> list[str]:
    """Sentences that say what has to end first: a race, a call, a deliberation or a vote of the assembly's."""
    found = []
    if Race.objects.running().filter(office__assembly=assembly).exists():
        found.append(_("A race for one of its offices is under way: let it end first."))
    moving = Q(calls__isnull=False, calls__ended_at=None) | Q(deliberation_began_at__isnull=False)
    own = Decision.objects.unsettled().filter(assembly=assembly).exclude(kind=Decision.Kind.RACE)
    if own.filter(moving).exists():
        found.append(_("A call, a deliberation or a vote of its is under way: let it end first."))
    return found
