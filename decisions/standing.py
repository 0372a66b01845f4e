"""Where a decision stands, in words: the one place where its facts become a rung, its sentences and its steps.

Everything here is pure: it reads rows that `decisions.matter` has loaded, and asks the database nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import models
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from ballots.templatetags.ballot_pages import moment
from decisions import race_standing
from decisions.calls import LAST_CALL_BEFORE_THE_END
from decisions.deliberation import shortest
from decisions.matter import Matter
from decisions.models import Call, Decision, Gathering


class Rung(models.TextChoices):
    """The rungs of the ladder, in their order (A8)."""

    TALK = "talk", _("Talk")
    CALL = "call", _("Call for consensus")
    HARDER = "harder", _("Try harder")
    DELIBERATION = "deliberation", _("Deliberation")
    BALLOT = "ballot", _("Ballot")
    WORK = "work", _("Work")


class Stage(models.TextChoices):
    """Where a matter is, as lists and filters say it: a rung, or how it ended."""

    NOMINATIONS = "nominations", _("Nominations open")
    TALK = "talk", _("Talking")
    CALL = "call", _("Call for consensus open")
    HARDER = "harder", _("Trying harder")
    DELIBERATION = "deliberation", _("Deliberating")
    BALLOT = "ballot", _("Voting")
    CONSENSUS = "consensus", _("Decided by consensus")
    VOTED = "voted", _("Decided by ballot")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    LAPSED = "lapsed", _("Nobody stood")

    @property
    def is_over(self) -> bool:
        """Whether the matter was settled or withdrawn."""
        return self.is_decided or self.is_without_outcome

    @property
    def is_without_outcome(self) -> bool:
        """Whether the matter ended without being settled."""
        return self in (Stage.WITHDRAWN, Stage.LAPSED)

    @property
    def is_decided(self) -> bool:
        """Whether the matter was settled."""
        return self in (Stage.CONSENSUS, Stage.VOTED)


_BY_THE_CLOCK = (Stage.NOMINATIONS, Stage.CALL, Stage.DELIBERATION, Stage.BALLOT)
_RUNG_OF = {Stage.NOMINATIONS: Rung.TALK, Stage.CONSENSUS: Rung.WORK, Stage.VOTED: Rung.WORK}


def stage_of(decision: Decision, calls: Sequence[Call], gatherings: Sequence[Gathering]) -> Stage:
    """Where the matter is, by its own stamps, its calls and its gatherings; `register.at_stage` says it in SQL."""
    is_race = decision.kind == Decision.Kind.RACE
    if decision.withdrawn_at is not None:
        return Stage.LAPSED if is_race else Stage.WITHDRAWN
    if is_race and decision.race.nominations_ended_at is None:
        return Stage.NOMINATIONS
    if decision.settled_at is not None:
        by_ballot = decision.settled_by == Decision.SettledBy.BALLOT
        return Stage.VOTED if by_ballot else Stage.CONSENSUS
    if decision.deliberation_ended_at is not None:
        return Stage.BALLOT
    if decision.deliberation_began_at is not None:
        return Stage.DELIBERATION
    if any(call.ended_at is None for call in calls):
        return Stage.CALL
    if calls or any(gathering.cancelled_at is None for gathering in gatherings):
        return Stage.HARDER
    return Stage.TALK


def label_of(stage: Stage, decision: Decision) -> Promise | str:
    """The stage in words: a defection is not talked over before its hustings, which comes first."""
    return _OF_DEFECTIONS.get(stage, stage.label) if decision.is_confidential else stage.label


_OF_DEFECTIONS = {Stage.TALK: _("Hustings to be called"), Stage.HARDER: _("Hustings")}


def rung_of(stage: Stage) -> Rung | None:
    """The rung on which a matter at `stage` is; None where it was withdrawn."""
    if stage.is_without_outcome:
        return None
    return _RUNG_OF.get(stage) or Rung(stage.value)


@dataclass(frozen=True)
class Step:
    """Something that the reader can do now; `is_first` is the one that is most to the point."""

    label: str
    url: str
    is_first: bool = False


@dataclass(frozen=True)
class Tread:
    """A rung as the ladder shows it."""

    rung: Rung
    purpose: Promise
    mover: str
    state: str  # "done", "now", "ahead" or "skipped"

    @property
    def is_now(self) -> bool:
        """Whether the matter is on it."""
        return self.state == "now"

    @property
    def is_to_come(self) -> bool:
        """Whether the matter has not reached it."""
        return self.state == "ahead"

    @property
    def was_skipped(self) -> bool:
        """Whether the matter went on without it."""
        return self.state == "skipped"


@dataclass(frozen=True)
class Standing:
    """A decision's page at a glance."""

    stage: Stage
    headline: str
    mover: str  # who moves it on; "" while the clock does
    follows: str  # what happens next, and when, if nobody acts
    deadline: datetime | None
    ladder: list[Tread]
    steps: list[Step]
    hint: str  # why the reader can do no more, or ""


