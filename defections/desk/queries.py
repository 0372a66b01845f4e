"""Questions to the applicant, asked by mail that says no more than that there is one, answered on their page."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from defections import applicant_mails, posting, vault
from defections.desk.claims import current, held, locked
from defections.errors import Incomplete, WrongMoment
from defections.models import Application, PostalLetter, Query
from ledger import events
from ledger.outbox import queue
from members import mails
from members.models import Person

mails.classify("defections/mail", {"answered": mails.Always.OFFICE})

LONGEST = 4000  # characters, of a question and of an answer


@sensitive_variables("question")
@transaction.atomic
def ask(application: Application, *, by: Person, at: datetime, question: str) -> Query:
    """Puts a question to the applicant, who is mailed that there is one; without an address it is posted to them.

    Raises NotCleared, WrongMoment as `claims.held`; WrongMoment once the copy is released; Incomplete for an empty
    question.
    """
    row = held(application, by, at)
    if not question.strip():
        raise Incomplete(_("Write the question."))
    made = Query(application=row, asked_by=by, asked_at=at)
    made.question_sealed = row.seal(question.strip(), vault.place_of("query", made.pk, "question"))
    made.save(force_insert=True)
    events.record("application.asked", row, at=at, by=by.pk, data={"query": str(made.pk)})
    if not applicant_mails.queue(row, "asked", at=at, about=str(made.pk)):
        posting.need(row, PostalLetter.Kind.QUESTION, at=at, query=made)
    return made


@transaction.atomic
def take_back(query: Query, *, by: Person, at: datetime) -> None:
    """Takes back a question that was not answered. Raises as `claims.held`, WrongMoment when it was answered."""
    row = held(query.application, by, at)
    found = _open(row, query)
    found.taken_back_at = at
    found.save(update_fields=["taken_back_at"])
    events.record("application.question_taken_back", row, at=at, by=by.pk, data={"query": str(query.pk)})


@sensitive_variables("text")
@transaction.atomic
def answer(query: Query, *, at: datetime, text: str, by: Person | None = None) -> None:
    """The applicant answers, or by post, which `by` enters; whoever has the application is told of the answer.

    Raises WrongMoment when it was answered or taken back or the application is over, Incomplete for no answer.
    """
    row = locked(query.application)
    if not row.is_open:
        raise WrongMoment(_("This application is over: there is nothing to answer any more."))
    if not text.strip():
        raise Incomplete(_("Write your answer."))
    found = _open(row, query)
    found.answer_sealed = row.seal(text.strip(), vault.place_of("query", found.pk, "answer"))
    found.answered_at = at
    found.save(update_fields=["answer_sealed", "answered_at"])
    events.record("application.answered", row, at=at, by=by.pk if by else None, data={"query": str(found.pk)})
    holder = current(row)
    if holder is not None:
        context: dict[str, object] = {"person": holder.person, "application": row}
        key = f"application-answered:{found.pk}"
        queue([mails.letter(key, "defections/mail/answered", holder.person, context)], at=at)


def _open(application: Application, query: Query) -> Query:
    """The question under lock. Raises WrongMoment unless it waits for an answer."""
    found = application.queries.select_for_update(of=("self",)).get(pk=query.pk)
    if found.answered_at is not None:
        raise WrongMoment(_("This question has been answered."))
    if found.taken_back_at is not None:
        raise WrongMoment(_("This question has been taken back: it needs no answer any more."))
    return found
