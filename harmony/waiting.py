"""What waits for whoever opens the records: the first page of the admin. Each floor says what; this joins it up."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet, Window
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from assemblies.models import Assembly, Clearance, JoinRequest
from ballots.models import Ballot
from decisions.models import Decision, Gathering, Question, Referral, Task
from decisions.register import at_stage
from decisions.standing import Stage
from defections import needs
from defections.models import Application
from harmony.time import LONDON, london_day
from ledger.models import Message
from members.models import Person

MOST_SHOWN = 5
LATELY = timedelta(days=60)
SOON = timedelta(days=30)


@dataclass(frozen=True)
class Waiting:
    """One sort of thing that waits: how many there are, and the first of them with the address where each is done."""

    title: str
    hint: str
    number: int
    first: list[tuple[str, str]]
    all_at: str  # the address of the list

    @property
    def is_cut(self) -> bool:
        """Whether there are more than those shown."""
        return self.number > len(self.first)


def for_person(person: Person, at: datetime) -> list[Waiting]:
    """What waits for the person at `at`, in a fixed number of queries; sorts of which there is nothing are left out."""
    found = []
    if Assembly.objects.served_by(person, at).exists():
        found += [*_of_assemblies(person, at), *_of_decisions(person, at), *_of_gatherings(person, at)]
    found += [*_of_staff(person, at)]
    return [one for one in found if one is not None]


def _sort(
    title: str, hint: str, rows: "QuerySet[Any]", say: Callable[[Any], str], query: str = ""
) -> Waiting | None:
    """The sort of which `rows` wait; `say` names one in words, `query` filters the admin's list of all."""
    model = rows.model._meta
    first = list(rows.annotate(of_all=Window(Count("*")))[:MOST_SHOWN])
    if not first:
        return None
    page = f"admin:{model.app_label}_{model.model_name}"
    links = [(say(row), reverse(f"{page}_change", args=[row.pk])) for row in first]
    return Waiting(title, hint, first[0].of_all, links, reverse(f"{page}_changelist") + query)


def _when(at: datetime) -> str:
    return date_format(localtime(at, LONDON), "j F, H:i")


def _day_of(at: datetime) -> tuple[datetime, datetime]:
    """The London day of `at`, half open."""
    day = london_day(at)
    return tuple(datetime.combine(one, time(), LONDON) for one in (day, day + timedelta(days=1)))  # type: ignore[return-value]


def _of_assemblies(person: Person, at: datetime) -> Iterator[Waiting | None]:
    served = Assembly.objects.served_by(person, at)
    asked = JoinRequest.objects.waiting().filter(assembly__in=served).select_related("person", "assembly")
    yield _sort(
        _("Requests to take part"),
        _("Admit or refuse them."),
        asked.order_by("asked_at"),
        lambda row: f"{row.person}, {row.assembly}",
        "?admitted_at__isempty=1&refused_at__isempty=1",
    )


def _of_gatherings(person: Person, at: datetime) -> Iterator[Waiting | None]:
    served = Gathering.objects.served_by(person, at) & Gathering.objects.visible_to(person, at)
    mine = Gathering.objects.filter(pk__in=served.values("pk"), cancelled_at=None).order_by("starts_at")
    begins, ends = _day_of(at)
    yield _sort(
        _("Gatherings today"),
        _("Print the door list, let questions through, say that it was held."),
        mine.filter(starts_at__lt=ends, ends_at__gte=begins),
        lambda row: f"{_when(row.starts_at)}: {row}",
    )
    over = Q(ends_at__lte=at, held_at=None) | Q(held_at__isnull=False, notes="")
    yield _sort(
        _("Gatherings that are over"),
        _("Say that it was held, then publish its notes."),
        mine.filter(over, ends_at__gt=at - LATELY),
        lambda row: f"{_when(row.starts_at)}: {row}",
    )
    waiting = Question.objects.waiting().filter(gathering__in=mine.open_at(at).values("pk"))
    yield _sort(
        _("Questions with the chair"),
        _("Let them through, or refuse them on one of the four grounds."),
        waiting.select_related("gathering").order_by("asked_at"),
        lambda row: f"{row} ({row.gathering})",
        "?stands=waiting",
    )
    reviews = Referral.objects.reviewed_by(person, at).waiting().select_related("bar__person")
    yield _sort(
        _("Reviews of conduct"),
        _("Add notes, and record the outcome."),
        reviews.order_by("opened_at"),
        lambda row: _("Bar of %(name)s") % {"name": row.bar.name},
        "?decided_at__isempty=1",
    )


