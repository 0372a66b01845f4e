"""What applicants do about their data on their own page, each with a fresh code: a copy of all, and erasure."""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from defections import applicant, codes, erasure, records, vault
from defections.applicant import ApplicantRequest, applicant_required
from defections.codes import Outcome
from defections.errors import Erased, NotCleared, WrongMoment
from defections.form.entry import allowed
from defections.form.entry_forms import CodeForm
from defections.models import Application
from defections.office import archive, requests
from defections.office.reference_field import ReferenceField
from harmony.http import PersonRequest

_KEY = "defections_data_code"  # in the session: the id of the code that was mailed for this


@applicant_required
@require_http_methods(["GET", "POST"])
def data_copy(request: ApplicantRequest) -> HttpResponse:
    """Everything that is held about the applicant, as one file, after a fresh code (UK GDPR, article 15)."""
    application = request.application
    refuse_clerks(application)
    if "send" in request.POST:
        return _send_code(request, "defections:data_copy")
    form = _code_form(request)
    if form is not None and _is_right(request, form):
        return archive.download(application, at=timezone.now())
    return render(request, "defections/office/data_copy.html", {"application": application, "form": form})


@applicant_required
@require_http_methods(["GET", "POST"])
def data_erase(request: ApplicantRequest) -> HttpResponse:
    """Erasure at the applicant's request, after a fresh code, with what the law lets the party keep (article 17)."""
    application = request.application
    refuse_clerks(application)
    refusal = _refusal(application)
    kept = {
        "kept": settings.DEFECTIONS_KEPT_BY_LAW,
        "copy_stays": erasure.keeps_copy(application, erasure.Because.REQUEST),
        "copy_months": settings.DEFECTIONS_COPY_MONTHS,
    }
    if "send" in request.POST and not refusal:
        return _send_code(request, "defections:data_erase")
    form = _code_form(request) if not refusal else None
    if form is not None and _is_right(request, form):
        try:
            requests.erase(application, at=timezone.now())
        except WrongMoment as error:
            refusal = str(error)
        else:
            applicant.leave(request)
            done = {"reference": application.reference, **kept}
            return render(request, "defections/office/data_erased.html", done)
    context = {"application": application, "form": form, "refusal": refusal, **kept}
    status = 409 if refusal and request.method == "POST" else 200
    return render(request, "defections/office/data_erase.html", context, status=status)


class OnBehalfForm(forms.Form):
    """Whose data, how they were known, and whether the notes about others were checked."""

    reference = ReferenceField()
    known_by = forms.ChoiceField(
        label=_("How do you know that it is the applicant who asks?"),
        choices=requests.KnownBy.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how you know")},
    )
    with_others = forms.BooleanField(
        label=_(
            "Put in the notes of talks with other people: I have checked that they tell nothing about those "
            "that they would not want told"
        ),
        required=False,
    )


@never_cache
@require_http_methods(["GET", "POST"])
def data_for_applicant(request: PersonRequest) -> HttpResponse:
    """A copy of all that is held about an applicant who asked staff for it; for volunteers cleared for research."""
    now = timezone.now()
    try:
        records.require_researcher(request.user, now)
    except NotCleared as refusal:
        return render(request, "defections/office/paper_refused.html", {"refusal": str(refusal)}, status=403)
    form = OnBehalfForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        try:
            return requests.give_for(given.pop("reference"), by=request.user, at=now, **given)
        except (NotCleared, Erased) as error:
            form.add_error("reference", str(error))
    return render(request, "defections/office/data_for_applicant.html", {"form": form})


def refuse_clerks(application: Application) -> None:
    """Raises PermissionDenied for whoever enters the form from paper: these pages are the applicant's own."""
    if application.clerk is not None:
        raise PermissionDenied(_("This page is for the applicant alone."))


def _refusal(application: Application) -> str:
    try:
        erasure.require_erasable(application)
    except WrongMoment as error:
        return str(error)
    return ""


def _send_code(request: ApplicantRequest, page: str) -> HttpResponse:
    address = request.application.email
    if allowed(request, "ask", key=vault.lookup_marks(address)[0].hex()):
        request.session[_KEY] = str(codes.send(address, at=timezone.now()).pk)
    else:
        messages.error(request, _("You asked for a code a moment ago. Wait a little, then ask again."))
    return redirect(page)


def _code_form(request: ApplicantRequest) -> CodeForm | None:
    """The box for the code; None while none that counts was sent."""
    code_id = request.session.get(_KEY)
    if not code_id or not codes.is_waiting(code_id, timezone.now()):
        if request.session.pop(_KEY, None):
            messages.error(request, _("That code no longer counts. Ask for another one."))
        return None
    return CodeForm(request.POST or None)


def _is_right(request: ApplicantRequest, form: CodeForm) -> bool:
    """Whether the code that was typed is right, and went to the applicant's own address; it is used up by that."""
    if request.method != "POST" or not form.is_valid():
        return False
    if not allowed(request, "try"):
        form.add_error("code", _("There were too many tries. Wait a few minutes, then try again."))
        return False
    taken = codes.take(request.session[_KEY], form.cleaned_data["code"], at=timezone.now())
    if taken.outcome is Outcome.RIGHT:
        request.session.pop(_KEY, None)
        if vault.lookup_marks(taken.address) == vault.lookup_marks(request.application.email):
            return True
    form.add_error("code", _("That is not the code. Use the newest code we sent, or ask for another one."))
    return False
