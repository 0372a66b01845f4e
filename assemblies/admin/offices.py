"""Offices and terms in Django admin."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assemblies import offices
from assemblies.admin.domain import DomainAdmin
from assemblies.models import Office, Term
from assemblies.scoped_admin import acting


class OfficeForm(forms.ModelForm):
    """An office: it never has fewer seats than are taken, since then nobody could be seated after a race."""

    def clean_seats(self) -> int:
        """The seats, of which no fewer than people who serve or are elected."""
        seats: int = self.cleaned_data["seats"]
        if self.instance.pk and seats < self.instance.seats_needed_at(timezone.now()):
            raise forms.ValidationError(_("More people than that hold this office or are elected to it."))
        return seats


@admin.register(Office)
class OfficeAdmin(DomainAdmin):
    """The offices of assemblies and their seats."""

    form = OfficeForm
    secretaries_may = ("view",)
    list_display = ("assembly", "role", "seats")
    list_select_related = ("assembly",)
    list_filter = ("role",)
    search_fields = ("assembly__name",)

    def get_readonly_fields(self, _request: HttpRequest, obj: Office | None = None) -> tuple[str, ...]:
        """Whose office it is, and which, stays as it was made."""
        return ("assembly", "role") if obj else ()

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """An office stays; it may be vacant."""
        return False

    def save_model(self, request: HttpRequest, obj: Office, _form: forms.ModelForm, change: bool) -> None:
        """Makes or changes it the domain's way."""
        save = offices.change if change else offices.make
        save(obj, at=timezone.now(), by=acting(request))


@admin.register(Term)
class TermAdmin(DomainAdmin):
    """Who holds which office, from when to when: begun and ended here, never rewritten."""

    assembly_path = "office__assembly"
    secretaries_may = ("view",)
    list_display = ("holder", "office", "began_at", "ends_at", "ended_at")
    list_select_related = ("person", "office__assembly")
    list_filter = ("office__role",)
    search_fields = ("office__assembly__name", "holder_name", "person__name")
    raw_id_fields = ("person",)
    fields = ("office", "person", "holder_name", "began_at", "ends_at")
    actions = ("end_now",)

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Begun or ended, not changed."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Kept for good."""
        return False

    def has_end_permission(self, request: HttpRequest) -> bool:
        """Staff who may change terms."""
        return self.allows_everywhere(request, "change")

    def save_model(self, request: HttpRequest, obj: Term, _form: forms.ModelForm, _change: bool) -> None:
        """Begins it the domain's way."""
        obj.begin(at=timezone.now(), by=acting(request))

    @admin.action(description=_("End these terms now"), permissions=["end"])
    def end_now(self, request: HttpRequest, terms: QuerySet) -> None:
        """Ends each term at this moment."""
        now = timezone.now()
        self.each(request, terms, lambda term: term.end(at=now, by=acting(request)), _("Ended %(n)s."))
