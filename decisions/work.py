"""The last rung: what follows from a decision, taken on and followed to its end (A15)."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from decisions import letters
from decisions.entitlement import acts_for, require_facilitator
from decisions.errors import BadProposal, NotEntitled, ReasonMissing, WrongMoment
from decisions.models import Decision, Report, Task
from decisions.proposals import locked
from decisions.settlement import issues_before_following_up
from harmony.time import london_day
from ledger import events
from members.models import Person


def issues_before_naming(decision: Decision) -> list[str]:
    """Sentences that say why no task can be named yet; empty when one can."""
    if decision.settled_at is None:
        return [_("Work follows from what was decided: this matter is not settled.")]
    return issues_before_following_up(decision)


@transaction.atomic
def name_task(
    decision: Decision, *, by: Person, at: datetime, title: str, owner: Person, due_on: date
) -> Task:
    """Names a task of a settled matter, with who does it and by which London day.

    Raises NotEntitled, WrongMoment with the issues before it, BadProposal.
    """
    decision = locked(decision)
    require_facilitator(decision, by, at)
    if issues := issues_before_naming(decision):
        raise WrongMoment(" ".join(issues))
    if not title.strip():
        raise BadProposal(_("Say what is to be done."))
    if due_on < london_day(at):
        raise BadProposal(_("The day is in the past."))
    if not decision.has_participant_at(owner, at):
        raise BadProposal(_("A task is taken on by somebody who takes part in the assembly."))
    task = Task.objects.create(
        decision=decision, title=title.strip(), owner=owner, due_on=due_on, named_at=at, named_by=by
    )
    events.record("task.named", task, at=at, by=by.pk)
    events.record("decision.task_named", decision, at=at, by=by.pk, data={"task": str(task.pk)})
    letters.queue_task(task, at=at)
    return task


def require_worker(task: Task, by: Person, at: datetime) -> None:
    """Raises NotEntitled unless the person took the task on, or acts as secretary there."""
    if task.owner_id != by.pk and not acts_for(task.decision, by, at):
        raise NotEntitled(_("Only whoever took the task on, or the assembly’s secretary, can do this."))


def _open_task(task: Task, by: Person, at: datetime) -> Task:
    """The task under a lock, for its owner or the secretary; raises NotEntitled or WrongMoment."""
    task = Task.objects.select_for_update(of=("self",)).select_related("decision").get(pk=task.pk)
    require_worker(task, by, at)
    if task.done_at is not None or task.dropped_at is not None:
        raise WrongMoment(_("This task is done or dropped already."))
    return task


@transaction.atomic
def report(task: Task, *, by: Person, at: datetime, text: str) -> Report:
    """How it goes. Raises NotEntitled, WrongMoment or ReasonMissing."""
    task = _open_task(task, by, at)
    if not text.strip():
        raise ReasonMissing(_("Write how it goes."))
    row = Report.objects.create(task=task, person=by, text=text.strip(), reported_at=at)
    events.record("task.reported", task, at=at, by=by.pk)
    return row


@transaction.atomic
def finish(task: Task, *, by: Person, at: datetime) -> None:
    """The task is done. Raises NotEntitled or WrongMoment."""
    task = _open_task(task, by, at)
    task.done_at = at
    task.save(update_fields=["done_at"])
    events.record("task.done", task, at=at, by=by.pk)


@transaction.atomic
def drop(task: Task, *, by: Person, at: datetime, reason: str) -> None:
    """The task is given up, for a reason. Raises NotEntitled, WrongMoment or ReasonMissing."""
    task = _open_task(task, by, at)
    if not reason.strip():
        raise ReasonMissing(_("Say why the task is dropped."))
    task.dropped_at, task.dropped_because = at, reason.strip()
    task.save(update_fields=["dropped_at", "dropped_because"])
    events.record("task.dropped", task, at=at, by=by.pk)


@transaction.atomic
def chase(task: Task, *, at: datetime) -> bool:
    """Reminds the owner of a late task, at most once in seven days; False when it is not due."""
    day = london_day(at)
    due = Task.objects.due_to_chase(day).select_for_update(skip_locked=True, of=("self",))
    found = due.select_related("decision", "owner").filter(pk=task.pk).first()
    if found is None:
        return False
    found.chased_on = day
    found.save(update_fields=["chased_on"])
    letters.queue_chase(found, day, at=at)
    return True
