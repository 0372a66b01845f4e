"""Assemblies in Django admin: site staff form and change them; secretaries see theirs and admit people.

Whatever changes a state goes through the domain's own functions, so that it is checked and recorded.
"""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminDateWidget
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from assemblies import eligibility, formation, geography, joining, nesting
from assemblies.errors import AssemblyError
from assemblies.models import Assembly, Duty, JoinRequest, Nesting, Office, Participation, Term
from assemblies.scoped_admin import ScopedAdmin, acting, served
from harmony.time import london_day


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


class DomainAdmin(ScopedAdmin):
    """An admin whose changes the domain may refuse: the sentence is shown, nothing is changed."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The form; what the domain refuses rolls back and comes back as a message."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except (AssemblyError, ValidationError) as error:
            told = " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
            self.message_user(request, told, messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

    def each(self, request: HttpRequest, rows: QuerySet, act: Any, done: Any) -> None:
        """Calls `act` with each of `rows`; says `done` of those that went well and why not of the others."""
        went_well = 0
        for row in rows:
            try:
                act(row)
                went_well += 1
            except (AssemblyError, PermissionDenied) as error:
                self.message_user(request, f"{row}: {error}", messages.ERROR)
        if went_well:
            self.message_user(request, done % {"n": went_well}, messages.SUCCESS)


class NestingInline(admin.TabularInline):
    """What the assembly is a member of; added and ended on the page of memberships."""

    model = Nesting
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
    """Staff form, change and close assemblies; secretaries word the remit of theirs and set how they decide."""

    assembly_path = ""
    secretaries_may = ("view", "change")
    form = AssemblyForm
    change_form_template = "admin/assemblies/assembly/change_form.html"
    list_display = ("name", "kind", "within", "is_core", "closed_at")
    list_select_related = ("within",)
    list_filter = ("kind", "is_core")
    search_fields = ("name", "other_name", "slug", "code")
    ordering = ("name",)
    autocomplete_fields = ("within", "supports")
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
    _secretarys = ("remit", "quorum", "cooling_off_days", "deliberation_days", "voting_days")

    def get_readonly_fields(self, request: HttpRequest, obj: Assembly | None = None) -> tuple[str, ...]:
        """The kind and the address stay as formed; a secretary words the remit and sets how it decides."""
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
            formation.close(assembly, at=now, by=acting(request))
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
    autocomplete_fields = ("member", "parent")

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


@admin.register(Office)
class OfficeAdmin(DomainAdmin):
    """The offices of assemblies and their seats."""

    secretaries_may = ("view",)
    list_display = ("assembly", "role", "seats")
    list_select_related = ("assembly",)
    list_filter = ("role",)
    search_fields = ("assembly__name",)
    autocomplete_fields = ("assembly",)

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """An office stays; it may be vacant."""
        return False


@admin.register(Term)
class TermAdmin(DomainAdmin):
    """Who holds which office, from when to when: begun and ended here, never rewritten."""

    assembly_path = "office__assembly"
    secretaries_may = ("view",)
    list_display = ("holder", "office", "began_at", "ends_at", "ended_at")
    list_select_related = ("person", "office__assembly")
    list_filter = ("office__role",)
    search_fields = ("office__assembly__name", "holder_name", "person__name")
    autocomplete_fields = ("office",)
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


class StaffBirthForm(forms.Form):
    """A date of birth, as staff put it right."""

    born = forms.DateField(label=_("date of birth"), widget=AdminDateWidget)


@admin.register(Participation)
class ParticipationAdmin(DomainAdmin):
    """Who takes part where: to be read; staff can end one. Secretaries see those of their assemblies."""

    secretaries_may = ("view",)
    list_display = ("person", "assembly", "origin", "began_at", "ended_in")
    list_select_related = ("person", "assembly")
    list_filter = ("origin", "assembly__kind")
    fields = ("person", "assembly", "origin", "affirmed", "began_at", "ended_in")
    search_fields = ("person__name", "assembly__name")
    show_full_result_count = False
    change_form_template = "admin/assemblies/participation/change_form.html"
    actions = ("end_now",)

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """People join for themselves."""
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """To be read."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Kept."""
        return False

    @admin.display(description=_("ended in"))
    def ended_in(self, participation: Participation) -> str:
        """The month alone and no reason: the day on which an age passed would be a birthday."""
        ended_at = participation.ended_at
        return date_format(london_day(ended_at), "F Y") if ended_at else "–"

    def has_end_permission(self, request: HttpRequest) -> bool:
        """Staff who may change participations."""
        return self.allows_everywhere(request, "change")

    def get_urls(self) -> list[URLPattern]:
        """Putting a date of birth right has an address of its own."""
        view = self.admin_site.admin_view(self.birth_view)
        own = path("<path:object_id>/birth/", view, name="assemblies_participation_birth")
        return [own, *super().get_urls()]

    def birth_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Puts the date of birth of whoever takes part right; the one that is known is not shown."""
        participation = self.get_object(request, object_id)
        if participation is None:
            raise Http404
        if not self.allows_everywhere(request, "change"):
            raise PermissionDenied
        form = StaffBirthForm(request.POST if request.method == "POST" else None)
        back = reverse("admin:assemblies_participation_change", args=[participation.pk])
        if form.is_valid():
            try:
                born, by = form.cleaned_data["born"], acting(request)
                eligibility.keep_birth(participation.person, born, at=timezone.now(), by=by)
            except AssemblyError as error:
                form.add_error("born", str(error))
            else:
                self.message_user(request, _("The date of birth is put right."), messages.SUCCESS)
                return HttpResponseRedirect(back)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Date of birth of %(name)s") % {"name": participation.person},
            "form": form,
            "back": back,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/assemblies/participation/birth.html", context)

    @admin.action(description=_("End these now"), permissions=["end"])
    def end_now(self, request: HttpRequest, rows: QuerySet) -> None:
        """Ends each participation at this moment."""
        now = timezone.now()
        self.each(
            request,
            rows.select_related("person", "assembly"),
            lambda row: joining.remove(row, at=now, by=acting(request)),
            _("Ended %(n)s."),
        )


@admin.register(JoinRequest)
class JoinRequestAdmin(DomainAdmin):
    """Requests to take part, answered by the secretary of the assembly and nobody else."""

    secretaries_may = ("view",)
    list_display = ("person", "assembly", "asked_at", "admitted_at", "refused_at", "withdrawn_at")
    list_select_related = ("person", "assembly")
    list_filter = (("admitted_at", admin.EmptyFieldListFilter), ("refused_at", admin.EmptyFieldListFilter))
    search_fields = ("person__name", "assembly__name")
    fields = (
        *("person", "assembly", "affirmed", "asked_at"),
        *("admitted_at", "refused_at", "withdrawn_at", "answered_by"),
    )
    actions = ("admit", "refuse")

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """People ask for themselves."""
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Answered by the actions."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Kept."""
        return False

    def has_answer_permission(self, request: HttpRequest) -> bool:
        """Whoever serves an assembly now; which one is asked of each request."""
        return served(request).exists()

    @admin.action(description=_("Admit these people"), permissions=["answer"])
    def admit(self, request: HttpRequest, rows: QuerySet) -> None:
        """Admits each of them."""
        now = timezone.now()
        self.each(
            request,
            rows.select_related("person", "assembly"),
            lambda row: joining.admit(row, by=acting(request), at=now),
            _("Admitted %(n)s."),
        )

    @admin.action(description=_("Refuse these people"), permissions=["answer"])
    def refuse(self, request: HttpRequest, rows: QuerySet) -> None:
        """Refuses each of them."""
        now = timezone.now()
        self.each(
            request,
            rows.select_related("person", "assembly"),
            lambda row: joining.refuse(row, by=acting(request), at=now),
            _("Refused %(n)s."),
        )


@admin.register(Duty)
class DutyAdmin(DomainAdmin):
    """What assemblies do for the whole party: staff give a duty and end it, and it is never rewritten."""

    secretaries_may = ("view",)
    list_display = ("name", "assembly", "began_at", "ended_at")
    list_select_related = ("assembly",)
    list_filter = ("name",)
    search_fields = ("assembly__name",)
    autocomplete_fields = ("assembly",)
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
