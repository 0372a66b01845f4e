"""The applicant's own page."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from defections import applicant, intake, panels, reapplying
from defections.applicant import ApplicantRequest, applicant_required
from defections.errors import DefectionError
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
        "earliest": reapplying.earliest_for(application),
        "now": now,
        "panels": panels.shown(application, now),
    }
    return render(request, "defections/form/applicant_detail.html", context)


@applicant_required
@require_POST
def form_again(request: ApplicantRequest) -> HttpResponse:
    """A new form by somebody whose application is over, on the release of today."""
    try:
        made = intake.start_again(request.application, at=timezone.now())
    except DefectionError as error:
        messages.error(request, str(error))
        return redirect("defections:applicant_detail")
    applicant.enter(request, made)
    messages.success(request, _("This is a new form. It is saved at every step."))
    return redirect("defections:task_list")