def of(matter: Matter) -> Standing:
    """All that the page says at a glance to the matter's reader."""
    stage = stage_of(matter.decision, matter.calls, matter.gatherings)
    headline, follows, deadline = _SAYS[stage](matter)
    mover = "" if stage in _BY_THE_CLOCK or stage.is_without_outcome else facilitators(matter)
    return Standing(
        stage, headline, mover, follows, deadline, ladder(matter, stage), steps(matter, stage), _hint(matter)
    )


# --- the ladder -------------------------------------------------------------------------------------
_PURPOSES = {
    Rung.TALK: _("Somebody proposes, people talk it through and add options."),
    Rung.CALL: _("People answer one option: agree, stand aside, or object with a reason."),
    Rung.HARDER: _("Change it and call again, or bring people together in a moot."),
    Rung.DELIBERATION: _("A last stretch of time to find agreement, with a declared end."),
    Rung.BALLOT: _("Only where agreement was not found: members score every option."),
    Rung.WORK: _("What was decided is written down, and people take on what follows."),
}


_RACE_PURPOSES = {
    Rung.TALK: _("People stand, for seven days, each with a statement; others read it and ask."),
    Rung.CALL: _("With no more people than seats: everybody answers whether these shall serve."),
    Rung.HARDER: _("With more people than seats: a hustings, at which those who stand are asked."),
    Rung.BALLOT: _("Only where agreement was not found: members score everybody who stands."),
    Rung.WORK: _("Whoever is elected serves, until the end of their term."),
}


def ladder(matter: Matter, stage: Stage) -> list[Tread]:
    """Every rung: what it is for, who can move on from it or when it moves by itself, and how far we are."""
    here = rung_of(stage)
    purposes = _PURPOSES if matter.race is None else {**_PURPOSES, **_RACE_PURPOSES}
    return [Tread(rung, purposes[rung], _mover(rung, matter), _state(rung, here, matter)) for rung in Rung]


def _state(rung: Rung, here: Rung | None, matter: Matter) -> str:
    if rung is here:
        return "now"
    order = list(Rung)
    if here is not None and order.index(rung) > order.index(here):
        return "ahead"
    return "done" if _was_on(rung, matter) else "skipped"


def _was_on(rung: Rung, matter: Matter) -> bool:
    decision = matter.decision
    facts = {
        Rung.TALK: True,
        Rung.CALL: bool(matter.calls),
        Rung.HARDER: any(gathering.held_at is not None for gathering in matter.gatherings)
        or len(matter.calls) > 1,
        Rung.DELIBERATION: decision.deliberation_began_at is not None,
        Rung.BALLOT: decision.ballot_id is not None,
        Rung.WORK: False,
    }
    return facts[rung]


