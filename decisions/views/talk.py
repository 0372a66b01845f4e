"""The talk: comments, replies, changes with their history, and removal with a reason."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from decisions import talk, threads
from decisions.entitlement import acts_for, require_participant
from decisions.errors import NotEntitled, WrongMoment
from decisions.forms import ReasonForm, TextForm
from decisions.models import Comment, Decision
from decisions.views.matters import for_reader
from decisions.views.refusals import TWICE, explained, goes_through, one_submit_at_a_time
from harmony.http import PersonRequest
from harmony.text import MARKDOWN
from members.models import Person


def _form(request: HttpRequest, label: str, *, text: str = "") -> TextForm:
    return TextForm(
        request.POST or None,
        label=label,
        missing=_("Write something first"),
        hint=MARKDOWN,
        initial={"text": text},
    )


def _comment(decision: Decision, comment_id: UUID) -> Comment:
    rows = decision.comments.select_related("author", "decision", "answers", "removed_by")
    return get_object_or_404(rows, pk=comment_id)


def _for_talk(request: PersonRequest, decision_id: UUID, at: datetime) -> Decision:
    decision = for_reader(request, decision_id, at)
    require_participant(decision, request.user, at)
    if decision.withdrawn_at is not None:
        raise WrongMoment(_("This matter was withdrawn; the talk is closed."))
    return decision


def _say(decision: Decision, person: Person, text: str, answers: Comment | None, at: datetime) -> Comment:
    """The new comment; or the same one that the same person wrote a moment ago."""
    with one_submit_at_a_time(person):
        same = decision.comments.filter(
            author=person, text=text.strip(), said_at__gt=at - TWICE, removed_at=None
        )
        top = (answers.answers or answers) if answers else None
        before = same.filter(answers=top).first()
        return before or talk.say(decision, by=person, at=at, text=text, answers=answers)


@require_http_methods(["GET", "POST"])
@explained
def comment_add(request: PersonRequest, decision_id: UUID) -> HttpResponse:
    """Saying something on a matter."""
    now = timezone.now()
    decision = _for_talk(request, decision_id, now)
    form = _form(request, _("Your comment"))
    if request.method == "POST" and form.is_valid():
        said: list[Comment] = []
        text = form.cleaned_data["text"]
        if goes_through(form, lambda: said.append(_say(decision, request.user, text, None, now))):
            return redirect(threads.address(said[0]))
    return render(request, "decisions/comment_add.html", {"decision": decision, "form": form})


@require_http_methods(["GET", "POST"])
@explained
def comment_reply(request: PersonRequest, decision_id: UUID, comment_id: UUID) -> HttpResponse:
    """Answering a comment."""
    now = timezone.now()
    decision = _for_talk(request, decision_id, now)
    comment = _comment(decision, comment_id)
    form = _form(request, _("Your answer"))
    if request.method == "POST" and form.is_valid():
        said: list[Comment] = []
        text = form.cleaned_data["text"]
        if goes_through(form, lambda: said.append(_say(decision, request.user, text, comment, now))):
            return redirect(threads.address(said[0]))
    context = {"decision": decision, "comment": comment, "form": form}
    return render(request, "decisions/comment_reply.html", context)


@require_http_methods(["GET", "POST"])
@explained
def comment_edit(request: PersonRequest, decision_id: UUID, comment_id: UUID) -> HttpResponse:
    """Changing one's own comment; what it was is kept."""
    decision = for_reader(request, decision_id, timezone.now())
    comment = _comment(decision, comment_id)
    if comment.author_id != request.user.pk:
        raise NotEntitled(_("Only its author can change a comment."))
    if comment.removed_at is not None:
        raise WrongMoment(_("This comment was removed."))
    form = _form(request, _("Your comment"), text=comment.text)
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["text"]
        if goes_through(form, lambda: talk.edit(comment, by=request.user, at=timezone.now(), text=text)):
            messages.success(request, _("Your comment is changed. What it was can still be read."))
            return redirect(threads.address(comment))
    context = {"decision": decision, "comment": comment, "form": form}
    return render(request, "decisions/comment_edit.html", context)


@require_http_methods(["GET", "POST"])
@explained
def comment_remove(request: PersonRequest, decision_id: UUID, comment_id: UUID) -> HttpResponse:
    """Taking a comment out of sight, by its author or the secretary, with a reason that stands in its place."""
    now = timezone.now()
    decision = for_reader(request, decision_id, now)
    comment = _comment(decision, comment_id)
    if comment.author_id != request.user.pk and not acts_for(decision, request.user, now):
        raise NotEntitled(_("Only its author, or the assembly’s secretary, can remove a comment."))
    if comment.removed_at is not None:
        raise WrongMoment(_("This comment was removed already."))
    form = ReasonForm(request.POST or None, missing=_("Say why the comment is removed"))
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if goes_through(
            form, lambda: talk.remove(comment, by=request.user, at=now, reason=reason), field="reason"
        ):
            messages.success(request, _("The comment is removed."))
            return redirect(threads.address(comment))
    context = {"decision": decision, "comment": comment, "form": form}
    return render(request, "decisions/comment_remove.html", context)


@login_not_required
@require_safe
@explained
def comment_history(request: HttpRequest, decision_id: UUID, comment_id: UUID) -> HttpResponse:
    """What a comment was before it was changed; of a removed one, only that it was removed and why."""
    decision = for_reader(request, decision_id, timezone.now())
    comment = _comment(decision, comment_id)
    earlier = comment.revisions.order_by("-replaced_at", "-pk") if comment.removed_at is None else []
    context = {"decision": decision, "comment": comment, "earlier": earlier, "back": threads.address(comment)}
    return render(request, "decisions/comment_history.html", context)
