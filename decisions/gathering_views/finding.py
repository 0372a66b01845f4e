"""What the gatherings' views share: finding a gathering that the reader may see, and showing a refusal."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from decisions.errors import (
    BadProposal,
    CodeNotAccepted,
    DecisionError,
    NotEntitled,
    ReasonMissing,
    WrongMoment,
)
from decisions.models import Gathering

_STATUSES: tuple[tuple[type[DecisionError], HTTPStatus], ...] = (
    (NotEntitled, HTTPStatus.FORBIDDEN),
    (WrongMoment, HTTPStatus.CONFLICT),
)
_WRITTEN_WRONG = (BadProposal, CodeNotAccepted, ReasonMissing)


def find(request: HttpRequest, gathering_id: UUID) -> Gathering:
    """The gathering, if the reader may see it now; else it is not found, as one that does not exist."""
    rows = Gathering.objects.visible_to(request.user, timezone.now())
    return get_object_or_404(rows.select_related("assembly", "decision", "chair"), pk=gathering_id)


def explained(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Shows what the domain refuses as a page with its sentence: 403 wrong person, 409 wrong moment, else 400."""

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except DecisionError as refusal:
            status = next((status for kind, status in _STATUSES if isinstance(refusal, kind)), None)
            seen = Gathering.objects.visible_to(request.user, timezone.now())
            found = seen.filter(pk__in=[kwargs[key] for key in ("gathering_id",) if key in kwargs]).first()
            context = {"sentence": str(refusal), "gathering": found}
            return render(
                request,
                "decisions/gatherings/gathering_refused.html",
                context,
                status=status or HTTPStatus.BAD_REQUEST,
            )

    return asked


def went_well(form: forms.Form, act: Callable[[], object]) -> bool:
    """Whether `act` went through; what the domain finds wrong in what was written is put on the form."""
    try:
        act()
    except _WRITTEN_WRONG as refusal:
        form.add_error(None, str(refusal))
        return False
    return True
