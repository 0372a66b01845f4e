"""Ballots in Django admin: setting one up and sending it on its way.

Nothing about votes is reachable here: the roll, the envelopes, the votes and the keys have no admin, and while
a ballot is open its page here shows what its public page shows.
"""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import connection, models
from django.forms import BaseInlineFormSet, ModelMultipleChoiceField
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assemblies.scoped_admin import ScopedAdmin, served
from ballots.errors import BallotError
from ballots.models import Ballot, Option
from ballots.opening import issues_before_opening
from ballots.transitions import TRANSITIONS, offered
from harmony.text import MARKDOWN
from ledger import events
from ledger.models import Event
from members.admin import LondonTime


class OptionForm(forms.ModelForm):
    """An option, with its place among the others as a number that need not be free of gaps."""

    place = forms.IntegerField(
        label=_("Place"), required=False, min_value=1, help_text=_("Empty: after the others.")
    )

    class Meta:
        model = Option
        fields = ("name", "statement", "stays_last")
        help_texts: ClassVar[dict[str, Any]] = {"statement": MARKDOWN}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].initial = self.instance.position

    @property
    def is_filled(self) -> bool:
        """Whether this form stands for an option: one that exists, or a new one that was filled in."""
        return bool(self.instance.pk and not self.instance._state.adding) or bool(
            self.cleaned_data.get("name")
        )

    def has_changed(self) -> bool:
        """A new position is a change, though it is no field of the form."""
        return self.is_moved or super().has_changed()

    is_moved = False


class OptionFormSet(BaseInlineFormSet):
    """The options of one ballot; their positions are 1, 2, 3 ... in the order of the places given."""

    def save(self, commit: bool = True) -> list[Option]:
        """Numbers the options through, then saves them."""
        forms: list[Any] = self.forms
        kept = [form for form in forms if form not in self.deleted_forms and form.is_filled]
        kept.sort(key=lambda form: form.cleaned_data.get("place") or 10_000)
        for position, form in enumerate(kept, 1):
            if form.instance.position != position:
                form.instance.position = position
                form.is_moved = True
        saved: list[Option] = super().save(commit)
        return saved


