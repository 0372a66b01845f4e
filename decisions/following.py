"""Following a decision: by hand, or by taking part in it; what followers are told of is in `news`."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from decisions import matter
from decisions.errors import NotEntitled
from decisions.models import Decision, Follow
from ledger import events
from members.models import Person


def begin(decision: Decision, person: Person, *, at: datetime) -> None:
    """Somebody who takes part in a matter follows it from then on, unless they once gave that up by hand.

    Within the caller's transaction; what they did there is what is recorded.
    """
    Follow.objects.get_or_create(person=person, decision=decision, defaults={"followed_at": at})


@transaction.atomic
def follow(decision: Decision, person: Person, *, at: datetime) -> None:
    """Follows by hand; again changes nothing. Raises NotEntitled for a matter that the person may not read."""
    if not matter.may_read(decision, person, at):
        raise NotEntitled(_("Only members of the deciding assembly read what is said on a defection."))
    row, made = Follow.objects.select_for_update().get_or_create(
        person=person, decision=decision, defaults={"followed_at": at}
    )
    if not made and row.unfollowed_at is None:
        return
    row.followed_at, row.unfollowed_at = at, None
    row.save(update_fields=["followed_at", "unfollowed_at"])
    events.record("follow.begun", row, at=at, by=person.pk)


@transaction.atomic
def unfollow(decision: Decision, person: Person, *, at: datetime) -> None:
    """Gives following up; somebody who does not follow it changes nothing."""
    row = Follow.objects.current().select_for_update().filter(person=person, decision=decision).first()
    if row is None:
        return
    row.unfollowed_at = at
    row.save(update_fields=["unfollowed_at"])
    events.record("follow.ended", row, at=at, by=person.pk)


def is_followed(decision: Decision, person: Person) -> bool:
    """Whether the person follows it now."""
    return Follow.objects.current().filter(person=person, decision=decision).exists()


def followed(person: Person) -> "QuerySet[Decision]":
    """What the person follows, what they began to follow last first."""
    rows = Decision.objects.filter(follows__person=person, follows__unfollowed_at=None)
    return rows.order_by("-follows__followed_at", "pk")
