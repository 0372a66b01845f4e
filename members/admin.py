"""People, memberships and suspensions in Django admin: for site staff alone, never for secretaries.

Not reachable here: passwords, second steps, dates of birth. An address is the person's own to change.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.forms import ModelForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from ledger import events
from ledger.narrow_admin import NarrowAdmin
from members.models import Membership, Person, Suspension

RIGHTS = ("is_staff", "is_superuser", "groups", "user_permissions")


class LondonTime(forms.DateTimeInput):
    """A moment in London time, in one box with a label: the admin's own two boxes have none."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"step": "1", **(attrs or {})}, format="%Y-%m-%dT%H:%M:%S")


class StaffAdmin(NarrowAdmin):
    """For site staff with Django's permission for it; nothing is deleted, and every change is recorded."""

    formfield_overrides = {models.DateTimeField: {"form_class": forms.DateTimeField, "widget": LondonTime}}

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


@admin.register(Person)
class PersonAdmin(StaffAdmin):
    """Accounts. A new one has no password: its owner logs in by an emailed code."""

    list_display = ("name", "email", "date_joined", "is_active", "is_staff")
    list_filter = ("is_active", "is_staff")
    search_fields = ("name", "=email")
    ordering = ("name",)
    actions = ("remove_second_step", "ask_birth_anew")
    show_full_result_count = False

    def get_fields(self, _request: HttpRequest, obj: Person | None = None) -> tuple[str, ...]:
        """A new account takes a name and an address; the rest comes after."""
        if obj is None:
            return ("name", "email")
        kept = ("date_joined", "membership_rows", "suspension_rows")
        return ("name", "email", *kept, "is_active", *RIGHTS)

    def get_readonly_fields(self, request: HttpRequest, obj: Person | None = None) -> tuple[str, ...]:
        """Rights are given by those alone who have them all."""
        if obj is None:
            return ()
        kept = ("email", "date_joined", "membership_rows", "suspension_rows")
        return (*kept, *(() if request.user.is_superuser else RIGHTS))

    @admin.display(description=_("memberships"))
    def membership_rows(self, person: Person) -> SafeString:
        """The person's memberships, each a link to its page."""
        return _links(person.memberships.order_by("began_at"), "admin:members_membership_change")

    @admin.display(description=_("suspensions"))
    def suspension_rows(self, person: Person) -> SafeString:
        """The person's suspensions, each a link to its page."""
        return _links(person.suspensions.order_by("began_at"), "admin:members_suspension_change")

    @admin.action(description=_("Take off the second step at log-in (for people who have lost theirs)"))
    def remove_second_step(self, request: HttpRequest, people: models.QuerySet[Person]) -> None:
        """For those alone who have all rights: it opens the account to whoever reads the person's mail."""
        if not request.user.is_superuser:
            raise PermissionDenied
        with transaction.atomic():
            for person in people:
                Authenticator.objects.filter(user=person).delete()
                by = request.user.pk
                events.record("person.second_step_removed", person, at=timezone.now(), by=by)

    @admin.action(
        description=_("Ask for their date of birth anew (where it is wrong)"), permissions=["change"]
    )
    def ask_birth_anew(self, request: HttpRequest, people: models.QuerySet[Person]) -> None:
        """Takes away what was given, which nobody here sees; whoever takes part where ages count is written to."""
        if not isinstance(request.user, Person):
            raise PermissionDenied
        for person in people:
            person.ask_date_of_birth_anew(by=request.user, at=timezone.now())

    def get_actions(self, request: HttpRequest) -> Any:
        """Taking off a second step is for those who have all rights."""
        offered = super().get_actions(request)
        return {
            name: action
            for name, action in offered.items()
            if name != "remove_second_step" or request.user.is_superuser
        }

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
    search_fields = ("person__name",)
    raw_id_fields = ("person",)
    date_hierarchy = "began_at"
    show_full_result_count = False


@admin.register(Suspension)
class SuspensionAdmin(StaffAdmin):
    """Suspensions: while one is in force, its member has no vote (P3)."""

    list_display = ("person", "began_at", "ends_at")
    list_select_related = ("person",)
    search_fields = ("person__name",)
    raw_id_fields = ("person",)
    show_full_result_count = False


@admin.register(Group)
class RoleAdmin(NarrowAdmin, GroupAdmin):
    """Bundles of permissions: Django's own page for them, narrowed as every table here."""


def _links(rows: Iterable[models.Model], url_name: str) -> SafeString:
    """Each row as a link to its page in the admin, one below the other."""
    links = ((reverse(url_name, args=[row.pk]), row) for row in rows)
    return format_html_join("\n", '<a href="{}">{}</a><br>', links) or SafeString("–")
