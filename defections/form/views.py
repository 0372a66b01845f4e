"""The applicant's own page."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from defections import panels
from defections.applicant import ApplicantRequest, applicant_required
from defections.form.stage_words import told_of


@applicant_required
@require_safe
def applicant_detail(request: ApplicantRequest) -> HttpResponse:
    """How far my application has come, and what I can do about it."""
    application = request.application
    if application.is_draft:
        return redirect("defections:task_list")
    now = timezone.now()
    context = {
        "application": application,
        "stage": told_of(application, now),
        "panels": panels.shown(application, now),
    }
    return render(request, "defections/form/applicant_detail.html", context)
