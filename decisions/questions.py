"""Questions to a gathering, ahead and live: asked, and shown only when the chair lets them through (D27)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from decisions.errors import BadProposal, Barred, NotEntitled, NotRegistered, ReasonMissing, WrongMoment
from decisions.gatherings import locked_gathering, require_conductor
from decisions.models import Gathering, Ground, Question
from ledger import events
from members.models import Person

LONGEST = 500  # characters
MOST_WAITING = 5  # of one person's


def issues_before_asking(gathering: Gathering, person: Person, at: datetime) -> list[str]:
    """Sentences that say why the person cannot ask a question at `at`; empty when they can."""
    if gathering.has_barred(person):
        return [str(Barred())]
    if not gathering.is_open_at(at):
        return [_("This gathering is over or was called off.")]
    if not gathering.is_joined_by(person):
        return [str(NotRegistered())]
    if gathering.questions.waiting().filter(asked_by=person).count() >= MOST_WAITING:
        return [
            _("The chair has %(n)d questions of yours already. Wait for an answer.") % {"n": MOST_WAITING}
        ]
    return []


@transaction.atomic
def ask(gathering: Gathering, *, by: Person, at: datetime, text: str) -> Question:
    """Puts a question to the chair, ahead of the gathering or while it is on.

    Raises Barred, NotRegistered, WrongMoment (over; too many waiting) or ReasonMissing (nothing, or too much).
    """
    gathering = locked_gathering(gathering)
    if gathering.has_barred(by):
        raise Barred
    if gathering.is_open_at(at) and not gathering.is_joined_by(by):
        raise NotRegistered
    issues = issues_before_asking(gathering, by, at)
    if issues:
        raise WrongMoment(" ".join(issues))
    if not 0 < len(text.strip()) <= LONGEST:
        raise ReasonMissing(_("Write your question in at most %(n)d characters.") % {"n": LONGEST})
    question = Question.objects.create(gathering=gathering, asked_by=by, text=text.strip(), asked_at=at)
    _record("asked", question, by, at)
    return question


@transaction.atomic
def withdraw(question: Question, *, by: Person, at: datetime) -> None:
    """Takes back one's own question before it is answered or refused. Raises NotEntitled or WrongMoment."""
    question = _locked(question.pk, question.gathering)
    if question.asked_by_id != by.pk:
        raise NotEntitled(_("Only whoever asked a question can withdraw it."))
    if not (question.is_waiting or question.is_shown) or question.answered_at is not None:
        raise WrongMoment(_("This question was answered, refused or withdrawn already."))
    question.withdrawn_at = at
    question.save(update_fields=["withdrawn_at"])
    _record("withdrawn", question, by, at)


@transaction.atomic
def let_through(question: Question, *, by: Person, at: datetime) -> None:
    """Shows a waiting question to everybody. Raises NotEntitled or WrongMoment."""
    question = _for_chair(question, by, at)
    if not question.is_waiting:
        raise WrongMoment(_("This question was judged or withdrawn already."))
    question.shown_at = at
    question.save(update_fields=["shown_at"])
    _record("let_through", question, by, at)


@transaction.atomic
def refuse(question: Question, *, by: Person, at: datetime, ground: str) -> None:
    """Refuses a question, also one that was let through, naming which of the four grounds it breaks (D27).

    Raises NotEntitled, WrongMoment, or ReasonMissing without a ground: there is no other reason for refusing.
    """
    question = _for_chair(question, by, at)
    if ground not in Ground.values:
        raise ReasonMissing(_("Choose which of the four grounds the question breaks."))
    if not (question.is_waiting or question.is_shown) or question.answered_at is not None:
        raise WrongMoment(_("This question was answered, refused or withdrawn already."))
    question.refused_at, question.ground = at, ground
    question.save(update_fields=["refused_at", "ground"])
    _record("refused", question, by, at, ground=str(ground))


@transaction.atomic
def mark_answered(question: Question, *, by: Person, at: datetime) -> None:
    """Says that a shown question was answered. Raises NotEntitled or WrongMoment."""
    question = _for_chair(question, by, at)
    if not question.is_shown or question.answered_at is not None:
        raise WrongMoment(_("Only a question that was let through, and is not answered yet, can be marked."))
    question.answered_at = at
    question.save(update_fields=["answered_at"])
    _record("answered", question, by, at)


def _locked(pk: UUID, gathering: Gathering) -> Question:
    """The question as it is now, under the gathering's lock: a bar and a judgement of it come one by one."""
    locked_gathering(gathering)
    return Question.objects.select_related("gathering").get(pk=pk)


def _for_chair(question: Question, by: Person, at: datetime) -> Question:
    question = _locked(question.pk, question.gathering)
    require_conductor(question.gathering, by, at)
    if question.gathering.cancelled_at is not None:
        raise WrongMoment(_("This gathering was called off."))
    if question.gathering.has_barred(question.asked_by):
        raise BadProposal(_("Whoever asked this is barred from the gathering: the question is gone."))
    return question


def _record(verb: str, question: Question, by: Person, at: datetime, **facts: str) -> None:
    data = {"gathering": str(question.gathering_id), **facts}
    events.record(f"question.{verb}", question, at=at, by=by.pk, data=data)
