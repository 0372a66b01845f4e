"""The whole way of a decision in plain sentences, from its Events: "why are we voting, and under which rule"."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ballots.templatetags.ballot_pages import moment
from decisions.matter import Matter
from decisions.models import Call, Decision, Race, Stance
from ledger.models import Event
from members.models import Person

MOST_NAMED = 5  # people in one line; more are counted
MOST_LINES = 20  # for what was said and answered between two moves


@dataclass(frozen=True)
class Entry:
    """One line of the timeline: when, what was done, and under which rule."""

    at: datetime
    what: str
    rule: str = ""
    until: datetime | None = None  # of several things told in one line, when the last was


@dataclass
class Words:
    """What the sentences need to name things: the matter's rows and the people, by id."""

    matter: Matter
    people: dict[str, str]
    options: dict[int, str] = field(init=False)
    calls: dict[int, Call] = field(init=False)
    gatherings: dict[str, Any] = field(init=False)
    tasks: dict[str, Any] = field(init=False)
    candidates: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.options = {option.pk: option.name for option in self.matter.options}
        self.calls = {call.pk: call for call in self.matter.calls}
        self.gatherings = {str(gathering.pk): gathering for gathering in self.matter.gatherings}
        self.candidates = {str(one.pk): one.person.name for one in self.matter.candidacies}
        self.tasks = {str(task.pk): task for task in self.matter.tasks}

    @property
    def decision(self) -> Decision:
        """The decision told of."""
        return self.matter.decision

    def who(self, by: UUID | None) -> str:
        """The name of whoever did it."""
        return _("Somebody") if by is None else self.people.get(str(by), _("Somebody"))

    def option(self, pk: int) -> str:
        """The name of an option."""
        return self.options.get(pk, _("an option"))


# Told of rows that hang on the decision; each has its own record.
_BESIDE = (
    "gathering.moved",
    "gathering.prolonged",
    "gathering.changed",
    "gathering.chair_named",
    "gathering.called_off",
    "gathering.notes_published",
    "task.reported",
    "task.done",
    "task.dropped",
    "ballot.closed",
    "ballot.counted",
    "ballot.abandoned",
)
_RUNS = ("decision.commented", "decision.comment_edited", "decision.answered")
# What a stranger to a confidential matter may know: its stages, nobody's name and nothing said.
_STAGES = {
    "decision.proposed",
    "decision.withdrawn",
    "decision.gathering_called",
    "decision.gathering_held",
    "decision.deliberation_began",
    "decision.deliberation_ended",
    "decision.ballot_opened",
    "decision.settled",
    "ballot.closed",
    "ballot.counted",
}


def events_of(matter: Matter) -> list[Event]:
    """The record of the decision and of what hangs on it, oldest first."""
    decision = matter.decision
    beside = [str(row.pk) for row in (*matter.gatherings, *matter.tasks)]
    if decision.ballot_id is not None:
        beside.append(str(decision.ballot_id))
    kinds = ("decisions.gathering", "decisions.task", "ballots.ballot")
    about = Q(subject_kind="decisions.decision", subject_id=str(decision.pk))
    about |= Q(subject_kind__in=kinds, subject_id__in=beside, verb__in=_BESIDE)
    found = list(Event.objects.filter(about).order_by("at", "id"))
    return found if matter.reader.may_read else [event for event in found if event.verb in _STAGES]


def entries(matter: Matter) -> list[Entry]:
    """Every line of the matter's timeline, oldest first; comments and answers in a row stand in one line."""
    events = events_of(matter)
    ids = {pk for event in events for pk in _named_in(event)} if matter.reader.may_read else set()
    people = {str(pk): name for pk, name in Person.objects.filter(pk__in=ids).values_list("pk", "name")}
    words = Words(matter, people)
    told: list[Entry] = []
    for is_talk, stretch in groupby(events, key=lambda event: event.verb in _RUNS):
        if is_talk:
            told += [_line(run, words) for run in _runs(list(stretch))]
        else:
            told += [_told(event, words) for event in stretch]
    return told


def _runs(talk: Sequence[Event]) -> list[list[Event]]:
    """What people said and answered between two moves, as lines of the same kind: those that follow each other, or,
    where these would be very many, all of a kind."""
    runs = [list(run) for _key, run in groupby(talk, key=_run)]
    if len(runs) <= MOST_LINES:
        return runs
    kinds: dict[tuple[str, Any], list[Event]] = {}
    for event in talk:
        kinds.setdefault(_run(event), []).append(event)
    return list(kinds.values())


def _line(run: Sequence[Event], words: Words) -> Entry:
    return _told(run[0], words) if len(run) == 1 else _together(_run(run[0]), run, words)


def _named_in(event: Event) -> list[str]:
    """The ids of the people whose names its line holds: who did it, and who was made the chair."""
    return [str(pk) for pk in (event.by, event.data.get("chair")) if pk]


