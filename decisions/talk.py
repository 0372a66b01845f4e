"""Talk: comments, their edits with history, and moderation with a reason."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from decisions import following
from decisions.entitlement import acts_for, require_participant
from decisions.errors import BadProposal, NotEntitled, ReasonMissing, WrongMoment
from decisions.models import Comment, Decision, Revision
from ledger import events
from members.models import Person


@transaction.atomic
def say(
    decision: Decision, *, by: Person, at: datetime, text: str, answers: Comment | None = None
) -> Comment:
    """A comment, or an answer to one (one level deep: an answer to an answer stands under the same comment).

    Raises NotTakingPart, WrongMoment once the matter is withdrawn, BadProposal for an empty text.
    """
    require_participant(decision, by, at)
    if decision.withdrawn_at is not None:
        raise WrongMoment(_("This matter was withdrawn; the talk is closed."))
    if not text.strip():
        raise BadProposal(_("Write something first."))
    if answers is not None:
        if answers.decision_id != decision.pk:
            raise BadProposal(_("That comment belongs to another matter."))
        answers = answers.answers or answers
    comment = Comment.objects.create(
        decision=decision, author=by, text=text.strip(), said_at=at, answers=answers
    )
    events.record("decision.commented", decision, at=at, by=by.pk, data={"comment": str(comment.pk)})
    following.begin(decision, by, at=at)
    return comment


@transaction.atomic
def edit(comment: Comment, *, by: Person, at: datetime, text: str) -> None:
    """Changes a comment of one's own and keeps what it was. Raises NotEntitled, WrongMoment or BadProposal."""
    comment = Comment.objects.select_for_update(of=("self",)).get(pk=comment.pk)
    if comment.author_id != by.pk:
        raise NotEntitled(_("Only its author can change a comment."))
    if comment.removed_at is not None:
        raise WrongMoment(_("This comment was removed."))
    if not text.strip():
        raise BadProposal(_("Write something first."))
    if text.strip() == comment.text:
        return
    Revision.objects.create(comment=comment, text=comment.text, replaced_at=at, replaced_by=by)
    comment.text, comment.edited_at = text.strip(), at
    comment.save(update_fields=["text", "edited_at"])
    events.record(
        "decision.comment_edited", comment.decision, at=at, by=by.pk, data={"comment": str(comment.pk)}
    )


def require_moderator(comment: Comment, by: Person, at: datetime) -> None:
    """Raises NotEntitled unless the person wrote the comment, or acts as secretary there."""
    if comment.author_id != by.pk and not acts_for(comment.decision, by, at):
        raise NotEntitled(_("Only its author, or the assembly’s secretary, can remove a comment."))


@transaction.atomic
def remove(comment: Comment, *, by: Person, at: datetime, reason: str) -> None:
    """Takes a comment out of sight, by its author or by the secretary, with a reason that is shown.

    Raises NotEntitled, WrongMoment or ReasonMissing.
    """
    comment = Comment.objects.select_for_update(of=("self",)).select_related("decision").get(pk=comment.pk)
    require_moderator(comment, by, at)
    if comment.removed_at is not None:
        raise WrongMoment(_("This comment was removed already."))
    if not reason.strip():
        raise ReasonMissing(_("Say why the comment is removed: the reason is shown in its place."))
    comment.removed_at, comment.removed_by, comment.removed_because = at, by, reason.strip()
    comment.save(update_fields=["removed_at", "removed_by", "removed_because"])
    events.record(
        "decision.comment_removed", comment.decision, at=at, by=by.pk, data={"comment": str(comment.pk)}
    )
