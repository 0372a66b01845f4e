"""The office in Django admin: form releases, legal holds."""

from defections.office.admin.releases import FormReleaseAdmin

__all__ = ["FormReleaseAdmin"]
