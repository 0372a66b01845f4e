"""Where an application is decided, the hustings that it is invited to, and the letter that ends it (D18 to D26)."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from assemblies.models import Assembly
from decisions.models import Bar, Decision, Gathering, Ground
from defections import vault
from defections.models.application import Application
from members.models import Person

LONGEST_RESIDENCE = 600  # months


class SocietyTerms(models.Model):
    """What the assembly of an area asks of an applicant (D11), and whether it can decide defections (D18)."""

    assembly = models.OneToOneField(
        Assembly, models.CASCADE, related_name="defection_terms", verbose_name=_("assembly")
    )
    decides = models.BooleanField(
        _("decides on defections"),
        default=False,
        help_text=_("Whether it has the people to hold a hustings and decide."),
    )
    links = models.TextField(
        _("significant local links"), blank=True, help_text=_("What counts here, in plain words.")
    )
    residence_months = models.PositiveSmallIntegerField(
        _("months of residence"),
        null=True,
        blank=True,
        help_text=_("How long somebody must have lived here."),
    )
    changed_at = models.DateTimeField(_("changed"))
    changed_by = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="+", verbose_name=_("changed by")
    )

    class Meta:
        verbose_name = _("terms for defections")
        verbose_name_plural = _("terms for defections")
        constraints = (
            models.CheckConstraint(
                name="societyterms_residence_within_bounds",
                condition=Q(residence_months=None)
                | Q(residence_months__gte=1, residence_months__lte=LONGEST_RESIDENCE),
                violation_error_message=_("Residence is asked for 1 to 600 months."),
            ),
        )

    def __str__(self) -> str:
        return str(self.assembly)


class Routing(models.Model):
    """Which assembly has the case, why, and until when; another row follows when it moves (D18)."""

    class Reason(models.TextChoices):
        """Why this assembly."""

        LOCAL = "local", _("It is the assembly of the constituency")
        CITY = "city", _("The constituency’s assembly lacks capacity; this is its city’s")
        REGION = "region", _("The assemblies below lack capacity; this is the region’s")
        ELECTIONS = "elections", _("No local assembly has capacity; this one has the elections duty")

    application = models.ForeignKey(Application, models.CASCADE, related_name="routings")
    assembly = models.ForeignKey(
        Assembly, models.PROTECT, related_name="routings", verbose_name=_("assembly")
    )
    reason = models.CharField(_("reason"), max_length=10, choices=Reason)
    explanation = models.TextField(_("explanation"), blank=True)
    supported_by = models.ForeignKey(
        Assembly,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="supported_routings",
        verbose_name=_("supported by"),
        help_text=_("The assembly with the elections duty, where it helps without replacing."),
    )
    routed_at = models.DateTimeField(_("routed"))
    routed_by = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="+", verbose_name=_("routed by")
    )
    decision = models.OneToOneField(
        Decision,
        models.PROTECT,
        null=True,
        related_name="routing",
        verbose_name=_("decision"),
        help_text=_("The matter that this assembly made of it; it stays here when the case moves on."),
    )
    ended_at = models.DateTimeField(_("moved on"), null=True)
    ended_because = models.TextField(_("why it moved on"), blank=True)

    class Meta:
        verbose_name = _("routing")
        verbose_name_plural = _("routings")
        ordering = ("routed_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("application",),
                condition=Q(ended_at=None),
                name="routing_one_at_a_time",
                violation_error_message=_("The application is with an assembly already."),
            ),
            models.CheckConstraint(
                name="routing_moves_with_a_reason",
                condition=Q(ended_at=None) | ~Q(ended_because=""),
                violation_error_message=_("Say why the case moves."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.application}, {self.assembly}"


class HustingsInvitation(models.Model):
    """The applicant's invitation to the hustings on their own case, and their answer (D20)."""

    class Reply(models.TextChoices):
        """What the applicant answered."""

        ACCEPTED = "accepted", _("accepted")
        ANOTHER_TIME = "another_time", _("asked for another time")
        DECLINED = "declined", _("declined to attend")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    application = models.ForeignKey(Application, models.CASCADE, related_name="invitations")
    gathering = models.OneToOneField(
        Gathering, models.PROTECT, related_name="applicant_invitation", verbose_name=_("hustings")
    )
    starts_at = models.DateTimeField(
        _("invited for"), help_text=_("When it starts, as the applicant was told.")
    )
    sent_at = models.DateTimeField(_("sent"), help_text=_("Anew with every change of the time."))
    reply = models.CharField(_("answer"), max_length=12, choices=Reply, blank=True)
    replied_at = models.DateTimeField(_("answered"), null=True)
    message_sealed = models.BinaryField(null=True, editable=False)
    accepted_code_at = models.DateTimeField(_("accepted the code of conduct"), null=True)
    barred_at = models.DateTimeField(_("barred"), null=True)
    barred_because_sealed = models.BinaryField(null=True, editable=False)
    barred_ground = models.CharField(_("ground"), max_length=16, choices=Ground, blank=True)
    bar = models.OneToOneField(Bar, models.PROTECT, null=True, related_name="applicant_invitation")
    bar_answers_sealed = models.BinaryField(null=True, editable=False)  # [{"at": str, "text": str}]

    class Meta:
        verbose_name = _("invitation to a hustings")
        verbose_name_plural = _("invitations to a hustings")
        ordering = ("sent_at",)
        constraints = (
            models.CheckConstraint(
                name="hustingsinvitation_accepts_the_code",
                condition=~Q(reply="accepted") | Q(accepted_code_at__isnull=False),
                violation_error_message=_(
                    "Whoever accepts the invitation accepts the code of conduct (D28)."
                ),
            ),
            models.CheckConstraint(
                name="hustingsinvitation_answered_whole",
                condition=Q(reply="", replied_at=None) | (~Q(reply="") & Q(replied_at__isnull=False)),
            ),
        )

    def __str__(self) -> str:
        return f"{self.application}, {self.sent_at:%Y-%m-%d}"

    @property
    def message(self) -> str:
        """What the applicant wrote with the answer, or "". Raises Erased or VaultError."""
        if self.message_sealed is None:
            return ""
        return self.application.unseal(self.message_sealed, vault.place_of("invitation", self.pk, "message"))


class Letter(models.Model):
    """The letter that tells the applicant the end (D24 to D26): made from the recorded result, sent once, kept.

    Sealed under the key of the sanitised copy, which is kept longer than what the applicant gave.
    """

    class Kind(models.TextChoices):
        """What it tells."""

        ACCEPTANCE = "acceptance", _("Acceptance")
        DECLINE = "decline", _("Decline")

    application = models.OneToOneField(Application, models.CASCADE, related_name="letter")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    sealed = models.BinaryField(null=True, editable=False)  # {"subject": str, "text": str}; null: erased
    sent_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("sent by"))
    sent_at = models.DateTimeField(_("sent"))
    by_post = models.BooleanField(
        _("by post"), default=False, help_text=_("There is no email address: it is printed and posted.")
    )
    posted_at = models.DateTimeField(_("posted"), null=True)

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.application}"
