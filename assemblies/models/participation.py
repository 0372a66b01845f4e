"""Participation: who takes part where, from when to when. JoinRequest: who asked a secretary to be admitted."""

import uuid
from datetime import datetime, timedelta

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from assemblies.models.assembly import Assembly, Kind
from harmony.time import london_day
from members.models import Person


class ParticipationQuerySet(models.QuerySet["Participation"]):
    """Sets of participations."""

    def in_force_at(self, at: datetime) -> "ParticipationQuerySet":
        """Begun at or before `at`, and not ended by then: [began_at, ended_at).

        One whose date of birth was asked for and not given by then is out as well. One whose age has passed is
        in until the sweep, which alone opens dates of birth, has written its end down.
        """
        return self.filter(
            Q(ended_at=None) | Q(ended_at__gt=at),
            Q(birth_due_at=None) | Q(birth_due_at__gt=at),
            began_at__lte=at,
        )

    def due_to_look_at(self, at: datetime) -> "ParticipationQuerySet":
        """Those whose age may have passed at `at`, or whose date of birth has not been given in time."""
        return self.filter(Q(age_check_on__lte=london_day(at)) | Q(birth_due_at__lte=at), ended_at=None)

    def homes(self) -> "ParticipationQuerySet":
        """Those in people's home constituencies (P2)."""
        return self.filter(origin=Participation.Origin.HOME, assembly__kind=Kind.CONSTITUENCY)