def _run(event: Event) -> tuple[str, Any]:
    """What makes events that follow each other one line: the same verb, and for answers the same stance."""
    return event.verb, (event.data.get("stance"), event.data.get("call")) if event.data else None


def _told(event: Event, words: Words) -> Entry:
    say = SENTENCES.get(event.verb)
    if say is None:
        return Entry(event.at, event.verb)
    what, rule = say(event, words)
    return Entry(event.at, what, rule)


def _together(key: tuple[str, Any], events: Sequence[Event], words: Words) -> Entry:
    who = _names((event.by for event in events), words)
    sentences = {
        "decision.commented": ngettext("{who} wrote {n} comment.", "{who} wrote {n} comments.", len(events)),
        "decision.comment_edited": _("{who} changed what they wrote."),
    }
    stances = {
        Stance.AGREE: _("Agreed: {who}."),
        Stance.STAND_ASIDE: _("Stood aside: {who}."),
        Stance.OBJECT: _("Objected: {who}."),
    }
    verb, facts = key
    words_for = sentences.get(verb) or stances[Stance(facts[0])]
    first, last = events[0].at, events[-1].at
    until = last if last - first >= timedelta(minutes=1) else None
    return Entry(first, format_html(words_for, who=who, n=len(events)), until=until)


def _names(ids: Iterable[UUID | None], words: Words) -> str:
    names = list(dict.fromkeys(words.who(by) for by in ids))
    if len(names) > MOST_NAMED:
        more = len(names) - MOST_NAMED
        rest = ngettext("%(n)d other", "%(n)d others", more) % {"n": more}
        names = [*names[:MOST_NAMED], rest]
    if len(names) == 1:
        return names[0]
    return _("%(first)s and %(last)s") % {"first": ", ".join(names[:-1]), "last": names[-1]}


# --- one sentence for each verb ----------------------------------------------------------------------
Said = tuple[str, str]
Say = Callable[[Event, Words], Said]


def _by(sentence: Callable[[], str], rule: Callable[[], str] | None = None) -> Say:
    """A sentence that needs only the name of whoever did it, as `{who}`."""

    def say(event: Event, words: Words) -> Said:
        return format_html(sentence(), who=words.who(event.by)), rule() if rule else ""

    return say


def _proposed(event: Event, words: Words) -> Said:
    names = ", ".join(assembly.name for assembly in words.matter.assemblies)
    rule = ngettext(
        "Anyone taking part can propose. Quorum for consensus: %(quorum)d member.",
        "Anyone taking part can propose. Quorum for consensus: %(quorum)d members.",
        words.decision.quorum,
    )
    if words.decision.is_confidential:
        rule = ngettext(
            "It was checked first, and came with a copy for the members. Quorum for consensus: %(quorum)d member.",
            "It was checked first, and came with a copy for the members. Quorum for consensus: %(quorum)d members.",
            words.decision.quorum,
        )
    sentence = (
        _("{who} proposed this to {assembly}.") if event.by in _known(words) else _("Proposed to {assembly}.")
    )
    what = format_html(sentence, who=words.who(event.by), assembly=names)
    return what, rule % {"quorum": words.decision.quorum}


def _known(words: Words) -> set[UUID]:
    return {UUID(pk) for pk in words.people}


def _race_declared(event: Event, words: Words) -> Said:
    race = words.matter.race
    sentences = {
        Race.Cause.DECLARED: _("{who} declared this race."),
        Race.Cause.APPLIED: _("{who} applied for the vacant office, which opened this race."),
        Race.Cause.DUE: _("A term is about to end, so this race was declared by itself."),
        Race.Cause.REOPENED: _("Nominations were opened anew."),
    }
    what = format_html(sentences[Race.Cause(event.data["cause"])], who=words.who(event.by))
    if race is None:
        return what, ""
    rule = _("Anyone can stand until {when}.")
    return what, format_html(rule, when=moment(race.nominations_end_at))


def _candidate(sentence: Callable[[], str], rule: Callable[[], str] | None = None) -> Say:
    """A sentence on a candidate, as `{name}`."""

    def say(event: Event, words: Words) -> Said:
        name = words.candidates.get(event.data["candidacy"], _("Somebody"))
        return format_html(sentence(), name=name), rule() if rule else ""

    return say


def _nominations_ended(event: Event, _words: Words) -> Said:
    standing, seats = event.data["candidates"], event.data["seats"]
    what = ngettext(
        "Nominations ended: %(n)d person stands.", "Nominations ended: %(n)d people stand.", standing
    ) % {"n": standing}
    if not standing:
        return what, ""
    if standing > seats:
        return what, _("More people than seats: the hustings comes first, then the deliberation.")
    return what, _("No more people than seats: a call for consensus can be made at once.")


