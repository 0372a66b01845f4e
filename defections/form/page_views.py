"""The task list, and the pages that are a form and no more."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from defections import applicant, intake, reapplying, retention
from defections.applicant import ApplicantRequest
from defections.form import drafting, flow
from defections.form.drafting import draft_required
from defections.form.flow import Progress


@draft_required
@require_safe
def task_list(request: ApplicantRequest) -> HttpResponse:
    """Every section with how far it is, and what to do next."""
    application = request.application
    answers = intake.answers(application)
    progress = flow.progress(answers)
    tasks = [(section, flow.first_step(section.key).address, progress[section.key]) for section in flow.TASKS]
    context = {
        "application": application,
        "release": application.release,
        "tasks": tasks,
        "done": sum(state is Progress.DONE for state in progress.values()),
        "next": flow.next_to_do(answers),
        "clock": retention.clock_of(application),
        "too_early": reapplying.issues_before_sending(application, timezone.now()),
        "days": settings.DEFECTIONS_DRAFT_DAYS,
    }
    return render(request, "defections/form/task_list.html", context)


@draft_required
@require_http_methods(["GET", "POST"])
def form_page(request: ApplicantRequest, key: str) -> HttpResponse:
    """One page of the form: shows what was saved, saves what is given, goes on."""
    step = flow.BY_STEP.get(key)
    if step is None or step.form is None:
        raise Http404
    if step.section == "links" and drafting.constituency_of(request) is None:
        return redirect("defections:form_society")
    given = intake.section_of(request.application, step.section)
    passages = drafting.passages_of(request.application.release)
    typed = request.POST if request.method == "POST" else None
    form = step.form(typed, given=given, about=drafting.about(request, step, passages))
    if request.method == "POST" and form.is_valid():
        intake.update_section(request.application, step.section, form.answer(), at=timezone.now())
        return drafting.saved(request, step)
    context = {
        **drafting.place_of(request, step, given),
        "form": form,
        "notices": [passages.get(notice, "") for notice in step.notices],
        "asked": drafting.asked_of(request) if step.section == "links" else None,
        "constituency": drafting.constituency_of(request) if step.section == "links" else None,
    }
    return render(request, "defections/form/form_page.html", context)


@draft_required
@require_http_methods(["GET", "POST"])
def draft_delete(request: ApplicantRequest) -> HttpResponse:
    """Throwing the draft away: shows on GET what that means, acts on POST."""
    if request.method == "POST":
        intake.erase_draft(request.application, at=timezone.now())
        applicant.leave(request)
        messages.success(request, _("The form is deleted, with everything that you had saved."))
        return redirect("defections:form_start")
    return render(request, "defections/form/draft_delete.html", {"application": request.application})
