"""From a draft to an open ballot: announced by a person, opened by the clock (DESIGN, The ballot: Open)."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assemblies.models import Assembly, Participation
from ballots import letters
from ballots.bundle import definition, digest
from ballots.errors import BallotError, NotReady
from ballots.models import MOST_OPTIONS, Ballot, Option, RollEntry
from ballots.sealing import new_key_pair
from ledger import events, keyring
from members.models import Membership, Person, PersonQuerySet

REMINDER_BEFORE = timedelta(days=1)


def key_context(ballot: Ballot) -> str:
    """What the wrapped private key is bound to in the keyring."""
    return f"ballots.ballot:{ballot.pk}"


def issues_before_opening(ballot: Ballot, at: datetime) -> list[str]:
    """Sentences that say why `ballot` cannot be announced or opened at `at`; empty when it can."""
    issues = []
    options = list(ballot.options.all())
    if len(options) < 2:
        issues.append(_("A ballot needs at least two options."))
    if len(options) > MOST_OPTIONS:
        issues.append(
            ngettext("A ballot has at most %d option.", "A ballot has at most %d options.", MOST_OPTIONS)
            % MOST_OPTIONS
        )
    if ballot.seats > len(options) > 0:
        issues.append(_("There are more seats than options."))
    if ballot.method == Ballot.Method.STAR_PR and ballot.seats < 2:
        issues.append(_("Proportional STAR needs at least two seats."))
    if ballot.closes_at <= at:
        issues.append(_("The closing time has passed."))
    elif at - ballot.opens_at > (ballot.closes_at - ballot.opens_at) / 2:
        issues.append(_("Less than half of the time to vote is left."))
    if not _roll(ballot, at).exists():
        issues.append(_("Nobody would be on the roll: the assembly has no members who may vote."))
    return issues


@transaction.atomic
def announce(ballot: Ballot, *, by: Person, at: datetime) -> None:
    """Fixes the terms and leaves the opening to the clock. Raises NotReady, or BallotError if it is no draft."""
    ballot = Ballot.objects.select_for_update().get(pk=ballot.pk)
    if not ballot.is_draft:
        raise BallotError(_("This ballot has been announced already."))
    issues = issues_before_opening(ballot, at)
    if ballot.opens_at < at - timedelta(minutes=1):
        issues.append(_("The opening time has passed: choose a later one."))
    if issues:
        raise NotReady(issues)
    ballot.announced_at = at
    ballot.save(update_fields=["announced_at"])
    events.record("ballot.announced", ballot, at=at, by=by.pk)


@transaction.atomic
def take_back(ballot: Ballot, *, by: Person, at: datetime) -> None:
    """Makes an announced ballot a draft again; raises BallotError once it has opened."""
    ballot = Ballot.objects.select_for_update().get(pk=ballot.pk)
    if ballot.opened_at is not None or ballot.announced_at is None or ballot.withdrawn_at is not None:
        raise BallotError(_("Only a ballot that is announced and has not opened can be taken back."))
    ballot.announced_at = None
    ballot.save(update_fields=["announced_at"])
    events.record("ballot.taken_back", ballot, at=at, by=by.pk)


@transaction.atomic
def withdraw(ballot: Ballot, *, by: Person, at: datetime) -> None:
    """Gives up a ballot that has not opened; raises BallotError once it has: an open ballot runs to its close."""
    ballot = Ballot.objects.select_for_update().get(pk=ballot.pk)
    if ballot.opened_at is not None or ballot.withdrawn_at is not None:
        raise BallotError(_("A ballot that has opened runs to its close: it cannot be withdrawn."))
    ballot.withdrawn_at = at
    ballot.save(update_fields=["withdrawn_at"])
    events.record("ballot.withdrawn", ballot, at=at, by=by.pk)


@transaction.atomic
def open_now(ballot: Ballot, *, at: datetime) -> bool:
    """Opens an announced ballot whose time has come; False when another process has, or it is not due.

    One transaction: cut-off, lot order and key pair are fixed, the roll is frozen with the reason for each
    entry, the definition and the roll get their digests, and everybody on the roll is written to. Raises
    NotReady when it has become impossible (nobody left who may vote, say).
    """
    due = Ballot.objects.due_to_open(at).select_for_update(skip_locked=True, of=("self",))
    found = due.select_related("assembly").filter(pk=ballot.pk).first()
    if found is None:
        return False
    ballot = found
    issues = issues_before_opening(ballot, at)
    if issues:
        raise NotReady(issues)
    ballot.cut_off_at = ballot.cut_off_at or ballot.opens_at
    ballot.list_minimum = settings.BALLOT_LIST_MINIMUM
    private_key, ballot.public_key = new_key_pair()
    ballot.private_key_wrapped = keyring.current().wrap("ballot", private_key, context=key_context(ballot))
    options = _draw_lots(ballot)
    ballot.definition = definition(ballot, options, opened_at=at)
    ballot.definition_digest = digest(ballot.definition)
    entries = _freeze_roll(ballot, at)
    ballot.roll_size = len(entries)
    ballot.roll_digest = digest(sorted(str(entry.pk) for entry in entries))
    ballot.opened_at = at
    halfway = at + (ballot.closes_at - at) / 2
    ballot.remind_at = max(ballot.closes_at - REMINDER_BEFORE, halfway)
    ballot.save()
    events.record(
        "ballot.opened",
        ballot,
        at=at,
        data={
            "roll": ballot.roll_size,
            "roll_digest": ballot.roll_digest,
            "definition": ballot.definition_digest,
        },
    )
    letters.queue_opening(ballot, entries, at=at)
    return True


@transaction.atomic
def open_binding(
    assembly: Assembly,
    assemblies: Sequence[Assembly],
    *,
    question: str,
    explanation: str,
    options: Sequence[tuple[str, str, bool]],
    seats: int,
    opens_at: datetime,
    closes_at: datetime,
    is_for_roll_only: bool = False,
    concerns: Person | None = None,
) -> Ballot:
    """Sets up and opens a ballot whose result is a decision: the door for the floor above, and the only one.

    `options` are (name, statement, whether it stays last) in order. One about a person can be for its roll only,
    and is not put to whom it `concerns`. Raises NotReady when it cannot open.
    """
    ballot = Ballot.objects.create(
        assembly=assembly,
        question=question,
        explanation=explanation,
        standing=Ballot.Standing.BINDING,
        seats=seats,
        is_for_roll_only=is_for_roll_only,
        concerns=concerns,
        opens_at=opens_at,
        closes_at=closes_at,
        announced_at=opens_at,
    )
    ballot.together_with.set(other for other in assemblies if other.pk != assembly.pk)
    Option.objects.bulk_create(
        Option(ballot=ballot, position=place, name=name, statement=statement, stays_last=stays_last)
        for place, (name, statement, stays_last) in enumerate(options, 1)
    )
    open_now(ballot, at=opens_at)
    ballot.refresh_from_db()
    return ballot


def _draw_lots(ballot: Ballot) -> list[Option]:
    """Gives each option its place in a lot order drawn by the system's cryptographic random source."""
    options = list(ballot.options.order_by("position"))
    places = list(range(1, len(options) + 1))
    secrets.SystemRandom().shuffle(places)
    for option, place in zip(options, places, strict=True):
        option.lot_place = place
    Option.objects.bulk_update(options, ["lot_place"])
    return options


