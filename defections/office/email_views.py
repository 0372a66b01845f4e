"""The email address of an application: changed by the applicant on their page, or at the office by two people."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from defections import applicant, codes, email_changes, paper, vault
from defections.applicant import ApplicantRequest, applicant_required
from defections.codes import Outcome
from defections.desk.finding import desk_page, explained
from defections.errors import Incomplete, NotCleared, WrongMoment
from defections.form.entry import allowed, home_of
from defections.form.entry_forms import AddressForm, CodeForm
from defections.models import EmailChange
from defections.office.data_views import refuse_clerks
from defections.office.email_forms import EmailChangeAskForm, EmailChangeCallForm
from defections.office.paper_views import clerk_required
from harmony.http import PersonRequest

_KEY = "defections_email_code"  # in the session: the id of the code that was mailed to the new address


# --- By the applicant -----------------------------------------------------------------------------------
@applicant_required
@require_http_methods(["GET", "POST"])
def email_change(request: ApplicantRequest) -> HttpResponse:
    """Another address: it is asked for, a code goes there, and the right code puts it in the place of the old one."""
    refuse_clerks(request.application)
    if "again" in request.POST:
        request.session.pop(_KEY, None)
        return redirect("defections:email_change")
    code_id = request.session.get(_KEY)
    if code_id and codes.is_waiting(code_id, timezone.now()):
        return _code(request, code_id)
    if request.session.pop(_KEY, None):
        messages.error(request, _("That code no longer counts. Ask for another one."))
        return redirect("defections:email_change")
    form = AddressForm(request.POST if request.method == "POST" else None)
    form.fields["email"].label = _("Your new email address")
    if request.method == "POST" and form.is_valid():
        address = form.cleaned_data["email"]
        if allowed(request, "ask", key=vault.lookup_marks(address)[0].hex()):
            request.session[_KEY] = str(codes.send(address, at=timezone.now()).pk)
            return redirect("defections:email_change")
        form.add_error("email", _("You asked for a code a moment ago. Wait a little, then ask again."))
    return _shown(request, form, has_code=False)


def _code(request: ApplicantRequest, code_id: str) -> HttpResponse:
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if not allowed(request, "try"):
            form.add_error("code", _("There were too many tries. Wait a few minutes, then try again."))
        else:
            taken = codes.take(code_id, form.cleaned_data["code"], at=timezone.now())
            if taken.outcome is Outcome.RIGHT:
                return _change(request, taken.address)
            form.add_error(
                "code", _("That is not the code. Use the newest code we sent, or ask for another one.")
            )
    return _shown(request, form, has_code=True)


@sensitive_variables("address")
def _change(request: ApplicantRequest, address: str) -> HttpResponse:
    request.session.pop(_KEY, None)
    try:
        email_changes.change_own(request.application, address, at=timezone.now())
    except WrongMoment as error:
        messages.error(request, str(error))
        return redirect("defections:email_change")
    applicant.enter(request, request.application)
    messages.success(request, _("From now on we write to your new email address. We have told the old one."))
    return redirect(home_of(request.application))


def _shown(request: ApplicantRequest, form: Any, *, has_code: bool) -> HttpResponse:
    context = {"application": request.application, "form": form, "has_code": has_code}
    context["back"] = home_of(request.application)
    return render(request, "defections/office/email_change.html", context)


@applicant_required
@require_POST
def email_change_object(request: ApplicantRequest) -> HttpResponse:
    """Whoever reads the old mailbox stops a change that was asked for at the office."""
    refuse_clerks(request.application)
    change = request.application.email_changes.waiting_at(timezone.now()).first()
    if change is not None:
        email_changes.stop(change, at=timezone.now())
    messages.success(request, _("The change is stopped: we write to you where we did before."))
    return redirect(home_of(request.application))


# --- At the office --------------------------------------------------------------------------------------
@clerk_required
@require_safe
def email_change_list(request: PersonRequest) -> HttpResponse:
    """The changes under way, by their references."""
    waiting = EmailChange.objects.waiting_at(timezone.now()).select_related("application")
    return render(request, "defections/office/email_change_list.html", {"changes": waiting})


@clerk_required
@sensitive_variables("form")
@require_http_methods(["GET", "POST"])
def email_change_ask(request: PersonRequest) -> HttpResponse:
    """Enters a new address for an applicant who has lost the old mailbox, or gave none."""
    form = EmailChangeAskForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        application, address = form.cleaned_data["reference"], form.cleaned_data["email"]
        try:
            email_changes.ask(application, address, by=request.user, at=timezone.now())
        except (NotCleared, WrongMoment) as error:
            form.add_error("reference", str(error))
        else:
            messages.success(request, _("Somebody cleared for research calls the applicant now."))
            return redirect("defections:email_change_list")
    return render(request, "defections/office/email_change_ask.html", {"form": form})


@require_http_methods(["GET", "POST"])
@desk_page
def email_change_call(request: PersonRequest, change_id: UUID) -> HttpResponse:
    """The numbers on file, and what the applicant said; for somebody else than who entered the address."""
    change = get_object_or_404(EmailChange.objects.select_related("application"), pk=change_id)
    now = timezone.now()
    form = EmailChangeCallForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        address, note = form.cleaned_data["email"], form.cleaned_data["note"]
        try:
            email_changes.record_call(change, by=request.user, at=now, address=address, note=note)
        except Incomplete as error:
            form.add_error("email", str(error))
        else:
            messages.success(
                request, _("We have written to the new address. The applicant’s code confirms it.")
            )
            return redirect("home")
    context = {
        "application": change.application,
        "change": change,
        "phones": email_changes.numbers(change, by=request.user, at=now),
        "form": form,
    }
    return render(request, "defections/office/email_change_call.html", context)


@require_POST
@never_cache
@explained
def email_change_stop(request: PersonRequest, change_id: UUID) -> HttpResponse:
    """Stops a change; for those who may enter one and those who may make the call about it."""
    change = get_object_or_404(EmailChange.objects.select_related("application"), pk=change_id)
    email_changes.stop(change, at=timezone.now(), by=request.user)
    messages.success(request, _("The change is stopped."))
    return redirect(
        "defections:email_change_list" if paper.may_enter(request.user, timezone.now()) else "home"
    )
