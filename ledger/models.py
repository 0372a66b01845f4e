"""Event: what was done, append-only. Message: what is to be told, once."""

import json
import uuid
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, OrderBy, Q
from django.utils.translation import gettext_lazy as _

from ledger import keyring


class EventQuerySet(models.QuerySet["Event"]):
    """Sets of events."""

    def about(self, subject: models.Model) -> "EventQuerySet":
        """The events of one row, oldest first."""
        return self.filter(subject_kind=subject._meta.label_lower, subject_id=str(subject.pk)).order_by("id")


class Event(models.Model):
    """One thing that was done. Rows are only ever added: the database itself refuses to change or delete one.

    It carries ids and plain facts, never a person's data and never anything of a vote. People and subjects are
    kept by id without a foreign key, so that the record outlives what it speaks of.
    """

    at = models.DateTimeField(_("when"))
    verb = models.CharField(_("what"), max_length=80)
    subject_kind = models.CharField(_("kind of subject"), max_length=80)
    subject_id = models.CharField(_("subject"), max_length=64)
    by = models.UUIDField(_("by"), null=True, help_text=_("Empty: the clock."))
    data = models.JSONField(_("facts"), default=dict)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ("id",)
        indexes = (
            models.Index(fields=("subject_kind", "subject_id", "id"), name="event_by_subject"),
            models.Index(fields=("verb", "at"), name="event_by_verb"),
        )

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.verb}"


class MessageQuerySet(models.QuerySet["Message"]):
    """Sets of messages."""

    def due(self, at: datetime) -> "MessageQuerySet":
        """Neither sent nor given up, and not waiting for another try, at `at`."""
        return self.filter(sent_at=None, given_up_at=None, not_before__lte=at)

    def in_order(self) -> "MessageQuerySet":
        """Secrets first (a login code lasts minutes), then those that failed least, then those due longest."""
        return self.order_by("-is_secret", "tries", "not_before")

    def failing(self) -> "MessageQuerySet":
        """Those that failed and have not gone out since: waiting for another try, or given up."""
        return self.filter(sent_at=None, tries__gt=0)

    def settled_before(self, at: datetime) -> "MessageQuerySet":
        """Those that went out or were given up before `at`."""
        return self.filter(Q(sent_at__lt=at) | Q(given_up_at__lt=at))


@dataclass(frozen=True)
class Content:
    """What a mail says, and to whom."""

    address: str
    subject: str
    text: str


class Message(models.Model):
    """One mail to one address, told once: `key` is unique, so queueing it again adds nothing.

    A confidential one has its content sealed in one column, address and subject too, and these columns empty;
    it is erased once the mail has gone out or has been given up.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(_("key"), max_length=200, unique=True)
    kind = models.CharField(_("kind"), max_length=60)
    address = models.EmailField(_("to"), blank=True, help_text=_("Empty: confidential."))
    subject = models.CharField(_("subject"), max_length=250)
    text = models.TextField(_("text"))
    stream = models.CharField(_("stream"), max_length=20, blank=True)
    unsubscribe = models.CharField(
        _("address that stops the stream"),
        max_length=300,
        blank=True,
        help_text=_("Empty: a mail that is always sent."),
    )
    is_secret = models.BooleanField(
        _("secret"), default=False, help_text=_("The text is erased as soon as it has been sent.")
    )
    sealed = models.BinaryField(null=True, editable=False)
    queued_at = models.DateTimeField(_("queued"))
    not_before = models.DateTimeField(_("not before"))
    tries = models.PositiveSmallIntegerField(_("failed tries"), default=0)
    sent_at = models.DateTimeField(_("sent"), null=True)
    given_up_at = models.DateTimeField(_("given up"), null=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        indexes = (
            models.Index(
                OrderBy(F("is_secret"), descending=True),
                "tries",
                "not_before",
                name="message_waiting",
                condition=Q(sent_at=None, given_up_at=None),
            ),
            models.Index("id", name="message_failing", condition=Q(sent_at=None, tries__gt=0)),
            models.Index("sent_at", name="message_sent", condition=Q(sent_at__isnull=False)),
            models.Index("given_up_at", name="message_given_up", condition=Q(given_up_at__isnull=False)),
        )
        constraints = (
            models.CheckConstraint(
                name="message_sent_or_given_up",
                condition=Q(sent_at=None) | Q(given_up_at=None),
                violation_error_message=_("A message was sent or given up, not both."),
            ),
        )

    def __str__(self) -> str:
        return f"Message {self.pk}"

    def seal(self, content: Content) -> None:
        """Makes it a confidential one that says `content`; the row is not saved. Raises KeyringError."""
        plain = json.dumps(asdict(content), ensure_ascii=False).encode()
        self.sealed = keyring.current().wrap("application", plain, context=f"ledger.message:{self.pk}")

    @property
    def content(self) -> Content:
        """What it says and to whom; of a confidential one, unsealed. Raises KeyringError."""
        if self.sealed is None:
            return Content(self.address, self.subject, self.text)
        context = f"ledger.message:{self.pk}"
        return Content(
            **json.loads(keyring.current().unwrap("application", bytes(self.sealed), context=context))
        )

    def erase_secrets(self) -> None:
        """Takes out what must not outlive the sending; the row is not saved."""
        self.sealed = None
        if self.is_secret:
            self.text = ""

    def headers(self, domain: str) -> dict[str, Any]:
        """A Message-ID that is the same at every try, so that a mailbox can drop a mail that came twice.

        Where the stream can be stopped, its List-Id, and what lets a mailbox stop it in one click (RFC 8058).
        """
        found = {"Message-ID": f"<{self.pk}@{domain}>", "Auto-Submitted": "auto-generated"}
        if self.unsubscribe:
            found |= {
                "List-Id": f"<{self.stream}.{domain}>",
                "List-Unsubscribe": f"<{self.unsubscribe}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            }
        return found
