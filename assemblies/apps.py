"""The assemblies' floor as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AssembliesConfig(AppConfig):
    """Assemblies, participation, offices."""

    name = "assemblies"
    verbose_name = _("Assemblies")
