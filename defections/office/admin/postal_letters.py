"""Letters to write by post in Django admin: which, since when, posted or not; nothing of what they say."""

from collections.abc import Collection
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assemblies.moving_admin import Move, MovingAdmin
from defections import paper, posting
from defections.errors import NotCleared, WrongMoment
from defections.models import PostalLetter
from harmony.http import once
from members.models import Person


def _can_post(row: PostalLetter, person: Person, at: datetime) -> None:
    paper.require_clerk(person, at)
    posting.require_waiting(row, at)


class WaitingFilter(admin.SimpleListFilter):
    """Those to write now, unless all are asked for."""

    title = _("to write")
    parameter_name = "waiting"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, Any]]:
        """Those to write."""
        return [("1", _("to write now"))]

    def queryset(self, _request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """The rows."""
        if self.value() != "1":
            return queryset
        return queryset.filter(pk__in=PostalLetter.objects.waiting_at(timezone.now()).values("pk"))


@admin.register(PostalLetter)
class PostalLetterAdmin(MovingAdmin):
    """For the general secretary's people, and site staff with the permission. A letter ends by being posted."""

    secretaries_may: Collection[str] = ()
    moves = (
        Move(
            "posted",
            _("It was posted"),
            _("It leaves the list of letters to write."),
            _("The letter is posted."),
            _can_post,
            posting.mark_posted,
        ),
    )
    refusals = ((NotCleared, HTTPStatus.FORBIDDEN), (WrongMoment, HTTPStatus.CONFLICT))
    list_display = ("application", "kind", "needed_at", "posted_at")
    list_filter = (WaitingFilter, "kind")
    list_select_related = ("application",)
    ordering = ("posted_at", "needed_at")
    fields = ("application", "kind", "needed_at", "posted_at", "posted_by")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The general secretary's people, and by permission."""
        return self._writes(request) or super().has_view_permission(request, obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """The general secretary's people, and by permission."""
        return self._writes(request) or super().has_module_permission(request)

    @staticmethod
    def _writes(request: HttpRequest) -> bool:
        person = request.user
        if not isinstance(person, Person):
            return False
        return once(request, "writes by post", lambda: paper.may_enter(person, timezone.now()))

    def of_those_served(self, request: HttpRequest, rows: QuerySet) -> QuerySet:
        """All for those who write them, none for other secretaries."""
        return rows if self._writes(request) else rows.none()
