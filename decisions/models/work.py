"""Task: what follows from a decision, with an owner and a date. Report: how it goes (A15)."""

import uuid
from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from decisions.models.decision import Decision
from members.models import Person


class TaskQuerySet(models.QuerySet["Task"]):
    """Sets of tasks."""

    def open(self) -> "TaskQuerySet":
        """Neither done nor dropped."""
        return self.filter(done_at=None, dropped_at=None)

    def late_on(self, day: date) -> "TaskQuerySet":
        """Open, and their London day has passed by `day`."""
        return self.open().filter(due_on__lt=day)

    def due_to_chase(self, day: date) -> "TaskQuerySet":
        """Late, and not chased in the last seven days."""
        late = Q(due_on__lt=day)
        long_ago = date.fromordinal(day.toordinal() - 7)
        return self.open().filter(Q(late, chased_on=None) | Q(late, chased_on__lte=long_ago))


class Task(models.Model):
    """One piece of work that somebody has taken on."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    decision = models.ForeignKey(Decision, models.PROTECT, related_name="tasks", verbose_name=_("decision"))
    title = models.CharField(_("what is to be done"), max_length=200)
    owner = models.ForeignKey(Person, models.PROTECT, related_name="tasks", verbose_name=_("who does it"))
    due_on = models.DateField(_("by when"))
    named_at = models.DateTimeField(_("named"))
    named_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("named by"))
    done_at = models.DateTimeField(_("done"), null=True)
    dropped_at = models.DateTimeField(_("dropped"), null=True)
    dropped_because = models.CharField(_("why it was dropped"), max_length=300, blank=True)
    chased_on = models.DateField(_("owner last reminded"), null=True)

    objects = TaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        ordering = ("due_on",)
        indexes = (
            models.Index(
                fields=("chased_on", "due_on"), name="task_open", condition=Q(done_at=None, dropped_at=None)
            ),
        )
        constraints = (
            models.CheckConstraint(
                name="task_done_or_dropped",
                condition=Q(done_at=None) | Q(dropped_at=None),
                violation_error_message=_("A task is done or dropped, not both."),
            ),
            models.CheckConstraint(
                name="task_dropped_with_a_reason",
                condition=Q(dropped_at=None) | ~Q(dropped_because=""),
                violation_error_message=_("A task is dropped for a reason."),
            ),
        )

    def __str__(self) -> str:
        return self.title

    def state_on(self, day: date) -> Promise:
        """Done, dropped, late or under way on the London day `day`, in words."""
        if self.done_at is not None:
            return _("done")
        if self.dropped_at is not None:
            return _("dropped")
        return _("late") if self.due_on < day else _("under way")


class Report(models.Model):
    """What the owner or the secretary reports on a task."""

    task = models.ForeignKey(Task, models.CASCADE, related_name="reports", verbose_name=_("task"))
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("by"))
    text = models.TextField(_("report"))
    reported_at = models.DateTimeField(_("reported"))

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        ordering = ("reported_at",)

    def __str__(self) -> str:
        return f"{self.reported_at:%Y-%m-%d}"
