"""What assemblies do for the whole party, in Django admin."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assemblies.admin.domain import DomainAdmin
from assemblies.models import Duty
from assemblies.scoped_admin import acting


@admin.register(Duty)
class DutyAdmin(DomainAdmin):
    """What assemblies do for the whole party: staff give a duty and end it, and it is never rewritten."""

    secretaries_may = ("view",)
    list_display = ("name", "assembly", "began_at", "ended_at")
    list_select_related = ("assembly",)
    list_filter = ("name",)
    search_fields = ("assembly__name",)
    fields = ("name", "assembly")
    actions = ("end_now",)

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Begun or ended, not changed."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Kept for good."""
        return False

    def has_end_permission(self, request: HttpRequest) -> bool:
        """Staff who may change duties."""
        return self.allows_everywhere(request, "change")

    def save_model(self, request: HttpRequest, obj: Duty, _form: forms.ModelForm, _change: bool) -> None:
        """Begins it the domain's way."""
        obj.begin(at=timezone.now(), by=acting(request))

    @admin.action(description=_("End these duties now"), permissions=["end"])
    def end_now(self, request: HttpRequest, duties: QuerySet) -> None:
        """Ends each duty at this moment."""
        now = timezone.now()
        self.each(request, duties, lambda duty: duty.end(at=now, by=acting(request)), _("Ended %(n)s."))
