"""What every response gets, whichever page made it."""

import codecs
from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers


class PlainTextMiddleware:
    """Refuses a form that says it is written in anything but UTF-8, as all of ours are.

    By some other encodings half characters could be smuggled in, which no database takes.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The response. Raises BadRequest."""
        if request.encoding and codecs.lookup(request.encoding).name not in ("utf-8", "ascii"):
            raise BadRequest("Only UTF-8 is understood.")
        return self.get_response(request)


class PrivatePagesMiddleware:
    """Keeps pages made for a logged-in person out of every cache, the browser's own included."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The response, marked as private where somebody is logged in."""
        response = self.get_response(request)
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
        return response
