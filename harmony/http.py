"""A request whose user is known: a leaf module that every floor may import."""

from typing import TYPE_CHECKING

from django.http import HttpRequest

if TYPE_CHECKING:
    from members.models import Person


class PersonRequest(HttpRequest):
    """What a view behind LoginRequiredMiddleware is given: its `user` is a Person, never anonymous."""

    user: "Person"