def _roll(ballot: Ballot, at: datetime) -> PersonQuerySet:
    """Who may vote: took part and was a member at the cut-off (P7), and is a member now, not suspended (A3, P3)."""
    cut_off = ballot.cut_off_at or ballot.opens_at
    assemblies = ballot.assemblies()
    taking_part = Participation.objects.in_force_at(cut_off).filter(assembly__in=assemblies)
    return (
        Person.objects.filter(Exists(taking_part.filter(person=OuterRef("pk"))), is_active=True)
        .filter(Exists(Membership.objects.in_force_at(cut_off).filter(person=OuterRef("pk"))))
        .members_at(at)
        .exclude(pk=ballot.concerns_id)
    )


def _freeze_roll(ballot: Ballot, at: datetime) -> list[RollEntry]:
    cut_off = ballot.cut_off_at or ballot.opens_at
    assemblies = {assembly.pk: assembly for assembly in ballot.assemblies()}
    joined = dict(Membership.objects.in_force_at(cut_off).values_list("person_id", "began_at"))
    through = _first_participations(list(assemblies.values()), cut_off)
    entries = [
        RollEntry(
            ballot=ballot,
            person=person,
            reason=(
                _("Member of the party since %(member)s; takes part in %(assembly)s since %(part)s.")
                % {
                    "member": _day(joined[person.pk]),
                    "assembly": assemblies[through[person.pk][0]].name,
                    "part": _day(through[person.pk][1]),
                }
            )[:250],
        )
        for person in _roll(ballot, at).only("pk", "email", "name")
    ]
    RollEntry.objects.bulk_create(entries, batch_size=2000)
    return entries


def _first_participations(assemblies: list[Assembly], cut_off: datetime) -> dict:
    """For each person the assembly of these in which they have taken part longest, and since when."""
    rows = (
        Participation.objects.in_force_at(cut_off)
        .filter(assembly__in=assemblies)
        .order_by("person_id", "began_at")
        .distinct("person_id")
        .values_list("person_id", "assembly_id", "began_at")
    )
    return {person: (assembly, began) for person, assembly, began in rows}


def _day(at: datetime) -> str:
    return date_format(localtime(at), "j F Y")
