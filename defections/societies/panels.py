"""What an assembly's page says about officials who wish to come over (D11)."""

from datetime import datetime
from typing import Any

from assemblies.models import Assembly
from assemblies.panels import Viewer
from defections import routing
from defections.models import SocietyTerms
from members.models import Person


def gather(assembly: Assembly, viewer: Viewer, at: datetime) -> dict[str, Any] | None:
    """What the assembly of an area asks of applicants, and for those who act for it where to change that."""
    if not assembly.is_geographical:
        return None
    terms = SocietyTerms.objects.filter(assembly=assembly).first()
    acts = isinstance(viewer, Person) and routing.acts_for(assembly, viewer, at)
    asks = terms is not None and bool(terms.links or terms.residence_months or terms.decides)
    return {"terms": terms, "acts": acts} if acts or asks else None
