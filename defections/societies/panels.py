"""What an assembly's page says about officials who wish to come over (D11)."""

from datetime import datetime
from typing import Any

from assemblies.models import Assembly
from assemblies.panels import Viewer
from decisions.entitlement import acts_for
from decisions.matter import Matter
from defections import cases, routing
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


def of_matter(matter: Matter) -> dict[str, Any] | None:
    """On the page of a case, why it is there: to those who act for the assembly that has it or that helps."""
    person = matter.reader.person
    if person is None or not matter.decision.is_confidential or not matter.decision.is_unsettled:
        return None
    application = cases.of_decision(matter.decision)
    found = routing.current(application) if application is not None else None
    if found is None or not acts_for(matter.decision, person, matter.at):
        return None
    return {"routing": found, "helps": not routing.acts_for(found.assembly, person, matter.at)}
