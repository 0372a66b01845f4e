"""Who wants to know that somebody's date of birth was given, erased or asked for anew.

Floors above register here when they start, so that nothing imports upwards.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from members.models import Person

_followers: list[str] = []


def follow(name: str) -> None:
    """Has the function with the dotted `name` called with the person and the moment; repeating it adds nothing.

    Call it in an AppConfig's `ready`. The function runs in the transaction of the change.
    """
    if name not in _followers:
        _followers.append(name)


def tell(person: "Person", at: datetime) -> None:
    """Tells everybody who follows that the person's date of birth changed at `at`."""
    for name in _followers:
        import_string(name)(person, at)
