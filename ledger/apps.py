"""The ground floor as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LedgerConfig(AppConfig):
    """What was done, and what is to be told."""

    name = "ledger"
    verbose_name = _("Record")
