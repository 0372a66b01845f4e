"""Clearances in Django admin: site staff grant, renew and end them; nobody clears themselves."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from assemblies import clearances
from assemblies.admin.domain import REFUSALS
from assemblies.errors import AssemblyError, WrongMomentError
from assemblies.models import Clearance, Duty
from assemblies.moving_admin import Move, MovingAdmin
from harmony.time import LONDON, days_later, london_day
from ledger.narrow_admin import Happened
from members.fields import DayMonthYearField
from members.models import Person


class UntilForm(forms.Form):
    """The last day of a clearance; gives `expires_at`, when that day ends in London."""

    last_day = DayMonthYearField(
        label=_("Until which day?"),
        help_text=_("The last day on which it holds: a year from now as a rule, two years at most."),
        error_messages={"required": _("Enter the last day on which it holds")},
    )

    def __init__(self, *args: Any, at: datetime, **kwargs: Any) -> None:
        usual = london_day(days_later(at, clearances.USUAL_DAYS)) - timedelta(days=1)
        super().__init__(*args, **{"initial": {"last_day": usual}, **kwargs})

    def clean(self) -> dict[str, Any]:
        """Puts the moment in place of the day."""
        given = super().clean() or {}
        last_day: date | None = given.pop("last_day", None)
        if last_day is not None and last_day.year < 9999:
            given["expires_at"] = datetime.combine(last_day + timedelta(days=1), time(), LONDON)
        elif last_day is not None:
            self.add_error("last_day", _("Enter a year not so far ahead"))
        return given


class GrantForm(UntilForm):
    """Whom to clear, for what, until when, and what that rests on."""

    person = forms.EmailField(
        label=_("Their email address"),
        help_text=_("Of their account here. They take part in the assembly that has the duty."),
        error_messages={"required": _("Enter their email address"), "invalid": _("Enter an email address")},
    )
    duty = forms.ChoiceField(
        label=_("For which duty?"),
        choices=Duty.Name.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the duty")},
    )
    reason = forms.CharField(
        label=_("What does it rest on?"),
        help_text=_("Who vetted them, when, and what was seen. Site staff read it; nobody else."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Say what the clearance rests on")},
    )
    field_order = ["person", "duty", "last_day", "reason"]

    def clean_person(self) -> Person:
        """The person with the account of this address."""
        found = Person.objects.filter(email__iexact=self.cleaned_data["person"], is_active=True).first()
        if found is None:
            raise forms.ValidationError(
                _("Nobody has an account with this address: ask them to sign up first")
            )
        return found


class BecauseForm(forms.Form):
    """Why a clearance ends."""

    because = forms.CharField(
        label=_("Why does it end?"),
        help_text=_("The person is sent this."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Say why it ends")},
    )


def _may(verb: str, person: Person) -> None:
    if not (person.is_staff and person.has_perm(f"assemblies.{verb}_clearance")):
        raise PermissionDenied(_now("Only site staff who may do so grant, renew and end clearances."))


def _can_grant(_row: None, person: Person, _at: datetime) -> None:
    _may("add", person)


def _can_end(row: Clearance, person: Person, at: datetime) -> None:
    _may("change", person)
    if not row.is_in_force_at(at):
        raise WrongMomentError(_now("This clearance is over. Grant a new one."))


def _can_renew(row: Clearance, person: Person, at: datetime) -> None:
    _can_end(row, person, at)
    if row.person_id == person.pk:
        raise PermissionDenied(_now("Nobody clears themselves: ask another of the site’s staff."))


def _grant(_row: None, *, by: Person, at: datetime, person: Person, duty: str, **rest: Any) -> Clearance:
    return clearances.grant(person, duty, by=by, at=at, **rest)


@admin.register(Clearance)
class ClearanceAdmin(MovingAdmin):
    """Who may handle confidential material for which duty: for site staff with the permission alone."""

    secretaries_may: Collection[str] = ()
    beginning = Move(
        "grant",
        _("Grant a clearance"),
        _(
            "Whoever is cleared sees confidential material: an applicant’s personal data, say. "
            "It holds only while they take part in the assembly that has the duty. They are told."
        ),
        _("The clearance is granted, and the person is being told."),
        _can_grant,
        _grant,
        lambda asked: GrantForm(asked.data, at=asked.at),
    )
    moves = (
        Move(
            "renew",
            _("Renew"),
            _("Lets the clearance run on. Ask first whether what it rests on still holds."),
            _("The clearance is renewed, and the person is being told."),
            _can_renew,
            clearances.renew,
            lambda asked: UntilForm(asked.data, at=asked.at),
        ),
        Move(
            "end",
            _("End"),
            _("From this moment on they see nothing confidential. It can only be granted anew."),
            _("The clearance has ended, and the person is being told."),
            _can_end,
            clearances.end,
            lambda asked: BecauseForm(asked.data),
            warns=True,
        ),
    )
    refusals = REFUSALS
    unfinished = (AssemblyError,)
    list_display = ("person", "duty", "state", "granted_at", "expires_at", "ended_at")
    list_select_related = ("person",)
    list_filter = ("duty", ("ended_at", Happened))
    search_fields = ("person__name",)
    fields = (
        *("person", "duty", "state", "reason", "granted_at", "granted_by", "renewed_at", "renewed_by"),
        *("expires_at", "ended_at", "ended_by", "ended_because"),
    )
    readonly_fields = ("state",)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Each says whether it `holds` now."""
        good = Clearance.objects.good_at(timezone.now()).filter(pk=OuterRef("pk"))
        return super().get_queryset(request).annotate(holds=Exists(good))

    @admin.display(description=_("state"))
    def state(self, row: Any) -> str:
        """Whether it holds now, and if not, why."""
        if not row.is_in_force_at(timezone.now()):
            return _now("Over")
        return _now("Holds") if row.holds else _now("Without effect: not taking part in the assembly")

    def of_those_served(self, _request: HttpRequest, rows: QuerySet) -> QuerySet:
        """Secretaries have no part in it."""
        return rows.none()
