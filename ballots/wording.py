"""A ballot's own words for its pages: as fixed at the opening where it has opened, else as drafted."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ballots.casting import order_for
from ballots.models import Ballot, RollEntry


@dataclass(frozen=True, slots=True)
class Choice:
    """An option as a page shows it."""

    key: str
    name: str
    statement: str


def question(ballot: Ballot) -> str:
    """What is asked."""
    return str(ballot.definition["question"]) if ballot.definition else ballot.question


def explanation(ballot: Ballot) -> str:
    """What the vote is about, in Markdown."""
    return str(ballot.definition["explanation"]) if ballot.definition else ballot.explanation


def choices(ballot: Ballot, entry: RollEntry | None = None) -> list[Choice]:
    """The options, in the order drawn for the voter of `entry`, or without one in the order of setting up."""
    rows = list(ballot.options.all())
    if ballot.definition is None:
        return [Choice(row.key, row.name, row.statement) for row in rows]
    fixed = {
        option["key"]: Choice(option["key"], option["name"], option["statement"])
        for option in ballot.terms["options"]
    }
    if entry is None:
        return list(fixed.values())
    return [fixed[row.key] for row in order_for(entry, rows)]


def method_name(ballot: Ballot) -> str:
    """What the method of counting is called."""
    if ballot.method == Ballot.Method.STAR_PR:
        return _("Proportional STAR")
    return _("STAR") if ballot.seats == 1 else _("Bloc STAR")


def method_sentence(ballot: Ballot) -> str:
    """How many win and by which count, in one sentence."""
    if ballot.method == Ballot.Method.STAR_PR:
        return ngettext(
            "Proportional STAR: %(seats)s option wins, and each part of the voters gets its share.",
            "Proportional STAR: %(seats)s options win, and each part of the voters gets its share.",
            ballot.seats,
        ) % {"seats": ballot.seats}
    if ballot.seats == 1:
        return _("STAR: score, then automatic runoff. One option wins.")
    return _(
        "Bloc STAR: the STAR count is run %(seats)s times on the same votes, and each time one option wins."
    ) % {"seats": ballot.seats}


def lot_names(ballot: Ballot) -> list[str]:
    """The options' names in the lot order; none before the opening, when lots are drawn."""
    if ballot.definition is None:
        return []
    names = {option["key"]: option["name"] for option in ballot.definition["options"]}
    return [names[key] for key in ballot.definition["lot_order"]]


def three_lines(ballot: Ballot) -> list[str]:
    """How the count works, for somebody who is about to vote: three sentences."""
    first = _(
        "Give each option a score from 0 (the least) to 5 (the most). The same score for several is fine."
    )
    if ballot.method == Ballot.Method.STAR_PR:
        return [
            first,
            _(
                "The option with the highest total wins the first seat, and the votes that scored it highest "
                "pay for it."
            ),
            _(
                "For each further seat votes count with what they have left, so each part of the voters gets its share."
            ),
        ]
    second = _("All scores are added up, and the two options with the highest totals go to a runoff.")
    if ballot.seats == 1:
        third = _("In the runoff your whole vote goes to the one of these two that you scored higher.")
    else:
        third = _(
            "In the runoff your whole vote goes to the one that you scored higher. "
            "The same is repeated without the winners so far, until all %(seats)s seats are filled."
        ) % {"seats": ballot.seats}
    return [first, second, third]
