"""Gathering: people meet for structured discussion; a moot, or with an applicant or candidates a hustings."""

import uuid
from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from assemblies.models import Assembly
from decisions.models.decision import Decision
from members.models import Person


class GatheringQuerySet(models.QuerySet["Gathering"]):
    """Sets of gatherings."""

    def held(self) -> "GatheringQuerySet":
        """Those that took place."""
        return self.filter(held_at__isnull=False, cancelled_at=None)

    def coming_at(self, at: datetime) -> "GatheringQuerySet":
        """Not over at `at` and not cancelled."""
        return self.filter(ends_at__gt=at, cancelled_at=None)


class Gathering(models.Model):
    """A moot or a hustings: when (London time is shown), where, for which matter (P4, D20)."""

    class Kind(models.TextChoices):
        """What sort of gathering."""

        MOOT = "moot", _("Moot")
        HUSTINGS = "hustings", _("Hustings")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    assembly = models.ForeignKey(
        Assembly, models.PROTECT, related_name="gatherings", verbose_name=_("assembly")
    )
    decision = models.ForeignKey(
        Decision, models.PROTECT, null=True, blank=True, related_name="gatherings", verbose_name=_("matter")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.MOOT)
    title = models.CharField(_("title"), max_length=160)
    starts_at = models.DateTimeField(_("starts"), help_text=_("London time."))
    ends_at = models.DateTimeField(_("ends"), help_text=_("London time."))
    address = models.TextField(_("address"), blank=True)
    link = models.URLField(_("link"), blank=True, help_text=_("Shown only to people who have registered."))
    agenda = models.TextField(_("agenda"), blank=True)
    notes = models.TextField(_("notes"), blank=True)
    chair = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("chair")
    )
    called_by = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="+", verbose_name=_("called by")
    )
    called_at = models.DateTimeField(_("called"))
    sequence = models.PositiveSmallIntegerField(_("times rescheduled"), default=0)
    held_at = models.DateTimeField(_("held"), null=True)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True)
    cancelled_because = models.CharField(_("why it was cancelled"), max_length=300, blank=True)

    objects = GatheringQuerySet.as_manager()

    class Meta:
        verbose_name = _("gathering")
        verbose_name_plural = _("gatherings")
        ordering = ("starts_at",)
        indexes = (models.Index(fields=("assembly", "starts_at"), name="gathering_by_assembly"),)
        constraints = (
            models.CheckConstraint(
                name="gathering_ends_after_it_starts",
                condition=Q(ends_at__gt=F("starts_at")),
                violation_error_message=_("A gathering ends after it starts."),
            ),
            models.CheckConstraint(
                name="gathering_is_somewhere",
                condition=~Q(address="") | ~Q(link=""),
                violation_error_message=_("Say where: an address, a link, or both."),
            ),
            models.CheckConstraint(
                name="gathering_held_after_it_started",
                condition=Q(held_at=None) | Q(held_at__gte=F("starts_at"), cancelled_at=None),
                violation_error_message=_("A gathering is held once it has started, and not when cancelled."),
            ),
        )

    def __str__(self) -> str:
        return self.title
