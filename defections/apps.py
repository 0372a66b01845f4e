"""The defections' floor as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DefectionsConfig(AppConfig):
    """Officials who come over from elsewhere."""

    name = "defections"
    verbose_name = _("Defections")
