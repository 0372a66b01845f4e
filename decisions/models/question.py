"""Question: what somebody asks at a gathering, ahead or live; others see it once the chair lets it through."""

import uuid

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from decisions.models.conduct import Bar, Ground
from decisions.models.gathering import Gathering
from members.models import Person


class QuestionQuerySet(models.QuerySet["Question"]):
    """Sets of questions."""

    def standing(self) -> "QuestionQuerySet":
        """Neither withdrawn nor from somebody who is barred: a bar takes all of a person's questions away."""
        barred = Bar.objects.filter(gathering=OuterRef("gathering"), person=OuterRef("asked_by"))
        return self.filter(~Exists(barred), withdrawn_at=None)

    def waiting(self) -> "QuestionQuerySet":
        """Standing, and not judged by the chair yet."""
        return self.standing().filter(shown_at=None, refused_at=None)

    def shown(self) -> "QuestionQuerySet":
        """What everybody sees: let through, and not refused since."""
        return self.standing().filter(shown_at__isnull=False, refused_at=None)

    def refused(self) -> "QuestionQuerySet":
        """Standing, and refused by the chair."""
        return self.standing().filter(refused_at__isnull=False)


class Question(models.Model):
    """One question. Waiting; then let through and perhaps answered; or refused on a named ground; or withdrawn."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    gathering = models.ForeignKey(
        Gathering, models.PROTECT, related_name="questions", verbose_name=_("gathering")
    )
    asked_by = models.ForeignKey(Person, models.PROTECT, related_name="questions", verbose_name=_("asked by"))
    text = models.TextField(_("question"))
    asked_at = models.DateTimeField(_("asked"))
    shown_at = models.DateTimeField(_("let through"), null=True, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    refused_at = models.DateTimeField(_("refused"), null=True, blank=True)
    ground = models.CharField(_("ground of the refusal"), max_length=16, choices=Ground, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    objects = QuestionQuerySet.as_manager()

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ("asked_at",)
        indexes = (models.Index(fields=("gathering", "asked_at"), name="question_by_gathering"),)
        constraints = (
            models.CheckConstraint(
                name="question_refused_on_a_ground",
                condition=Q(refused_at=None, ground="") | (Q(refused_at__isnull=False) & ~Q(ground="")),
                violation_error_message=_("A question is refused on one of the four grounds."),
            ),
            models.CheckConstraint(
                name="question_answered_when_shown",
                condition=Q(answered_at=None) | Q(shown_at__isnull=False, refused_at=None),
                violation_error_message=_("A question is answered after it was let through."),
            ),
        )

    def __str__(self) -> str:
        return self.text[:80]

    @property
    def status_label(self) -> Promise:
        """Where it stands, in a word or two."""
        if self.withdrawn_at is not None:
            return _("Withdrawn")
        if self.refused_at is not None:
            return _("Refused")
        if self.answered_at is not None:
            return _("Answered")
        return _("With the chair") if self.shown_at is None else _("Let through")

    @property
    def is_waiting(self) -> bool:
        """Whether the chair has not judged it."""
        return self.shown_at is None and self.refused_at is None and self.withdrawn_at is None

    @property
    def is_shown(self) -> bool:
        """Whether it was let through, and neither refused nor withdrawn since."""
        return self.shown_at is not None and self.refused_at is None and self.withdrawn_at is None
