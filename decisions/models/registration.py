"""Registration: who comes to a gathering, having accepted the code of conduct (D27). Invitation: who is asked to it."""

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from assemblies.models import Assembly
from decisions.models.conduct import Bar
from decisions.models.gathering import Gathering
from members.models import Person


class RegistrationQuerySet(models.QuerySet["Registration"]):
    """Sets of registrations."""

    def in_force(self) -> "RegistrationQuerySet":
        """Neither cancelled by the person nor stopped by a bar."""
        barred = Bar.objects.filter(gathering=OuterRef("gathering"), person=OuterRef("person"))
        return self.filter(~Exists(barred), cancelled_at=None)


class Registration(models.Model):
    """One person's registration for one gathering; registering again after cancelling takes the same row."""

    class Way(models.TextChoices):
        """How somebody takes part."""

        ROOM = "room", _("In the room")
        ONLINE = "online", _("Online")

    gathering = models.ForeignKey(
        Gathering, models.PROTECT, related_name="registrations", verbose_name=_("gathering")
    )
    person = models.ForeignKey(Person, models.PROTECT, related_name="registrations", verbose_name=_("person"))
    way = models.CharField(_("takes part"), max_length=6, choices=Way)
    registered_at = models.DateTimeField(
        _("registered"), help_text=_("The code of conduct was accepted then.")
    )
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, blank=True)
    attended_at = models.DateTimeField(_("marked as having come"), null=True, blank=True)

    objects = RegistrationQuerySet.as_manager()

    class Meta:
        verbose_name = _("registration")
        verbose_name_plural = _("registrations")
        ordering = ("registered_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("gathering", "person"),
                name="registration_once",
                violation_error_message=_("This person has registered for this gathering already."),
            ),
            models.CheckConstraint(
                name="registration_cancelled_after_it_was_made",
                condition=Q(cancelled_at=None) | Q(cancelled_at__gte=F("registered_at")),
                violation_error_message=_("A registration is cancelled after it was made."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.person}, {self.gathering}"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Sets of invitations."""

    def of_assemblies(self) -> "InvitationQuerySet":
        """Those of whole assemblies, with these."""
        return self.filter(assembly__isnull=False).select_related("assembly").order_by("assembly__name")

    def of_people(self) -> "InvitationQuerySet":
        """Those of people by name, with these."""
        return self.filter(person__isnull=False).select_related("person").order_by("person__name")


class Invitation(models.Model):
    """One more assembly, or one person by name, asked to a gathering; its own assemblies are asked anyhow."""

    gathering = models.ForeignKey(
        Gathering, models.PROTECT, related_name="invitations", verbose_name=_("gathering")
    )
    assembly = models.ForeignKey(
        Assembly, models.PROTECT, null=True, related_name="invitations", verbose_name=_("assembly")
    )
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="invitations", verbose_name=_("person")
    )
    invited_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("invited by"))
    invited_at = models.DateTimeField(_("invited"))

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ("invited_at",)
        constraints = (
            models.CheckConstraint(
                name="invitation_of_one",
                condition=Q(assembly__isnull=False, person=None) | Q(assembly=None, person__isnull=False),
                violation_error_message=_("An assembly or a person is invited."),
            ),
            models.UniqueConstraint(
                fields=("gathering", "assembly"),
                name="invitation_of_assembly_once",
                violation_error_message=_("This assembly is invited already."),
            ),
            models.UniqueConstraint(
                fields=("gathering", "person"),
                name="invitation_of_person_once",
                violation_error_message=_("This person is invited already."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.assembly or self.person}, {self.gathering}"
