"""Django admin as Harmony runs it: site staff, and secretaries for what belongs to their assemblies."""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from assemblies.clearances import cleared
from assemblies.models import Duty
from assemblies.scoped_admin import serves_anywhere
from harmony import waiting
from harmony.http import once
from ledger.narrow_admin import NarrowAdmin
from members.models import Person
from members.second_step import guarded

# Their tables stay out of the admin: addresses and second steps are their owners' own to change, and Django's
# bundles of permissions have a table of ours.
LEFT_OUT = ("allauth.", "django.contrib.auth.")


class HarmonyAdminSite(admin.AdminSite):
    """Open to site staff, to whoever serves as secretary or deputy now, and to people cleared for operations."""

    site_header = _("Harmony: records")
    site_title = _("Harmony")
    index_title = _("Records")
    index_template = "admin/waiting_index.html"

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """What waits for the person, and below it the tables."""
        found = waiting.for_person(request.user, timezone.now()) if isinstance(request.user, Person) else []
        return super().index(request, {"waiting": found, **(extra_context or {})})

    def register(
        self, model_or_iterable: Any, admin_class: type[admin.ModelAdmin] | None = None, **options: Any
    ) -> None:
        """Takes in tables built on NarrowAdmin; leaves out what the packages of LEFT_OUT bring along.

        Raises TypeError for any other: it would answer about columns that it does not show.
        """
        if admin_class is not None and issubclass(admin_class, NarrowAdmin):
            super().register(model_or_iterable, admin_class, **options)
        elif admin_class is None or not admin_class.__module__.startswith(LEFT_OUT):
            raise TypeError(f"{admin_class} is not built on ledger.narrow_admin.NarrowAdmin.")

    def has_permission(self, request: HttpRequest) -> bool:
        """Whoever has something to do here, once a second step guards their account (ADMIN_NEEDS_MFA).

        Each model's admin then shows only what is theirs.
        """
        return self.has_business_here(request) and once(request, "guarded", lambda: guarded(request.user))

    def has_business_here(self, request: HttpRequest) -> bool:
        """Staff, a serving secretary, or who makes the defection form; with a second step or yet without."""
        person = request.user
        if not person.is_authenticated or not person.is_active:
            return False
        if person.is_staff or serves_anywhere(request):
            return True
        duty = Duty.Name.OPERATIONS
        return once(request, ("cleared", duty), lambda: cleared(person, duty, timezone.now()))

    @method_decorator(never_cache)
    @login_not_required
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # noqa: ARG002
        """There is one way to log in, with its rate limits and its second step: the site's own."""
        if self.has_permission(request):
            return HttpResponseRedirect(reverse("admin:index", current_app=self.name))
        if self.has_business_here(request):
            messages.warning(
                request,
                _(
                    "Records are open only to accounts that a second step guards. Set up an authenticator app or a "
                    "passkey here, then open the records again."
                ),
            )
            return HttpResponseRedirect(reverse("mfa_index"))
        if request.user.is_authenticated:
            raise PermissionDenied
        page = request.GET.get("next") or reverse("admin:index", current_app=self.name)
        return HttpResponseRedirect(f"{settings.LOGIN_URL}?{urlencode({'next': page})}")
