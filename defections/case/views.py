"""The pages of those who run a case: the letter, and withdrawing for an applicant who asked for it."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from decisions.gatherings import require_conductor
from decisions.matter import may_read
from defections import bars, hustings, letters, withdrawal
from defections.case.explained import explained
from defections.case.forms import BarForm, ReferenceForm
from defections.errors import NotCleared, WrongMoment
from defections.models import Application, Letter
from harmony.http import PersonRequest


def _for_sender(request: PersonRequest, application_id: UUID) -> Application:
    rows = Application.objects.select_related("decision__assembly", "copy", "release", "person")
    application = get_object_or_404(rows, pk=application_id)
    letters.require_sender(application, request.user, timezone.now())
    return application


@never_cache
@require_http_methods(["GET", "POST"])
@explained
def letter_detail(request: PersonRequest, application_id: UUID) -> HttpResponse:
    """The letter as the result makes it, to be read first; POST sends it, once."""
    now = timezone.now()
    application = _for_sender(request, application_id)
    sent = Letter.objects.filter(application=application).select_related("application__copy").first()
    if request.method == "POST":
        sent = letters.send(application, by=request.user, at=now)
        told = (
            _("The letter is made. The general secretary’s people post it.")
            if sent.by_post
            else _("The letter is on its way.")
        )
        messages.success(request, told)
        return redirect("defections:letter_detail", application.pk)
    if sent is None and (issues := letters.issues_before_sending(application)):
        raise WrongMoment(" ".join(issues))
    context = {
        "application": application,
        "decision": application.decision,
        "letter": sent,
        "draft": letters.opened(sent) if sent else letters.draft(application, at=now),
        "by_post": application.email_sealed is None,
        "can_follow_up": may_read(application.decision, request.user, now) if application.decision else False,
    }
    return render(request, "defections/case/letter_detail.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@explained
def applicant_bar(request: PersonRequest, application_id: UUID) -> HttpResponse:
    """Barring the applicant from their hustings, by whoever conducts it (D28, D30)."""
    now = timezone.now()
    application = get_object_or_404(Application.objects.select_related("decision"), pk=application_id)
    invitation = hustings.current(application)
    if invitation is None:
        raise Http404
    require_conductor(invitation.gathering, request.user, now)
    form = BarForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        bars.bar(invitation, by=request.user, at=now, **form.cleaned_data)
        messages.success(request, _("The applicant is barred from this hustings, and it is being reviewed."))
        return redirect(invitation.gathering)
    context = {"gathering": invitation.gathering, "form": form}
    return render(request, "defections/case/applicant_bar.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@explained
def withdraw_for(request: PersonRequest, application_id: UUID) -> HttpResponse:
    """Withdrawing for an applicant who asked for it by phone or post, by whoever acts as general secretary."""
    now = timezone.now()
    if not withdrawal.may_withdraw_for(request.user, now):
        raise NotCleared(
            _("Only the applicant, or for them whoever acts as general secretary, withdraws it.")
        )
    application = get_object_or_404(Application, pk=application_id)
    if issues := withdrawal.issues_before_withdrawing(application):
        raise WrongMoment(" ".join(issues))
    form = ReferenceForm(request.POST if request.method == "POST" else None, wanted=application.reference)
    if request.method == "POST" and form.is_valid():
        withdrawal.withdraw(application, at=now, by=request.user)
        messages.success(request, _("The application is withdrawn."))
        return redirect("home")
    return render(request, "defections/case/withdraw_for.html", {"application": application, "form": form})
