"""Into the form and out of it: the start page, a code by mail, and leaving."""

from collections.abc import Callable

from allauth.core.internal import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from defections import applicant, codes, email_changes, vault
from defections.codes import Outcome
from defections.errors import WrongMoment
from defections.form.entry_forms import AddressForm, CodeForm
from defections.models import Application, FormRelease

_KEY = "defections_code"  # in the session: the id of the code that was mailed last
_RATES = {"ask": "20/10m/ip,1/15s/key,6/30m/key", "try": "60/10m/ip"}

View = Callable[..., HttpResponse]


@login_not_required
@require_safe
def form_start(request: HttpRequest) -> HttpResponse:
    """What the form is, what one needs for it, who reads it, and how to begin (D6, D14)."""
    release = FormRelease.objects.current()
    context = {
        "release": release,
        "passages": {passage.key: passage.text for passage in release.passages.all()} if release else {},
        "application": applicant.application_of(request),
    }
    return render(request, "defections/form/form_start.html", context)


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def resume_ask(request: HttpRequest) -> HttpResponse:
    """The address, to which a code is mailed: to begin with, or to go on. The answer is the same for all."""
    form = AddressForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        address = form.cleaned_data["email"]
        if allowed(request, "ask", key=vault.lookup_marks(address)[0].hex()):
            request.session[_KEY] = str(codes.send(address, at=timezone.now()).pk)
            return redirect("defections:resume_code")
        form.add_error("email", _("You asked for a code a moment ago. Wait a little, then ask again."))
    is_open = FormRelease.objects.current() is not None
    return render(request, "defections/form/resume_ask.html", {"form": form, "is_open": is_open})


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def resume_code(request: HttpRequest) -> HttpResponse:
    """The code. GET only shows the box: a mail scanner that opens addresses uses nothing up."""
    code_id = request.session.get(_KEY)
    if not code_id or not codes.is_waiting(code_id, timezone.now()):
        return _ask_again(request)
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if not allowed(request, "try"):
            form.add_error("code", _("There were too many tries. Wait a few minutes, then try again."))
        else:
            taken = codes.take(code_id, form.cleaned_data["code"], at=timezone.now())
            if taken.outcome is Outcome.RIGHT:
                return _let_in(request, taken.address)
            if taken.outcome is Outcome.GONE:
                return _ask_again(request)
            form.add_error(
                "code", _("That is not the code. Use the newest code we sent, or ask for another one.")
            )
    return render(request, "defections/form/resume_code.html", {"form": form})


def _ask_again(request: HttpRequest) -> HttpResponse:
    if request.session.pop(_KEY, None):
        messages.error(request, _("That code no longer counts. Ask for another one."))
    return redirect("defections:resume_ask")


@sensitive_variables("address")
def _let_in(request: HttpRequest, address: str) -> HttpResponse:
    try:
        application, is_new = codes.application_for(address, at=timezone.now())
    except WrongMoment as error:
        messages.error(request, str(error))
        return redirect("defections:form_start")
    request.session.pop(_KEY, None)
    applicant.enter(request, application)
    if is_new:
        messages.success(request, _("This is a new form. It is saved at every step."))
    if email_changes.is_awaited(address, timezone.now()):
        messages.warning(
            request,
            _(
                "Another application of yours is to be moved to this email address. That is done when you ask for a "
                "code once more after this one is deleted or over."
            ),
        )
    return redirect(home_of(application))


def home_of(application: Application) -> str:
    """The name of the page on which this applicant goes on."""
    return "defections:task_list" if application.is_draft else "defections:applicant_detail"


@login_not_required
@never_cache
@require_POST
def form_leave(request: HttpRequest) -> HttpResponse:
    """Forgets the application in this browser; nothing of it is lost."""
    applicant.leave(request)
    messages.success(request, _("You have left the form on this device. What you saved is kept."))
    return redirect("defections:form_start")


def allowed(request: HttpRequest, action: str, key: str = "") -> bool:
    """Counts this request; False where there were too many. `key` is a mark and no address: it goes to the cache."""
    config = {f"defections_{action}": _RATES[action]}
    return bool(
        ratelimit.consume(
            request, app="allauth.account", action=f"defections_{action}", config=config, key=key or None
        )
    )
