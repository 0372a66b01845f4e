"""How far an application has come, derived from the stamps of its rows; the words for each audience are the pages'."""

from enum import Enum

from decisions.models import Decision, Gathering
from defections.models import Application


class Stage(Enum):
    """The stages in order; the last five are ends."""

    DRAFT = "draft"
    SENT = "sent"  # waits for the research
    RESEARCH = "research"  # a volunteer has taken it on
    QUESTION = "question"  # the applicant has a question to answer
    VERIFIED = "verified"  # genuine; the sanitised copy is being made
    RELEASED = "released"  # the copy is released; waits for an assembly
    ASSEMBLY = "assembly"  # with an assembly, before its hustings
    DELIBERATION = "deliberation"  # the hustings was held: from then to the deliberation's end
    BALLOT = "ballot"
    DECIDED = "decided"  # settled; the letter has not gone yet
    ACCEPTED = "accepted"
    DECLINED = "declined"
    NOT_GENUINE = "not_genuine"
    WITHDRAWN = "withdrawn"
    ERASED = "erased"  # a draft that ran out, or erased on request


def stage_of(application: Application) -> Stage:
    """The stage of one application. Costs a few queries; see the desk's list for many at once."""
    if application.withdrawn_at is not None:
        return Stage.WITHDRAWN
    if application.sent_at is None:
        return Stage.ERASED if application.erased_at else Stage.DRAFT
    if application.verification == Application.Verification.NOT_GENUINE:
        return Stage.NOT_GENUINE
    letter = getattr(application, "letter", None)
    if letter is not None:
        return Stage.ACCEPTED if letter.kind == letter.Kind.ACCEPTANCE else Stage.DECLINED
    if application.erased_at is not None:
        return Stage.ERASED
    if application.decision is not None:
        return _of_decision(application.decision)
    if application.verified_at is not None:
        return _after_research(application)
    return _in_research(application)


def _of_decision(decision: Decision) -> Stage:
    if decision.settled_at is not None:
        return Stage.DECIDED
    if decision.deliberation_ended_at is not None:
        return Stage.BALLOT
    if (
        decision.deliberation_began_at is not None
        or Gathering.objects.held().hustings().filter(decision=decision).exists()
    ):
        return Stage.DELIBERATION
    return Stage.ASSEMBLY


def _after_research(application: Application) -> Stage:
    if application.routings.filter(ended_at=None).exists():
        return Stage.ASSEMBLY
    copy = getattr(application, "copy", None)
    return Stage.RELEASED if copy is not None and copy.released_at is not None else Stage.VERIFIED


def _in_research(application: Application) -> Stage:
    if application.queries.waiting().exists():
        return Stage.QUESTION
    return Stage.RESEARCH if application.claims.filter(let_go_at=None).exists() else Stage.SENT
