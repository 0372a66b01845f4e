"""Questions to gatherings in Django admin: let through, refused on a named ground, marked as answered."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from assemblies.moving_admin import Move
from assemblies.scoped_admin import serves_anywhere
from decisions import gatherings, questions
from decisions.admin.scope import OfGatheringAdmin
from decisions.gathering_forms import GroundForm
from decisions.models import Question
from members.models import Person


def _can_judge(question: Question, person: Person, at: datetime) -> None:
    gatherings.require_conductor(question.gathering, person, at)


MOVES = (
    Move(
        "let-through",
        _("Let through"),
        _("Everybody who may see the gathering reads the question from now on."),
        _("Let through."),
        _can_judge,
        questions.let_through,
        fits=lambda question, _at: question.is_waiting,
    ),
    Move(
        "answered",
        _("Mark as answered"),
        _("It moves to the answered questions."),
        _("Marked as answered."),
        _can_judge,
        questions.mark_answered,
        fits=lambda question, _at: question.is_shown and question.answered_at is None,
    ),
    Move(
        "refuse",
        _("Refuse"),
        _(
            "For one of the four grounds of the code of conduct, and for no other reason. Whoever asked is told which."
        ),
        _("Refused."),
        _can_judge,
        questions.refuse,
        lambda asked: GroundForm(asked.data),
        fits=lambda question, _at: (
            (question.is_waiting or question.is_shown) and question.answered_at is None
        ),
        warns=True,
    ),
)


class WhereFilter(admin.SimpleListFilter):
    """Where a question stands."""

    title = _("where it stands")
    parameter_name = "stands"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> Iterable[tuple[str, Any]]:
        """With the chair, let through, refused."""
        return (("waiting", _("With the chair")), ("shown", _("Let through")), ("refused", _("Refused")))

    def queryset(self, _request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """The questions that stand there; those of barred people stand nowhere."""
        rows: Any = queryset
        chosen = {"waiting": rows.waiting, "shown": rows.shown, "refused": rows.refused}
        found: QuerySet = chosen.get(self.value() or "", rows.all)()
        return found


@admin.register(Question)
class QuestionAdmin(OfGatheringAdmin):
    """Questions to gatherings of the assemblies that the person serves: for them alone, and not for site staff."""

    moves = MOVES
    list_display = ("text", "gathering", "asked_by", "asked_at", "status")
    list_select_related = ("gathering", "asked_by")
    list_filter = (WhereFilter,)
    search_fields = ("text", "asked_by__name")
    ordering = ("-asked_at",)
    readonly_fields = ("status",)
    fields = (
        *("text", "gathering", "asked_by", "asked_at", "status"),
        *("shown_at", "answered_at", "refused_at", "ground", "withdrawn_at"),
    )
    actions = ("let_through", "mark_answered")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Those of gatherings that the person serves: what nobody let through is for whoever conducts them."""
        return self.of_those_served(request, super().get_queryset(request))

    @admin.display(description=_("state"))
    def status(self, question: Question) -> str:
        """Where it stands, in a word or two."""
        return str(question.status_label)

    def has_judge_permission(self, request: HttpRequest) -> bool:
        """Whoever serves an assembly now; which one is asked of each question."""
        return serves_anywhere(request)

    @admin.action(description=_("Let these through"), permissions=["judge"])
    def let_through(self, request: HttpRequest, rows: QuerySet) -> None:
        """Lets each of them through."""
        self.move_each(request, rows.select_related("gathering", "asked_by"), "let-through")

    @admin.action(description=_("Mark these as answered"), permissions=["judge"])
    def mark_answered(self, request: HttpRequest, rows: QuerySet) -> None:
        """Marks each of them."""
        self.move_each(request, rows.select_related("gathering", "asked_by"), "answered")
