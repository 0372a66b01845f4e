"""Duty: what an assembly does for the whole party."""

from datetime import datetime

from django.db import models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from assemblies.errors import WrongMomentError
from assemblies.models.assembly import Assembly
from ledger import events
from members.models import Person


class DutyQuerySet(models.QuerySet["Duty"]):
    """Sets of duties."""

    def in_force_at(self, at: datetime) -> "DutyQuerySet":
        """Begun at or before `at` and not ended by then: [began_at, ended_at)."""
        return self.filter(Q(ended_at=None) | Q(ended_at__gt=at), began_at__lte=at)

    def holder_at(self, name: str, at: datetime) -> Assembly | None:
        """The assembly that has the duty at `at`, or None."""
        found = self.in_force_at(at).filter(name=name).select_related("assembly").first()
        return found.assembly if found else None


class Duty(models.Model):
    """An assembly's duty for the whole party, from when to when; each duty is one assembly's at a time."""

    class Name(models.TextChoices):
        """Which duty."""

        RESEARCH = "research", _("Research: verifies applications")
        RESOLUTIONS = "resolutions", _("Resolutions: reviews conduct")
        ELECTIONS = "elections", _("Elections: supports assemblies in selection and elections")
        OPERATIONS = "operations", _("Operations: publishes the party’s forms")

    assembly = models.ForeignKey(Assembly, models.PROTECT, related_name="duties", verbose_name=_("assembly"))
    name = models.CharField(_("duty"), max_length=12, choices=Name)
    began_at = models.DateTimeField(_("began"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects = DutyQuerySet.as_manager()

    class Meta:
        verbose_name = _("duty")
        verbose_name_plural = _("duties")
        ordering = ("name", "-began_at")
        constraints = (
            models.UniqueConstraint(
                fields=("name",),
                condition=Q(ended_at=None),
                name="duty_one_assembly_at_a_time",
                violation_error_message=_("Another assembly has this duty: end it there first."),
            ),
            models.CheckConstraint(
                name="duty_ended_after_it_began",
                condition=Q(ended_at=None) | Q(ended_at__gte=F("began_at")),
                violation_error_message=_("A duty ends after it began."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_name_display()}: {self.assembly}"

    def is_in_force_at(self, at: datetime) -> bool:
        """Whether the assembly has it at `at`; the same as `in_force_at` says of a set."""
        return self.began_at <= at and (self.ended_at is None or self.ended_at > at)

    @transaction.atomic
    def begin(self, *, at: datetime, by: Person | None = None) -> None:
        """Saves this new duty, from `at` on. Raises Django's ValidationError while another assembly has it."""
        self.began_at = at
        self.validate_constraints()
        self.save(force_insert=True)
        facts = {"assembly": str(self.assembly_id), "duty": self.name}
        events.record("duty.began", self, at=at, by=by.pk if by else None, data=facts)

    @transaction.atomic
    def end(self, *, at: datetime, by: Person | None = None) -> None:
        """Ends it at `at`; raises WrongMomentError when it is over, and so changes nothing."""
        row = Duty.objects.select_for_update(of=("self",)).get(pk=self.pk)
        if row.ended_at is not None:
            raise WrongMomentError(_now("This duty has ended already."))
        row.ended_at = self.ended_at = max(at, row.began_at)
        row.save(update_fields=["ended_at"])
        facts = {"assembly": str(row.assembly_id), "duty": row.name}
        events.record("duty.ended", row, at=at, by=by.pk if by else None, data=facts)
