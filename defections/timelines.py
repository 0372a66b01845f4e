"""A case's way as an ordered list of stages, told to each audience with only what that audience may see.

The public and the members see it from the day it came to an assembly; the applicant and the research from the day it
was sent. Nobody but the applicant, the members and those who run the case sees how it ended.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from decisions.models import Decision, Gathering
from defections import hustings
from defections.models import Application
from defections.stages import Stage, stage_of


class Audience(Enum):
    """Who looks."""

    PUBLIC = "public"
    APPLICANT = "applicant"
    MEMBERS = "members"
    RESEARCH = "research"
    SECRETARY = "secretary"


@dataclass(frozen=True)
class Leg:
    """One stage of the way: when it was reached, or when it is due where that is fixed."""

    label: Promise
    state: str  # "done", "now", "ahead" or "ended"
    at: datetime | None = None
    due_at: datetime | None = None
    due_label: Promise | str = ""  # what happens then
    note: Promise | str = ""

    @property
    def is_now(self) -> bool:
        """Whether the case is there."""
        return self.state == "now"

    @property
    def is_ahead(self) -> bool:
        """Whether it is still to come."""
        return self.state == "ahead"


# The stages as a line of legs; several stages can be one leg.
_RESEARCH = (Stage.RESEARCH, Stage.QUESTION)
_LABELS = {
    "sent": _("Application sent"),
    "research": _("Checked by the research"),
    "copy": _("A copy for the assembly is made"),
    "assembly": _("With the assembly"),
    "hustings": _("Hustings"),
    "deliberation": _("Deliberation"),
    "ballot": _("Ballot, if there is no consensus"),
    "decided": _("Decided"),
    "letter": _("Letter to the applicant"),
}
_OWN_LABELS = {
    **_LABELS,
    "sent": _("You sent your application"),
    "research": _("We check what you gave, and speak with you"),
    "copy": _("A copy without your contact details is made for the assembly"),
    "hustings": _("Meeting with you"),
    "letter": _("Letter to you"),
}
_PUBLIC_LEGS = ("assembly", "hustings", "deliberation", "ballot", "decided")
_INSIDE_LEGS = (*_PUBLIC_LEGS, "letter")
_WHOLE = ("sent", "research", "copy", *_INSIDE_LEGS)
_LEGS = {
    Audience.PUBLIC: _PUBLIC_LEGS,
    Audience.MEMBERS: _INSIDE_LEGS,
    Audience.SECRETARY: _INSIDE_LEGS,
    Audience.APPLICANT: _WHOLE,
    Audience.RESEARCH: _WHOLE,
}
_HERE = {
    Stage.DRAFT: "sent",
    Stage.SENT: "research",
    Stage.RESEARCH: "research",
    Stage.QUESTION: "research",
    Stage.VERIFIED: "copy",
    Stage.RELEASED: "assembly",
    Stage.ASSEMBLY: "hustings",
    Stage.DELIBERATION: "deliberation",
    Stage.BALLOT: "ballot",
    Stage.DECIDED: "letter",
}
_ENDS = {
    Stage.WITHDRAWN: _("Withdrawn"),
    Stage.NOT_GENUINE: _("Ended after the research"),
    Stage.ERASED: _("Erased"),
}
_KNOW_THE_END = (Audience.MEMBERS, Audience.SECRETARY)


def of(application: Application, audience: Audience) -> list[Leg]:
    """The legs of the way as this audience sees them, in order; an end off the way stands last."""
    stage = stage_of(application)
    labels = _OWN_LABELS if audience is Audience.APPLICANT else _LABELS
    stamps = _stamps(application)
    keys = [key for key in _LEGS[audience] if key != "ballot" or not _was_skipped(application)]
    ended = stage in _ENDS or (audience is Audience.PUBLIC and application.withdrawn_at is not None)
    here = None if ended else _leg_here(stage, audience)
    found = []
    for key in keys:
        state = _state(key, here, stamps, ended=ended)
        if ended and state == "ahead":
            continue
        due = _due(key, application) if state in ("now", "ahead") else None
        at = stamps.get(key) if state == "done" else None
        says = _("Starts:") if key == "hustings" else _("Ends:")
        note = _note(key, application, audience)
        found.append(Leg(labels[key], state, at=at, due_at=due, due_label=says, note=note))
    if ended:
        found.append(
            Leg(_ENDS.get(stage, _ENDS[Stage.WITHDRAWN]), "ended", at=_ended_at(application, audience))
        )
    return found


def _leg_here(stage: Stage, audience: Audience) -> str | None:
    """The leg on which the case is; None once all that this audience sees is done."""
    here = _HERE.get(stage)
    if audience is Audience.PUBLIC and stage is Stage.DECIDED:
        return None
    return here


def _state(key: str, here: str | None, stamps: dict[str, datetime | None], *, ended: bool) -> str:
    if ended:
        return "done" if stamps.get(key) else "ahead"
    if here is None:
        return "done"
    if key == here:
        return "now"
    order = list(_WHOLE)
    return "done" if order.index(key) < order.index(here) else "ahead"


def _was_skipped(application: Application) -> bool:
    decision = application.decision
    return decision is not None and decision.settled_by == Decision.SettledBy.CONSENSUS


def _stamps(application: Application) -> dict[str, datetime | None]:
    """When each leg was done."""
    copy, letter = getattr(application, "copy", None), getattr(application, "letter", None)
    decision = application.decision
    found: dict[str, datetime | None] = {
        "sent": application.sent_at,
        "research": application.verified_at,
        "copy": copy.released_at if copy else None,
        "letter": letter.sent_at if letter else None,
    }
    if decision is not None:
        found |= {
            "assembly": decision.proposed_at,
            "hustings": _held_at(decision),
            "deliberation": decision.deliberation_ended_at,
            "ballot": decision.ballot.closed_at if decision.ballot else None,
            "decided": decision.settled_at,
        }
    return found


def _held_at(decision: Decision) -> datetime | None:
    held = Gathering.objects.held().hustings().filter(decision=decision).order_by("held_at").first()
    return held.held_at if held else None


def _due(key: str, application: Application) -> datetime | None:
    """When the leg begins or ends, where that is fixed already."""
    decision = application.decision
    if decision is None:
        return None
    if key == "hustings":
        invitation = hustings.current(application)
        return invitation.gathering.starts_at if invitation and not invitation.gathering.held_at else None
    if key == "deliberation":
        return decision.deliberation_ends_at
    if key == "ballot":
        return decision.ballot.closes_at if decision.ballot else None
    return None


def _note(key: str, application: Application, audience: Audience) -> Promise | str:
    decision = application.decision
    if decision is None:
        return ""
    if key == "assembly":
        return decision.assembly.name
    if key == "decided" and audience in _KNOW_THE_END and decision.settled_at is not None:
        return ", ".join(option.name for option in decision.options.filter(won_at__isnull=False))
    return ""


def _ended_at(application: Application, audience: Audience) -> datetime | None:
    if audience is Audience.PUBLIC and application.withdrawn_at is None:
        return None
    return application.withdrawn_at or application.closed_at or application.erased_at
