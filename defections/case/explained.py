"""What the domain refuses, shown as a page with its sentence: 403 for the wrong person, 409 for the wrong moment."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from decisions.errors import DecisionError, NotEntitled
from defections.errors import DefectionError, NotCleared

View = Callable[..., HttpResponse]


def explained(view: View) -> View:
    """A view whose refusals become a page."""

    @wraps(view)
    def asked(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except (DefectionError, DecisionError) as refusal:
            is_wrong_person = isinstance(refusal, NotCleared | NotEntitled)
            status = HTTPStatus.FORBIDDEN if is_wrong_person else HTTPStatus.CONFLICT
            context = {"sentence": str(refusal), "is_applicant": hasattr(request, "application")}
            return render(request, "defections/case/refused.html", context, status=status)

    return asked
