"""What the admin's templates ask of tables built on NarrowAdmin."""

from collections.abc import Callable
from typing import Any

from django import template

from ledger.narrow_admin import linking

register = template.Library()


@register.filter
def contents(field: Any, may_open: Callable[[Any], bool]) -> str:
    """What stands in a field of a row; another row is a link only where `may_open(its model)`."""
    shown: str = linking(field, may_open).contents()
    return shown
