"""The work that follows from decisions, in Django admin."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assemblies.moving_admin import Asked, Move
from decisions import work
from decisions.admin.scope import LookedAtInline, OfMatterAdmin
from decisions.forms import ReasonForm, TextForm
from decisions.models import Report, Task
from harmony.text import MARKDOWN
from harmony.time import london_day


def _is_open(task: Task, _at: object) -> bool:
    return task.done_at is None and task.dropped_at is None


def _report_form(asked: Asked) -> forms.Form:
    return TextForm(asked.data, label=_("How does it go?"), missing=_("Write how it goes"), hint=MARKDOWN)


MOVES = (
    Move(
        "report",
        _("Report"),
        _("Everybody can read how it goes."),
        _("The report is there for everybody to read."),
        work.require_worker,
        work.report,
        _report_form,
        fits=_is_open,
    ),
    Move(
        "finish",
        _("Mark as done"),
        _("The register shows it as done from now on."),
        _("The task is done."),
        work.require_worker,
        work.finish,
        fits=_is_open,
    ),
    Move(
        "drop",
        _("Drop"),
        _("Nobody does it any more. It stays in the register, with your reason."),
        _("The task is dropped."),
        work.require_worker,
        work.drop,
        lambda asked: ReasonForm(asked.data, missing=_("Say why the task is dropped")),
        fits=_is_open,
        warns=True,
    ),
)


class StateFilter(admin.SimpleListFilter):
    """How far the work is."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> Iterable[tuple[str, Any]]:
        """Open ones, late ones among these, and how the others ended."""
        return (("open", _("Open")), ("late", _("Late")), ("done", _("Done")), ("dropped", _("Dropped")))

    def queryset(self, _request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """The tasks in the chosen state."""
        rows: Any = queryset
        chosen = {
            "open": rows.open,
            "late": lambda: rows.late_on(london_day(timezone.now())),
            "done": lambda: rows.filter(done_at__isnull=False),
            "dropped": lambda: rows.filter(dropped_at__isnull=False),
        }.get(self.value() or "")
        found: QuerySet = chosen() if chosen else queryset
        return found


class ReportInline(LookedAtInline):
    """What was reported."""

    model = Report
    fields = ("reported_at", "person", "text")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With who reported."""
        return super().get_queryset(request).select_related("person")


@admin.register(Task)
class TaskAdmin(OfMatterAdmin):
    """Tasks on matters of the assemblies that the person serves."""

    moves = MOVES
    list_display = ("title", "decision", "owner", "due_on", "state")
    list_select_related = ("decision", "owner")
    list_filter = (StateFilter,)
    search_fields = ("title", "owner__name", "decision__title")
    ordering = ("due_on",)
    inlines = (ReportInline,)
    readonly_fields = ("state",)
    fields = (
        *("title", "decision", "owner", "due_on", "state", "named_by", "named_at"),
        *("done_at", "dropped_at", "dropped_because", "chased_on"),
    )

    @admin.display(description=_("state"))
    def state(self, task: Task) -> str:
        """Under way, late, done, dropped."""
        return str(task.state_on(london_day(timezone.now())))
