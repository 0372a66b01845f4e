"""How assemblies are members of other assemblies (P1): any number of parents, never in a circle."""

from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from assemblies.errors import CircleError
from assemblies.models import Assembly, Nesting
from ledger import events
from members.models import Person

# One lock for all nestings: they are few and rare, and a circle may run through any of them.
_LOCK = 0x4E455354


def nest(member: Assembly, parent: Assembly, *, at: datetime, by: Person | None = None) -> bool:
    """Makes `member` a member of `parent`; False, and nothing done, when it is one already.

    Raises CircleError, with a sentence that names the circle, when `parent` is a member of `member`, be it by
    way of others. Of two nestings at once that would make a circle together, the second is refused.
    """
    return bool(nest_all([(member, parent)], at=at, by=by))


@transaction.atomic
def nest_all(
    pairs: Iterable[tuple[Assembly, Assembly]], *, at: datetime, by: Person | None = None
) -> list[Nesting]:
    """Makes each (member, parent) of `pairs`, or none of them; returns those that are new.

    Raises CircleError as `nest` does.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    # A statement of its own after the lock, so that it sees what the last holder committed.
    parents = _parents()
    new = []
    for member, parent in pairs:
        if parent.pk in parents.get(member.pk, ()):
            continue
        if way := _way(parents, parent.pk, member.pk):
            raise CircleError(_circle(member, parent, way))
        parents.setdefault(member.pk, set()).add(parent.pk)
        new.append(Nesting(member=member, parent=parent))
    Nesting.objects.bulk_create(new)
    for nesting in new:
        facts = {"parent": str(nesting.parent_id)}
        events.record("assembly.nested", nesting.member, at=at, by=by.pk if by else None, data=facts)
    return new


def circle(member: Assembly, parent: Assembly) -> str:
    """The sentence that names the circle which nesting `member` in `parent` would make; empty when none."""
    way = _way(_parents(), parent.pk, member.pk)
    return _circle(member, parent, way) if way else ""


@transaction.atomic
def unnest(member: Assembly, parent: Assembly, *, at: datetime, by: Person | None = None) -> bool:
    """Ends the membership of `member` in `parent`; False when there was none."""
    gone, _rows = Nesting.objects.filter(member=member, parent=parent).delete()
    if gone:
        facts = {"parent": str(parent.pk)}
        events.record("assembly.unnested", member, at=at, by=by.pk if by else None, data=facts)
    return bool(gone)


def _parents() -> dict[UUID, set[UUID]]:
    """Every assembly that is a member of others, with these."""
    found: dict[UUID, set[UUID]] = {}
    for member, parent in Nesting.objects.values_list("member_id", "parent_id"):
        found.setdefault(member, set()).add(parent)
    return found


def _way(parents: dict[UUID, set[UUID]], start: UUID, goal: UUID) -> list[UUID]:
    """The shortest way up from `start` to `goal`, both named; empty when there is none."""
    ways = [[start]]
    seen = {start}
    for way in ways:
        if way[-1] == goal:
            return way
        for parent in parents.get(way[-1], set()) - seen:
            seen.add(parent)
            ways.append([*way, parent])
    return []


def _circle(member: Assembly, parent: Assembly, way: list[UUID]) -> str:
    """The sentence that names the circle which `way`, from `parent` up to `member`, would become."""
    if member.pk == parent.pk:
        return _("%(member)s cannot be a member of itself.") % {"member": member}
    names = dict(Assembly.objects.filter(pk__in=way).values_list("pk", "name"))
    links = [
        _("%(lower)s is a member of %(upper)s") % {"lower": names[lower], "upper": names[upper]}
        for lower, upper in pairwise(way)
    ]
    return _("%(member)s cannot be a member of %(parent)s, because that would make a circle: %(circle)s.") % {
        "member": member,
        "parent": parent,
        "circle": ", ".join(links),
    }