class OptionInline(admin.StackedInline):
    """The options within a ballot, while it is a draft."""

    model = Option
    form = OptionForm
    formset = OptionFormSet
    fields = ("place", "name", "statement", "stays_last")
    min_num = 2
    extra = 1

    def _may_change(self, request: HttpRequest, ballot: Ballot | None) -> bool:
        parent = self.admin_site.get_model_admin(Ballot)
        return parent.has_change_permission(request, ballot) if ballot else parent.has_add_permission(request)

    def has_view_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Whoever sees the ballot sees its options."""
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """While the ballot may be changed."""
        return self._may_change(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """While the ballot may be changed."""
        return self._may_change(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """While the ballot may be changed."""
        return self._may_change(request, obj)


@admin.register(Ballot)
class BallotAdmin(ScopedAdmin):
    """Sets up indicative ballots; binding ones come from decisions and are only shown."""

    assembly_path = "assembly"
    change_form_template = "admin/ballots/ballot/change_form.html"
    list_display = ("question", "assembly", "standing", "opens_at", "closes_at", "state")
    list_select_related = ("assembly",)
    list_filter = ("standing",)
    search_fields = ("question", "assembly__name")
    ordering = ("-opens_at",)
    inlines = (OptionInline,)
    formfield_overrides = {models.DateTimeField: {"form_class": forms.DateTimeField, "widget": LondonTime}}
    fieldsets = (
        (None, {"fields": ("assembly", "together_with", "question", "explanation")}),
        (_("How it is counted"), {"fields": ("method", "seats")}),
        (_("When, in London time"), {"fields": ("opens_at", "closes_at", "cut_off_at")}),
    )

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm]:
        """Says how to write the explanation in words that need no learning."""
        return super().get_form(request, obj, change, **{"help_texts": {"explanation": MARKDOWN}, **kwargs})

    @admin.display(description=_("state"))
    def state(self, ballot: Ballot) -> str:
        """Where the ballot stands, in words."""
        return str(ballot.status_label(timezone.now()))

    def get_fieldsets(self, request: HttpRequest, obj: Ballot | None = None) -> Any:
        """A draft shows what can be set; later also what has happened."""
        sets = list(super().get_fieldsets(request, obj))
        if obj is not None and obj.is_for_roll_only:
            # What is said about a person is for those on its roll, whatever office or permission anybody holds.
            sets[0] = (None, {"fields": ("assembly", "together_with", "question")})
        if obj is not None and not obj.is_draft:
            stamps = (
                "standing",
                "announced_at",
                "opened_at",
                "roll_size",
                "closed_at",
                "counted_at",
                "withdrawn_at",
            )
            sets.append((_("What has happened"), {"fields": stamps}))
        return sets

    def get_readonly_fields(self, _request: HttpRequest, obj: Ballot | None = None) -> tuple[str, ...]:
        """Stamps are never set by hand."""
        if obj is None or obj.is_draft:
            return ()
        return (
            "standing",
            "announced_at",
            "opened_at",
            "roll_size",
            "closed_at",
            "counted_at",
            "withdrawn_at",
        )

    def formfield_for_manytomany(
        self, db_field: models.ManyToManyField, request: HttpRequest, **kwargs: Any
    ) -> ModelMultipleChoiceField | None:
        """A secretary calls only assemblies that they serve to a joint vote."""
        if db_field.name == "together_with" and not self.allows_everywhere(request, "add", "change"):
            kwargs["queryset"] = served(request)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: Ballot | None = None) -> bool:
        """Only an indicative draft can be changed: what was announced is fixed."""
        if obj is not None and not (obj.is_draft and obj.is_indicative):
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Ballot | None = None) -> bool:
        """Nothing that was ever announced is deleted; a draft may be, by whoever may change it."""
        if obj is None or not obj.is_draft or not self.has_change_permission(request, obj):
            return False
        return not Event.objects.about(obj).filter(verb="ballot.announced").exists()

    def get_actions(self, _request: HttpRequest) -> dict[str, Any]:
        """No bulk deletion."""
        return {}

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Ballot | None:
        """The ballot; within a change under a lock, so that nothing announces or opens it meanwhile."""
        found: Ballot | None = super().get_object(request, object_id, from_field)
        if found is None or request.method != "POST" or not connection.in_atomic_block:
            return found
        Ballot.objects.select_for_update().get(pk=found.pk)
        locked: Ballot | None = super().get_object(request, object_id, from_field)
        return locked

    def save_model(self, request: HttpRequest, obj: Ballot, form: forms.ModelForm, change: bool) -> None:
        """Remembers who set it up, to write to if it cannot open."""
        if not change:
            obj.set_up_by = request.user if not request.user.is_anonymous else None
        super().save_model(request, obj, form, change)
        verb = "ballot.draft_changed" if change else "ballot.drafted"
        events.record(verb, obj, at=timezone.now(), by=request.user.pk)

    def delete_model(self, request: HttpRequest, obj: Ballot) -> None:
        """Deletes a draft that was never announced; the record keeps that there was one."""
        events.record("ballot.draft_deleted", obj, at=timezone.now(), by=request.user.pk)
        super().delete_model(request, obj)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The form, with what keeps the ballot from opening and the steps that can be taken."""
        ballot = self.get_object(request, object_id) if object_id else None
        context = {**(extra_context or {})}
        if ballot is not None:
            context["issues"] = issues_before_opening(ballot, timezone.now()) if ballot.is_draft else []
            context["transitions"] = [
                step for step in offered(ballot) if self._may_take(request, ballot, step)
            ]
        return super().changeform_view(request, object_id, form_url, context)

    def get_urls(self) -> list[URLPattern]:
        """The steps have addresses of their own."""
        view = self.admin_site.admin_view(self.transition_view)
        own = path("<path:object_id>/step/<slug:verb>/", view, name="ballots_ballot_transition")
        return [own, *super().get_urls()]

    def _may_take(self, request: HttpRequest, ballot: Ballot, step: Any) -> bool:
        if not ballot.is_indicative and not step.is_for_staff_only:
            return False
        if self.allows_everywhere(request, "change"):
            return True
        return not step.is_for_staff_only and self.serves(request, ballot)

    def transition_view(self, request: HttpRequest, object_id: str, verb: str) -> HttpResponse:
        """One step: asks on GET, acts on POST, and shows why it cannot be taken."""
        ballot = self.get_object(request, object_id)
        step = next((step for step in TRANSITIONS if step.verb == verb), None)
        if ballot is None or step is None:
            raise Http404
        if not self._may_take(request, ballot, step):
            raise PermissionDenied
        back = reverse("admin:ballots_ballot_change", args=[ballot.pk])
        problem = ""
        if request.method == "POST":
            try:
                step.take(ballot, by=request.user, at=timezone.now())
            except BallotError as error:
                problem = str(error)
            else:
                self.message_user(request, str(step.done), messages.SUCCESS)
                return HttpResponseRedirect(back)
        context = {
            **self.admin_site.each_context(request),
            "title": step.label,
            "ballot": ballot,
            "step": step,
            "problem": problem,
            "issues": issues_before_opening(ballot, timezone.now()) if step.verb == "announce" else [],
            "back": back,
            "opts": self.opts,
        }
        return TemplateResponse(
            request, "admin/ballots/ballot/transition.html", context, status=409 if problem else 200
        )
