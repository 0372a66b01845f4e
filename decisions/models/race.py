"""Race: a decision on who holds an office. Candidacy: somebody who stands in it (A13, A14, P8, P9)."""

import uuid
from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from assemblies.models import Office, Term
from decisions.models.decision import Decision, Option
from members.models import Person


class RaceQuerySet(models.QuerySet["Race"]):
    """Sets of races."""

    def running(self) -> "RaceQuerySet":
        """Neither decided nor lapsed."""
        return self.filter(closed_at=None)

    def in_nominations_at(self, at: datetime) -> "RaceQuerySet":
        """In which people can stand at `at`: before the end of nominations."""
        return self.running().filter(nominations_ended_at=None, nominations_end_at__gt=at)

    def due_to_end_nominations(self, at: datetime) -> "RaceQuerySet":
        """Whose nominations are over at `at` and have not been closed."""
        return self.filter(nominations_ended_at=None, nominations_end_at__lte=at)

    def due_to_look_at(self, at: datetime) -> "RaceQuerySet":
        """Under way, and it is time to look at `at` whether those who stand can still serve."""
        return self.running().filter(Q(look_at=None) | Q(look_at__lte=at))


class Race(models.Model):
    """The facts of a decision of kind race: for which office and seats, and until when people can stand.

    Nominations are open in [declared, nominations_end_at). Those who stand become the decision's options when they
    end; “re-open nominations” is the option that leaves things as they are, and stays last.
    """

    class Cause(models.TextChoices):
        """How it came about."""

        DECLARED = "declared", _("declared")
        APPLIED = "applied", _("opened by an application")
        DUE = "due", _("declared in time, since a term ends")
        REOPENED = "reopened", _("nominations opened anew")

    decision = models.OneToOneField(
        Decision, models.PROTECT, related_name="race", verbose_name=_("decision"), primary_key=True
    )
    office = models.ForeignKey(Office, models.PROTECT, related_name="races", verbose_name=_("office"))
    cause = models.CharField(_("how it came about"), max_length=10, choices=Cause)
    seats = models.PositiveSmallIntegerField(_("seats to be filled"))
    follows = models.ManyToManyField(
        Term, blank=True, related_name="races_after", verbose_name=_("after these terms")
    )
    reopens = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="reopened_as", verbose_name=_("opens anew")
    )
    nominations_end_at = models.DateTimeField(_("nominations end"))
    nominations_ended_at = models.DateTimeField(_("nominations ended"), null=True)
    closed_at = models.DateTimeField(_("decided or lapsed"), null=True)
    look_at = models.DateTimeField(
        _("candidates looked at"),
        null=True,
        editable=False,
        help_text=_(
            "When the clock looks whether those who stand can still serve. Empty: at the next sweep."
        ),
    )

    objects = RaceQuerySet.as_manager()

    class Meta:
        verbose_name = _("race")
        verbose_name_plural = _("races")
        indexes = (
            models.Index(
                fields=("nominations_end_at",),
                name="race_in_nominations",
                condition=Q(nominations_ended_at=None),
            ),
            models.Index(fields=("look_at",), name="race_looked_at", condition=Q(closed_at=None)),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("office",),
                condition=Q(closed_at=None),
                name="race_one_running_for_an_office",
                violation_error_message=_("There is a race for this office already."),
            ),
            models.CheckConstraint(
                name="race_fills_a_seat",
                condition=Q(seats__gte=1),
                violation_error_message=_("A race fills at least one seat."),
            ),
            models.CheckConstraint(
                name="race_nominations_end_in_their_time",
                condition=Q(nominations_ended_at=None) | Q(nominations_ended_at__gte=F("nominations_end_at")),
                violation_error_message=_("Nominations end at their time, not before."),
            ),
            models.CheckConstraint(
                name="race_closed_after_nominations",
                condition=Q(closed_at=None) | Q(nominations_ended_at__isnull=False),
                violation_error_message=_("A race is decided after its nominations have ended."),
            ),
        )

    def __str__(self) -> str:
        return str(self.decision)

    def is_in_nominations_at(self, at: datetime) -> bool:
        """Whether people can stand at `at`; the same as `in_nominations_at` says of a set."""
        return self.closed_at is None and self.nominations_ended_at is None and at < self.nominations_end_at

    def standing(self) -> "models.QuerySet[Candidacy]":
        """Who stands and has not withdrawn, in the order in which they stood."""
        return self.candidacies.filter(withdrawn_at=None).order_by("stood_at", "pk")


class Candidacy(models.Model):
    """Somebody's standing in a race, with a statement and the edition of the principles that they accepted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    race = models.ForeignKey(Race, models.PROTECT, related_name="candidacies", verbose_name=_("race"))
    person = models.ForeignKey(Person, models.PROTECT, related_name="candidacies", verbose_name=_("person"))
    statement = models.TextField(_("statement"))
    accepted_edition = models.CharField(_("principles accepted"), max_length=40)
    stood_at = models.DateTimeField(_("stood"))
    withdrawn_at = models.DateTimeField(_("withdrew"), null=True)
    ruled_out_at = models.DateTimeField(
        _("ruled out"), null=True, help_text=_("Withdrawn by the clock: they can no longer take the office.")
    )
    option = models.OneToOneField(
        Option, models.PROTECT, null=True, related_name="candidacy", verbose_name=_("option")
    )
    elected_at = models.DateTimeField(_("elected"), null=True)
    term = models.OneToOneField(
        Term, models.PROTECT, null=True, related_name="candidacy", verbose_name=_("term")
    )

    class Meta:
        verbose_name = _("candidacy")
        verbose_name_plural = _("candidacies")
        ordering = ("stood_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("race", "person"),
                condition=Q(withdrawn_at=None),
                name="candidacy_once",
                violation_error_message=_("You stand in this race already."),
            ),
            models.CheckConstraint(
                name="candidacy_has_a_statement",
                condition=~Q(statement=""),
                violation_error_message=_("Whoever stands says why."),
            ),
            models.CheckConstraint(
                name="candidacy_elected_or_withdrawn",
                condition=Q(withdrawn_at=None) | Q(elected_at=None),
                violation_error_message=_("Whoever withdrew is not elected."),
            ),
            models.CheckConstraint(
                name="candidacy_ruled_out_is_withdrawn",
                condition=Q(ruled_out_at=None) | Q(withdrawn_at__isnull=False),
                violation_error_message=_("Whoever is ruled out no longer stands."),
            ),
            models.CheckConstraint(
                name="candidacy_term_of_the_elected",
                condition=Q(term=None) | Q(elected_at__isnull=False),
                violation_error_message=_("Only the elected have a term."),
            ),
        )

    def __str__(self) -> str:
        return str(self.person)
