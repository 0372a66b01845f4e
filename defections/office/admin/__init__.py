"""The office in Django admin: form releases; applications with how long they are kept, and their legal holds."""

from defections.office.admin.applications import ApplicationAdmin
from defections.office.admin.releases import FormReleaseAdmin

__all__ = ["ApplicationAdmin", "FormReleaseAdmin"]
