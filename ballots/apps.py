"""The ballots' floor as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BallotsConfig(AppConfig):
    """A STAR ballot from roll to result."""

    name = "ballots"
    verbose_name = _("Ballots")
