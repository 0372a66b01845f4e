"""Assemblies in Django admin: staff form, change and close them; secretaries work on the profile of theirs."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assemblies import formation, geography
from assemblies.admin.domain import DomainAdmin
from assemblies.errors import WrongMomentError
from assemblies.models import Assembly, Nesting
from assemblies.scoped_admin import acting


class AssemblyForm(forms.ModelForm):
    """An assembly; what a constraint on several rows says is told here, beside the field."""

    class Meta:
        model = Assembly
        fields = ("slug", "kind", *formation.CHANGEABLE)

    def clean(self) -> dict[str, Any] | None:
        """Refuses a place that makes no sense (A6)."""
        given = super().clean() or {}
        kind = given.get("kind") or self.instance.kind
        if kind and "within" in self.fields:
            for reason in geography.reasons_against_place(kind, given.get("within")):
                self.add_error("within", reason)
        return given

    def _post_clean(self) -> None:
        """Asks all constraints, those on the kind too, which the form does not show once it is formed."""
        super()._post_clean()  # type: ignore[misc]
        if self.errors:
            return
        try:
            self.instance.validate_constraints()
        except ValidationError as refused:
            self.add_error(None, refused.messages)


class NestingInline(admin.TabularInline):
    """What the assembly is a member of; added and ended on the page of memberships."""

    model = Nesting
    template = "admin/looked_at.html"
    fk_name = "member"
    fields = ("parent",)
    extra = 0
    verbose_name_plural = _("member of")

    def has_add_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Added elsewhere."""
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Changed elsewhere."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Ended elsewhere."""
        return False

    def has_view_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Public in any case."""
        return True


@admin.register(Assembly)
class AssemblyAdmin(DomainAdmin):
    """Staff form, change and close assemblies; secretaries see to profile, eligibility and rules of theirs."""

    assembly_path = ""
    secretaries_may = ("view", "change")
    form = AssemblyForm
    change_form_template = "admin/assemblies/assembly/change_form.html"
    list_display = ("name", "kind", "within", "is_core", "closed_at")
    list_select_related = ("within",)
    list_filter = ("kind", "is_core")
    search_fields = ("name", "other_name", "slug", "code")
    ordering = ("name",)
    prepopulated_fields = {"slug": ("name",)}
    inlines = (NestingInline,)
    fieldsets = (
        (None, {"fields": ("name", "other_name", "slug", "kind", "remit", "is_core")}),
        (_("Where it sits"), {"fields": ("within", "supports", "place", "code", "hex_q", "hex_r")}),
        (_("How it decides"), {"fields": ("quorum", "cooling_off_days", "deliberation_days", "voting_days")}),
        (
            _("Who may take part"),
            {
                "fields": (
                    *("minimum_age", "maximum_age", "members_only"),
                    *("statement", "approval_by_secretary"),
                )
            },
        ),
    )
    _secretarys = (
        *("other_name", "remit", "quorum", "cooling_off_days", "deliberation_days", "voting_days"),
        *("minimum_age", "maximum_age", "members_only", "statement", "approval_by_secretary"),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Assembly | None = None) -> tuple[str, ...]:
        """The kind and the address stay as formed; a secretary words the profile and sets the rules."""
        if obj is None:
            return ()
        if self.allows_everywhere(request, "change"):
            return ("slug", "kind")
        return tuple(name for name in ("slug", "kind", *formation.CHANGEABLE) if name not in self._secretarys)

    def get_prepopulated_fields(self, request: HttpRequest, obj: Assembly | None = None) -> dict[str, Any]:
        """The address is made from the name while the assembly is being formed."""
        return {} if obj else dict(super().get_prepopulated_fields(request, obj))

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """An assembly is closed, never deleted: its record stays."""
        return False

    def save_model(self, request: HttpRequest, obj: Assembly, _form: forms.ModelForm, change: bool) -> None:
        """Forms or changes it the domain's way."""
        now, by = timezone.now(), acting(request)
        if change:
            formation.change(obj, at=now, by=by)
        else:
            obj.formed_at = now
            formation.form(obj, at=now, by=by)

    def get_urls(self) -> list[URLPattern]:
        """Closing has an address of its own."""
        view = self.admin_site.admin_view(self.close_view)
        return [path("<path:object_id>/close/", view, name="assemblies_assembly_close"), *super().get_urls()]

    def close_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Closes an assembly: asks on GET, acts on POST, and says what stands against it (STYLE 13)."""
        assembly = self.get_object(request, object_id)
        if assembly is None:
            raise Http404
        if not self.allows_everywhere(request, "change"):
            raise PermissionDenied
        now = timezone.now()
        issues = formation.issues_before_closing(assembly, now)
        back = reverse("admin:assemblies_assembly_change", args=[assembly.pk])
        if request.method == "POST" and not issues:
            try:
                formation.close(assembly, at=now, by=acting(request))
            except WrongMomentError as refusal:
                issues = [str(refusal)]
            else:
                self.message_user(request, _("The assembly has closed."), messages.SUCCESS)
                return HttpResponseRedirect(back)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Close %(name)s") % {"name": assembly},
            "assembly": assembly,
            "issues": issues,
            "numbers": assembly.numbers_at(now),
            "back": back,
            "opts": self.opts,
        }
        return TemplateResponse(
            request,
            "admin/assemblies/assembly/close.html",
            context,
            status=409 if request.method == "POST" else 200,
        )
