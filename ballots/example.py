"""The small vote with which the page on STAR explains the count: made up, and counted by the real count."""

from django.utils.translation import gettext as _

from ballots import star
from ballots.exhibits import Exhibits, exhibits

# Equal votes together, each with how many there are; the scores are for A, B and C in this order.
VOTES = (((5, 2, 0), 4), ((3, 4, 1), 6), ((4, 4, 5), 1))


def names() -> dict[str, str]:
    """The options' names by key, in the order of the scores."""
    return {"1": _("Picnic"), "2": _("Quiz night"), "3": _("Museum")}


def counted() -> Exhibits:
    """The example as a result page would show it: the option with the most stars loses the runoff."""
    return exhibits(star.count(list(names()), VOTES).as_data(), names())
