"""Which assembly is a member of which, in Django admin."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from assemblies import nesting
from assemblies.admin.domain import DomainAdmin
from assemblies.models import Nesting
from assemblies.scoped_admin import acting


class NestingForm(forms.ModelForm):
    """One assembly's membership of another; a circle is refused beside the field (P1)."""

    class Meta:
        model = Nesting
        fields = ("member", "parent")

    def clean(self) -> dict[str, Any] | None:
        """Names the circle that this would make."""
        given = super().clean() or {}
        member, parent = given.get("member"), given.get("parent")
        if member and parent and member != parent and (circle := nesting.circle(member, parent)):
            self.add_error("parent", circle)
        return given


@admin.register(Nesting)
class NestingAdmin(DomainAdmin):
    """Which assembly is a member of which; secretaries see those of theirs."""

    assembly_path = "member"
    secretaries_may = ("view",)
    form = NestingForm
    list_display = ("member", "parent")
    list_select_related = ("member", "parent")
    search_fields = ("member__name", "parent__name")

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Added or ended, not changed."""
        return False

    def save_model(self, request: HttpRequest, obj: Nesting, _form: forms.ModelForm, _change: bool) -> None:
        """Nests the domain's way."""
        nesting.nest(obj.member, obj.parent, at=timezone.now(), by=acting(request))
        obj.pk = Nesting.objects.get(member=obj.member, parent=obj.parent).pk

    def delete_model(self, request: HttpRequest, obj: Nesting) -> None:
        """Ends it the domain's way."""
        nesting.unnest(obj.member, obj.parent, at=timezone.now(), by=acting(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        """Ends each the domain's way."""
        for row in queryset.select_related("member", "parent"):
            self.delete_model(request, row)
