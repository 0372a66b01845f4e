"""Documents that show the links or the residence: adding, reading back, taking out (D11)."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from defections import evidence, files, intake
from defections.applicant import ApplicantRequest, applicant_required
from defections.errors import BadFile
from defections.form import drafting, flow, uploads
from defections.form.drafting import draft_required
from defections.models import Evidence

_NO_FILE = _("Choose a file first")


class FileForm(forms.Form):
    """One file. What is in it is looked at by defections.files."""

    file = forms.FileField(
        label=_("Add a file"),
        help_text=_("A PDF, or a photo or scan as JPEG or PNG, smaller than 8 MB."),
        widget=forms.FileInput(attrs={"accept": "application/pdf,image/jpeg,image/png"}),
        allow_empty_file=True,
        error_messages={"required": _NO_FILE, "missing": _NO_FILE, "invalid": _NO_FILE},
    )


def _own(request: ApplicantRequest) -> Any:
    return request.application.evidence.filter(added_by=None)


@uploads.takes_files
@draft_required
@require_http_methods(["GET", "POST"])
def form_evidence(request: ApplicantRequest) -> HttpResponse:
    """The files so far, and one more; a file that was chosen is added also by whoever presses "Continue"."""
    step = flow.BY_STEP["evidence"]
    has_file = bool(request.FILES) or uploads.was_too_big(request)
    is_going_on = request.method == "POST" and "add" not in request.POST
    if is_going_on and not has_file:
        return drafting.saved(request, step)
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if request.method == "POST" and _added(request, form):
        messages.success(request, _now("The file is added."))
        return drafting.saved(request, step) if is_going_on else redirect(request.get_full_path())
    given = intake.section_of(request.application, step.section)
    context = {
        **drafting.place_of(request, step, given),
        "form": form,
        "files": _own(request),
        "is_full": _own(request).count() >= evidence.MOST_FILES,
        "most": evidence.MOST_FILES,
        "asked": drafting.asked_of(request),
    }
    return render(request, "defections/form/form_evidence.html", context)


def _added(request: ApplicantRequest, form: FileForm) -> bool:
    """Whether the file was taken; what is wrong with it becomes an error of the form."""
    if uploads.was_too_big(request):
        form.errors["file"] = form.error_class([str(files.too_big())])
        return False
    if not form.is_valid():
        return False
    given = form.cleaned_data["file"]
    try:
        evidence.add(
            request.application, given.name, given.read(), proves=Evidence.Proves.LINKS, at=timezone.now()
        )
    except BadFile as error:
        form.add_error("file", str(error))
        return False
    return True


@applicant_required
@require_safe
def evidence_file(request: ApplicantRequest, evidence_id: UUID) -> HttpResponse:
    """One's own file, to be saved."""
    return evidence.as_attachment(get_object_or_404(_own(request), pk=evidence_id))


@draft_required
@require_POST
def evidence_remove(request: ApplicantRequest, evidence_id: UUID) -> HttpResponse:
    """Takes one's own file out again; one that is gone already is gone."""
    found = _own(request).filter(pk=evidence_id).select_related("application").first()
    if found is not None:
        evidence.remove(found, at=timezone.now())
    messages.success(request, _now("The file is taken out."))
    check = "?check=1" if drafting.is_checking(request) else ""
    return redirect(flow.BY_STEP["evidence"].address + check)
