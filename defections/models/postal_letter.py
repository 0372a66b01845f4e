"""What has to be written to an applicant without an email address, until somebody says that it was posted."""

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from defections.models.application import Application
from defections.models.case import HustingsInvitation
from defections.models.research import Query
from members.models import Person


class PostalLetterQuerySet(models.QuerySet["PostalLetter"]):
    """Sets of letters to post."""

    def waiting_at(self, at: datetime) -> "PostalLetterQuerySet":
        """Not posted yet, and still of use: the meeting is to come, the question is neither answered nor taken back."""
        late = Q(invitation__gathering__ends_at__lte=at) | Q(invitation__gathering__held_at__isnull=False)
        settled = Q(query__answered_at__isnull=False) | Q(query__taken_back_at__isnull=False)
        in_hand = Q(application__in=Application.objects.in_hand())
        rows = self.filter(in_hand | ~Q(kind__in=PostalLetter.WHILE_IN_HAND), posted_at=None)
        return rows.exclude(Q(kind=PostalLetter.Kind.INVITATION) & late).exclude(settled)

    def awaiting_answers(self) -> "PostalLetterQuerySet":
        """Questions whose answer, once it comes by post, is to be entered."""
        return self.filter(
            kind=PostalLetter.Kind.QUESTION,
            query__answered_at=None,
            query__taken_back_at=None,
            application__in=Application.objects.in_hand(),
        )


class PostalLetter(models.Model):
    """One letter to write by post. It holds nothing personal: what it says is made when it is printed."""

    class Kind(models.TextChoices):
        """What it tells."""

        INVITATION = "invitation", _("Invitation to a hustings, or a change of it")
        QUESTION = "question", _("A question of the research")
        NOT_GENUINE = "not_genuine", _("The form could not be confirmed")
        WITHDRAWN = "withdrawn", _("Confirmation that it is withdrawn")
        BARRED = "barred", _("No further part in a hustings")
        REVIEWED = "reviewed", _("What the review of a bar found")
        LETTER = "letter", _("The letter that ends the case")
        ERASED = "erased", _("Confirmation that the data is erased")

    # Of no use any more once the application is over.
    WHILE_IN_HAND = (Kind.INVITATION, Kind.QUESTION)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    application = models.ForeignKey(
        Application, models.CASCADE, related_name="postal_letters", verbose_name=_("application")
    )
    kind = models.CharField(_("what it tells"), max_length=12, choices=Kind)
    invitation = models.ForeignKey(HustingsInvitation, models.CASCADE, null=True, related_name="+")
    query = models.ForeignKey(Query, models.CASCADE, null=True, related_name="+")
    needed_at = models.DateTimeField(_("to be written since"))
    posted_at = models.DateTimeField(_("posted"), null=True)
    posted_by = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="+", verbose_name=_("posted by")
    )

    objects = PostalLetterQuerySet.as_manager()

    class Meta:
        verbose_name = _("letter to write by post")
        verbose_name_plural = _("letters to write by post")
        ordering = ("needed_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("application", "kind", "invitation", "query"),
                condition=Q(posted_at=None),
                name="postalletter_once_till_posted",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="postalletter_posted_whole",
                condition=Q(posted_at=None, posted_by=None)
                | Q(posted_at__isnull=False, posted_by__isnull=False),
                violation_error_message=_("Somebody says that it was posted."),
            ),
            models.CheckConstraint(
                name="postalletter_about_something",
                condition=(
                    Q(kind__in=("invitation", "barred", "reviewed"), invitation__isnull=False, query=None)
                )
                | Q(kind="question", query__isnull=False, invitation=None)
                | Q(kind__in=("not_genuine", "withdrawn", "erased", "letter"), query=None, invitation=None),
            ),
        )

    def __str__(self) -> str:
        return f"{self.application}: {self.get_kind_display()}"

    def get_absolute_url(self) -> str:
        """The sheet to print."""
        return reverse("defections:postal_letter_print", args=[self.pk])
