"""Where a race stands, in words, in place of the sentences on any matter. Pure, as `decisions.standing`."""

from datetime import datetime

from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ballots.templatetags.ballot_pages import moment
from decisions.matter import Matter
from decisions.models import Candidacy
from decisions.races import is_contested

Says = tuple[str, str, datetime | None]


def standing(matter: Matter) -> list[Candidacy]:
    """Who stands and has not withdrawn."""
    return [one for one in matter.candidacies if one.withdrawn_at is None]


def contested(matter: Matter) -> bool:
    """Whether more people stand than there are seats."""
    return matter.race is not None and is_contested(matter.race, len(standing(matter)))


def mine(matter: Matter) -> Candidacy | None:
    """The reader's own candidacy."""
    return next((one for one in standing(matter) if matter.reader.is_one_of(one.person)), None)


def nominations(matter: Matter) -> Says:
    """While people can stand."""
    race = matter.race
    if race is None:  # only a race has nominations
        return "", "", None
    n = len(standing(matter))
    headline = (
        ngettext("%(n)d person stands so far.", "%(n)d people stand so far.", n) % {"n": n}
        if n
        else _("Who stands?")
    )
    follows: str = format_html(
        _(
            "Nominations end on {when} (London time). If more people stand than there are seats, a "
            "hustings comes next; if not, a call for consensus can be made at once; if nobody stands, the race lapses."
        ),
        when=moment(race.nominations_end_at),
    )
    return headline, follows, race.nominations_end_at


def talk(matter: Matter) -> Says:
    """Between the end of nominations and the next step."""
    n = len(standing(matter))
    seats = matter.race.seats if matter.race is not None else 1
    if contested(matter):
        headline = (
            _("%(n)d people stand for %(seats)d seats.")
            if seats > 1
            else _("%(n)d people stand for one seat.")
        )
        follows = _(
            "If nobody acts, nothing happens by itself: the hustings has to be called first. After it comes the "
            "deliberation, and then consensus or a ballot."
        )
    else:
        headline = ngettext(
            "%(n)d person stands, for a seat of their own.", "%(n)d people stand, with a seat for each.", n
        )
        follows = _(
            "If nobody acts, nothing happens by itself. The next step is a call for consensus; a hustings is needed "
            "only if that call falls."
        )
    return headline % {"n": n, "seats": seats}, follows, None


def lapsed(matter: Matter) -> Says:
    """When nobody stood, or everybody withdrew."""
    follows = _(
        "Nothing more happens in this race. While a seat is vacant, anyone can apply for it at any time."
    )
    return matter.decision.withdrawn_because, follows, None
