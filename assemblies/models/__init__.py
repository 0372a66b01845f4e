"""Assembly and how assemblies nest; Participation and JoinRequest; Office and Term."""

from assemblies.models.assembly import (
    GEOGRAPHY,
    Assembly,
    AssemblyQuerySet,
    Kind,
    Nesting,
)
from assemblies.models.office import Office, Term, TermQuerySet
from assemblies.models.participation import (
    JoinRequest,
    JoinRequestQuerySet,
    Participation,
    ParticipationQuerySet,
)

__all__ = (
    "GEOGRAPHY",
    "Assembly",
    "AssemblyQuerySet",
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
