"""The steps that a person takes with a ballot, for the admin's buttons: what each is called and when it is offered.

The rules are where the steps are (`opening`, `tally`); here is only which may be shown.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ballots import opening, tally
from ballots.models import Ballot


@dataclass(frozen=True)
class Transition:
    """One step: its verb in the address, its words, whether to offer it, and what does it."""

    verb: str
    label: Promise
    explanation: Promise
    done: Promise
    is_offered: Callable[[Ballot], bool]
    take: Callable[..., object]
    is_for_staff_only: bool = False


TRANSITIONS = (
    Transition(
        "announce",
        _("Announce"),
        _(
            "Fixes the question, the options and the times. The ballot then opens by itself at its opening time. "
            "Until then you can take it back to change it."
        ),
        _("The ballot is announced. It opens by itself."),
        lambda ballot: ballot.is_draft,
        opening.announce,
    ),
    Transition(
        "take-back",
        _("Take back"),
        _(
            "Makes the ballot a draft again, so that it can be changed. It does not open until it is announced again."
        ),
        _("The ballot is a draft again."),
        lambda ballot: ballot.announced_at is not None and not (ballot.opened_at or ballot.withdrawn_at),
        opening.take_back,
    ),
    Transition(
        "withdraw",
        _("Withdraw"),
        _("Gives the ballot up for good. It stays in the record and never opens."),
        _("The ballot is withdrawn."),
        lambda ballot: ballot.opened_at is None and ballot.withdrawn_at is None,
        opening.withdraw,
    ),
    Transition(
        "count-again",
        _("Let the count run again"),
        _(
            "The count stopped because of an alarm. Once the cause is removed, this lets the clock try it again: "
            "it counts every vote, or stops again."
        ),
        _("The count runs again within a minute."),
        lambda ballot: ballot.stopped_at is not None and not (ballot.counted_at or ballot.withdrawn_at),
        tally.count_again,
        is_for_staff_only=True,
    ),
)


def offered(ballot: Ballot) -> list[Transition]:
    """The steps that make sense for the ballot as it stands."""
    return [transition for transition in TRANSITIONS if transition.is_offered(ballot)]