class Participation(models.Model):
    """A person's taking part in an assembly, from when to when, how it came about and how it ended."""

    class Origin(models.TextChoices):
        """How it came about (P2)."""

        HOME = "home", _("home")
        CORE = "core", _("core assembly")
        JOINED = "joined", _("joined")
        APPOINTED = "appointed", _("appointed")

    class Ending(models.TextChoices):
        """Why it ended."""

        LEFT = "left", _("left")
        MOVED = "moved", _("home moved")
        BECAME_HOME = "became_home", _("became home")
        AGE = "age", _("age passed")
        UNKNOWN_AGE = "unknown_age", _("no date of birth given")
        REMOVED = "removed", _("removed")
        CLOSED = "closed", _("assembly closed")

    person = models.ForeignKey(
        Person, models.PROTECT, related_name="participations", verbose_name=_("person")
    )
    assembly = models.ForeignKey(
        Assembly, models.PROTECT, related_name="participations", verbose_name=_("assembly")
    )
    began_at = models.DateTimeField(_("began"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    # The day itself would be a birthday, in clear. In the year that this names the sweep looks every day.
    age_check_on = models.DateField(
        _("age looked at"),
        null=True,
        editable=False,
        help_text=_("The 1st of January of the year in which the age passes; in that year, the next day."),
    )
    birth_due_at = models.DateTimeField(
        _("date of birth asked for by"),
        null=True,
        editable=False,
        help_text=_("Until when a date of birth that the assembly has come to need can be given."),
    )
    origin = models.CharField(_("how it came about"), max_length=10, choices=Origin)
    ended_because = models.CharField(_("why it ended"), max_length=12, choices=Ending, blank=True)
    affirmed = models.TextField(_("statement affirmed"), blank=True)

    objects = ParticipationQuerySet.as_manager()

    class Meta:
        verbose_name = _("participation")
        verbose_name_plural = _("participations")
        ordering = ("-began_at",)
        indexes = (
            models.Index(
                fields=("age_check_on",),
                name="participation_age_looked_at",
                condition=Q(ended_at=None, age_check_on__isnull=False),
            ),
            models.Index(
                fields=("birth_due_at",),
                name="participation_birth_due",
                condition=Q(ended_at=None, birth_due_at__isnull=False),
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("person", "assembly"),
                condition=Q(ended_at=None),
                name="participation_one_at_a_time",
                violation_error_message=_("This person takes part in this assembly already."),
            ),
            models.CheckConstraint(
                name="participation_ends_after_it_began",
                condition=Q(ended_at=None) | Q(ended_at__gte=F("began_at")),
                violation_error_message=_("A participation ends after it began."),
            ),
            models.CheckConstraint(
                name="participation_ended_for_a_reason",
                condition=Q(ended_at=None, ended_because="")
                | (Q(ended_at__isnull=False) & ~Q(ended_because="")),
                violation_error_message=_("A participation that ended says why, and no other does."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.person} in {self.assembly}"

    def is_in_force_at(self, at: datetime) -> bool:
        """Whether `at` lies within it; the same as `in_force_at` says of a set."""
        return (
            self.began_at <= at
            and (self.ended_at is None or self.ended_at > at)
            and (self.birth_due_at is None or self.birth_due_at > at)
        )

    @property
    def is_home(self) -> bool:
        """Whether it came about by where the person lives."""
        return self.origin == self.Origin.HOME


class JoinRequestQuerySet(models.QuerySet["JoinRequest"]):
    """Sets of requests to take part."""

    def waiting(self) -> "JoinRequestQuerySet":
        """Those that nobody has answered and that were not withdrawn."""
        return self.filter(admitted_at=None, refused_at=None, withdrawn_at=None)


class JoinRequest(models.Model):
    """Somebody's request to take part in an assembly whose secretary admits people. See `assemblies.joining`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="join_requests", verbose_name=_("person"))
    assembly = models.ForeignKey(
        Assembly, models.PROTECT, related_name="join_requests", verbose_name=_("assembly")
    )
    affirmed = models.TextField(_("statement affirmed"), blank=True)
    asked_at = models.DateTimeField(_("asked"))
    admitted_at = models.DateTimeField(_("admitted"), null=True, editable=False)
    refused_at = models.DateTimeField(_("refused"), null=True, editable=False)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, editable=False)
    answered_by = models.ForeignKey(
        Person, models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("answered by")
    )

    objects = JoinRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request to take part")
        verbose_name_plural = _("requests to take part")
        ordering = ("-asked_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("person", "assembly"),
                condition=Q(admitted_at=None, refused_at=None, withdrawn_at=None),
                name="join_request_one_at_a_time",
                violation_error_message=_("This person has asked already."),
            ),
            models.CheckConstraint(
                name="join_request_answered_once",
                condition=Q(admitted_at=None, refused_at=None)
                | Q(admitted_at=None, withdrawn_at=None)
                | Q(refused_at=None, withdrawn_at=None),
                violation_error_message=_("A request is admitted, refused or withdrawn: one of these."),
            ),
            models.CheckConstraint(
                name="join_request_answered_by_somebody",
                condition=Q(admitted_at=None, refused_at=None, answered_by=None)
                | Q(answered_by__isnull=False, withdrawn_at=None),
                violation_error_message=_("Somebody answered the request."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.person}, {self.assembly}"

    @property
    def is_waiting(self) -> bool:
        """Whether nobody has answered it and it was not withdrawn; the same as `waiting` says of a set."""
        return self.admitted_at is None and self.refused_at is None and self.withdrawn_at is None


class EnrolmentCheckQuerySet(models.QuerySet["EnrolmentCheck"]):
    """The one row, as a set."""

    def take(self, at: datetime, every: timedelta) -> bool:
        """Whether the check is due at `at`; the one caller who is told so has it, and the next is due `every` later."""
        _row, is_first = self.get_or_create(pk=1, defaults={"due_at": at + every})
        return is_first or self.filter(due_at__lte=at).update(due_at=at + every) == 1

    def bring_forward(self, at: datetime) -> None:
        """Makes the check due at `at`, in the transaction that gives the reason for it."""
        self.filter(due_at__gt=at).update(due_at=at)


class EnrolmentCheck(models.Model):
    """When it is looked at next whether every member is enrolled (P2): one row, the schedule of `enrolment`."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    due_at = models.DateTimeField(_("due"))

    objects = EnrolmentCheckQuerySet.as_manager()

    class Meta:
        verbose_name = _("check of enrolment")
        verbose_name_plural = _("checks of enrolment")
        constraints = (
            models.CheckConstraint(
                name="enrolment_check_is_one",
                condition=Q(id=1),
                violation_error_message=_("There is one such row."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.due_at:%Y-%m-%d %H:%M}"
