"""The steps that a person takes with a decision, for the admin's buttons. The rules are where the steps are."""

from datetime import datetime
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from assemblies.moving_admin import Asked, Move
from decisions import calls, deliberation, gatherings, matter, proposals, races, settlement, work
from decisions.admin.forms import ObjectionForm
from decisions.entitlement import require_facilitator, require_participant, require_proposer_or_secretary
from decisions.errors import BadProposal, WrongMoment
from decisions.forms import (
    ChooseOptionForm,
    DaysForm,
    MatterForm,
    OptionForm,
    ReasonForm,
    TaskForm,
    TextForm,
)
from decisions.gathering_forms import CallForm
from decisions.models import Decision, Gathering, Position, Stance
from harmony.text import MARKDOWN
from members.models import Person

WHEN_AND_WHERE = ("kind", "title", "starts_at", "ends_at", "address", "link", "agenda")


def _refuse_if(issues: list[str]) -> None:
    if issues:
        raise WrongMoment(" ".join(issues))


# --- the talk ---------------------------------------------------------------------------------------
def _can_edit(decision: Decision, person: Person, at: datetime) -> None:
    require_proposer_or_secretary(decision, person, at)
    races.refuse_race(decision)
    proposals.require_talk(decision)


def _edit_form(asked: Asked) -> forms.Form:
    return MatterForm(asked.data, initial={"title": asked.row.title, "text": asked.row.text})


def _can_add_option(decision: Decision, person: Person, at: datetime) -> None:
    require_participant(decision, person, at)
    races.refuse_race(decision)
    proposals.require_talk(decision)


# --- calls ------------------------------------------------------------------------------------------
def _can_call(decision: Decision, person: Person, at: datetime) -> None:
    require_facilitator(decision, person, at)
    _refuse_if(calls.issues_before_calling(decision, at))


def _call(decision: Decision, *, by: Person, at: datetime, option: str) -> None:
    chosen = races.options_of(decision).filter(position=int(option)).first()
    if chosen is None:  # since the form was read
        raise BadProposal(_now("This candidate has withdrawn."))
    calls.call_for_consensus(decision, chosen, by=by, at=at)


def _objections(decision: Decision) -> "QuerySet[Position]":
    """The objections that nobody has answered."""
    rows = Position.objects.filter(call__decision=decision, stance=Stance.OBJECT, answer="")
    return rows.select_related("person")


def _can_answer(decision: Decision, person: Person, at: datetime) -> None:
    require_participant(decision, person, at)
    if not _objections(decision).exists():
        raise WrongMoment(_now("No objection waits for an answer."))


def _answer(_decision: Decision, *, by: Person, at: datetime, objection: Position, text: str) -> None:
    calls.answer_objection(objection, by=by, at=at, text=text)


# --- gathering and deliberation ---------------------------------------------------------------------
def _can_gather(decision: Decision, person: Person, at: datetime) -> None:
    require_facilitator(decision, person, at)
    _refuse_if(gatherings.issues_before_gathering(decision))


def _gather_form(asked: Asked) -> forms.Form:
    is_general = asked.row.kind == Decision.Kind.GENERAL
    kind = Gathering.Kind.MOOT if is_general else Gathering.Kind.HUSTINGS
    return CallForm(asked.data, at=asked.at, initial={"kind": kind.value, "title": asked.row.title})


def _gather(decision: Decision, *, by: Person, at: datetime, **given: Any) -> None:
    values = {name: given[name] for name in WHEN_AND_WHERE}
    gatherings.call_gathering(decision.assembly, by=by, at=at, decision=decision, **values)


def _can_deliberate(decision: Decision, person: Person, at: datetime) -> None:
    require_facilitator(decision, person, at)
    _refuse_if(deliberation.issues_before_deliberating(decision))


def _days_form(asked: Asked) -> forms.Form:
    return DaysForm(
        asked.data, least=deliberation.shortest(asked.row), most=deliberation.LONGEST_DELIBERATION
    )


# --- the outcome and the work -----------------------------------------------------------------------
def _can_conclude(decision: Decision, person: Person, at: datetime) -> None:
    require_facilitator(decision, person, at)
    _refuse_if(settlement.issues_before_following_up(decision))


def _outcome_form(asked: Asked) -> forms.Form:
    return TextForm(
        asked.data,
        label=_("What was decided?"),
        missing=_("Write what was decided"),
        hint=MARKDOWN,
        limit=10000,
        initial={"text": asked.row.outcome_statement},
    )


MOVES = (
    Move(
        "call",
        _("Call for consensus"),
        _(
            "Everybody taking part is asked to agree, stand aside, or object with a reason. The call ends by "
            "itself; nobody can end it early or take it back."
        ),
        _("The call is open, and everybody taking part is told."),
        _can_call,
        _call,
        lambda asked: ChooseOptionForm(asked.data, options=races.callable_options(asked.row)),
    ),
    Move(
        "gather",
        _("Call a gathering on it"),
        _("Everybody asked is told, with a file for their calendars. All times are London times."),
        _("The gathering is called, and people are being told."),
        _can_gather,
        _gather,
        _gather_form,
    ),
    Move(
        "deliberate",
        _("Begin the deliberation"),
        _(
            "From now to its end the matter is thought over. At the end, without consensus, its ballot opens by "
            "itself."
        ),
        _("The deliberation has begun, and everybody taking part is told."),
        _can_deliberate,
        deliberation.begin,
        _days_form,
    ),
    Move(
        "answer",
        _("Answer an objection"),
        _("Everybody can read the answer beside the objection."),
        _("The objection is answered."),
        _can_answer,
        _answer,
        lambda asked: ObjectionForm(asked.data, objections=_objections(asked.row)),
    ),
    Move(
        "outcome",
        _("Write down the outcome"),
        _("What was decided, and how objections were answered. Everybody can read it."),
        _("The outcome is written down."),
        _can_conclude,
        settlement.state_outcome,
        _outcome_form,
        must_change=True,
    ),
    Move(
        "task",
        _("Name a task"),
        _("Work that follows from what was decided. Whoever does it is told."),
        _("The task is named, and whoever does it is told."),
        _can_conclude,
        work.name_task,
        lambda asked: TaskForm(asked.data, people=matter.who_could_work(asked.row, asked.at)),
    ),
    Move(
        "edit",
        _("Change title and text"),
        _("What they were stays readable on the site."),
        _("Saved."),
        _can_edit,
        proposals.edit,
        _edit_form,
        must_change=True,
    ),
    Move(
        "option",
        _("Add an option"),
        _("It stands beside the others; options are not taken away."),
        _("The option is there."),
        _can_add_option,
        proposals.add_option,
        lambda asked: OptionForm(asked.data),
    ),
    Move(
        "withdraw",
        _("Withdraw"),
        _("The talk on it closes and nothing more happens. It stays readable, with your reason."),
        _("The matter is withdrawn."),
        _can_edit,
        proposals.withdraw,
        lambda asked: ReasonForm(asked.data, missing=_("Say why the matter is withdrawn")),
        warns=True,
    ),
)
