"""Django admin scoped to the assemblies that a person serves.

What site staff may do everywhere, by permission, a serving secretary or deputy may do in their own
assemblies.
"""

from collections.abc import Collection
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models
from django.forms import ModelChoiceField
from django.http import HttpRequest
from django.utils import timezone

from assemblies.models import Assembly, AssemblyQuerySet
from harmony.http import once
from ledger.narrow_admin import NarrowAdmin
from members.models import Person


def served(request: HttpRequest) -> AssemblyQuerySet:
    """The assemblies that the request's person serves now; none for anybody else."""
    person = request.user
    if not isinstance(person, Person):
        return Assembly.objects.none()
    return once(request, "served", lambda: Assembly.objects.served_by(person, timezone.now())).all()


def serves_anywhere(request: HttpRequest) -> bool:
    """Whether the request's person serves any assembly now."""
    return once(request, "serves anywhere", served(request).exists)


def acting(request: HttpRequest) -> Person:
    """The person behind the request; raises PermissionDenied for nobody."""
    if not isinstance(request.user, Person):
        raise PermissionDenied
    return request.user


class ScopedAdmin(NarrowAdmin):
    """An admin whose rows belong to an assembly.

    Staff who hold Django's permission see and do all, as usual. Anybody else sees the rows of the assemblies
    that they serve now, and may do with them what `secretaries_may` names.
    """

    assembly_path = "assembly"  # from a row to its assembly, as a lookup; empty where the row is the assembly
    secretaries_may: Collection[str] = ("view", "add", "change")

    def allows_everywhere(self, request: HttpRequest, *verbs: str) -> bool:
        """Whether the person holds Django's permission for any of `verbs` ("view", "add", ...)."""
        named = (f"{self.opts.app_label}.{verb}_{self.opts.model_name}" for verb in verbs)
        return any(request.user.has_perm(permission) for permission in named)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        """All rows for staff with the permission; otherwise those of the assemblies served."""
        rows = super().get_queryset(request)
        if self.allows_everywhere(request, "view", "change"):
            return rows
        return self.of_those_served(request, rows)

    def of_those_served(self, request: HttpRequest, rows: models.QuerySet) -> models.QuerySet:
        """Those of `rows` that belong to an assembly that the request's person serves now."""
        return rows.filter(**{f"{self.assembly_path or 'pk'}__in": served(request)})

    def serves(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Whether the person serves the assembly of `obj`, or without `obj`, any assembly."""
        if obj is None:
            return serves_anywhere(request)
        row = self.model._default_manager.filter(pk=obj.pk)
        return once(request, ("serves", type(self), obj.pk), self.of_those_served(request, row).exists)

    def _secretary_may(self, verb: str, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return verb in self.secretaries_may and self.serves(request, obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whether the index names this model."""
        return super().has_module_permission(request) or self._secretary_may("view", request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Everywhere by permission, or where they serve."""
        return super().has_view_permission(request, obj) or self._secretary_may("view", request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """By permission, or for an assembly that they serve."""
        return super().has_add_permission(request) or self._secretary_may("add", request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Everywhere by permission, or where they serve."""
        return super().has_change_permission(request, obj) or self._secretary_may("change", request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """By permission only, unless `secretaries_may` names it."""
        return super().has_delete_permission(request, obj) or self._secretary_may("delete", request, obj)

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey, request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField | None:
        """The assembly a row belongs to is chosen among those served, by form and by validation."""
        if db_field.name == self.assembly_path and not self.allows_everywhere(request, "add", "change"):
            kwargs["queryset"] = served(request)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
