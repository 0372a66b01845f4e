"""A poll read from a file: the votes, how they are to be counted, and what the file says came out."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ballots import star

MOST_FAULTS = 20
FIGURES = ("turnout", "totals", "five_stars", "distribution", "pairwise", "winners", "rounds")


class UnreadableError(ValueError):
    """The file cannot be counted. `faults` are sentences, at most MOST_FAULTS and one for the rest."""

    def __init__(self, *faults: str) -> None:
        self.faults = list(faults[:MOST_FAULTS])
        more = len(faults) - MOST_FAULTS
        if more > 0:
            self.faults.append(
                ngettext("And there is %(more)s more fault.", "And there are %(more)s more faults.", more)
                % {"more": more}
            )
        super().__init__("\n".join(self.faults))


@dataclass(frozen=True, slots=True)
class Poll:
    """The votes of one ballot as a file has them, and how the file says they are to be counted.

    `names` gives the options' names by key, in the order of the scores. `votes` is None where a bundle of
    ours lists none; then `published` has the figures to count from. `lot_order` is None where the file has
    none. `published` holds what a bundle of ours says came out (the members in FIGURES), else it is None.
    """

    names: Mapping[str, str]
    votes: list[tuple[int, ...]] | None
    title: str = ""
    method: str = "star"
    seats: int = 1
    lot_order: tuple[str, ...] | None = None
    published: Mapping[str, Any] | None = None
    notes: tuple[str, ...] = ()

    def count(self) -> star.Result:
        """Count it. Raises star.CountError, or UnreadableError where the votes are needed and not listed."""
        options = list(self.names)
        if self.votes is None:
            return self._count_published(options)
        votes = ((scores, 1) for scores in self.votes)
        return star.count(options, votes, seats=self.seats, method=self.method, lot_order=self.lot_order)

    def _count_published(self, options: list[str]) -> star.Result:
        if self.method != "star":
            raise UnreadableError(
                _("The file lists no votes, and Proportional STAR cannot be counted without them.")
            )
        published = self.published or {}
        try:
            figures = star.Tally(
                published["turnout"],
                {key: tuple(published["distribution"][key]) for key in options},
                {key: dict(published["pairwise"][key]) for key in options},
            )
        except (KeyError, TypeError, ValueError):
            raise UnreadableError(_("The file lists no votes, and its figures are not complete.")) from None
        return star.count_published(options, figures, seats=self.seats, lot_order=self.lot_order)

    def differing(self, result: star.Result) -> list[str]:
        """The FIGURES for which the file says something else than `result`; none where it says nothing."""
        if self.published is None:
            return []
        counted = result.as_data()
        return [name for name in FIGURES if counted[name] != self.published[name]]

    def keys(self, wanted: Sequence[str]) -> tuple[str, ...]:
        """The keys of options given by key or by name. Raises UnreadableError naming those there are not."""
        by_name = {name: key for key, name in self.names.items()}
        unknown = [option for option in wanted if option not in self.names and option not in by_name]
        if unknown:
            fault = _("There is no option “%(name)s”.")
            raise UnreadableError(*(fault % {"name": shown(name)} for name in unknown))
        return tuple(option if option in self.names else by_name[option] for option in wanted)


def shown(value: object, most: int = 40) -> str:
    """A piece of a stranger's file, fit for a terminal: printable and at most `most` characters long."""
    text = value if isinstance(value, str) else json.dumps(value)
    text = "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text
    )
    return text if len(text) <= most else f"{text[: most - 1]}…"


def clean(name: str) -> str:
    """A name on one line, without space around it."""
    return " ".join(name.split())
