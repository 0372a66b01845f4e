"""Form releases; applications with their sealed answers and evidence; the research; the case."""

from defections.models.application import Answer, Application, ApplicationQuerySet, Evidence, Hold, ResumeCode
from defections.models.case import HustingsInvitation, Letter, Routing, SocietyTerms
from defections.models.email_change import EmailChange
from defections.models.postal_letter import PostalLetter, PostalLetterQuerySet
from defections.models.release import NOTICES, PLEDGES, FormRelease, Passage
from defections.models.research import Check, Claim, Conflict, Contact, Correction, Query, SanitisedCopy

__all__ = [
    "NOTICES",
    "PLEDGES",
    "Answer",
    "Application",
    "ApplicationQuerySet",
    "Check",
    "Claim",
    "Conflict",
    "Contact",
    "Correction",
    "EmailChange",
    "Evidence",
    "FormRelease",
    "Hold",
    "HustingsInvitation",
    "Letter",
    "Passage",
    "PostalLetter",
    "PostalLetterQuerySet",
    "Query",
    "ResumeCode",
    "Routing",
    "SanitisedCopy",
    "SocietyTerms",
]
