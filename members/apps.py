"""The people's floor as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MembersConfig(AppConfig):
    """Accounts and memberships."""

    name = "members"
    verbose_name = _("People")
