"""The work that follows: naming a task, reporting on it, finishing it, dropping it (A15)."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from decisions import matter, work
from decisions.entitlement import acts_for, require_facilitator
from decisions.errors import NotEntitled, WrongMoment
from decisions.forms import ReasonForm, TaskForm, TextForm
from decisions.models import Decision, Task
from decisions.views.matters import for_reader
from decisions.views.refusals import TWICE, explained, goes_through, one_submit_at_a_time, refuse_if
from harmony.http import PersonRequest
from harmony.text import MARKDOWN


@require_http_methods(["GET", "POST"])
@explained
def task_name(request: PersonRequest, decision_id: UUID) -> HttpResponse:
    """Naming a task of a settled matter, with who does it and by when."""
    now = timezone.now()
    decision = for_reader(request, decision_id, now)
    require_facilitator(decision, request.user, now)
    refuse_if(work.issues_before_naming(decision))
    form = TaskForm(request.POST or None, people=matter.who_could_work(decision, now))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data

        def name() -> None:
            with one_submit_at_a_time(request.user):
                if not decision.tasks.filter(**given, named_at__gt=now - TWICE).exists():
                    work.name_task(decision, by=request.user, at=now, **given)

        if goes_through(form, name):
            messages.success(
                request, _("The task is named, and %(owner)s is told.") % {"owner": given["owner"]}
            )
            return _back(decision)
    return render(request, "decisions/task_name.html", {"decision": decision, "form": form})


def _back(decision: Decision) -> HttpResponse:
    return redirect(f"{decision.get_absolute_url()}#work")


def _task(request: PersonRequest, decision_id: UUID, task_id: UUID, at: datetime) -> Task:
    """The open task, for its owner or the secretary; raises NotEntitled or WrongMoment."""
    decision = for_reader(request, decision_id, at)
    task = get_object_or_404(decision.tasks.select_related("owner", "decision__assembly"), pk=task_id)
    if task.owner_id != request.user.pk and not acts_for(decision, request.user, at):
        raise NotEntitled(_("Only whoever took the task on, or the assembly’s secretary, can do this."))
    if task.done_at is not None or task.dropped_at is not None:
        raise WrongMoment(_("This task is done or dropped already."))
    return task


@require_http_methods(["GET", "POST"])
@explained
def task_report(request: PersonRequest, decision_id: UUID, task_id: UUID) -> HttpResponse:
    """Saying how it goes."""
    now = timezone.now()
    task = _task(request, decision_id, task_id, now)
    form = TextForm(
        request.POST or None, label=_("How does it go?"), missing=_("Write how it goes"), hint=MARKDOWN
    )
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["text"]

        def report() -> None:
            with one_submit_at_a_time(request.user):
                same = task.reports.filter(person=request.user, text=text.strip())
                if not same.filter(reported_at__gt=now - TWICE).exists():
                    work.report(task, by=request.user, at=now, text=text)

        if goes_through(form, report):
            messages.success(request, _("Your report is there for everybody to read."))
            return _back(task.decision)
    context = {"decision": task.decision, "task": task, "form": form}
    return render(request, "decisions/task_report.html", context)


@require_http_methods(["GET", "POST"])
@explained
def task_finish(request: PersonRequest, decision_id: UUID, task_id: UUID) -> HttpResponse:
    """Marking a task as done: asks on GET, acts on POST."""
    now = timezone.now()
    task = _task(request, decision_id, task_id, now)
    if request.method == "POST":
        work.finish(task, by=request.user, at=now)
        messages.success(request, _("The task is done. Thank you."))
        return _back(task.decision)
    return render(request, "decisions/task_finish.html", {"decision": task.decision, "task": task})


@require_http_methods(["GET", "POST"])
@explained
def task_drop(request: PersonRequest, decision_id: UUID, task_id: UUID) -> HttpResponse:
    """Giving a task up, with a reason."""
    now = timezone.now()
    task = _task(request, decision_id, task_id, now)
    form = ReasonForm(request.POST or None, missing=_("Say why the task is dropped"))
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if goes_through(
            form, lambda: work.drop(task, by=request.user, at=now, reason=reason), field="reason"
        ):
            messages.success(request, _("The task is dropped."))
            return _back(task.decision)
    return render(
        request, "decisions/task_drop.html", {"decision": task.decision, "task": task, "form": form}
    )
