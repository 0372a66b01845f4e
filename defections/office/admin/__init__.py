"""The office in Django admin: form releases; applications with how long they are kept, and holds; letters to post."""

from defections.office.admin.applications import ApplicationAdmin
from defections.office.admin.postal_letters import PostalLetterAdmin
from defections.office.admin.releases import FormReleaseAdmin

__all__ = ["ApplicationAdmin", "FormReleaseAdmin", "PostalLetterAdmin"]
