"""Assembly and how assemblies nest; Participation and JoinRequest; Office and Term; Duty and Clearance."""

from assemblies.models.assembly import (
    GEOGRAPHY,
    Assembly,
    AssemblyQuerySet,
    Kind,
    Nesting,
)
from assemblies.models.clearance import Clearance, ClearanceQuerySet
from assemblies.models.duty import Duty, DutyQuerySet
from assemblies.models.office import Office, Term, TermQuerySet
from assemblies.models.participation import (
    EnrolmentCheck,
    JoinRequest,
    JoinRequestQuerySet,
    Participation,
    ParticipationQuerySet,
)

__all__ = (
    "GEOGRAPHY",
    "Assembly",
    "AssemblyQuerySet",
    "Clearance",
    "ClearanceQuerySet",
    "Duty",
    "DutyQuerySet",
    "EnrolmentCheck",
    "JoinRequest",
    "JoinRequestQuerySet",
    "Kind",
    "Nesting",
    "Office",
    "Participation",
    "ParticipationQuerySet",
    "Term",
    "TermQuerySet",
)
