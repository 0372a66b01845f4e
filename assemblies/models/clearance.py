"""Clearance: a named person's vetted permission to handle confidential material for a duty."""

import uuid
from datetime import datetime, timedelta

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from assemblies.models.duty import Duty
from assemblies.models.participation import Participation
from members.models import Person

MOST_DAYS = 731  # two years: nobody is vetted for longer at a time


class ClearanceQuerySet(models.QuerySet["Clearance"]):
    """Sets of clearances."""

    def in_force_at(self, at: datetime) -> "ClearanceQuerySet":
        """Granted at or before `at`, and neither run out nor ended by then: [granted_at, expires_at)."""
        return self.filter(Q(ended_at=None) | Q(ended_at__gt=at), granted_at__lte=at, expires_at__gt=at)

    def good_at(self, at: datetime) -> "ClearanceQuerySet":
        """In force at `at`, of people who can log in and take part then in the assembly that has the duty."""
        holder = Duty.objects.in_force_at(at).filter(name=OuterRef(OuterRef("duty"))).values("assembly")
        taking_part = Participation.objects.in_force_at(at).filter(
            person=OuterRef("person"), assembly__in=holder
        )
        return self.in_force_at(at).filter(Exists(taking_part), person__is_active=True)

    def due_to_end(self, at: datetime) -> "ClearanceQuerySet":
        """Those that have run out at `at` and are not written down as ended."""
        return self.filter(ended_at=None, expires_at__lte=at)


class Clearance(models.Model):
    """From when to when somebody may handle confidential material for a duty. See `assemblies.clearances`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="clearances", verbose_name=_("person"))
    duty = models.CharField(_("duty"), max_length=12, choices=Duty.Name)
    granted_at = models.DateTimeField(_("granted"))
    granted_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("granted by"))
    reason = models.TextField(
        _("what it rests on"), help_text=_("How the person was vetted: by whom, when, and what was seen.")
    )
    renewed_at = models.DateTimeField(_("renewed"), null=True, blank=True)
    renewed_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("renewed by")
    )
    expires_at = models.DateTimeField(_("runs out"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    ended_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("ended by")
    )
    ended_because = models.TextField(_("why it ended"), blank=True)

    objects = ClearanceQuerySet.as_manager()

    class Meta:
        verbose_name = _("clearance")
        verbose_name_plural = _("clearances")
        ordering = ("-granted_at",)
        indexes = (
            models.Index(fields=("expires_at",), name="clearance_due_to_end", condition=Q(ended_at=None)),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("person", "duty"),
                condition=Q(ended_at=None),
                name="clearance_one_at_a_time",
                violation_error_message=_(
                    "This person is cleared for this duty already: renew that instead."
                ),
            ),
            models.CheckConstraint(
                name="clearance_by_somebody_else",
                condition=~Q(granted_by=F("person")) & (Q(renewed_by=None) | ~Q(renewed_by=F("person"))),
                violation_error_message=_("Nobody clears themselves."),
            ),
            models.CheckConstraint(
                name="clearance_expires_after_it_was_granted",
                condition=Q(expires_at__gt=Coalesce(F("renewed_at"), F("granted_at"))),
                violation_error_message=_("A clearance runs out after it was granted."),
            ),
            models.CheckConstraint(
                name="clearance_two_years_at_most",
                condition=Q(
                    # A day more than the domain allows, for the change of the clocks.
                    expires_at__lte=Coalesce(F("renewed_at"), F("granted_at")) + timedelta(days=MOST_DAYS + 1)
                ),
                violation_error_message=_(
                    "A clearance runs for two years at most; after that it is renewed."
                ),
            ),
            models.CheckConstraint(
                name="clearance_ended_after_it_was_granted",
                condition=Q(ended_at=None) | Q(ended_at__gte=F("granted_at")),
                violation_error_message=_("A clearance ends after it was granted."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.person}, {self.get_duty_display()}"

    def is_in_force_at(self, at: datetime) -> bool:
        """Whether `at` lies within it; the same as `in_force_at` says of a set."""
        return self.granted_at <= at < self.expires_at and (self.ended_at is None or self.ended_at > at)
