"""The decisions' floor as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from assemblies import closing, panels


class DecisionsConfig(AppConfig):
    """How an assembly decides."""

    name = "decisions"
    verbose_name = _("Decisions")

    def ready(self) -> None:
        """Adds the decisions to every assembly's page, before its ballots, and has a word in its closing."""
        panels.register("decisions/_assembly_panel.html", "decisions.panels.gather", place=5)
        panels.register("decisions/races/_panel.html", "decisions.race_panels.gather", place=4)
        panels.register("decisions/_gathering_panel.html", "decisions.gathering_panels.gather", place=6)
        closing.ask("decisions.closing.issues")
