"""A request whose user is known, and what was found out for it: a leaf module that every floor may import."""

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, TypeVar, cast

from django.http import HttpRequest

if TYPE_CHECKING:
    from members.models import Person

Answer = TypeVar("Answer")
_LOOKING = ("GET", "HEAD")


class PersonRequest(HttpRequest):
    """What a view behind LoginRequiredMiddleware is given: its `user` is a Person, never anonymous."""

    user: "Person"


def once(request: HttpRequest, question: Hashable, ask: Callable[[], Answer]) -> Answer:
    """What `ask` answers about the request's person; in a request that only looks, asked once and remembered.

    For what a page shows, and whom it opens to. A request that may change something asks each time anew, and so
    does every step in the domain, under its lock.
    """
    if request.method not in _LOOKING:
        return ask()
    answers: dict[Hashable, object] = request.__dict__.setdefault("_answers", {})
    key = (request.user.pk, question)
    if key not in answers:
        answers[key] = ask()
    return cast("Answer", answers[key])
