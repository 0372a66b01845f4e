"""A result in one sentence, for pages and letters; the whole account is in `account.py`."""

from typing import Any

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def option_names(definition: dict[str, Any]) -> dict[str, str]:
    """The options' names by their keys."""
    return {option["key"]: option["name"] for option in definition["options"]}


def winners_sentence(result: dict[str, Any], definition: dict[str, Any]) -> str:
    """Who won, or that nobody did, from a stored result and its definition."""
    names = option_names(definition)
    winners = [names[key] for key in result["winners"]]
    if not winners:
        return _("Nobody voted, so nothing and nobody won.")
    listed = get_text_list(winners, _("and"))
    return ngettext("%(winners)s won.", "%(winners)s won, in this order.", len(winners)) % {"winners": listed}
