"""The ballots' floor as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from assemblies import panels


class BallotsConfig(AppConfig):
    """A STAR ballot from roll to result."""

    name = "ballots"
    verbose_name = _("Ballots")

    def ready(self) -> None:
        """Adds the ballots to every assembly's page."""
        panels.register("ballots/_assembly_panel.html", "ballots.panels.gather", place=10)
