"""What the admin's templates ask of tables built on NarrowAdmin."""

from typing import Any

from django import template

from ledger.narrow_admin import linking

register = template.Library()


@register.filter
def contents(field: Any, form: Any) -> str:
    """What stands in a field of an inline row on the page of `form`; another row is a link only if it opens."""
    shown: str = linking(field, form.may_open).contents()
    return shown