def _mover(rung: Rung, matter: Matter) -> str:
    decision = matter.decision
    sentences = {
        Rung.CALL: ngettext(
            "It ends by itself after %(days)d day, or at once when every member has answered.",
            "It ends by itself after %(days)d days, or at once when every member has answered.",
            decision.cooling_off_days,
        )
        % {"days": decision.cooling_off_days},
        Rung.DELIBERATION: ngettext(
            "It ends by itself on its declared day, at least %(days)d day on.",
            "It ends by itself on its declared day, at least %(days)d days on.",
            shortest(decision),
        )
        % {"days": shortest(decision)},
        Rung.BALLOT: ngettext(
            "It opens by itself and closes by itself after %(days)d day.",
            "It opens by itself and closes by itself after %(days)d days.",
            decision.voting_days,
        )
        % {"days": decision.voting_days},
        Rung.WORK: _now("Whoever is late with a task is reminded."),
    }
    if matter.race is not None:
        sentences[Rung.TALK] = _now("Nominations end by themselves.")
    return sentences.get(rung) or facilitators(matter)


def facilitators(matter: Matter) -> str:
    """Who can move the matter on, in a sentence (P9)."""
    if matter.has_secretary:
        return _now("The secretary or a deputy moves it on.")
    return _now("There is no secretary, so any member taking part moves it on.")


# --- at a glance ------------------------------------------------------------------------------------
Says = tuple[str, str, datetime | None]


def _talk(matter: Matter) -> Says:
    if matter.race is not None:
        return race_standing.talk(matter)
    if matter.decision.is_confidential:
        return (
            _now("The case has come to the assembly. The hustings comes first."),
            _now(
                "If nobody acts, nothing happens by itself: a hustings has to be called, to which the applicant is "
                "invited in confidence."
            ),
            None,
        )
    if matter.decision.kind != Decision.Kind.GENERAL:
        return (
            _now("People are getting ready for a gathering."),
            _now("If nobody acts, nothing happens by itself: the gathering has to be called first."),
            None,
        )
    return (
        _now("People are talking it through."),
        _now("If nobody acts, the talk stays open. The next step is a call for consensus on one option."),
        None,
    )


def _call(matter: Matter) -> Says:
    call = matter.standing_call
    if call is None:  # ended since it was read
        return _harder(matter)
    headline = format_html(_now("Can you agree on “{option}”?"), option=call.subject)
    return headline, _call_follows(matter, call), call.ends_at


def _call_follows(matter: Matter, call: Call) -> str:
    return format_html(
        ngettext(
            "The call ends on {when} (London time). It is settled then if at least {quorum} member agrees and "
            "no member objects; otherwise the call falls. If every member answers before and none objects, it is "
            "settled at once.",
            "The call ends on {when} (London time). It is settled then if at least {quorum} members agree, "
            "or all where there are fewer, and no member objects; otherwise the call falls. If every member answers "
            "before and none objects, it is settled at once.",
            matter.decision.quorum,
        ),
        when=moment(call.ends_at),
        quorum=matter.decision.quorum,
    )


def _harder(matter: Matter) -> Says:
    held = [gathering.held_at for gathering in matter.gatherings if gathering.held_at is not None]
    coming = [
        gathering
        for gathering in matter.gatherings
        if gathering.held_at is None and gathering.cancelled_at is None
    ]
    fell = any(call.result == Call.Result.FELL for call in matter.calls)
    headline = _now("There is no consensus yet.") if fell else _now("People come together to talk.")
    follows: str
    if held:
        follows = format_html(
            _now(
                "The gathering was held on {when}. If nobody acts, nothing happens by itself: the next step is to "
                "begin a deliberation of at least {days} days, at whose end the matter is settled or goes to a "
                "ballot."
            ),
            when=moment(held[-1]),
            days=shortest(matter.decision),
        )
        return headline, follows, None
    if matter.decision.is_confidential and coming and not held:
        headline = _now("The hustings is called.")
    if coming:
        return headline, _until_gathering(coming[0], matter.at), coming[0].starts_at
    if matter.race is not None:
        follows = _now(
            "If nobody acts, nothing happens by itself. Consensus can be called for again, or a hustings called, at "
            "which those who stand are asked. There can be no ballot before one has been held."
        )
        return headline, follows, None
    follows = _now(
        "If nobody acts, nothing happens by itself. The proposal can be changed and called again, withdrawn, or "
        "taken to a moot. There can be no ballot before a moot has been held."
    )
    return headline, follows, None