def _withdrawn(event: Event, words: Words) -> Said:
    if event.data.get("lapsed"):
        return format_html(_("The race lapsed: {why}"), why=words.decision.withdrawn_because), ""
    return format_html(_("{who} withdrew it."), who=words.who(event.by)), ""


def _option_added(event: Event, words: Words) -> Said:
    option = words.option(event.data["option"])
    return format_html(_("{who} added the option “{option}”."), who=words.who(event.by), option=option), ""


def _called(event: Event, words: Words) -> Said:
    call = words.calls.get(event.data["call"])
    option = call.subject if call is not None else words.option(event.data["option"])
    what = format_html(_("{who} called for consensus on “{option}”."), who=words.who(event.by), option=option)
    if call is None:
        return what, ""
    rule = ngettext(
        "Open until {when}: with {quorum} member agreeing and no member objecting, it is settled.",
        "Open until {when}: with {quorum} members agreeing and no member objecting, it is settled.",
        words.decision.quorum,
    )
    return what, format_html(rule, when=moment(call.ends_at), quorum=words.decision.quorum)


def _answered(event: Event, words: Words) -> Said:
    sentences = {
        Stance.AGREE: _("{who} agreed."),
        Stance.STAND_ASIDE: _("{who} stood aside."),
        Stance.OBJECT: _("{who} objected."),
    }
    return format_html(sentences[Stance(event.data["stance"])], who=words.who(event.by)), ""


def _consensus(event: Event, _words: Words) -> Said:
    return _("The call ended with consensus."), _figures(event.data)


def _call_fell(event: Event, _words: Words) -> Said:
    return _("The call ended without consensus: it fell."), _figures(event.data)


def _figures(data: dict[str, int]) -> str:
    """The figures on which a call ended, as a sentence with its rule."""
    return ngettext(
        "%(agree)d of %(members)d member agreed (%(needed)d needed), %(aside)d stood aside, %(object)d objected. "
        "Only members’ objections stop consensus.",
        "%(agree)d of %(members)d members agreed (%(needed)d needed), %(aside)d stood aside, %(object)d objected. "
        "Only members’ objections stop consensus.",
        data.get("members", 0),
    ) % {
        "agree": data.get("members_agree", 0),
        "members": data.get("members", 0),
        "needed": data.get("needed", 0),
        "aside": data.get("members_aside", 0),
        "object": data.get("members_object", 0),
    }


def _gathering_called(event: Event, words: Words) -> Said:
    gathering = words.gatherings.get(event.data["gathering"])
    if gathering is None or not words.matter.reader.may_read:
        return _("A gathering was called."), ""
    what = format_html(
        _("{who} called a gathering: {title}, {when}."),
        who=words.who(event.by),
        title=gathering.title,
        when=moment(gathering.starts_at),
    )
    return what, _("Without consensus, the assembly tries harder before it may vote.")


def _gathering_held(event: Event, words: Words) -> Said:
    gathering = words.gatherings.get(event.data["gathering"])
    title = gathering.title if gathering and words.matter.reader.may_read else _("the gathering")
    return format_html(_("It was held: {title}."), title=title), _("A deliberation can begin now.")


def _gathering(sentence: Callable[[], str]) -> Say:
    def say(event: Event, words: Words) -> Said:
        gathering = words.gatherings.get(event.subject_id)
        title = gathering.title if gathering else ""
        return format_html(sentence(), who=words.who(event.by), title=title), ""

    return say


def _gathering_changed(event: Event, words: Words) -> Said:
    gathering = words.gatherings.get(event.subject_id)
    named = {
        "title": _("its title"),
        "address": _("the address"),
        "link": _("the link"),
        "agenda": _("the agenda"),
    }
    what = ", ".join(named[field] for field in named if field in event.data.get("fields", []))
    sentence = _("{who} changed the gathering {title}: {what}.")
    title = gathering.title if gathering else ""
    return format_html(sentence, who=words.who(event.by), title=title, what=what), ""


def _chair_named(event: Event, words: Words) -> Said:
    gathering = words.gatherings.get(event.subject_id)
    chair = words.people.get(event.data.get("chair", ""), _("Somebody"))
    sentence = _("{who} handed the chair to {chair}: {title}.")
    title = gathering.title if gathering else ""
    return format_html(sentence, who=words.who(event.by), chair=chair, title=title), ""


def _deliberation_began(event: Event, words: Words) -> Said:
    days = event.data["days"]
    what = (
        ngettext("A deliberation of {days} day began.", "A deliberation of {days} days began.", days)
        if event.by not in _known(words)
        else ngettext(
            "{who} declared a deliberation of {days} day.",
            "{who} declared a deliberation of {days} days.",
            days,
        )
    )
    rule = _("It follows a gathering. If it ends without consensus, a ballot opens by itself.")
    return format_html(what, who=words.who(event.by), days=days), rule


