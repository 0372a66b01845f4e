"""What the defections' templates ask for beside Django's own filters."""

from django import template

from defections.wording import value_in_words

register = template.Library()


@register.filter
def month(value: str) -> str:
    """ "2019-05" as "May 2019"."""
    return value_in_words("employment", "began", value)
