"""What the desk's views share: who gets in, finding an application, and showing a refusal."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from defections import records
from defections.errors import DefectionError, Erased, Incomplete, NotCleared, WrongMoment
from defections.models import Application
from harmony.http import PersonRequest

_STATUSES: tuple[tuple[type[DefectionError], HTTPStatus], ...] = (
    (NotCleared, HTTPStatus.FORBIDDEN),
    (WrongMoment, HTTPStatus.CONFLICT),
    (Erased, HTTPStatus.GONE),
)
View = Callable[..., HttpResponse]


def explained(view: View) -> View:
    """Shows what the domain refuses as a page with its sentence: 403 wrong person, 409 wrong moment, else 400."""

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except DefectionError as refusal:
            status = next((status for kind, status in _STATUSES if isinstance(refusal, kind)), None)
            context = {"sentence": str(refusal), "application_id": kwargs.get("application_id")}
            status = status or HTTPStatus.BAD_REQUEST
            return render(request, "defections/desk/desk_refused.html", context, status=status)

    return asked


def desk_page(view: View) -> View:
    """A page of the desk: for cleared volunteers with a second step alone, in no cache, its posts in no report."""

    @wraps(view)
    def guarded(request: PersonRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        records.require_researcher(request.user, timezone.now())
        return view(request, *args, **kwargs)

    page: View = never_cache(sensitive_post_parameters()(explained(guarded)))
    return page


def find(application_id: UUID) -> Application:
    """The application, once it has been sent; a draft is not found, as if it did not exist."""
    rows = Application.objects.select_related("copy", "release")
    return get_object_or_404(rows, pk=application_id, sent_at__isnull=False)


def went_well(form: forms.Form, act: Callable[[], object], field: str | None = None) -> bool:
    """Whether `act` went through; what the domain finds wrong in what was written is put on the form, or a field."""
    try:
        act()
    except (NotCleared, WrongMoment, Erased):
        raise
    except (Incomplete, DefectionError) as refusal:
        form.add_error(field, str(refusal))
        return False
    return True
