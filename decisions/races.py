"""What is different on the ladder for a race: what is called on, what has to come first, how many seats.

A race with no more candidates than seats is uncontested: a call for consensus can be made at once, on all of them
together; it needs no hustings until that call has fallen. A contested one has its hustings first, and then the
deliberation; with one seat a call within it is on one candidate, with several the members vote (Bloc STAR, P8).
"""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from decisions.errors import WrongMoment
from decisions.models import Call, Decision, Option, Race
from harmony.time import LONDON


def of(decision: Decision) -> Race | None:
    """The race that the decision is; None for another matter."""
    return decision.race if decision.kind == Decision.Kind.RACE else None


def refuse_race(decision: Decision) -> None:
    """Raises WrongMoment for a race: its text and its candidates are not changed as a proposal's are."""
    if decision.kind == Decision.Kind.RACE:
        raise WrongMoment(
            _("This is a race for an office: its options are those who stand, and it is never withdrawn.")
        )


def options_of(decision: Decision) -> "QuerySet[Option]":
    """What is decided among, in order: a candidate who has withdrawn is no option any more."""
    return decision.options.filter(withdrawn_at=None)


def candidates(decision: Decision) -> list[Option]:
    """Those who stand, as options."""
    return list(options_of(decision).filter(leaves_things=False))


def is_contested(race: Race, standing: int) -> bool:
    """Whether more people stand than there are seats."""
    return standing > race.seats


def ballot_seats(decision: Decision) -> int:
    """How many a ballot on the decision elects: 1, or in a race the seats, of which no more than candidates."""
    race = of(decision)
    return 1 if race is None else max(1, min(race.seats, len(candidates(decision))))


def names_of(options: Sequence[Option]) -> str:
    """Their names as words."""
    names = [option.name for option in options]
    if len(names) < 2:
        return "".join(names)
    return _("%(first)s and %(last)s") % {"first": ", ".join(names[:-1]), "last": names[-1]}


def called_together(decision: Decision, option: Option) -> str:
    """The names of all that a call on `option` is on, where that is several candidates together; else ""."""
    if of(decision) is None or option.leaves_things:
        return ""
    standing = candidates(decision)
    return names_of(standing) if len(standing) > 1 and not is_contested(decision.race, len(standing)) else ""


def won_by_call(call: Call) -> list[Option]:
    """What a call decides when it reaches consensus: its option, or all of the candidates together."""
    return candidates(call.decision) if call.together else [call.option]


def callable_options(decision: Decision) -> list[tuple[Option, str]]:
    """What can be called on, each with the words for it."""
    found: list[tuple[Option, str]] = []
    for option in options_of(decision):
        together = called_together(decision, option)
        if not together or all(words != together for _option, words in found):
            found.append((option, together or option.name))
    return found


def issues_before_calling(decision: Decision) -> list[str]:
    """Sentences that say why there can be no call in this race now, beside those of any matter."""
    race = decision.race
    if race.nominations_ended_at is None:
        return [_nominations_open(race)]
    if not is_contested(race, len(candidates(decision))):
        return []
    if race.seats > 1:
        return [
            _(
                "More people stand than there are seats, and there are several seats: members vote on all of them."
            )
        ]
    if decision.is_in_deliberation:
        return []
    return [_("More people stand than there are seats: the hustings come first, then the deliberation.")]


def issues_before_gathering(decision: Decision) -> list[str]:
    """The same for a gathering on it: who stands is not known before nominations end."""
    race = decision.race
    return [_nominations_open(race)] if race.nominations_ended_at is None else []


def needs_fallen_call(decision: Decision) -> bool:
    """Whether consensus has to have been sought before the deliberation: always, but in a contested race."""
    race = of(decision)
    if race is None:
        return decision.kind == Decision.Kind.GENERAL
    return not is_contested(race, len(candidates(decision)))


def _nominations_open(race: Race) -> str:
    return _("Nominations are open until %(when)s: who stands is not known before.") % {
        "when": in_words(race.nominations_end_at)
    }


def in_words(at: datetime) -> str:
    """A moment as people say it in London, without markup."""
    local = at.astimezone(LONDON)
    return _("%(day)s at %(time)s") % {
        "day": date_format(local, "l j F Y", use_l10n=False),
        "time": date_format(local, "H:i", use_l10n=False),
    }
