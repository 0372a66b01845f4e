"""People, memberships and suspensions in Django admin: for site staff alone, never for secretaries.

Not reachable here: passwords, second steps, dates of birth. An address is the person's own to change.
"""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db import models
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone

from ledger import events
from members.models import Membership, Person, Suspension


class StaffAdmin(admin.ModelAdmin):
    """For site staff with Django's permission for it; nothing is deleted, and every change is recorded."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whether the models are listed at all."""
        return request.user.is_active and self._is_staff(request) and super().has_module_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Looking."""
        return self._is_staff(request) and super().has_view_permission(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Adding."""
        return self._is_staff(request) and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Changing."""
        return self._is_staff(request) and super().has_change_permission(request, obj)

    def has_delete_permission(self, _request: HttpRequest, _obj: models.Model | None = None) -> bool:
        """Nobody deletes: what was, was."""
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:
        """Saves, and records in the same transaction who did it and which fields it was, without values."""
        super().save_model(request, obj, form, change)
        verb = f"{self.opts.model_name}.{'changed' if change else 'added'}"
        by = request.user.pk if isinstance(request.user.pk, UUID) else None
        events.record(verb, obj, at=timezone.now(), by=by, data={"fields": sorted(form.changed_data)})

    @staticmethod
    def _is_staff(request: HttpRequest) -> bool:
        return bool(getattr(request.user, "is_staff", False))


class MembershipInline(admin.TabularInline):
    """A person's memberships, each changed on its own page."""

    model: type[models.Model] = Membership
    fields = readonly_fields = ("began_at", "lapses_at", "ended_at")
    extra = 0
    can_delete = False
    show_change_link = True

    def has_add_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Adding is on the page of memberships."""
        return False


class SuspensionInline(MembershipInline):
    """A person's suspensions, each changed on its own page."""

    model = Suspension
    fields = readonly_fields = ("began_at", "ends_at", "reason")


@admin.register(Person)
class PersonAdmin(StaffAdmin):
    """Accounts. A new one has no password: its owner logs in by an emailed code."""

    list_display = ("name", "email", "date_joined", "is_active", "is_staff")
    list_filter = ("is_active", "is_staff")
    search_fields = ("name", "=email")
    ordering = ("name",)
    filter_horizontal = ("groups", "user_permissions")
    inlines = (MembershipInline, SuspensionInline)
    show_full_result_count = False

    def get_fields(self, _request: HttpRequest, obj: Person | None = None) -> tuple[str, ...]:
        """A new account takes a name and an address; the rest comes after."""
        if obj is None:
            return ("name", "email")
        rights = ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")
        return ("name", "email", "date_joined", "last_login", *rights)

    def get_readonly_fields(self, request: HttpRequest, obj: Person | None = None) -> tuple[str, ...]:
        """Rights are given by those alone who have them all."""
        if obj is None:
            return ()
        rights = ("is_staff", "is_superuser", "groups", "user_permissions")
        return ("email", "date_joined", "last_login", *(() if request.user.is_superuser else rights))

    def get_inlines(self, _request: HttpRequest, obj: Person | None = None) -> Any:
        """None while the account is being made."""
        return self.inlines if obj else ()

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """An account with all rights is changed by those alone who have them all."""
        if isinstance(obj, Person) and obj.is_superuser and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Person, form: ModelForm, change: bool) -> None:
        """A new account gets a password that nobody knows; its address is kept in lower case."""
        if not change:
            obj.email = obj.email.lower()
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)


@admin.register(Membership)
class MembershipAdmin(StaffAdmin):
    """Memberships of the party. A renewal moves the day on which it lapses."""

    list_display = ("person", "began_at", "lapses_at", "ended_at")
    list_select_related = ("person",)
    search_fields = ("person__name", "=person__email")
    autocomplete_fields = ("person",)
    date_hierarchy = "began_at"
    show_full_result_count = False


@admin.register(Suspension)
class SuspensionAdmin(StaffAdmin):
    """Suspensions: while one is in force, its member has no vote (P3)."""

    list_display = ("person", "began_at", "ends_at")
    list_select_related = ("person",)
    search_fields = ("person__name", "=person__email")
    autocomplete_fields = ("person",)
    show_full_result_count = False
