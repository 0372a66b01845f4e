"""The applicant's pages: the invitation to the hustings, a bar from it, and withdrawing."""

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from decisions import calendars
from defections import bars, hustings, hustings_calendar, withdrawal
from defections.applicant import ApplicantRequest, applicant_required
from defections.case.explained import explained
from defections.case.forms import FORMS, BarAnswerForm
from defections.errors import Incomplete, WrongMoment
from defections.models import HustingsInvitation

Reply = HustingsInvitation.Reply


def _invitation(request: ApplicantRequest) -> HustingsInvitation:
    found = hustings.current(request.application)
    if found is None:
        raise Http404
    return found


@applicant_required
@require_safe
def hustings_detail(request: ApplicantRequest) -> HttpResponse:
    """The invitation: when, how, what it is for, and the three answers; where, once it is accepted."""
    invitation = _invitation(request)
    context = {
        "invitation": invitation,
        "gathering": invitation.gathering,
        "issues": hustings.issues_before_answering(invitation, timezone.now()),
    }
    return render(request, "defections/case/hustings_detail.html", context)


@applicant_required
@require_http_methods(["GET", "POST"])
@explained
def hustings_answer(request: ApplicantRequest, reply: str) -> HttpResponse:
    """One of the three answers, confirmed on a page of its own: with the code of conduct, or with a word on it."""
    if reply not in FORMS:
        raise Http404
    now = timezone.now()
    invitation = _invitation(request)
    if issues := hustings.issues_before_answering(invitation, now):
        raise WrongMoment(" ".join(issues))
    form = FORMS[reply](request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            hustings.answer(invitation, reply, at=now, **form.cleaned_data)
        except Incomplete as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Thank you. The people who run the meeting are told."))
            return redirect("defections:hustings_detail")
    context = {
        "invitation": invitation,
        "gathering": invitation.gathering,
        "form": form,
        "reply": reply,
        "is_accepting": reply == Reply.ACCEPTED,
        "is_declining": reply == Reply.DECLINED,
    }
    return render(request, "defections/case/hustings_answer.html", context)


@applicant_required
@require_safe
@explained
def hustings_join(request: ApplicantRequest) -> HttpResponse:
    """The way in: leads an applicant who has accepted to the link of the moment."""
    response = HttpResponseRedirect(hustings.way_in(_invitation(request), timezone.now()))
    response["Referrer-Policy"] = "no-referrer"
    return response


@applicant_required
@require_safe
def hustings_calendar_file(request: ApplicantRequest) -> HttpResponse:
    """The meeting as a file for a calendar, in words that tell a bystander nothing."""
    response = HttpResponse(hustings_calendar.of(_invitation(request)), content_type=calendars.CONTENT_TYPE)
    response["Content-Disposition"] = 'attachment; filename="meeting.ics"'
    return response


@applicant_required
@require_safe
def bar_detail(request: ApplicantRequest) -> HttpResponse:
    """The bar from a hustings: its ground, what the applicant has said about it, and what the review found."""
    invitation = _barred_from(request)
    context = {
        "invitation": invitation,
        "referral": invitation.bar.referral if invitation.bar else None,
        "because": bars.because(invitation),
        "answers": [(bars.moment_of(said), said["text"]) for said in bars.answers(invitation)],
        "issues": bars.issues_before_answering(invitation),
    }
    return render(request, "defections/case/bar_detail.html", context)


@applicant_required
@require_http_methods(["GET", "POST"])
@explained
def bar_answer(request: ApplicantRequest) -> HttpResponse:
    """Saying what happened from the applicant's side."""
    invitation = _barred_from(request)
    if issues := bars.issues_before_answering(invitation):
        raise WrongMoment(" ".join(issues))
    form = BarAnswerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        bars.answer(invitation, at=timezone.now(), **form.cleaned_data)
        messages.success(request, _("Thank you. Those who review it read what you have written."))
        return redirect("defections:bar_detail")
    return render(request, "defections/case/bar_answer.html", {"form": form})


def _barred_from(request: ApplicantRequest) -> HustingsInvitation:
    found = bars.of_applicant(request.application)
    if found is None:
        raise Http404
    found.application = request.application
    return found


@applicant_required
@require_http_methods(["GET", "POST"])
@explained
def application_withdraw(request: ApplicantRequest) -> HttpResponse:
    """Says what withdrawing does; POST withdraws."""
    application = request.application
    if issues := withdrawal.issues_before_withdrawing(application):
        raise WrongMoment(" ".join(issues))
    if request.method == "POST":
        withdrawal.withdraw(application, at=timezone.now())
        messages.success(request, _("Your application is withdrawn."))
        return redirect("defections:applicant_detail")
    return render(request, "defections/case/application_withdraw.html", {"application": application})
