"""A result in one sentence, for pages and letters; the whole account is in `account.py`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ballots.models import Ballot


@dataclass(frozen=True)
class Elected:
    """Whom a result seats, in order; and, of several seats, the option that leaves the rest of them free."""

    seated: Sequence[str]  # options by their keys
    stopped_by: str | None
    free_seats: int


def elected(ballot: Ballot) -> Elected:
    """What the result of a counted ballot makes of its seats.

    Where there are several, an option that stays last (“re-open nominations”) and wins one of them leaves that seat
    and those after it free: more people wanted that than whoever comes behind it (P8).
    """
    winners: list[str] = ballot.outcome["winners"]
    stop = next((key for key in winners if key in ballot.stopping_keys()), None)
    if stop is None:
        return Elected(winners, None, 0)
    seated = winners[: winners.index(stop)]
    return Elected(seated, stop, ballot.seats - len(seated))


def option_names(definition: dict[str, Any]) -> dict[str, str]:
    """The options' names by their keys."""
    return {option["key"]: option["name"] for option in definition["options"]}


def winners_sentence(ballot: Ballot) -> str:
    """Who won a counted ballot, or that nobody did; and where seats stay free, that they do and what follows."""
    names, found = option_names(ballot.terms), elected(ballot)
    if not ballot.outcome["winners"]:
        return _("Nobody voted, so nothing and nobody won.")
    listed = get_text_list([names[key] for key in found.seated], _("and"))
    won = ngettext("%(winners)s won.", "%(winners)s won, in this order.", len(found.seated)) % {
        "winners": listed
    }
    if found.stopped_by is None:
        return won
    free = _free_seats(ballot, names[found.stopped_by], found)
    return f"{won} {free}" if found.seated else free


def _free_seats(ballot: Ballot, option: str, found: Elected) -> str:
    """What follows where an option that leaves seats free has won one: binding, that is a race (P8)."""
    if ballot.is_indicative:
        sentence = ngettext(
            "“%(option)s” came next, so %(n)d seat stays free.",
            "“%(option)s” came next, so %(n)d seats stay free.",
            found.free_seats,
        )
    elif found.seated:
        sentence = ngettext(
            "“%(option)s” came next: nominations open again for the remaining seat.",
            "“%(option)s” came next: nominations open again for the remaining %(n)d seats.",
            found.free_seats,
        )
    else:
        sentence = _(
            "“%(option)s” came first: nobody is elected, and nominations open again for all %(n)d seats."
        )
    return sentence % {"option": option, "n": found.free_seats}
