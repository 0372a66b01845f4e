"""Ground: what a question must not do (D27). Bar: somebody takes no further part in a gathering (D30)."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from decisions.models.gathering import Gathering
from members.models import Person


class Ground(models.TextChoices):
    """The four grounds of the defection policy's "Conduct During Hustings" (D27), in its words."""

    HATE = "hate", _("Inciting, supporting or calling for hate speech")
    AGGRESSION = "aggression", _("Inciting, supporting or calling for inciteful or aggressive speech")
    DISCRIMINATION = "discrimination", _("Risking undue negative discrimination")
    STEREOTYPES = "stereotypes", _("Endorsing or perpetuating stereotypes")


class Bar(models.Model):
    """Somebody is barred from one gathering, from that moment; it takes nothing else away, no vote either."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    gathering = models.ForeignKey(Gathering, models.PROTECT, related_name="bars", verbose_name=_("gathering"))
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="bars", verbose_name=_("person")
    )
    guest = models.CharField(
        _("guest"),
        max_length=80,
        blank=True,
        help_text=_("Whoever is there without taking part, as the applicant of a case: never their name."),
    )
    ground = models.CharField(_("ground"), max_length=16, choices=Ground)
    reason = models.TextField(_("what happened"), blank=True)  # of a guest it is kept where their own data is
    barred_at = models.DateTimeField(_("barred"))
    barred_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("barred by"))

    class Meta:
        verbose_name = _("bar")
        verbose_name_plural = _("bars")
        ordering = ("barred_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("gathering", "person"),
                name="bar_once",
                violation_error_message=_("This person is barred from this gathering already."),
            ),
            models.CheckConstraint(
                name="bar_with_a_reason",
                condition=(~Q(reason="") | ~Q(guest="")) & ~Q(ground=""),
                violation_error_message=_("A bar names its ground and says what happened."),
            ),
            models.UniqueConstraint(
                fields=("gathering", "guest"),
                condition=~Q(guest=""),
                name="bar_of_a_guest_once",
                violation_error_message=_("This guest is barred from this gathering already."),
            ),
            models.CheckConstraint(
                name="bar_of_a_person_or_a_guest",
                condition=Q(person__isnull=False, guest="") | (Q(person=None) & ~Q(guest="")),
                violation_error_message=_("A bar is of a person or of a guest."),
            ),
            models.CheckConstraint(
                name="bar_of_somebody_else",
                condition=~Q(person=F("barred_by")),
                violation_error_message=_("Nobody bars themselves."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.name}, {self.gathering}"

    @property
    def name(self) -> str:
        """Who is barred, as those are told who may know."""
        return self.person.name if self.person is not None else self.guest
