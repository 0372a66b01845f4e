"""What floors above want to be told of a matter, or have a word in: they register here when they start.

So nothing imports upwards. What is told is told within the transaction of the move, so that both happen or neither.
"""

from collections import defaultdict
from enum import Enum
from typing import Any

from django.utils.module_loading import import_string


class Moment(Enum):
    """When somebody is told, or asked for issues; beside each what they are given by name."""

    SETTLED = "settled"  # decision, at
    GATHERING_CALLED = "gathering_called"  # gathering, at
    GATHERING_CHANGED = "gathering_changed"  # gathering, at: when or where it is
    GATHERING_CALLED_OFF = "gathering_called_off"  # gathering, at
    BEFORE_SCHEDULING = "before_scheduling"  # decision, kind, starts_at, at: returns sentences
    BEFORE_HOLDING = "before_holding"  # gathering: returns sentences
    BEFORE_FOLLOWING_UP = (
        "before_following_up"  # decision: returns sentences; its outcome in words, its tasks
    )
    STEPS = "steps"  # decision, person, at: returns (label, address) of what waits for this person
    REFERRAL_READ = "referral_read"  # referral, by, at: returns `conduct.Told`s; for a reviewer who opens it
    REFERRAL_DECIDED = "referral_decided"  # referral, at


_watchers: dict[Moment, list[str]] = defaultdict(list)


def watch(moment: Moment, function: str) -> None:
    """Has the function of this dotted name called at every such moment; call it in an AppConfig's `ready`.

    Repeating it changes nothing. A dotted name, since no models are loaded yet when apps are set up.
    """
    if function not in _watchers[moment]:
        _watchers[moment].append(function)


def tell(moment: Moment, **about: Any) -> None:
    """Calls whoever watches for this moment, in the caller's transaction; what they raise undoes the move."""
    for function in _watchers[moment]:
        import_string(function)(**about)


def issues(moment: Moment, **about: Any) -> list[str]:
    """The sentences by which those above say why the move cannot be made now; empty when it can."""
    return asked(moment, **about)


def asked(moment: Moment, **about: Any) -> list[Any]:
    """All that whoever watches for this moment has to say, in one list; what it is stands beside the moment."""
    return [word for function in _watchers[moment] for word in import_string(function)(**about)]
