"""Applications in Django admin: the reference, the dates, how long it is kept, holds; nothing of what was given."""

from collections.abc import Collection
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from assemblies.moving_admin import Move, MovingAdmin
from defections import erasure, holds, retention
from defections.errors import Held, Incomplete, WrongMoment
from defections.models import Application, Hold
from defections.office import requests
from harmony.http import once
from ledger.narrow_admin import Happened
from members.models import Person


class ReasonForm(forms.Form):
    """Why the law requires that an application is kept."""

    reason = forms.CharField(
        label=_("Why does the law require that it is kept?"),
        help_text=_(
            "Name the proceedings or the order, and no personal data: whoever may place holds reads this."
        ),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Say why the law requires that it is kept")},
    )


class RequestForm(forms.Form):
    """How a request for erasure came, and how the person was known to be the applicant."""

    known_by = forms.ChoiceField(
        label=_("How do you know that the applicant asked for it?"),
        choices=requests.KnownBy.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how you know")},
    )


def _can_hold(row: Application, person: Person, at: datetime) -> None:
    holds.require_keeper(person, at)
    if row.is_held:
        raise WrongMoment(_now("There is a hold on this application already."))
    if not holds.has_something(row):
        raise WrongMoment(_now("Nothing is left of this application that could be held."))


def _can_lift(row: Application, person: Person, at: datetime) -> None:
    holds.require_keeper(person, at)
    if not row.is_held:
        raise WrongMoment(_now("There is no hold on this application."))


def _can_erase(row: Application, person: Person, at: datetime) -> None:
    holds.require_keeper(person, at)
    erasure.require_erasable(row)


@admin.register(Application)
class ApplicationAdmin(MovingAdmin):
    """For people cleared for operations, whoever acts as general secretary, and site staff with the permission."""

    secretaries_may: Collection[str] = ()
    moves = (
        Move(
            "hold",
            _("Place a legal hold"),
            _(
                "While it stands nothing of this application is erased, whatever its time is or the applicant asks."
            ),
            _("The hold is placed."),
            _can_hold,
            holds.place,
            lambda asked: ReasonForm(asked.data),
        ),
        Move(
            "lift",
            _("Lift the legal hold"),
            _("What is due by then is erased at once."),
            _("The hold is lifted."),
            _can_lift,
            holds.lift,
        ),
        Move(
            "erase",
            _("Erase, as the applicant asked"),
            _(
                "Everything personal goes for good, the key with it; nobody can bring it back. Make sure first that "
                "it is the applicant who asks."
            ),
            _("The personal data is erased."),
            _can_erase,
            requests.erase_for,
            lambda asked: RequestForm(asked.data),
            warns=True,
        ),
    )
    refusals = (
        (PermissionDenied, HTTPStatus.FORBIDDEN),
        (Held, HTTPStatus.CONFLICT),
        (WrongMoment, HTTPStatus.CONFLICT),
    )
    unfinished = (Incomplete,)
    list_display = (
        "reference",
        "origin",
        "sent_at",
        "withdrawn_at",
        "closed_at",
        "erased_at",
        "kept_until",
        "held",
    )
    list_filter = ("origin", ("erased_at", Happened))
    search_fields = ("reference",)
    ordering = ("-started_at",)
    fields = (
        *("reference", "release", "origin", "started_at", "saved_at", "sent_at", "withdrawn_at", "closed_at"),
        *("erased_at", "kept_until", "held_because"),
    )
    readonly_fields = ("kept_until", "held_because")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With what the columns need."""
        held = Hold.objects.filter(application=OuterRef("pk"), lifted_at=None)
        rows = super().get_queryset(request).select_related("letter", "copy", "release")
        return rows.annotate(has_hold=Exists(held))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may place holds, and by permission."""
        return self._keeps(request) or super().has_view_permission(request, obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whoever may place holds, and by permission."""
        return self._keeps(request) or super().has_module_permission(request)

    @staticmethod
    def _keeps(request: HttpRequest) -> bool:
        person = request.user
        if not isinstance(person, Person):
            return False
        return once(request, "keeps applications", lambda: holds.may_hold(person, timezone.now()))

    def of_those_served(self, request: HttpRequest, rows: QuerySet) -> QuerySet:
        """All for those who may place holds, none for other secretaries."""
        return rows if self._keeps(request) else rows.none()

    @admin.display(description=_("kept until"))
    def kept_until(self, row: Application) -> str:
        """When something of it is erased next, holds aside."""
        found = retention.next_of(row)
        return date_format(localtime(found[1]), "j M Y, H:i") if found else "–"

    @admin.display(description=_("legal hold"), boolean=True)
    def held(self, row: Any) -> bool:
        """Whether a legal hold keeps it."""
        return bool(row.has_hold)

    @admin.display(description=_("legal hold"))
    def held_because(self, row: Application) -> str:
        """Why the law keeps it, or that it does not."""
        hold = row.holds.filter(lifted_at=None).first()
        return hold.reason if hold else "–"
