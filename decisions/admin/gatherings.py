"""Gatherings in Django admin: who has registered, who is barred, and the steps that run one."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from decisions.admin.gathering_moves import CALL, MOVES
from decisions.admin.scope import LookedAtInline, OfGatheringAdmin
from decisions.models import Gathering, Invitation
from ledger.narrow_admin import Happened
from members.models import Person

MOST_SHOWN = 200  # of those registered; the door list has all


class InvitationInline(LookedAtInline):
    """Who is asked beside the gathering's own assemblies."""

    model = Invitation
    fields = ("assembly", "person", "invited_by", "invited_at")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With whom each is about."""
        return super().get_queryset(request).select_related("assembly", "person", "invited_by")


@admin.register(Gathering)
class GatheringAdmin(OfGatheringAdmin):
    """The gatherings of the assemblies that the person serves."""

    gathering_path = "pk"
    beginning = CALL
    moves = MOVES
    list_display = ("title", "assembly", "kind", "starts_at", "state")
    list_select_related = ("assembly",)
    list_filter = (
        "kind",
        ("held_at", Happened),
        ("cancelled_at", Happened),
    )
    search_fields = ("title", "assembly__name")
    date_hierarchy = "starts_at"
    ordering = ("-starts_at",)
    inlines = (InvitationInline,)
    readonly_fields = ("state", "papers", "people")
    fieldsets = (
        (None, {"fields": ("title", "state", "kind", "assembly", "decision", "chair", "papers")}),
        (_("When, in London time, and where"), {"fields": ("starts_at", "ends_at", "address", "agenda")}),
        (_("Who comes"), {"fields": ("people",)}),
        (
            _("What has happened"),
            {
                "fields": (
                    *("called_by", "called_at", "changed_at", "held_at", "notes"),
                    *("cancelled_at", "cancelled_because"),
                )
            },
        ),
    )

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """The gathering; whoever does not conduct it is not shown who comes."""
        found: Any = super().get_object(request, object_id, from_field)
        if found is not None and isinstance(request.user, Person):
            found.is_conducted_here = found.is_conducted_by(request.user, timezone.now())
        return found

    @admin.display(description=_("state"))
    def state(self, gathering: Gathering) -> str:
        """Coming, now, over, held, called off."""
        return str(gathering.status_label(timezone.now()))

    @admin.display(description=_("for the room"))
    def papers(self, gathering: Any) -> str:
        """The door list, to print, and the questions, on the site's own pages."""
        if not gathering.is_conducted_here:
            return str(_("For whoever conducts the gathering."))
        return format_html(
            '<a href="{}">{}</a> · <a href="{}">{}</a>',
            reverse("decisions:gathering_door", args=[gathering.pk]),
            _("Door list, to print"),
            reverse("decisions:question_list", args=[gathering.pk]),
            _("Questions"),
        )

    @admin.display(description=_("registered"))
    def people(self, gathering: Any) -> str:
        """Who has registered, who came, who is barred; for whoever conducts it."""
        if not gathering.is_conducted_here:
            return str(_("For whoever conducts the gathering."))
        rows = gathering.registrations.in_force().select_related("person").order_by("person__name")
        context = {
            "rows": rows[:MOST_SHOWN],
            "number": rows.count(),
            "came": rows.filter(attended_at__isnull=False).count(),
            "bars": gathering.bars.select_related("person").order_by("person__name"),
        }
        return render_to_string("admin/decisions/_people.html", context)
