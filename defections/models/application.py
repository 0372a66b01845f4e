"""Application: one official's wish to come over; Answer: one section of what they gave; Evidence: a file."""

import uuid
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from decisions.models import Decision
from defections import vault
from defections.models.release import FormRelease
from members.models import Person


class ApplicationQuerySet(models.QuerySet["Application"]):
    """Sets of applications."""

    def drafts(self) -> "ApplicationQuerySet":
        """Not sent, and not erased or withdrawn."""
        return self.filter(sent_at=None, withdrawn_at=None, erased_at=None)

    def not_over(self) -> "ApplicationQuerySet":
        """Drafts and those in hand: neither closed nor withdrawn nor erased."""
        return self.filter(withdrawn_at=None, closed_at=None, erased_at=None)

    def in_hand(self) -> "ApplicationQuerySet":
        """Sent, and neither closed nor withdrawn nor erased."""
        return self.filter(sent_at__isnull=False, withdrawn_at=None, closed_at=None, erased_at=None)

    def not_held(self) -> "ApplicationQuerySet":
        """Those that no legal hold keeps."""
        return self.exclude(pk__in=Hold.objects.filter(lifted_at=None).values("application"))

    def of_email(self, address: str) -> "ApplicationQuerySet":
        """Those made with this address, the newest first; none for no address."""
        if not address.strip():
            return self.none()
        return self.filter(email_mark__in=vault.lookup_marks(address)).order_by("-started_at")