def _until_gathering(gathering: Gathering, at: datetime) -> str:
    words = (
        _now("The gathering starts on {when} (London time). Once it has been held, a deliberation can begin.")
        if gathering.starts_at > at
        else _now("The gathering began on {when}. Its page waits for word that it was held.")
    )
    return format_html(words, when=moment(gathering.starts_at))


def _deliberation(matter: Matter) -> Says:
    ends_at = matter.decision.deliberation_ends_at
    if ends_at is None:  # a constraint excludes it
        return "", "", None
    call = matter.standing_call
    headline: str
    last: str
    headline, last = _now("This is the last stretch of time to find agreement."), ""
    if call is not None and matter.reader.may_read:
        headline = format_html(_now("Can you agree on “{option}”?"), option=call.subject)
    elif ends_at - matter.at >= LAST_CALL_BEFORE_THE_END:
        until = moment(ends_at - LAST_CALL_BEFORE_THE_END)
        last = format_html(_now("A call for consensus can be made until {when} (London time)."), when=until)
    return headline, format_html("{} {}", _deliberation_follows(matter.decision, ends_at), last), ends_at


def _deliberation_follows(decision: Decision, ends_at: datetime) -> str:
    settled = ngettext(
        "The deliberation ends on {when} (London time). If a call stands then with at least {quorum} member agreeing "
        "and no member’s objection, it is settled.",
        "The deliberation ends on {when} (London time). If a call stands then with at least {quorum} members agreeing "
        "and no member’s objection, it is settled.",
        decision.quorum,
    )
    voted = ngettext(
        "Otherwise a STAR ballot of {days} day opens by itself.",
        "Otherwise a STAR ballot of {days} days opens by itself.",
        decision.voting_days,
    )
    return format_html(
        "{} {}",
        format_html(settled, when=moment(ends_at), quorum=decision.quorum),
        format_html(voted, days=decision.voting_days),
    )


def _ballot(matter: Matter) -> Says:
    ballot = matter.decision.ballot
    if ballot is None:
        return (
            _now("The deliberation ended without agreement."),
            _now("A STAR ballot opens by itself within moments, as soon as there is a member who can vote."),
            None,
        )
    if ballot.is_open_at(matter.at):
        follows = format_html(
            _now(
                "Voting closes on {when} (London time). The votes are then counted by themselves: the result is the "
                "decision."
            ),
            when=moment(ballot.closes_at),
        )
        return _now("Members are voting on all the options."), follows, ballot.closes_at
    return (
        _now("Voting is over."),
        _now("The votes are being counted, which nobody needs to start: the result is the decision."),
        None,
    )


def _settled(matter: Matter) -> Says:
    decision = matter.decision
    if not matter.reader.may_read:
        return _now("The assembly has decided."), _now("The person concerned is told by letter."), None
    names = ", ".join(option.name for option in matter.won)
    headline: str = format_html(_now("Decided: {names}"), names=names)
    open_tasks = [task for task in matter.tasks if task.done_at is None and task.dropped_at is None]
    if open_tasks:
        follows = _now("People are working on it. Whoever is late with a task is reminded.")
    elif matter.tasks:
        follows = _now("All its tasks are done or dropped.")
    elif decision.outcome_statement:
        follows = _now("No task was named. If nobody acts, nothing more happens.")
    elif matter.before_following_up:
        follows = _now(
            "First the applicant is told by letter. Whoever acts as secretary sends it, and is reminded until it has "
            "gone. After that the outcome is written down."
        )
    else:
        follows = _now(
            "Next, the outcome is written down and tasks are named. If nobody acts, nothing more happens."
        )
    return headline, follows, None


