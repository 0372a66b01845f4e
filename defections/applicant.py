"""Who is at the form: an applicant has no account here; their session holds the id of their application."""

from collections.abc import Callable
from functools import wraps
from typing import cast

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from defections import paper
from defections.models import Application
from members.models import Person

IDLE_SECONDS = 60 * 60
# In the session: the application's id, when it was entered, and when a page of it was last asked for.
_KEY = "defections_applicant"


class ApplicantRequest(HttpRequest):
    """What a view behind `applicant_required` is given."""

    application: Application


def enter(request: HttpRequest, application: Application, *, is_clerk: bool = False) -> None:
    """Lets this browser work on `application` until it is idle for IDLE_SECONDS or leaves.

    `is_clerk` is for whoever enters it from paper (D15): only while they may, and until they hand it over.
    """
    request.session.cycle_key()
    seen = timezone.now().timestamp()
    held = {"application": str(application.pk), "entered": seen, "seen": seen, "is_clerk": is_clerk}
    request.session[_KEY] = held


def leave(request: HttpRequest) -> None:
    """Forgets the application in this browser."""
    request.session.pop(_KEY, None)


def application_of(request: HttpRequest) -> Application | None:
    """The application that this browser works on, or None.

    None where it has none, was idle, all of it is erased, or its email address has changed since it was entered.
    """
    held = request.session.get(_KEY)
    now = timezone.now().timestamp()
    if not held or not 0 <= now - held["seen"] < IDLE_SECONDS:
        return None
    found = (
        Application.objects.select_related("release").filter(pk=held["application"], erased_at=None).first()
    )
    if found is not None and found.email_changed_at is not None:
        entered = held.get("entered", held["seen"])
        found = found if entered >= found.email_changed_at.timestamp() else None
    if found is not None and held.get("is_clerk"):
        found = _for_clerk(request, found)
    if found is not None:
        request.session[_KEY] = {**held, "seen": now}
    return found


def _for_clerk(request: HttpRequest, application: Application) -> Application | None:
    """The application with its clerk, or None where this is not they, they may not any more, or it was handed over."""
    person = request.user
    if not isinstance(person, Person) or application.entered_by_id != person.pk or not application.is_draft:
        return None
    if not paper.may_enter(person, timezone.now()):
        return None
    application.clerk = person
    return application


def applicant_required(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page of the applicant's own: public as far as accounts go, never cached, `request.application` set.

    Who has no application in this browser, or was away for too long, is told so and how to get back in.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        application = application_of(request)
        if application is None:
            was_idle = request.session.pop(_KEY, None) is not None
            context = {"was_idle": was_idle, "has_lost_input": was_idle and request.method == "POST"}
            return render(request, "defections/form/session_over.html", context, status=403)
        request = cast("ApplicantRequest", request)
        request.application = application
        return view(request, *args, **kwargs)

    # Whole POSTs and not only this function's: what an applicant types never stands in an error report.
    return login_not_required(never_cache(sensitive_post_parameters()(guarded)))
