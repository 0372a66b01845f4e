"""The account of a count in plain words: what the page, the export, the mail and the recount all print.

It reads "rounds" in the plain form in which results are stored and published (`Result.as_data`), so a result
of any age and any bundle can be told. Every sentence is one message for the translators.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

Names = Mapping[str, str]
Step = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SeatAccount:
    """How one seat was filled: a title that names the winner, and the sentences in order.

    `winner` is the winner's key, or None where nobody voted.
    """

    title: str
    sentences: tuple[str, ...]
    winner: str | None


def sentences(rounds: Sequence[Mapping[str, Any]], names: Names) -> list[SeatAccount]:
    """Tell `rounds` (the plain form) seat by seat. `names` gives the name to print for each option's key."""
    return [_seat(round_, names, several=len(rounds) > 1) for round_ in rounds]


def as_text(rounds: Sequence[Mapping[str, Any]], names: Names) -> str:
    """The same account as plain text: a paragraph for each seat, one sentence on a line under its title."""
    return "\n\n".join("\n".join([seat.title, *seat.sentences]) for seat in sentences(rounds, names))


def _seat(round_: Mapping[str, Any], names: Names, *, several: bool) -> SeatAccount:
    steps = sorted(round_["steps"], key=lambda step: step["step"] == "allocation")  # the payment comes last
    told: list[str] = []
    for place, step in enumerate(steps):
        told += _TELLERS[step["step"]](step, steps[:place], names)
    if round_["unopposed"] and round_["seat"] > 1:
        told = [_("%(name)s is the only option left and wins unopposed.") % {"name": names[round_["winner"]]}]
    return SeatAccount(_title(round_, names, several=several), tuple(told), round_["winner"])


def _title(round_: Mapping[str, Any], names: Names, *, several: bool) -> str:
    if round_["winner"] is None:
        return _("Nobody is elected")
    words = {"seat": round_["seat"], "name": names[round_["winner"]]}
    return _("Seat %(seat)s: %(name)s") % words if several else _("Winner: %(name)s") % words


def _no_votes(_step: Step, _before: Sequence[Step], _names: Names) -> list[str]:
    return [_("Nobody voted, so nobody is elected.")]


def _score(step: Step, _before: Sequence[Step], names: Names) -> list[str]:
    if "weighted" in step:
        counts = _counts(step["weighted"], names)
        return [
            _("Scores added up, each times the weight left to its vote: %(counts)s.") % {"counts": counts}
        ]
    return [_("Scores added up: %(counts)s.") % {"counts": _counts(step["totals"], names)}]


def _tie(step: Step, before: Sequence[Step], names: Names) -> list[str]:
    first = before[-1]["step"] != "tie"
    opening = [_tie_opening(step, names)] if first else []
    if step["rule"] == "lot":
        return [*opening, _lot(step, names)]
    return [*opening, _rung(step, names), *_rung_outcome(step, names)]


def _tie_opening(step: Step, names: Names) -> str:
    words = {"names": _and(step["tied"], names), "places": step["places"]}
    if step["for"] == "runoff":
        return _("The runoff is level.")
    if step["for"] == "allocation":
        return _("%(names)s have the same weighted total.") % words
    return (
        ngettext(
            "%(names)s have the same total, for %(places)s place in the runoff.",
            "%(names)s have the same total, for %(places)s places in the runoff.",
            step["places"],
        )
        % words
    )


def _rung(step: Step, names: Names) -> str:
    words = {"counts": _counts(step["numbers"], names)}
    if step["rule"] == "head_to_head":
        return _("Preferred head to head: %(counts)s.") % words
    if step["rule"] == "total":
        return _("Total scores: %(counts)s.") % words
    if step["for"] == "allocation":
        return _("Five-star scores by weight: %(counts)s.") % words
    return _("Five-star scores: %(counts)s.") % words


def _rung_outcome(step: Step, names: Names) -> list[str]:
    """Who advances and who is still level; a seat that is won is told by its "winner" step."""
    told = []
    if step["for"] == "finalists" and step["chosen"]:
        told.append(
            ngettext("%(names)s goes to the runoff.", "%(names)s go to the runoff.", len(step["chosen"]))
            % {"names": _and(step["chosen"], names)}
        )
    if step["left"] == step["tied"]:
        told.append(_("That decides nothing."))
    elif step["left"]:
        told.append(_("%(names)s are still level.") % {"names": _and(step["left"], names)})
    return told


def _lot(step: Step, names: Names) -> str:
    words = {"tied": _and(step["tied"], names), "names": _and(step["chosen"], names)}
    if step["for"] != "finalists":
        return _("Tie broken by lot: of %(tied)s, %(names)s comes first in the lot order.") % words
    return (
        ngettext(
            "Tie broken by lot: of %(tied)s, %(names)s comes first in the lot order and goes to the runoff.",
            "Tie broken by lot: of %(tied)s, %(names)s come first in the lot order and go to the runoff.",
            len(step["chosen"]),
        )
        % words
    )


