"""Calls for consensus: making one, answering it, answering objections, and all the answers to one."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from decisions import balance, calls, matter, races
from decisions.entitlement import require_facilitator, require_participant
from decisions.errors import WrongMoment
from decisions.forms import AnswerForm, ChooseOptionForm, TextForm
from decisions.models import Call, Decision, Stance
from decisions.views.matters import for_reader
from decisions.views.refusals import explained, goes_through, refuse_if
from harmony.http import PersonRequest
from harmony.time import days_later


def _callable(request: PersonRequest, decision_id: UUID, at: datetime) -> Decision:
    """The decision, for somebody who can call on it now; raises NotEntitled or WrongMoment."""
    decision = for_reader(request, decision_id, at)
    require_facilitator(decision, request.user, at)
    refuse_if(calls.issues_before_calling(decision, at))
    return decision


@require_safe
@explained
def call_choose(request: PersonRequest, decision_id: UUID) -> HttpResponse:
    """Choosing the option to call for consensus on; the next page says what that opens."""
    decision = _callable(request, decision_id, timezone.now())
    form = ChooseOptionForm(
        request.GET if "chosen" in request.GET else None, options=races.callable_options(decision)
    )
    if form.is_bound and form.is_valid():
        return redirect("decisions:call_confirm", decision_id=decision.pk, place=form.cleaned_data["option"])
    return render(request, "decisions/call_choose.html", {"decision": decision, "form": form})


@require_http_methods(["GET", "POST"])
@explained
def call_confirm(request: PersonRequest, decision_id: UUID, place: int) -> HttpResponse:
    """Says what a call on the option opens, until when, and what will settle it; POST makes the call."""
    now = timezone.now()
    decision = _callable(request, decision_id, now)
    option = get_object_or_404(races.options_of(decision), position=place)
    if request.method == "POST":
        calls.call_for_consensus(decision, option, by=request.user, at=now)
        messages.success(request, _("The call is open, and everybody taking part is told."))
        return redirect(decision)
    ends_at = decision.deliberation_ends_at or days_later(now, decision.cooling_off_days)
    members = decision.members_at(now).count()
    context = {
        "decision": decision,
        "option": option,
        "subject": races.called_together(decision, option) or option.name,
        "ends_at": ends_at,
        "members": members,
        "needed": min(decision.quorum, members),
        "settles_at_once": decision.kind != Decision.Kind.DEFECTION,
    }
    return render(request, "decisions/call_confirm.html", context)


def _numbered(decision: Decision, number: int) -> Call:
    """The matter's call with this number, from 1 in the order of calling; 404 where there is none."""
    rows = decision.calls.select_related("option", "called_by").order_by("called_at", "pk")
    found = list(rows[number - 1 : number]) if number else []
    if not found:
        raise Http404
    return found[0]


@login_not_required
@require_safe
@explained
def call_detail(request: HttpRequest, decision_id: UUID, number: int) -> HttpResponse:
    """One call with every answer to it, members and others apart (P10), a page at a time."""
    now = timezone.now()
    decision = for_reader(request, decision_id, now)
    call = _numbered(decision, number)
    rows = matter.answers(decision.assemblies(), now)
    matter.give_answers([call], rows)
    paginator = Paginator(matter.objections_first(rows.filter(call=call)), matter.MOST_ANSWERS)
    page = paginator.get_page(request.GET.get("page"))
    call.answers = list(page)  # type: ignore[attr-defined]
    context = {
        "decision": decision,
        "call": call,
        "number": number,
        "balance": balance.of_call(call, decision, now),
        "page": page,
        "page_range": paginator.get_elided_page_range(page.number),
        "query": "",
        "is_call_page": True,
    }
    return render(request, "decisions/call_detail.html", context)


@require_http_methods(["GET", "POST"])
@explained
def call_answer(request: PersonRequest, decision_id: UUID, number: int) -> HttpResponse:
    """Answering a call, or changing one's answer while it is open."""
    now = timezone.now()
    decision = for_reader(request, decision_id, now)
    call = _numbered(decision, number)
    require_participant(decision, request.user, now)
    if request.method == "GET" and not call.is_open_at(now):
        raise WrongMoment(_("This call has ended and takes no more answers."))
    mine = call.positions.filter(person=request.user).first()
    form = AnswerForm(
        request.POST or None, initial={"stance": mine.stance, "reason": mine.reason} if mine else None
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        if goes_through(
            form, lambda: calls.take_position(call, request.user, at=now, **given), field="reason"
        ):
            messages.success(request, _("Your answer is there for everybody to read."))
            return redirect(f"{decision.get_absolute_url()}#call")
    context = {
        "decision": decision,
        "call": call,
        "form": form,
        "mine": mine,
        "is_member": request.user.is_member_at(now),
        "quorum": decision.quorum,
    }
    return render(request, "decisions/call_answer.html", context)


@require_http_methods(["GET", "POST"])
@explained
def objection_answer(request: PersonRequest, decision_id: UUID, number: int, person_id: UUID) -> HttpResponse:
    """Answering somebody's objection, for all to read."""
    now = timezone.now()
    decision = for_reader(request, decision_id, now)
    call = _numbered(decision, number)
    rows = call.positions.select_related("person").filter(stance=Stance.OBJECT)
    position = get_object_or_404(rows, person=person_id)
    require_participant(decision, request.user, now)
    form = TextForm(
        request.POST or None,
        label=_("Your answer"),
        missing=_("Write an answer"),
        hint=_("Everybody can read it. It replaces an answer given before."),
        limit=3000,
        initial={"text": position.answer},
    )
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["text"]
        if goes_through(form, lambda: calls.answer_objection(position, by=request.user, at=now, text=text)):
            messages.success(request, _("Your answer stands beside the objection."))
            return redirect(reverse("decisions:decision_detail", args=[decision.pk]) + "#objections")
    context = {"decision": decision, "call": call, "position": position, "form": form}
    return render(request, "decisions/objection_answer.html", context)
