"""Django admin as Harmony runs it: site staff, and secretaries for what belongs to their assemblies."""

from django.contrib import admin
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class HarmonyAdminSite(admin.AdminSite):
    """Open to site staff and to whoever serves as secretary or deputy now."""

    site_header = _("Harmony: records")
    site_title = _("Harmony")
    index_title = _("Records")

    def has_permission(self, request: HttpRequest) -> bool:
        """Staff, or a serving secretary; each model's admin then shows only what is theirs."""
        from assemblies.models import Assembly  # models are not loaded when Django imports this module

        person = request.user
        if not person.is_authenticated or not person.is_active:
            return False
        return person.is_staff or Assembly.objects.served_by(person, timezone.now()).exists()


class HarmonyAdminConfig(AdminConfig):
    """Makes HarmonyAdminSite the site that `admin.register` fills."""

    default_site = "harmony.admin.HarmonyAdminSite"
