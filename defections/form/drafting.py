"""What every page of the form stands on: a draft, the words of its release, and where the page lies."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assemblies.models import Assembly
from defections import intake
from defections.applicant import ApplicantRequest, applicant_required
from defections.errors import WrongMoment
from defections.form import flow
from defections.form.flow import Step
from defections.form.section_form import About
from defections.models import FormRelease
from defections.terms import Asked, asked_in

_TOO_LATE = _("This application has been sent: it cannot be changed any more.")


def draft_required(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page of the form: for an applicant with a draft. Once it was sent, also in another window, says so."""

    @wraps(view)
    def guarded(request: ApplicantRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            if request.application.is_draft:
                return view(request, *args, **kwargs)
            sentence = _TOO_LATE if request.method == "POST" else ""
        except WrongMoment as error:
            sentence = str(error)
        if sentence:
            messages.error(request, str(sentence))
        return redirect("defections:applicant_detail")

    return applicant_required(guarded)


def is_checking(request: ApplicantRequest) -> bool:
    """Whether the page was come to by a "Change" of the check page."""
    return request.GET.get("check") == "1"


def passages_of(release: FormRelease) -> dict[str, str]:
    """The notices and pledges of a release, by their keys."""
    return {passage.key: passage.text for passage in release.passages.all()}


def place_of(request: ApplicantRequest, step: Step, given: Any = None) -> dict[str, Any]:
    """What the frame of a page needs (form/_frame): its step, number, way back, and the release."""
    return {
        "application": request.application,
        "release": request.application.release,
        "step": step,
        "number": flow.number_of(step.section),
        "sections": len(flow.TASKS),
        "back": flow.before(step, given or {}, is_checking=is_checking(request)),
        "is_checking": is_checking(request),
    }


def saved(request: ApplicantRequest, step: Step) -> HttpResponse:
    """Goes on after a page was saved: where the flow leads, or to the task list when that was asked for."""
    if "later" in request.POST:
        return redirect("defections:task_list")
    return redirect(flow.after(step, intake.answers(request.application), is_checking=is_checking(request)))


def constituency_of(request: ApplicantRequest) -> Assembly | None:
    """The constituency that was chosen, or None."""
    chosen = intake.section_of(request.application, "society").get("constituency")
    return Assembly.objects.filter(pk=chosen).select_related("within__within").first() if chosen else None


def asked_of(request: ApplicantRequest) -> Asked:
    """What the applicant's society asks for (D11)."""
    constituency = constituency_of(request)
    return asked_in(constituency) if constituency else Asked()


def about(request: ApplicantRequest, step: Step, passages: dict[str, str]) -> About:
    """What the form of a page is told."""
    months = asked_of(request).residence_months if step.section == "links" else None
    labels = {field: passages.get(key, "") for field, key in (step.pledges or {}).items()}
    return About(timezone.now(), months, labels)
