"""Call: somebody entitled calls for consensus on one option. Position: a participant's answer to it."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from decisions.models.decision import Decision, Option
from members.models import Person


class Stance(models.TextChoices):
    """What somebody answers to a call."""

    AGREE = "agree", _("Agree")
    STAND_ASIDE = "aside", _("Stand aside")
    OBJECT = "object", _("Object")


class CallQuerySet(models.QuerySet["Call"]):
    """Sets of calls."""

    def standing(self) -> "CallQuerySet":
        """Not ended."""
        return self.filter(ended_at=None)

    def due_to_end(self, at: datetime) -> "CallQuerySet":
        """Standing, and their window over, but for those that end with a deliberation."""
        return self.standing().filter(ends_at__lte=at, in_deliberation=False)


class Call(models.Model):
    """A call for consensus on one option, with a window [called_at, ends_at) in which people answer."""

    class Result(models.TextChoices):
        """How a call ended."""

        CONSENSUS = "consensus", _("consensus")
        FELL = "fell", _("no consensus")
        STOPPED = "stopped", _("stopped, since the matter was taken back")

    decision = models.ForeignKey(Decision, models.PROTECT, related_name="calls", verbose_name=_("decision"))
    option = models.ForeignKey(Option, models.PROTECT, related_name="calls", verbose_name=_("option"))
    together = models.TextField(
        _("all of them together"),
        blank=True,
        help_text=_(
            "In a race with no more candidates than seats: the names of all, for the call is on all."
        ),
    )
    called_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("called by"))
    called_at = models.DateTimeField(_("called"))
    ends_at = models.DateTimeField(_("ends"))
    in_deliberation = models.BooleanField(_("within a deliberation"), default=False)
    ended_at = models.DateTimeField(_("ended"), null=True)
    result = models.CharField(_("result"), max_length=10, choices=Result, blank=True)
    account = models.JSONField(_("figures at the end"), null=True)

    objects = CallQuerySet.as_manager()

    class Meta:
        verbose_name = _("call for consensus")
        verbose_name_plural = _("calls for consensus")
        ordering = ("called_at",)
        indexes = (models.Index(fields=("ends_at",), name="call_standing", condition=Q(ended_at=None)),)
        constraints = (
            models.UniqueConstraint(
                fields=("decision",),
                condition=Q(ended_at=None),
                name="call_one_standing",
                violation_error_message=_("A call for consensus is open on this matter already."),
            ),
            models.UniqueConstraint(
                fields=("decision",),
                condition=Q(result="consensus"),
                name="call_one_consensus",
                violation_error_message=_("This matter was settled by consensus already."),
            ),
            models.CheckConstraint(
                name="call_ends_after_it_began",
                condition=Q(ends_at__gt=F("called_at")),
                violation_error_message=_("A call ends after it began."),
            ),
            models.CheckConstraint(
                name="call_fell_in_its_time",
                condition=Q(ended_at=None, result="")
                | Q(ended_at__isnull=False, result__in=("consensus", "stopped"))
                | Q(ended_at__gte=F("ends_at"), result="fell"),
                violation_error_message=_("A call falls at its end, not before."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.subject} ({self.called_at:%Y-%m-%d})"

    @property
    def subject(self) -> str:
        """What it is on, in words: the name of its option, or the names of all candidates together."""
        return self.together or self.option.name

    def is_open_at(self, at: datetime) -> bool:
        """Whether people can answer at `at`: not ended, and within [called_at, ends_at)."""
        return self.ended_at is None and self.called_at <= at < self.ends_at


class Position(models.Model):
    """One participant's present answer to a call; the answers before it are Events."""

    call = models.ForeignKey(Call, models.PROTECT, related_name="positions", verbose_name=_("call"))
    person = models.ForeignKey(Person, models.PROTECT, related_name="positions", verbose_name=_("person"))
    stance = models.CharField(_("answer"), max_length=10, choices=Stance)
    reason = models.TextField(_("reason"), blank=True)
    taken_at = models.DateTimeField(_("taken"))
    answer = models.TextField(_("answer given to the objection"), blank=True)
    answered_by = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="+", verbose_name=_("answered by")
    )
    answered_at = models.DateTimeField(_("answered"), null=True)

    class Meta:
        verbose_name = _("position")
        verbose_name_plural = _("positions")
        ordering = ("taken_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("call", "person"),
                name="position_once",
                violation_error_message=_("Everybody has one answer to a call."),
            ),
            models.CheckConstraint(
                name="position_objects_with_a_reason",
                condition=~Q(stance="object") | ~Q(reason=""),
                violation_error_message=_("An objection says why."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.person}: {self.get_stance_display()}"
