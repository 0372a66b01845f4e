"""The decisions' floor as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DecisionsConfig(AppConfig):
    """How an assembly decides."""

    name = "decisions"
    verbose_name = _("Decisions")
