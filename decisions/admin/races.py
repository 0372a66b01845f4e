"""Races for offices in Django admin: declaring one, and who stands. All else of a race is done with its decision."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from assemblies.models import Assembly, Office
from assemblies.moving_admin import Asked, Move
from decisions import declaring
from decisions.admin.scope import LookedAtInline, OfMatterAdmin
from decisions.errors import BadProposal, NotEntitled, WrongMoment
from decisions.models import Candidacy, Race
from ledger.narrow_admin import Happened
from members.models import Person


class DeclareForm(forms.Form):
    """For which office."""

    office = forms.ModelChoiceField(
        Office.objects.none(),
        label=_("For which office?"),
        empty_label=_("Choose an office"),
        error_messages={
            "required": _("Choose the office"),
            "invalid_choice": _("Choose an office of an assembly that you serve"),
        },
    )

    def __init__(self, *args: Any, offices: "QuerySet[Office]", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["office"]
        field.queryset = offices


def _can_declare(_row: None, person: Person, at: datetime) -> None:
    if not Assembly.objects.served_by(person, at).exists():
        raise NotEntitled(_now("A race is declared by the assembly’s secretary or a deputy."))


def _declare_form(asked: Asked) -> forms.Form:
    served = Assembly.objects.served_by(asked.person, asked.at) & Assembly.objects.open_at(asked.at)
    offices = Office.objects.filter(assembly__in=served.values("pk")).select_related("assembly")
    return DeclareForm(asked.data, offices=offices.order_by("assembly__name", "-role"))


def _declare(_row: None, *, by: Person, at: datetime, office: Office) -> Race:
    """Why an office cannot have a race now stands beside the choice, so that another can be chosen."""
    try:
        return declaring.declare(office, by=by, at=at)
    except WrongMoment as refusal:
        raise BadProposal(str(refusal)) from refusal


class CandidacyInline(LookedAtInline):
    """Who stands, and who has withdrawn."""

    model = Candidacy
    fields = ("person", "stood_at", "withdrawn_at", "ruled_out_at", "elected_at")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With the people."""
        return super().get_queryset(request).select_related("person")


@admin.register(Race)
class RaceAdmin(OfMatterAdmin):
    """Races of the assemblies that the person serves."""

    beginning = Move(
        "declare",
        _("Declare a race"),
        _(
            "Nominations open for seven days; anyone can stand. Everybody taking part is told. What follows: a "
            "hustings where several stand, consensus, or a ballot. The result makes the term."
        ),
        _("The race is declared, and everybody taking part is told."),
        _can_declare,
        _declare,
        _declare_form,
    )
    list_display = ("decision", "office", "cause", "seats", "nominations_end_at", "closed_at")
    list_select_related = ("decision", "office__assembly")
    list_filter = ("cause", ("closed_at", Happened))
    search_fields = ("decision__title",)
    ordering = ("-nominations_end_at",)
    inlines = (CandidacyInline,)
    readonly_fields = ("matter",)
    fields = ("matter", "office", "cause", "seats", "nominations_end_at", "nominations_ended_at", "closed_at")

    @admin.display(description=_("its decision"))
    def matter(self, race: Race) -> str:
        """The decision, with the steps that move the race on."""
        page = reverse("admin:decisions_decision_change", args=[race.pk])
        return format_html('<a href="{}">{}</a>', page, race.decision)