def _of_decisions(person: Person, at: datetime) -> Iterator[Waiting | None]:
    served = Assembly.objects.served_by(person, at)
    mine = Decision.objects.settled_in(served).readable_by(person, at).select_related("assembly")
    yield _sort(
        _("Proposals waiting for a call"),
        _("Once the talk has gone quiet, call for consensus, or after a call has fallen, call a gathering."),
        mine.filter(at_stage(Stage.TALK) | at_stage(Stage.HARDER)).order_by("proposed_at"),
        lambda row: f"{row} ({row.assembly})",
    )
    yield _of_cases(person, at)
    yield _sort(
        _("Decided, and no outcome written down"),
        _("Say what was decided and how objections were answered, and name the tasks."),
        mine.filter(settled_at__gt=at - LATELY, outcome_statement="")
        .exclude(application__in=Application.objects.in_hand())  # the letter comes first
        .order_by("settled_at"),
        lambda row: f"{row} ({row.assembly})",
    )
    late = Task.objects.late_on(london_day(at)).filter(decision__in=mine.values("pk"))
    yield _sort(
        _("Late tasks"),
        _("Their owners are reminded every week. Report, mark as done, or drop them."),
        late.select_related("owner").order_by("due_on"),
        lambda row: f"{date_format(row.due_on, 'j F')}: {row} ({row.owner})",
        "?state=late",
    )
    drafts = Ballot.objects.filter(assembly__in=served, announced_at=None, withdrawn_at=None, opened_at=None)
    yield _sort(
        _("Drafts of ballots"),
        _("Announce them, or withdraw them."),
        drafts.order_by("opens_at"),
        lambda row: row.question,
    )
    if not person.has_perm("ballots.view_ballot"):
        yield _troubled(Ballot.objects.filter(assembly__in=served), at)


def _of_cases(person: Person, at: datetime) -> Waiting | None:
    """The next steps of defection cases, each on the page of the site where it is taken."""
    steps = sorted(needs.of_person(person, at), key=lambda step: step.since)
    links = [(f"{step.what}: {step.decision}", step.address) for step in steps]
    if not links:
        return None
    hint = _("The next step of each. The letter is sent before the outcome is written down.")
    title, all_at = _("Cases of defection"), reverse("defections:routing_list")
    return Waiting(title, hint, len(links), links[:MOST_SHOWN], all_at)


def _troubled(ballots: "QuerySet[Ballot]", at: datetime) -> Waiting | None:
    """Ballots that the clock should have moved on and has not: the record of each says why."""
    late = at - timedelta(minutes=10)
    trouble = (
        Q(stopped_at__isnull=False, counted_at=None)
        | Q(opened_at__isnull=False, counted_at=None, closes_at__lte=late)
        | Q(announced_at__lte=late, opens_at__lte=late, opened_at=None)
    )
    return _sort(
        _("Ballots in trouble"),
        _("Not opened, closed or counted when they should have been: tell the site’s staff."),
        ballots.filter(trouble, withdrawn_at=None).order_by("closes_at"),
        lambda row: row.question,
    )


def _of_staff(person: Person, at: datetime) -> Iterator[Waiting | None]:
    if not person.is_staff:
        return
    if person.has_perm("ballots.view_ballot"):
        yield _troubled(Ballot.objects.all(), at)
    if person.has_perm("ledger.view_message"):
        failing = Message.objects.failing().count()
        if failing:
            page = reverse("admin:ledger_message_changelist")
            yield Waiting(_("Mails that fail"), _("See whether the mail server is well."), failing, [], page)
    if person.has_perm("assemblies.change_clearance"):
        ending = Clearance.objects.in_force_at(at).filter(expires_at__lte=at + SOON)
        yield _sort(
            _("Clearances that run out soon"),
            _("Renew them where what they rest on still holds."),
            ending.select_related("person").order_by("expires_at"),
            lambda row: f"{row}, {_when(row.expires_at)}",
        )
