"""Checking the answers, declaring, sending, and what happens next (D14)."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from defections import intake, reapplying
from defections.applicant import ApplicantRequest, applicant_required
from defections.errors import Incomplete, WrongMoment
from defections.form import drafting, flow
from defections.form.drafting import draft_required
from defections.form.pledge_forms import DeclarationForm
from defections.models import Evidence, Passage
from defections.wording import SectionTold, in_words


@draft_required
@require_safe
def form_check(request: ApplicantRequest) -> HttpResponse:
    """Every answer in words, each with the way to change it, and what is missing."""
    application = request.application
    answers = intake.answers(application)
    lacking = {lack.section: lack.sentence for lack in intake.issues_before_sending(application)}
    context = {
        "application": application,
        "release": application.release,
        "sections": [
            _checked(told, answers.get(told.section.key, {}), lacking.get(told.section.key, ""))
            for told in in_words(answers)
            if told.section.key != "declaration"
        ],
        "lacking": lacking,
        "too_early": reapplying.issues_before_sending(application, timezone.now()),
        "next": flow.next_to_do(answers),
        "evidence": application.evidence.filter(proves=Evidence.Proves.LINKS),
    }
    return render(request, "defections/form/form_check.html", context)


def _checked(told: SectionTold, given: Any, lack: str) -> dict[str, Any]:
    """A section for the check page: its items with the address of the page that changes each."""
    items = [(item, flow.step_of(told.section.key, item.name, given).address) for item in told.items]
    return {
        "told": told,
        "items": items,
        "lack": lack,
        "address": flow.first_step(told.section.key).address,
        "rows_address": {"employment": "jobs", "public_accounts": "accounts"}.get(told.section.key, ""),
    }


@applicant_required
@require_http_methods(["GET", "POST"])
def form_declare(request: ApplicantRequest) -> HttpResponse:
    """The declaration, and with it the sending. A second press of the button leads to the same reference."""
    application = request.application
    if application.clerk is not None:
        return redirect("defections:paper_hand_over")
    if not application.is_draft:
        return redirect("defections:form_sent")
    if request.method == "GET" and intake.issues_before_sending(application):
        return redirect("defections:form_check")
    passages = drafting.passages_of(application.release)
    typed = request.POST if request.method == "POST" else None
    form = DeclarationForm(typed, label=passages.get(Passage.Key.TRUTH, ""))
    if request.method == "POST" and form.is_valid():
        try:
            intake.send(application, at=timezone.now())
        except Incomplete as error:
            messages.error(request, str(error))
            return redirect("defections:form_check")
        except WrongMoment as error:
            if intake.is_still_draft(application):  # too early after a decline
                messages.error(request, str(error))
                return redirect("defections:form_check")
        # Sent now, or a moment ago by a second press of the button: they are told the same.
        return redirect("defections:form_sent")
    context = {
        "application": application,
        "release": application.release,
        "form": form,
        "readers": passages.get(Passage.Key.READERS, ""),
    }
    return render(request, "defections/form/form_declare.html", context)


@applicant_required
@require_safe
def form_sent(request: ApplicantRequest) -> HttpResponse:
    """The reference, what happens next and when."""
    application = request.application
    if application.sent_at is None:
        return redirect("defections:task_list" if application.is_draft else "defections:applicant_detail")
    context = {
        "application": application,
        "contact_by": application.sent_at + timedelta(days=intake.CONTACT_DAYS),
    }
    return render(request, "defections/form/form_sent.html", context)


@applicant_required
@require_safe
def answers_detail(request: ApplicantRequest) -> HttpResponse:
    """What the applicant gave, to read and to print; also before it was sent."""
    application = request.application
    told = [one for one in in_words(intake.answers(application)) if one.items or one.rows]
    evidence = application.evidence.filter(proves=Evidence.Proves.LINKS)
    context = {"application": application, "release": application.release, "told": told, "evidence": evidence}
    return render(request, "defections/form/answers_detail.html", context)
