"""The applicant's own page."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from defections import panels
from defections.applicant import ApplicantRequest, applicant_required
from defections.stages import stage_of


@applicant_required
@require_safe
def applicant_detail(request: ApplicantRequest) -> HttpResponse:
    """How far my application has come, and what I can do about it."""
    application = request.application
    context = {
        "application": application,
        "stage": stage_of(application),
        "panels": panels.shown(application, timezone.now()),
    }
    return render(request, "defections/form/applicant_detail.html", context)


@applicant_required
@require_safe
def task_list(request: ApplicantRequest) -> HttpResponse:
    """The sections of the form, with how far each is."""
    return render(request, "defections/form/task_list.html", {"application": request.application})
