"""Who takes part where, in Django admin."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from assemblies import eligibility, joining
from assemblies.admin.domain import DomainAdmin
from assemblies.errors import AssemblyError
from assemblies.models import Participation
from assemblies.scoped_admin import acting
from harmony.time import london_day


class StaffBirthForm(forms.Form):
    """A date of birth, as staff put it right."""

    born = forms.DateField(
        label=_("Date of birth"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


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