class Application(models.Model):
    """What somebody gave on the form, and how far it has come. Everything personal is sealed (see vault).

    The stage is derived from the stamps by `defections.stages`; only the reference and the stamps are in clear.
    """

    class Origin(models.TextChoices):
        """How it came (D14, D15)."""

        ONLINE = "online", _("online")
        EMAIL = "email", _("by email")
        POST = "post", _("by post")

    class Verification(models.TextChoices):
        """What the research found (D16)."""

        GENUINE = "genuine", _("genuine")
        NOT_GENUINE = "not_genuine", _("not genuine")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(_("reference"), max_length=16, unique=True)
    release = models.ForeignKey(
        FormRelease, models.PROTECT, related_name="applications", verbose_name=_("form release")
    )
    origin = models.CharField(_("came"), max_length=8, choices=Origin, default=Origin.ONLINE)
    key_wrapped = models.BinaryField(null=True, editable=False)  # null: erased
    email_mark = models.BinaryField(max_length=32, null=True, editable=False, db_index=True)
    email_sealed = models.BinaryField(null=True, editable=False)
    email_changed_at = models.DateTimeField(_("address changed"), null=True, editable=False)
    entered_by = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="+", verbose_name=_("entered by")
    )
    arrival_sealed = models.BinaryField(
        null=True, editable=False
    )  # paper: when and how, and the signed pledges

    started_at = models.DateTimeField(_("started"))
    saved_at = models.DateTimeField(_("last saved"))
    warned_at = models.DateTimeField(
        _("warned"), null=True, help_text=_("Of a draft: when its applicant was told that it is about to go.")
    )
    sent_at = models.DateTimeField(_("sent"), null=True)
    verification = models.CharField(_("verification"), max_length=12, choices=Verification, blank=True)
    verified_at = models.DateTimeField(_("verified"), null=True)
    verified_by = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="+", verbose_name=_("verified by")
    )
    summary_sealed = models.BinaryField(null=True, editable=False)
    decision = models.OneToOneField(
        Decision, models.PROTECT, null=True, related_name="application", verbose_name=_("decision")
    )
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="applications", verbose_name=_("account")
    )
    letter_chased_at = models.DateTimeField(_("reminded of the letter"), null=True, editable=False)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True)
    closed_at = models.DateTimeField(
        _("closed"), null=True, help_text=_("The letter has gone, or it was not genuine.")
    )
    erased_at = models.DateTimeField(_("erased"), null=True)

    # Not kept: who enters it from paper in this request; None for the applicant themselves.
    clerk: Person | None = None

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        ordering = ("sent_at", "started_at")
        indexes = (
            models.Index(
                fields=("saved_at",),
                name="application_draft_by_age",
                condition=Q(sent_at=None, withdrawn_at=None, erased_at=None),
            ),
            models.Index(
                fields=("sent_at",),
                name="application_in_hand",
                condition=Q(sent_at__isnull=False, withdrawn_at=None, closed_at=None, erased_at=None),
            ),
            models.Index(
                fields=("closed_at",),
                name="application_over",
                condition=Q(erased_at=None) & (Q(closed_at__isnull=False) | Q(withdrawn_at__isnull=False)),
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("email_mark",),
                name="application_one_open_an_address",
                condition=Q(withdrawn_at=None, closed_at=None, erased_at=None),
                violation_error_message=_("There is an open application from this address already."),
            ),
            models.CheckConstraint(
                name="application_verified_whole",
                condition=Q(verified_at=None, verification="")
                | (Q(verified_at__isnull=False, sent_at__isnull=False) & ~Q(verification="")),
                violation_error_message=_("Only what was sent is verified, and with an outcome."),
            ),
            models.CheckConstraint(
                name="application_decided_when_genuine",
                condition=Q(decision=None) | Q(verification="genuine"),
                violation_error_message=_("Only a genuine application goes to an assembly."),
            ),
            models.CheckConstraint(
                name="application_erased_whole",
                condition=Q(erased_at=None, key_wrapped__isnull=False)
                | Q(
                    erased_at__isnull=False,
                    key_wrapped=None,
                    email_mark=None,
                    email_sealed=None,
                    arrival_sealed=None,
                    summary_sealed=None,
                ),
                violation_error_message=_("Erasing takes everything personal and the key."),
            ),
        )

    def __str__(self) -> str:
        return self.reference

    @property
    def key_context(self) -> str:
        """What its key is bound to in the keyring."""
        return f"defections.application:{self.pk}"

    def seal(self, value: Any, place: str) -> bytes:
        """`value` sealed under this application's key for `place` (vault.place_of). Raises Erased."""
        return vault.seal(self.key_wrapped, value, key_context=self.key_context, place=place)

    def unseal(self, sealed: vault.Sealed, place: str) -> Any:
        """What was sealed for `place`. Raises Erased, or VaultError when it was altered or moved."""
        return vault.unseal(self.key_wrapped, sealed, key_context=self.key_context, place=place)

    @property
    def email(self) -> str:
        """The applicant's address, or "" where none was given (post). Raises Erased once it was erased."""
        if self.email_sealed is None and self.erased_at is None:
            return ""
        return self.unseal(self.email_sealed or b"", vault.place_of("application", self.pk, "email"))

    def set_email(self, address: str) -> None:
        """Seals the address and the mark by which it is found; the row is not saved."""
        address = address.strip()
        self.email_sealed = self.seal(address, vault.place_of("application", self.pk, "email"))
        self.email_mark = vault.lookup_marks(address)[0]

    @property
    def is_open(self) -> bool:
        """Sent, and neither withdrawn nor closed nor erased."""
        return (
            self.sent_at is not None
            and self.withdrawn_at is None
            and self.closed_at is None
            and not self.erased_at
        )

    @property
    def is_held(self) -> bool:
        """Whether a legal hold keeps it from being erased."""
        return self.holds.filter(lifted_at=None).exists()

    @property
    def is_draft(self) -> bool:
        """Not sent yet, and neither withdrawn nor erased."""
        return self.sent_at is None and self.withdrawn_at is None and self.erased_at is None


class Answer(models.Model):
    """One section of the form as the applicant filled it in, sealed: a JSON object by the names of the catalogue."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="answers")
    section = models.CharField(_("section"), max_length=32)
    sealed = models.BinaryField(editable=False)
    saved_at = models.DateTimeField(_("saved"))

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("application", "section"), name="answer_once_a_section"),
        )

    def __str__(self) -> str:
        return self.section

    @staticmethod
    def place(application: Application, section: str) -> str:
        """The place that a section's answer is sealed for."""
        return vault.place_of("application", application.pk, f"answer:{section}")

    def opened(self) -> dict[str, Any]:
        """What the applicant gave. Raises Erased or VaultError."""
        return self.application.unseal(self.sealed, self.place(self.application, self.section))


