"""Questions, ahead and live: the page of a phone in the room, and the chair's buttons on it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db.models import Count, QuerySet, Window
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from decisions import gatherings, questions
from decisions.errors import Barred
from decisions.gathering_forms import GroundForm, QuestionForm
from decisions.gathering_views.finding import explained, find, went_well
from decisions.models import Gathering, Question
from harmony.http import PersonRequest
from members.models import Person

MOST_WAITING = 50  # questions put before the chair at a time


@login_not_required
@require_http_methods(["GET", "POST"])
@explained
def question_list(request: HttpRequest, gathering_id: UUID) -> HttpResponse:
    """The questions let through, my own, and for the chair those that wait; POST asks one."""
    now = timezone.now()
    gathering = find(request, gathering_id)
    person = request.user if isinstance(request.user, Person) else None
    if person is not None and gathering.has_barred(person):
        raise Barred
    form = QuestionForm(request.POST or None)
    if request.method == "POST":
        if person is None:
            return redirect("account_login")
        text = request.POST.get("text", "")
        if form.is_valid() and went_well(
            form, lambda: questions.ask(gathering, by=person, at=now, text=text)
        ):
            messages.success(request, _("Your question is with the chair."))
            return redirect("decisions:question_list", gathering.pk)
    context = {"gathering": gathering, "form": form, "is_open": gathering.is_open_at(now)}
    context |= _lists(gathering, person, now)
    return render(request, "decisions/gatherings/question_list.html", context)


def _lists(gathering: Gathering, person: Person | None, at: datetime) -> dict[str, Any]:
    """The questions by where they stand, as this person may see them."""
    asked = gathering.questions.select_related("asked_by")
    shown = asked.shown().order_by("shown_at")
    found: dict[str, Any] = {
        "to_answer": shown.filter(answered_at=None),
        "answered": shown.filter(answered_at__isnull=False),
    }
    if person is not None:
        found["issues"] = questions.issues_before_asking(gathering, person, at)
        found["mine"] = asked.standing().filter(asked_by=person)
        if gathering.is_conducted_by(person, at):
            found |= {"conducts": True, "refused": asked.refused(), **_before_the_chair(asked.waiting())}
    return found


def _before_the_chair(waiting: "QuerySet[Any]") -> dict[str, Any]:
    """Of the questions that wait those that wait longest, and how many there are in all."""
    first = list(waiting.order_by("asked_at", "pk").annotate(of_all=Window(Count("*")))[:MOST_WAITING])
    return {"waiting": first, "waiting_number": first[0].of_all if first else 0}


def _find(request: HttpRequest, gathering_id: UUID, question_id: UUID) -> Question:
    """A question of a gathering that the reader may see: their own, or as the one who conducts it."""
    gathering = find(request, gathering_id)
    return get_object_or_404(gathering.questions.select_related("gathering", "asked_by"), pk=question_id)


@require_POST
@explained
def question_let_through(request: PersonRequest, gathering_id: UUID, question_id: UUID) -> HttpResponse:
    """The chair shows a question to everybody."""
    question = _find(request, gathering_id, question_id)
    questions.let_through(question, by=request.user, at=timezone.now())
    return redirect("decisions:question_list", gathering_id)


@require_POST
@explained
def question_answered(request: PersonRequest, gathering_id: UUID, question_id: UUID) -> HttpResponse:
    """The chair marks a question as answered."""
    question = _find(request, gathering_id, question_id)
    questions.mark_answered(question, by=request.user, at=timezone.now())
    return redirect("decisions:question_list", gathering_id)


@require_POST
@explained
def question_withdraw(request: PersonRequest, gathering_id: UUID, question_id: UUID) -> HttpResponse:
    """Takes back my own question."""
    question = _find(request, gathering_id, question_id)
    questions.withdraw(question, by=request.user, at=timezone.now())
    return redirect("decisions:question_list", gathering_id)


@require_http_methods(["GET", "POST"])
@explained
def question_refuse(request: PersonRequest, gathering_id: UUID, question_id: UUID) -> HttpResponse:
    """The chair refuses a question, naming which of the four grounds it breaks (D27)."""
    now = timezone.now()
    question = _find(request, gathering_id, question_id)
    gatherings.require_conductor(question.gathering, request.user, now)
    form = GroundForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        ground = form.cleaned_data["ground"]
        if went_well(form, lambda: questions.refuse(question, by=request.user, at=now, ground=ground)):
            return redirect("decisions:question_list", gathering_id)
    context = {"gathering": question.gathering, "question": question, "form": form}
    return render(request, "decisions/gatherings/question_refuse.html", context)