def _withdrawn(matter: Matter) -> Says:
    headline = _now("This matter was withdrawn.")
    if matter.decision.is_confidential:
        return headline, _now("Nothing more happens here."), None
    return headline, _now("Nothing more happens. Anyone taking part can propose it anew."), None


_SAYS = {
    Stage.NOMINATIONS: race_standing.nominations,
    Stage.TALK: _talk,
    Stage.CALL: _call,
    Stage.HARDER: _harder,
    Stage.DELIBERATION: _deliberation,
    Stage.BALLOT: _ballot,
    Stage.CONSENSUS: _settled,
    Stage.VOTED: _settled,
    Stage.WITHDRAWN: _withdrawn,
    Stage.LAPSED: race_standing.lapsed,
}


# --- what the reader can do now ---------------------------------------------------------------------
def _hint(matter: Matter) -> str:
    reader = matter.reader
    stage = stage_of(matter.decision, matter.calls, matter.gatherings)
    if not reader.may_read or stage.is_without_outcome:
        return ""
    if reader.person is None:
        return _now("Anyone can read this. To take part, log in and join the assembly.")
    if not reader.takes_part:
        return _now("You do not take part in this assembly. Anyone who meets its rules may join.")
    return ""


def steps(matter: Matter, stage: Stage) -> list[Step]:
    """What this reader can do at this moment, the most to the point first."""
    decision, reader = matter.decision, matter.reader
    if reader.person is None:
        path = decision.get_absolute_url()
        return [Step(_now("Log in"), f"{reverse('account_login')}?{urlencode({'next': path})}")]
    waiting = [Step(label, url) for label, url in matter.waits_for_reader]
    if not reader.may_read:
        return _ordered(waiting)
    own = _candidacy(matter, stage)
    if not reader.takes_part:
        return [*own, Step(_now("See the assembly"), decision.assembly.get_absolute_url())]
    found = [
        *own,
        *waiting,
        *_answering(matter),
        *_voting(matter),
        *_meeting(matter),
        *_working(matter),
        *_moving(matter, stage),
        *_proposing(matter, stage),
    ]
    return _ordered(found)


def _ordered(found: list[Step]) -> list[Step]:
    """Each address once, as it was named first; the first step stands out."""
    once: dict[str, Step] = {}
    for step in found:
        once.setdefault(step.url, step)
    return [Step(step.label, step.url, is_first=number == 0) for number, step in enumerate(once.values())]


def _candidacy(matter: Matter, stage: Stage) -> list[Step]:
    """Standing, and what whoever stands has done: for everybody, taking part or not (A13)."""
    race = matter.race
    if race is None:
        return []
    own = race_standing.mine(matter)
    if own is not None:
        label = _now("Your candidacy")
        return [Step(label, reverse("decisions:candidacy_detail", args=[own.pk]), is_first=not stage.is_over)]
    if stage is not Stage.NOMINATIONS or not race.is_in_nominations_at(matter.at):
        return []
    address = reverse("decisions:office_stand", args=[matter.decision.assembly.slug, race.office.role])
    return [Step(_now("Stand"), address, is_first=True)]


def _step(label: str, name: str, matter: Matter, *more: object) -> Step:
    return Step(label, reverse(f"decisions:{name}", args=[matter.decision.pk, *more]))


def number_of(call: Call, matter: Matter) -> int:
    """Which of the matter's calls it is, from 1: this is how addresses name it."""
    return list(matter.calls).index(call) + 1


def _answering(matter: Matter) -> list[Step]:
    call = matter.standing_call
    if call is None or not call.is_open_at(matter.at):
        return []
    label = _now("Change your answer") if call.pk in matter.my_answers else _now("Answer the call")
    return [_step(label, "call_answer", matter, number_of(call, matter))]