def _ballot_opened(_event: Event, words: Words) -> Said:
    rule = ngettext(
        "No consensus was found in the calls, the gathering and the deliberation, so members vote: one STAR "
        "ballot on all the options, open for %(days)d day.",
        "No consensus was found in the calls, the gathering and the deliberation, so members vote: one STAR "
        "ballot on all the options, open for %(days)d days.",
        words.decision.voting_days,
    )
    return _("The ballot opened by itself."), rule % {"days": words.decision.voting_days}


def _settled(event: Event, words: Words) -> Said:
    if not words.matter.reader.may_read:
        return _("The assembly has decided."), ""
    names = ", ".join(words.option(pk) for pk in event.data.get("options", []))
    if event.data.get("by") == Decision.SettledBy.BALLOT:
        return format_html(_("Decided by ballot: {names}."), names=names), _(
            "The result of the ballot is the decision."
        )
    return format_html(_("Decided by consensus: {names}."), names=names), ""


def _task(sentence: Callable[[], str]) -> Say:
    def say(event: Event, words: Words) -> Said:
        task = words.tasks.get(event.data.get("task", event.subject_id))
        facts = (task.title, str(task.owner)) if task else (_("a task"), "")
        return format_html(sentence(), who=words.who(event.by), title=facts[0], owner=facts[1]), ""

    return say


def _ballot_counted(event: Event, words: Words) -> Said:
    if not words.matter.reader.may_read:
        return _("The votes were counted."), ""
    turnout = event.data.get("turnout", 0)
    return ngettext("%(n)d vote was counted.", "%(n)d votes were counted.", turnout) % {"n": turnout}, ""


SENTENCES: dict[str, Say] = {
    "decision.proposed": _proposed,
    "decision.edited": _by(lambda: _("{who} changed the text. The earlier one is kept.")),
    "decision.option_added": _option_added,
    "decision.withdrawn": _withdrawn,
    "decision.race_declared": _race_declared,
    "decision.candidate_stood": _candidate(lambda: _("{name} stands.")),
    "decision.candidate_restated": _candidate(lambda: _("{name} changed their statement.")),
    "decision.candidate_withdrew": _candidate(lambda: _("{name} withdrew and no longer stands.")),
    "decision.candidate_ruled_out": _candidate(
        lambda: _("{name} can no longer take the office, and so no longer stands.")
    ),
    "decision.nominations_ended": _nominations_ended,
    "decision.elected": _candidate(lambda: _("{name} was elected, and a term was made.")),
    "decision.elected_not_seated": _candidate(
        lambda: _("{name} was elected and can no longer take the office, so that seat is vacant.")
    ),
    "decision.nominations_reopened": _by(
        lambda: _("“Re-open nominations” won, so a new race began for what is left to fill.")
    ),
    "decision.commented": _by(lambda: _("{who} wrote a comment.")),
    "decision.comment_edited": _by(lambda: _("{who} changed what they wrote.")),
    "decision.comment_removed": _by(lambda: _("{who} removed a comment. The reason stands in its place.")),
    "decision.called": _called,
    "decision.answered": _answered,
    "decision.consensus": _consensus,
    "decision.call_fell": _call_fell,
    "decision.call_stopped": _by(lambda: _("The call was stopped, since the matter was taken back.")),
    "decision.objection_answered": _by(lambda: _("{who} answered an objection.")),
    "decision.gathering_called": _gathering_called,
    "decision.gathering_held": _gathering_held,
    "gathering.moved": _gathering(lambda: _("{who} moved the gathering: {title}.")),
    "gathering.prolonged": _gathering(lambda: _("{who} let the gathering run on: {title}.")),
    "gathering.changed": _gathering_changed,
    "gathering.chair_named": _chair_named,
    "gathering.called_off": _gathering(lambda: _("{who} called the gathering off: {title}.")),
    "gathering.notes_published": _gathering(lambda: _("{who} published the notes: {title}.")),
    "decision.deliberation_began": _deliberation_began,
    "decision.deliberation_ended": _by(lambda: _("The deliberation ended.")),
    "decision.ballot_opened": _ballot_opened,
    "ballot.closed": _by(lambda: _("The ballot closed.")),
    "ballot.counted": _ballot_counted,
    "ballot.abandoned": _by(lambda: _("The ballot was given up, and every vote in it erased.")),
    "decision.settled": _settled,
    "decision.outcome_stated": _by(lambda: _("{who} wrote down the outcome.")),
    "decision.task_named": _task(lambda: _("{who} named a task for {owner}: {title}.")),
    "task.reported": _task(lambda: _("{who} reported on “{title}”.")),
    "task.done": _task(lambda: _("{who} finished “{title}”.")),
    "task.dropped": _task(lambda: _("{who} dropped “{title}”.")),
}
