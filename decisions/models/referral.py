"""Referral: a bar goes to the assembly with the resolutions duty for disciplinary review (D29)."""

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from assemblies.models import Assembly, Duty
from decisions.models.conduct import Bar
from members.models import Person


class ReferralQuerySet(models.QuerySet["Referral"]):
    """Sets of referrals."""

    def waiting(self) -> "ReferralQuerySet":
        """Without an outcome yet."""
        return self.filter(decided_at=None)

    def reviewed_by(self, person: Person, at: datetime) -> "ReferralQuerySet":
        """Those that the person may review at `at`: all, for whoever acts for the assembly with the duty.

        Nobody reviews a bar of their own: neither one put on them, be it as the guest whom the matter concerns, nor
        one they put on somebody.
        """
        charged = Duty.objects.in_force_at(at).filter(
            name=Duty.Name.RESOLUTIONS, assembly__in=Assembly.objects.served_by(person, at)
        )
        if not charged.exists():
            return self.none()
        own = Q(bar__person=person) | Q(bar__barred_by=person)
        own |= Q(bar__person=None, bar__gathering__decision__concerns=person)
        return self.exclude(pk__in=self.model._default_manager.filter(own).values("pk"))

    def visible_to(self, person: Person, at: datetime) -> "ReferralQuerySet":
        """Those that the person may review at `at`, and those about themselves."""
        return self.filter(Q(pk__in=self.reviewed_by(person, at).values("pk")) | Q(bar__person=person))


class Referral(models.Model):
    """The disciplinary review of one bar: opened by it, talked through in entries, ended by an outcome."""

    class Outcome(models.TextChoices):
        """What the review found."""

        NO_BREACH = "no_breach", _("The code was not broken")
        NOTED = "noted", _("The code was broken; nothing further")
        WARNED = "warned", _("The code was broken; the person is warned")
        FURTHER = "further", _("The code was broken; further steps follow")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    bar = models.OneToOneField(Bar, models.PROTECT, related_name="referral", verbose_name=_("bar"))
    assembly = models.ForeignKey(
        Assembly,
        models.PROTECT,
        null=True,
        related_name="referrals",
        verbose_name=_("referred to"),
        help_text=_("The assembly that had the resolutions duty then."),
    )
    opened_at = models.DateTimeField(_("opened"))
    decided_at = models.DateTimeField(_("decided"), null=True)
    decided_by = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="+", verbose_name=_("recorded by")
    )
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome, blank=True)
    statement = models.TextField(_("what was found and why"), blank=True)

    objects = ReferralQuerySet.as_manager()

    class Meta:
        verbose_name = _("referral")
        verbose_name_plural = _("referrals")
        ordering = ("opened_at",)
        constraints = (
            models.CheckConstraint(
                name="referral_decided_whole",
                condition=Q(decided_at=None, decided_by=None, outcome="", statement="")
                | (Q(decided_at__isnull=False, decided_by__isnull=False) & ~Q(outcome="") & ~Q(statement="")),
                violation_error_message=_("An outcome says what was found and why."),
            ),
        )

    def __str__(self) -> str:
        return str(self.bar)

    def get_absolute_url(self) -> str:
        """Its page, for those who review it and for the person whom it is about."""
        return reverse("decisions:referral_detail", args=[self.pk])

    @property
    def is_waiting(self) -> bool:
        """Whether it has no outcome yet."""
        return self.decided_at is None


class ReferralEntry(models.Model):
    """What is put on the record of a referral: an answer of the person concerned, or a note of the review."""

    class Kind(models.TextChoices):
        """Whose entry it is."""

        ANSWER = "answer", _("Answer of the person")
        REVIEW = "review", _("Review")

    referral = models.ForeignKey(Referral, models.PROTECT, related_name="entries", verbose_name=_("referral"))
    kind = models.CharField(_("kind"), max_length=6, choices=Kind)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("by"))
    text = models.TextField(_("text"))
    entered_at = models.DateTimeField(_("entered"))

    class Meta:
        verbose_name = _("entry of a referral")
        verbose_name_plural = _("entries of referrals")
        ordering = ("entered_at",)

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.entered_at:%Y-%m-%d %H:%M}"
