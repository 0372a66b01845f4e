"""Who sees which rows of the decisions' floor in the admin: those who serve, and nobody what is not theirs to read."""

from http import HTTPStatus
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from assemblies.moving_admin import MovingAdmin
from assemblies.scoped_admin import acting, served
from decisions.errors import BadProposal, NotEntitled, ReasonMissing, WrongMoment
from decisions.models import Decision, Gathering


class StepsAdmin(MovingAdmin):
    """Rows of this floor. Site staff with the permission see all that they may read; secretaries those they serve."""

    refusals = ((NotEntitled, HTTPStatus.FORBIDDEN), (WrongMoment, HTTPStatus.CONFLICT))
    unfinished = (BadProposal, ReasonMissing)


class OfMatterAdmin(StepsAdmin):
    """Rows that belong to a decision, by the lookup `matter_path` ("pk" where the row is the decision itself).

    What is said on a defection is for the members of the deciding assembly alone, whatever office or permission
    anybody holds: others do not find the row (D26).
    """

    matter_path = "decision"

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """The rows in the person's scope, without what they may not read."""
        readable = Decision.objects.readable_by(acting(request), timezone.now())
        return super().get_queryset(request).filter(**{f"{self.matter_path}__in": readable.values("pk")})

    def of_those_served(self, request: HttpRequest, rows: QuerySet) -> QuerySet:
        """Those on matters that an assembly which the person serves settles, alone or with others."""
        theirs = Decision.objects.settled_in(served(request))
        return rows.filter(**{f"{self.matter_path}__in": theirs.values("pk")})


class OfGatheringAdmin(StepsAdmin):
    """Rows that belong to a gathering, by the lookup `gathering_path`; private ones for those who may see them."""

    gathering_path = "gathering"

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """The rows in the person's scope, without those of gatherings that they may not see."""
        seen = Gathering.objects.visible_to(acting(request), timezone.now())
        return super().get_queryset(request).filter(**{f"{self.gathering_path}__in": seen.values("pk")})

    def of_those_served(self, request: HttpRequest, rows: QuerySet) -> QuerySet:
        """Those of gatherings of the assemblies that the person serves."""
        theirs = Gathering.objects.served_by(acting(request), timezone.now())
        return rows.filter(**{f"{self.gathering_path}__in": theirs.values("pk")})


class LookedAtInline(admin.TabularInline):
    """Rows within another's page, to be looked at."""

    template = "admin/looked_at.html"
    extra = 0
    can_delete = False
    show_change_link = False  # true where the rows have pages of their own

    def has_add_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Added by a step."""
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Changed by a step."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Kept."""
        return False

    def has_view_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Whoever sees the page sees these."""
        return True
