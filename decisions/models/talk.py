"""Comment: what somebody says about a matter, one level of answers deep. Revision: what a text was before."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from decisions.models.decision import Decision
from members.models import Person


class Comment(models.Model):
    """One contribution to the talk; an answer to another where `answers` is set."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    decision = models.ForeignKey(
        Decision, models.PROTECT, related_name="comments", verbose_name=_("decision")
    )
    answers = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="replies", verbose_name=_("answers")
    )
    author = models.ForeignKey(Person, models.PROTECT, related_name="comments", verbose_name=_("author"))
    text = models.TextField(_("text"))
    said_at = models.DateTimeField(_("said"))
    edited_at = models.DateTimeField(_("edited"), null=True)
    removed_at = models.DateTimeField(_("removed"), null=True)
    removed_by = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="+", verbose_name=_("removed by")
    )
    removed_because = models.CharField(_("why it was removed"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering = ("said_at",)
        indexes = (models.Index(fields=("decision", "said_at"), name="comment_by_decision"),)
        constraints = (
            models.CheckConstraint(
                name="comment_removed_with_a_reason",
                condition=Q(removed_at=None) | ~Q(removed_because=""),
                violation_error_message=_("A comment is removed for a reason."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.author}, {self.said_at:%Y-%m-%d}"


class Revision(models.Model):
    """A text as it was before an edit, of a proposal or of a comment: nothing said is quietly rewritten."""

    decision = models.ForeignKey(Decision, models.PROTECT, null=True, related_name="revisions")
    comment = models.ForeignKey(Comment, models.PROTECT, null=True, related_name="revisions")
    title = models.CharField(max_length=160, blank=True)
    text = models.TextField(blank=True)
    replaced_at = models.DateTimeField()
    replaced_by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("earlier text")
        verbose_name_plural = _("earlier texts")
        ordering = ("replaced_at",)
        constraints = (
            models.CheckConstraint(
                name="revision_of_one_thing",
                condition=Q(decision__isnull=False, comment=None) | Q(decision=None, comment__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.replaced_at:%Y-%m-%d %H:%M}"
