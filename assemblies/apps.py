"""The assemblies' floor as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from members import births


class AssembliesConfig(AppConfig):
    """Assemblies, participation, offices."""

    name = "assemblies"
    verbose_name = _("Assemblies")

    def ready(self) -> None:
        """Follows dates of birth: ages depend on them (A4)."""
        births.follow("assemblies.eligibility.apply_birth")
