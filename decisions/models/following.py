"""Follow: somebody wants to hear how a decision goes on."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from decisions.models.decision import Decision
from members.models import Person


class FollowQuerySet(models.QuerySet["Follow"]):
    """Sets of follows."""

    def current(self) -> "FollowQuerySet":
        """Those that have not been given up."""
        return self.filter(unfollowed_at=None)


class Follow(models.Model):
    """One person following one decision. A row that was given up stays: taking part does not begin it anew."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="follows", verbose_name=_("person"))
    decision = models.ForeignKey(Decision, models.CASCADE, related_name="follows", verbose_name=_("decision"))
    followed_at = models.DateTimeField(_("followed"))
    unfollowed_at = models.DateTimeField(_("given up"), null=True)

    objects = FollowQuerySet.as_manager()

    class Meta:
        verbose_name = _("follow")
        verbose_name_plural = _("follows")
        ordering = ("-followed_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("person", "decision"),
                name="follow_once",
                violation_error_message=_("This person follows this decision already."),
            ),
            models.CheckConstraint(
                name="follow_given_up_after_it_began",
                condition=Q(unfollowed_at=None) | Q(unfollowed_at__gte=F("followed_at")),
                violation_error_message=_("Following is given up after it began."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.person}, {self.decision}"