class Evidence(models.Model):
    """A file that proves something, or a scan of a paper form: name and content sealed, metadata taken out."""

    class Proves(models.TextChoices):
        """What it is for."""

        LINKS = "links", _("Local links or residence")
        SCAN = "scan", _("Scan of a form that came by post or email")
        RESEARCH = "research", _("Found by the research")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    application = models.ForeignKey(Application, models.CASCADE, related_name="evidence")
    proves = models.CharField(_("what for"), max_length=10, choices=Proves)
    media_type = models.CharField(_("type"), max_length=40)
    size = models.PositiveIntegerField(_("size in bytes"))
    name_sealed = models.BinaryField(editable=False)
    content_sealed = models.BinaryField(editable=False)
    added_at = models.DateTimeField(_("added"))
    added_by = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="+", verbose_name=_("added by")
    )  # None: the applicant

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        ordering = ("added_at",)
        constraints = (
            models.CheckConstraint(
                name="evidence_known_type",
                condition=Q(media_type__in=("application/pdf", "image/jpeg", "image/png")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_proves_display()}, {self.media_type}"

    @property
    def name(self) -> str:
        """What the file was called. Raises Erased or VaultError."""
        return self.application.unseal(self.name_sealed, vault.place_of("evidence", self.pk, "name"))

    @property
    def content(self) -> bytes:
        """The file. Raises Erased or VaultError."""
        return vault.unseal_bytes(
            self.application.key_wrapped,
            self.content_sealed,
            key_context=self.application.key_context,
            place=vault.place_of("evidence", self.pk, "content"),
        )


class Hold(models.Model):
    """A reason why the law does not let an application be erased when its time comes."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="holds")
    reason = models.TextField(_("reason"))
    placed_at = models.DateTimeField(_("placed"))
    placed_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("placed by"))
    lifted_at = models.DateTimeField(_("lifted"), null=True)
    lifted_by = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="+", verbose_name=_("lifted by")
    )

    class Meta:
        verbose_name = _("legal hold")
        verbose_name_plural = _("legal holds")
        ordering = ("placed_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("application",),
                condition=Q(lifted_at=None),
                name="hold_one_at_a_time",
                violation_error_message=_("There is a hold on this application already."),
            ),
            models.CheckConstraint(
                name="hold_with_a_reason",
                condition=~Q(reason=""),
                violation_error_message=_("A hold has a reason."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.application}, {self.placed_at:%Y-%m-%d}"


class ResumeCode(models.Model):
    """A code that was mailed to an address, with which its owner begins a form or goes on with theirs.

    It belongs to the address and not to an application, so that asking for one costs and does the same whether
    or not there is an application. Of the code a digest is kept, of the address a mark and, until the code is
    used or out of date, the address sealed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email_mark = models.BinaryField(max_length=32, editable=False, db_index=True)
    email_sealed = models.BinaryField(null=True, editable=False)
    digest = models.BinaryField(max_length=32, editable=False)
    made_at = models.DateTimeField(_("made"))
    tries = models.PositiveSmallIntegerField(_("wrong tries"), default=0)
    used_at = models.DateTimeField(_("used"), null=True)

    class Meta:
        verbose_name = _("code to go on")
        verbose_name_plural = _("codes to go on")
        ordering = ("-made_at",)

    def __str__(self) -> str:
        return f"{self.made_at:%Y-%m-%d %H:%M}"

    def is_open_at(self, at: datetime, *, seconds: int, most_tries: int) -> bool:
        """Whether it can still be used: not used, not older than `seconds`, not tried too often."""
        return (
            self.used_at is None and (at - self.made_at).total_seconds() < seconds and self.tries < most_tries
        )
