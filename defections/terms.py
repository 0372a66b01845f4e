"""What the society of an area asks of an applicant: significant local links, or residence for a time (D11)."""

from dataclasses import dataclass

from assemblies.models import Assembly
from defections.models import SocietyTerms


@dataclass(frozen=True)
class Asked:
    """What is asked, and by whom: the society of the constituency, or else of its city or region."""

    by: Assembly | None = None
    links: str = ""
    residence_months: int | None = None


def asked_in(constituency: Assembly) -> Asked:
    """What an applicant for this constituency is asked for; of nobody's asking where no society has set it."""
    area = constituency.area()
    found = {terms.assembly_id: terms for terms in SocietyTerms.objects.filter(assembly__in=area)}
    for assembly in area:
        terms = found.get(assembly.pk)
        if terms is not None and (terms.links or terms.residence_months):
            return Asked(assembly, terms.links, terms.residence_months)
    return Asked()
