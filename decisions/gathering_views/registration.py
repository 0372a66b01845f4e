"""Registering for a gathering, cancelling, and the way in to one online."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from decisions import registration
from decisions.errors import Barred, NotEntitled, WrongMoment
from decisions.gathering_forms import RegisterForm
from decisions.gathering_views.finding import explained, find, went_well
from harmony.http import PersonRequest


@require_http_methods(["GET", "POST"])
@explained
def gathering_register(request: PersonRequest, gathering_id: UUID) -> HttpResponse:
    """Registering: shows the code of conduct and asks to accept it (D27)."""
    now = timezone.now()
    gathering = find(request, gathering_id)
    if gathering.has_barred(request.user):
        raise Barred
    issues = registration.issues_before_registering(gathering, request.user, now)
    if issues:
        raise (NotEntitled if gathering.is_open_at(now) else WrongMoment)(" ".join(issues))
    form = RegisterForm(request.POST or None, ways=registration.ways(gathering))
    if request.method == "POST" and form.is_valid():
        values = {name: form.cleaned_data[name] for name in ("way", "accepts_code")}
        if went_well(form, lambda: registration.register(gathering, request.user, at=now, **values)):
            messages.success(request, _("You are registered. A mail with the calendar file is on its way."))
            return redirect(gathering)
    context = {"gathering": gathering, "form": form}
    return render(request, "decisions/gatherings/gathering_register.html", context)


@require_POST
@explained
def gathering_leave(request: PersonRequest, gathering_id: UUID) -> HttpResponse:
    """Takes the registration back."""
    gathering = find(request, gathering_id)
    registration.cancel(gathering, request.user, at=timezone.now())
    messages.success(request, _("Your registration is cancelled."))
    return redirect(gathering)


@require_safe
@never_cache
@explained
def gathering_join(request: PersonRequest, gathering_id: UUID) -> HttpResponse:
    """The way in: leads somebody registered and not barred to the link of the moment."""
    gathering = find(request, gathering_id)
    response = HttpResponseRedirect(registration.way_in(gathering, request.user, at=timezone.now()))
    response["Referrer-Policy"] = "no-referrer"
    return response