def _finalists(step: Step, before: Sequence[Step], names: Names) -> list[str]:
    words = {"names": _and(step["finalists"], names)}
    if before[-1]["step"] == "tie":
        return [_("The finalists are %(names)s.") % words]
    return [_("%(names)s have the highest totals and go to the runoff.") % words]


def _runoff(step: Step, _before: Sequence[Step], names: Names) -> list[str]:
    words = {"counts": _counts(step["votes"], names), "equal": step["equal_support"]}
    return [
        _(
            "In the runoff each vote counts for the finalist that it scores higher: %(counts)s; "
            "Equal Support, the same score for both (%(equal)s)."
        )
        % words
    ]


def _winner(step: Step, before: Sequence[Step], names: Names) -> list[str]:
    words = {"name": names[step["winner"]]}
    if step["by"] == "unopposed":
        return [_("%(name)s is the only option and wins unopposed.") % words]
    if "weighted" in before[0]:
        return [_weighted_winner(step["by"]) % words]
    if step["by"] == "runoff":
        return _runoff_winner(step["winner"], before, names)
    if step["by"] == "total":
        return [_("%(name)s wins with the higher total score.") % words]
    if step["by"] == "five_stars":
        return [_("%(name)s wins with more five-star scores.") % words]
    return [_("%(name)s wins.") % words]


def _weighted_winner(by: str) -> str:
    if by == "total":
        return _("%(name)s has the highest weighted total and takes the seat.")
    if by == "five_stars":
        return _("%(name)s takes the seat with more weight of five-star scores.")
    return _("%(name)s takes the seat.")


def _runoff_winner(winner: str, before: Sequence[Step], names: Names) -> list[str]:
    votes = before[-1]["votes"]
    (loser,) = (key for key in votes if key != winner)
    margin = votes[winner] - votes[loser]
    words = {"name": names[winner], "other": names[loser], "margin": margin}
    told = [
        ngettext(
            "%(name)s wins the runoff by %(margin)s vote.",
            "%(name)s wins the runoff by %(margin)s votes.",
            margin,
        )
        % words
    ]
    if before[0]["totals"][loser] > before[0]["totals"][winner]:
        told.insert(0, _("%(other)s has the higher total, but more votes prefer %(name)s.") % words)
    return told


def _allocation(step: Step, _before: Sequence[Step], names: Names) -> list[str]:
    words = {
        "name": names[step["winner"]],
        "quota": _amount(step["quota"]),
        "score": _amount(step["boundary_score"]),
        "share": _amount(step["boundary_share"]),
        "left": _amount(step["left"]),
    }
    told = [
        _("A seat costs the number of votes divided by the number of seats (%(quota)s).") % words,
    ]
    if step["left"] == "0":
        return [*told, _("Every vote pays the weight that it has left, and no weight remains.")]
    told.append(
        _("The votes that gave %(name)s most, each score times its vote’s weight, pay first.") % words
    )
    if step["boundary_share"] == "1":
        told.append(_("Those with at least %(score)s pay all of their weight.") % words)
    else:
        told.append(
            _(
                "Those with more than %(score)s pay all of their weight; "
                "those with exactly %(score)s pay %(share)s of theirs."
            )
            % words
        )
    told.append(_("Weight left to all votes together for the seats to come: %(left)s.") % words)
    return told


_TELLERS = {
    "no_votes": _no_votes,
    "score": _score,
    "tie": _tie,
    "finalists": _finalists,
    "runoff": _runoff,
    "winner": _winner,
    "allocation": _allocation,
}


def _and(keys: Sequence[str], names: Names) -> str:
    """The options' names as "A", "A and B", or "A, B and C"."""
    *start, last = (names[key] for key in keys)
    if not start:
        return last
    return pgettext("the end of a list", "%(start)s and %(last)s") % {"start": _commas(start), "last": last}


def _counts(numbers: Mapping[str, int | str], names: Names) -> str:
    """Every option with its number, the highest first: "Dog (1798), Cat (1741)"."""
    ordered = sorted(numbers.items(), key=lambda item: Fraction(item[1]), reverse=True)
    return _commas(
        pgettext("an option and its number", "%(name)s (%(number)s)")
        % {"name": names[key], "number": _amount(number)}
        for key, number in ordered
    )


def _commas(items: Iterable[str]) -> str:
    return pgettext("between the items of a list", ", ").join(items)


def _amount(number: int | str) -> str:
    """A number to read: whole, a short fraction as it is, a long one as its nearest six decimals."""
    exact = Fraction(number)
    return str(exact) if exact.denominator < 1000 else f"≈ {float(exact):.6f}"
