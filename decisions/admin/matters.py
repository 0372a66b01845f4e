"""Decisions in Django admin: where each stands, how its calls went, and the steps that move it on."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from decisions import balance, matter, standing
from decisions.admin.matter_moves import MOVES
from decisions.admin.scope import LookedAtInline, OfMatterAdmin
from decisions.models import Decision, Gathering, Option, Task
from decisions.register import Listed, at_stage
from decisions.standing import Stage
from harmony.time import london_day


class StageFilter(admin.SimpleListFilter):
    """Where a matter stands."""

    title = _("where it stands")
    parameter_name = "stage"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> Iterable[tuple[str, Any]]:
        """Every stage."""
        return Stage.choices

    def queryset(self, _request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """The matters at the chosen one."""
        stage = self.value() or ""
        return queryset.filter(at_stage(stage)) if stage in Stage.values else queryset


class OptionInline(LookedAtInline):
    """The options; further ones are added by a step."""

    model = Option
    fields = ("name", "statement", "added_by", "won_at")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With who added each."""
        return super().get_queryset(request).select_related("added_by")


class GatheringInline(LookedAtInline):
    """The matter's gatherings, each with a page of its own."""

    model = Gathering
    show_change_link = True
    fields = ("title", "kind", "starts_at", "state")
    readonly_fields = fields

    @admin.display(description=_("state"))
    def state(self, gathering: Gathering) -> str:
        """Coming, held, called off."""
        return str(gathering.status_label(timezone.now()))


class TaskInline(LookedAtInline):
    """The work that follows."""

    model = Task
    show_change_link = True
    fields = ("title", "owner", "due_on", "state")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With who does it."""
        return super().get_queryset(request).select_related("owner")

    @admin.display(description=_("state"))
    def state(self, task: Task) -> str:
        """Under way, late, done, dropped."""
        return str(task.state_on(london_day(timezone.now())))


@admin.register(Decision)
class DecisionAdmin(OfMatterAdmin):
    """The matters of the assemblies that the person serves."""

    matter_path = "pk"
    moves = MOVES
    list_display = ("title", "assembly", "kind", "stage", "next_at", "proposed_at")
    list_filter = ("kind", StageFilter)
    search_fields = ("title", "assembly__name")
    ordering = ("-proposed_at",)
    inlines = (OptionInline, GatheringInline, TaskInline)
    readonly_fields = ("stands", "follows", "calls_made", "settled_how")
    fieldsets = (
        (None, {"fields": ("title", "stands", "follows", "assembly", "together_with", "kind", "text")}),
        (_("Calls for consensus"), {"fields": ("calls_made",)}),
        (_("Its rules"), {"fields": ("quorum", "cooling_off_days", "deliberation_days", "voting_days")}),
        (
            _("What has happened"),
            {
                "fields": (
                    *("proposed_by", "proposed_at", "withdrawn_at", "withdrawn_because"),
                    *("deliberation_began_at", "deliberation_ends_at", "deliberation_ended_at", "ballot"),
                    *("settled_at", "settled_how", "outcome_statement"),
                )
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With what the list shows of each, in a fixed number of queries."""
        return matter.listed(super().get_queryset(request))

    @admin.display(description=_("where it stands"))
    def stage(self, decision: Decision) -> str:
        """The stage in a word or two."""
        return str(Listed(decision, timezone.now()).stage.label)

    @admin.display(description=_("moves by itself on"))
    def next_at(self, decision: Decision) -> datetime | None:
        """When the next thing happens by itself."""
        return Listed(decision, timezone.now()).deadline

    @admin.display(description=_("where it stands"))
    def stands(self, decision: Decision) -> str:
        """The same sentence as on its page."""
        return _glance(decision).headline

    @admin.display(description=_("what follows"))
    def follows(self, decision: Decision) -> str:
        """What happens next if nobody acts, and who can act."""
        glance = _glance(decision)
        return format_html("{} {}", glance.follows, glance.mover)

    @admin.display(description=_("how it was settled"))
    def settled_how(self, decision: Decision) -> str:
        """By consensus or by ballot."""
        return decision.get_settled_by_display() or "–"

    @admin.display(description=_("calls"))
    def calls_made(self, decision: Decision) -> str:
        """Every call with its balance, and the objections with their answers."""
        loaded = matter.load(decision, AnonymousUser(), timezone.now())
        return render_to_string("admin/decisions/_calls.html", {"calls": balance.shown(loaded)})


def _glance(decision: Any) -> standing.Standing:
    """The standing as anybody reads it; worked out once for a page."""
    if not hasattr(decision, "admin_glance"):
        decision.admin_glance = standing.of(matter.load(decision, AnonymousUser(), timezone.now()))
    found: standing.Standing = decision.admin_glance
    return found
