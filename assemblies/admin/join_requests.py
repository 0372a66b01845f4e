"""Requests to take part, in Django admin: answered by the secretary of the assembly and nobody else."""

from datetime import datetime

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from assemblies import joining
from assemblies.admin.domain import REFUSALS
from assemblies.errors import WrongMomentError
from assemblies.models import Assembly, JoinRequest
from assemblies.moving_admin import Move, MovingAdmin
from assemblies.scoped_admin import serves_anywhere
from ledger.narrow_admin import Happened
from members.models import Person


def _can_answer(request: JoinRequest, person: Person, at: datetime) -> None:
    if not Assembly.objects.served_by(person, at).filter(pk=request.assembly_id).exists():
        raise PermissionDenied(_now("Only the secretary of this assembly admits people to it."))
    if not request.is_waiting:
        raise WrongMomentError(_now("This request has been answered or withdrawn already."))


MOVES = (
    Move(
        "admit",
        _("Admit"),
        _("They take part from this moment on, and are told."),
        _("Admitted."),
        _can_answer,
        joining.admit,
    ),
    Move(
        "refuse",
        _("Refuse"),
        _("They do not take part, and are told. No reason is asked for; they can ask again."),
        _("Refused."),
        _can_answer,
        joining.refuse,
        warns=True,
    ),
)


@admin.register(JoinRequest)
class JoinRequestAdmin(MovingAdmin):
    """Requests to take part."""

    moves = MOVES
    refusals = REFUSALS
    list_display = ("person", "assembly", "asked_at", "admitted_at", "refused_at", "withdrawn_at")
    list_select_related = ("person", "assembly")
    list_filter = (("admitted_at", Happened), ("refused_at", Happened))
    search_fields = ("person__name", "assembly__name")
    fields = (
        *("person", "assembly", "affirmed", "asked_at"),
        *("admitted_at", "refused_at", "withdrawn_at", "answered_by"),
    )
    actions = ("admit", "refuse")

    def has_answer_permission(self, request: HttpRequest) -> bool:
        """Whoever serves an assembly now; which one is asked of each request."""
        return serves_anywhere(request)

    @admin.action(description=_("Admit these people"), permissions=["answer"])
    def admit(self, request: HttpRequest, rows: QuerySet) -> None:
        """Admits each of them."""
        self.move_each(request, rows.select_related("person", "assembly"), "admit")

    @admin.action(description=_("Refuse these people"), permissions=["answer"])
    def refuse(self, request: HttpRequest, rows: QuerySet) -> None:
        """Refuses each of them."""
        self.move_each(request, rows.select_related("person", "assembly"), "refuse")
