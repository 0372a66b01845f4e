"""A change of the address by which an applicant is reached, asked for at the office because the old one is lost."""

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from defections import vault
from defections.models.application import Application
from members.models import Person


class EmailChangeQuerySet(models.QuerySet["EmailChange"]):
    """Sets of changes."""

    def waiting_at(self, at: datetime) -> "EmailChangeQuerySet":
        """Neither confirmed nor stopped, and in time."""
        return self.filter(confirmed_at=None, stopped_at=None, ends_at__gt=at)

    def due_to_end(self, at: datetime) -> "EmailChangeQuerySet":
        """Neither confirmed nor stopped in time."""
        return self.filter(confirmed_at=None, stopped_at=None, ends_at__lte=at)

    def of_new(self, address: str) -> "EmailChangeQuerySet":
        """Those to this address."""
        return self.filter(email_mark__in=vault.lookup_marks(address))


class EmailChange(models.Model):
    """One of the general secretary's people enters the new address, somebody cleared for research calls the
    applicant on a number on file, and the applicant's code at the new address confirms it.

    The address is sealed under the application's key and goes as soon as the change is confirmed or stopped.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    application = models.ForeignKey(Application, models.CASCADE, related_name="email_changes")
    email_mark = models.BinaryField(max_length=32, null=True, editable=False, db_index=True)
    email_sealed = models.BinaryField(null=True, editable=False)
    asked_at = models.DateTimeField(_("entered"))
    asked_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("entered by"))
    ends_at = models.DateTimeField(_("waits until"))
    called_at = models.DateTimeField(_("applicant called"), null=True)
    called_by = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="+", verbose_name=_("called by")
    )
    note_sealed = models.BinaryField(null=True, editable=False)  # of the call
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)
    stopped_at = models.DateTimeField(_("stopped"), null=True)

    objects = EmailChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("change of an email address")
        verbose_name_plural = _("changes of email addresses")
        ordering = ("asked_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("application",),
                condition=Q(confirmed_at=None, stopped_at=None),
                name="emailchange_one_at_a_time",
                violation_error_message=_("A change of this address is under way already."),
            ),
            models.CheckConstraint(
                name="emailchange_called_by_a_second_person",
                condition=Q(called_at=None, called_by=None, note_sealed=None)
                | (
                    Q(called_at__isnull=False, called_by__isnull=False, note_sealed__isnull=False)
                    & ~Q(called_by=models.F("asked_by"))
                ),
                violation_error_message=_("Somebody else than who entered the address calls the applicant."),
            ),
            models.CheckConstraint(
                name="emailchange_confirmed_after_the_call",
                condition=Q(confirmed_at=None) | Q(called_at__isnull=False, stopped_at=None),
                violation_error_message=_("Only a change about which the applicant was called is confirmed."),
            ),
            models.CheckConstraint(
                name="emailchange_over_without_address",
                condition=Q(confirmed_at=None, stopped_at=None, email_sealed__isnull=False)
                | (
                    (Q(confirmed_at__isnull=False) | Q(stopped_at__isnull=False))
                    & Q(email_mark=None, email_sealed=None)
                ),
                violation_error_message=_("The address goes once the change is over."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.application}, {self.asked_at:%Y-%m-%d}"

    @property
    def email(self) -> str:
        """The new address, or "" once the change is over. Raises Erased or VaultError."""
        if self.email_sealed is None:
            return ""
        return self.application.unseal(self.email_sealed, self.place("email"))

    @property
    def note(self) -> str:
        """Who was spoken to on which number and what was said, or "". Raises Erased or VaultError."""
        if self.note_sealed is None:
            return ""
        return self.application.unseal(self.note_sealed, self.place("note"))

    def set_email(self, address: str) -> None:
        """Seals the new address and the mark by which it is found; the row is not saved."""
        self.email_sealed = self.application.seal(address.strip(), self.place("email"))
        self.email_mark = vault.lookup_marks(address)[0]

    def place(self, column: str) -> str:
        """The place that a column is sealed for."""
        return vault.place_of("email_change", self.pk, column)

    def is_waiting_at(self, at: datetime) -> bool:
        """Whether it can still be confirmed."""
        return self.confirmed_at is None and self.stopped_at is None and at < self.ends_at
