"""Reviews of conduct in Django admin: for those who act for the assembly with the resolutions duty, and nobody else."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from assemblies.models import Duty
from assemblies.moving_admin import Asked, Move
from assemblies.scoped_admin import acting, served, serves_anywhere
from decisions import conduct
from decisions.admin.scope import LookedAtInline, StepsAdmin
from decisions.gathering_forms import EntryForm, OutcomeForm
from decisions.models import Referral, ReferralEntry
from harmony.http import once
from ledger.narrow_admin import Happened


def _is_waiting(referral: Referral, _at: datetime) -> bool:
    return referral.is_waiting


def _reviews(request: HttpRequest) -> bool:
    duty = Duty.objects.in_force_at(timezone.now()).filter(name=Duty.Name.RESOLUTIONS)
    return duty.filter(assembly__in=served(request)).exists()


def _note_form(asked: Asked) -> forms.Form:
    return EntryForm(asked.data, label=_("Note of the review"))


MOVES = (
    Move(
        "decide",
        _("Record the outcome"),
        _("It ends the review. The person is sent what you write."),
        _("The outcome is recorded, and the person is being told."),
        conduct.require_reviewer,
        conduct.decide,
        lambda asked: OutcomeForm(asked.data),
        fits=_is_waiting,
    ),
    Move(
        "review",
        _("Add a note"),
        _("Those who review the bar read it; the person does not."),
        _("The note is on the record."),
        conduct.require_reviewer,
        conduct.review,
        _note_form,
        fits=_is_waiting,
    ),
)


class EntryInline(LookedAtInline):
    """What is on the record."""

    model = ReferralEntry
    verbose_name_plural = _("on the record")
    fields = ("entered_at", "kind", "person", "text")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With whose each is."""
        return super().get_queryset(request).select_related("person")


@admin.register(Referral)
class ReferralAdmin(StepsAdmin):
    """The cases that the person reviews. No permission opens them, a superuser's neither; nobody sees their own."""

    moves = MOVES
    list_display = ("who", "gathering", "opened_at", "outcome", "decided_at")
    list_filter = (("decided_at", Happened),)
    ordering = ("-opened_at",)
    inlines = (EntryInline,)
    readonly_fields = ("who", "gathering", "ground", "what_happened", "barred_by")
    fields = (
        *("who", "gathering", "barred_by", "ground", "what_happened", "opened_at"),
        *("decided_at", "decided_by", "outcome", "statement"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Those that the person may review now, whatever permissions they hold."""
        mine = Referral.objects.reviewed_by(acting(request), timezone.now())
        return mine.select_related("bar__person", "bar__gathering", "bar__barred_by").order_by("-opened_at")

    def serves(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the person acts for the assembly that has the duty; of `obj`, whether they review it."""
        if obj is not None:
            return self.get_queryset(request).filter(pk=obj.pk).exists()
        return serves_anywhere(request) and once(request, "reviews conduct", lambda: _reviews(request))

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Those who review alone see that there are such cases."""
        return self.serves(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Those who review it."""
        return self.serves(request, obj)

    @admin.display(description=_("barred"))
    def who(self, referral: Referral) -> str:
        """The person whom it is about."""
        return referral.bar.name

    @admin.display(description=_("gathering"))
    def gathering(self, referral: Referral) -> str:
        """From which gathering."""
        return str(referral.bar.gathering)

    @admin.display(description=_("barred by"))
    def barred_by(self, referral: Referral) -> str:
        """Who barred them."""
        return str(referral.bar.barred_by)

    @admin.display(description=_("ground"))
    def ground(self, referral: Referral) -> str:
        """On which of the four grounds."""
        return str(referral.bar.get_ground_display())

    @admin.display(description=_("what happened"))
    def what_happened(self, referral: Referral) -> str:
        """As whoever barred them put it; of a guest it is on the page of the review alone."""
        return referral.bar.reason or _now("See the page of the review on the site.")