def _voting(matter: Matter) -> list[Step]:
    ballot = matter.decision.ballot
    if ballot is None or not matter.reader.is_member or not ballot.is_open_at(matter.at):
        return []
    return [Step(_now("Vote"), reverse("ballots:ballot_detail", args=[ballot.pk]))]


def _meeting(matter: Matter) -> list[Step]:
    coming = [
        gathering
        for gathering in matter.gatherings
        if gathering.cancelled_at is None and gathering.held_at is None and gathering.ends_at > matter.at
    ]
    return [
        Step(
            _now("See and register: %(title)s") % {"title": gathering.title},
            reverse("decisions:gathering_detail", args=[gathering.pk]),
        )
        for gathering in coming[:2]
    ]


def _moving(matter: Matter, stage: Stage) -> list[Step]:
    """What facilitators can do; the domain refuses whatever this leaves out."""
    if not matter.reader.facilitates:
        return []
    decision = matter.decision
    held = any(gathering.held_at is not None for gathering in matter.gatherings)
    found = []
    if stage is Stage.HARDER and held and _consensus_was_sought(matter):
        found.append(_step(_now("Begin the deliberation"), "deliberation_begin", matter))
    if can_call(matter, stage):
        found.append(_step(_now("Call for consensus"), "call_choose", matter))
    if stage is Stage.HARDER or (stage is Stage.TALK and decision.kind != Decision.Kind.GENERAL):
        call_gathering = reverse("decisions:gathering_call", args=[decision.assembly.slug])
        found.append(
            Step(_now("Call a gathering"), f"{call_gathering}?{urlencode({'matter': str(decision.pk)})}")
        )
    if decision.settled_at is not None and not matter.before_following_up:
        label = _now("Change the outcome") if decision.outcome_statement else _now("Write down the outcome")
        found += [
            _step(label, "outcome_state", matter),
            _step(_now("Name a task"), "task_name", matter),
        ]
    return found


def _consensus_was_sought(matter: Matter) -> bool:
    """Whether a deliberation can follow; `deliberation.issues_before_deliberating` says why not."""
    if matter.decision.kind == Decision.Kind.DEFECTION or race_standing.contested(matter):
        return True
    return any(call.result == Call.Result.FELL for call in matter.calls)


def can_call(matter: Matter, stage: Stage) -> bool:
    """Whether somebody entitled can call for consensus now; `calls.issues_before_calling` says why not."""
    decision = matter.decision
    several = matter.race is not None and matter.race.seats > 1
    if stage in (Stage.TALK, Stage.HARDER):
        if matter.race is not None:
            return not race_standing.contested(matter)
        return decision.kind == Decision.Kind.GENERAL
    if several and race_standing.contested(matter):
        return False
    return (
        stage is Stage.DELIBERATION
        and matter.standing_call is None
        and decision.deliberation_ends_at is not None
        and decision.deliberation_ends_at - matter.at >= LAST_CALL_BEFORE_THE_END
    )


def _working(matter: Matter) -> list[Step]:
    return [
        _step(_now("Report on: %(title)s") % {"title": task.title}, "task_report", matter, task.pk)
        for task in matter.tasks
        if matter.reader.is_one_of(task.owner) and task.done_at is None and task.dropped_at is None
    ]


def _proposing(matter: Matter, stage: Stage) -> list[Step]:
    if stage not in (Stage.TALK, Stage.HARDER):
        return []
    found = []
    if matter.decision.kind == Decision.Kind.GENERAL:
        found.append(_step(_now("Add an option"), "option_add", matter))
    reader = matter.reader
    if matter.race is not None or matter.decision.is_confidential:
        return []
    if reader.acts or reader.is_one_of(matter.decision.proposed_by):
        found += [
            _step(_now("Change the text"), "decision_edit", matter),
            _step(_now("Withdraw it"), "decision_withdraw", matter),
        ]
    return found
