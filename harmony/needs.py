"""What needs a person, from every floor, in one list by deadline: the home page."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from django.db.models import Case, Count, Min, QuerySet, When, Window
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assemblies.clearances import cleared
from assemblies.models import Assembly, Duty, JoinRequest
from ballots.models import Ballot, RollEntry
from decisions import needs
from decisions.models import Call, Candidacy, Race, Task
from defections import email_changes, posting
from defections import needs as steps
from defections.desk import queue
from harmony.time import LONDON, london_day
from members.models import Person

_END_OF_DAY = time(23, 59, 59)


@dataclass(frozen=True)
class Need:
    """One thing that waits for somebody, or that they have done and can still change."""

    what: str
    url: str
    where: str
    when: str  # what happens at the deadline, as words before it; or that it has waited since then
    deadline: datetime
    is_day: bool = False  # the deadline is the end of a day
    done: str = ""  # what the person has done about it already, in words
    is_late: bool = False
    notes: str = ""
    is_ahead: bool = False  # the person is to be there then, whether or not they have done something about it


@dataclass(frozen=True)
class Needs:
    """What needs a person: the lines, the most urgent first, and how many there are in all."""

    lines: list[Need]
    total: int


def of_person(person: Person, at: datetime, most: int | None = None) -> Needs:
    """Votes, calls, races, gatherings, tasks and requests to answer of the person at `at`, the most urgent first.

    What they have done something about already stands last. With `most`, only so many of them, and read by so many.
    """
    sources = (
        _votes(person, at, most),
        _calls(person, at, most),
        _nominations(person, at, most),
        _candidacies(person, at, most),
        _gatherings(person, at, most),
        _tasks(person, at, most),
        _whole(_requests(person, at)),
        _whole(_research(person, at)),
        _whole(_letters(person, at)),
        _whole(_steps(person, at)),
    )
    lines = [need for source in sources for need in source.lines]
    lines.sort(key=lambda need: (bool(need.done) and not need.is_ahead, need.deadline))
    return Needs(lines[:most], sum(source.total for source in sources))


def _whole(lines: list[Need]) -> Needs:
    return Needs(lines, len(lines))


def _first(rows: QuerySet, most: int | None, line: Callable[[Any], Need]) -> Needs:
    """The first `most` of the rows, in the order they have, as lines; counted in the same statement."""
    found = list(rows.annotate(of_all=Window(Count("*")))[:most])
    return Needs([line(row) for row in found], found[0].of_all if found else 0)


def _votes(person: Person, at: datetime, most: int | None) -> Needs:
    entries = (
        RollEntry.objects.filter(person=person, ballot__in=Ballot.objects.open_at(at))
        .select_related("ballot__assembly")
        .annotate(sealed=Case(When(envelope=None, then=False), default=True))
        .defer("envelope", "ballot__definition")
        .order_by("sealed", "ballot__closes_at", "pk")
    )
    return _first(entries, most, lambda entry: _vote(entry.ballot, voted=entry.sealed))


def _vote(ballot: Ballot, *, voted: bool) -> Need:
    if voted:
        url, when = ballot.get_absolute_url(), _("You can change your vote until")
    else:
        url, when = reverse("ballots:ballot_vote", args=[ballot.pk]), _("Closes")
    what = ballot.question if voted else _("Vote: %(question)s") % {"question": ballot.question}
    return Need(
        what,
        url,
        ballot.assembly.name,
        when,
        ballot.closes_at,
        done=_("You have voted") if voted else "",
        notes=_("Indicative: it decides nothing.") if ballot.is_indicative else _("Binding."),
    )


def _calls(person: Person, at: datetime, most: int | None) -> Needs:
    def line(call: Call) -> Need:
        return Need(
            _("Can you agree? %(title)s: %(option)s")
            % {"title": call.decision.title, "option": call.subject},
            call.decision.get_absolute_url(),
            call.decision.assembly.name,
            _("Answer until"),
            call.ends_at,
        )

    return _first(needs.calls_to_answer(person, at), most, line)


def _nominations(person: Person, at: datetime, most: int | None) -> Needs:
    """Nominations that are open where the person takes part."""

    def line(race: Race) -> Need:
        return Need(
            _("Who stands? %(title)s") % {"title": race.decision.title},
            reverse("decisions:office_stand", args=[race.decision.assembly.slug, race.office.role]),
            race.decision.assembly.name,
            _("Stand until"),
            race.nominations_end_at,
            notes=_("If you like to; nobody has to."),
        )

    return _first(needs.nominations_open(person, at), most, line)


def _candidacies(person: Person, at: datetime, most: int | None) -> Needs:
    """Their own candidacies, until nominations end."""

    def line(candidacy: Candidacy) -> Need:
        return Need(
            _("Your candidacy: %(title)s") % {"title": candidacy.race.decision.title},
            reverse("decisions:candidacy_detail", args=[candidacy.pk]),
            candidacy.race.decision.assembly.name,
            _("You can change your statement until"),
            candidacy.race.nominations_end_at,
            done=_("You stand"),
        )

    return _first(needs.candidacies_of(person, at), most, line)


def _gatherings(person: Person, at: datetime, most: int | None) -> Needs:
    def line(gathering: Any) -> Need:
        return Need(
            _("Gathering: %(title)s") % {"title": gathering.title},
            reverse("decisions:gathering_detail", args=[gathering.pk]),
            gathering.assembly.name,
            _("Starts"),
            gathering.starts_at,
            done=_("You have registered") if gathering.has_registered else "",
            is_ahead=True,
        )

    return _first(needs.gatherings_to_attend(person, at), most, line)


def _tasks(person: Person, at: datetime, most: int | None) -> Needs:
    def line(task: Task) -> Need:
        return Need(
            _("Task: %(title)s") % {"title": task.title},
            f"{task.decision.get_absolute_url()}#task-{task.pk}",
            task.decision.assembly.name,
            _("Due by"),
            datetime.combine(task.due_on, _END_OF_DAY, tzinfo=LONDON),
            is_day=True,
            is_late=task.due_on < london_day(at),
        )

    return _first(needs.tasks_of(person, at), most, line)


def _steps(person: Person, at: datetime) -> list[Need]:
    """The next steps of defection cases that wait for whoever acts for the deciding assembly, or for one that helps."""
    return [
        Need(
            f"{step.what}: {step.decision.title}",
            step.address,
            step.decision.assembly.name,
            _("Waiting since"),
            step.since,
            notes=str(step.note),
        )
        for step in steps.of_person(person, at)
    ]


def _requests(person: Person, at: datetime) -> list[Need]:
    """Where the person acts as secretary: those who wait to be admitted, one line an assembly."""
    served = Assembly.objects.served_by(person, at)
    waiting = JoinRequest.objects.waiting().filter(assembly__in=served).exclude(person=person)
    rows = waiting.values("assembly__name").annotate(number=Count("pk"), since=Min("asked_at"))
    return [
        Need(
            ngettext(
                "%(number)d person asks to take part", "%(number)d people ask to take part", row["number"]
            )
            % {"number": row["number"]},
            reverse("admin:assemblies_joinrequest_changelist"),
            row["assembly__name"],
            _("Waiting since"),
            row["since"],
        )
        for row in rows
    ]


def _research(person: Person, at: datetime) -> list[Need]:
    """What the research desk has for the person: applications of theirs, and those to take on or to release."""
    if not cleared(person, Duty.Name.RESEARCH, at):
        return []
    return [
        Need(
            _("Application %(reference)s: %(what)s")
            % {"reference": row.application.reference, "what": str(row.label)},
            reverse("defections:desk_case", args=[row.application.pk]),
            _("Research desk"),
            _("Waiting since"),
            row.application.sent_at or at,
        )
        for row in queue.waiting_for(person, at)
        if row.is_mine or row.is_for_me
    ] + [
        Need(
            _("Application %(reference)s: call the applicant about a new email address")
            % {"reference": change.application.reference},
            reverse("defections:email_change_call", args=[change.pk]),
            _("Research desk"),
            _("Waits until"),
            change.ends_at,
        )
        for change in email_changes.to_call(person, at)
    ]


def _letters(person: Person, at: datetime) -> list[Need]:
    """Where the person acts as general secretary: letters to write to applicants without an email address."""
    return [
        Need(
            _("Write by post: %(letter)s") % {"letter": letter},
            reverse("defections:paper_list"),
            _("General secretary"),
            _("Waiting since"),
            letter.needed_at,
        )
        for letter in posting.waiting_for(person, at)
    ]
