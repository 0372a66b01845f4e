"""Django admin as an app of ours. Apart from `admin.py`, which needs the models and so comes later."""

from django.contrib.admin.apps import AdminConfig


class HarmonyAdminConfig(AdminConfig):
    """Makes HarmonyAdminSite the site that `admin.register` fills."""

    default_site = "harmony.admin.HarmonyAdminSite"
