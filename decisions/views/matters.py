"""A matter's own page, its text with history, its options, its withdrawal; and proposing a new one."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from assemblies.models import Assembly
from decisions import balance, following, matter, matter_panels, proposals, standing, threads, timeline
from decisions.entitlement import require_participant, require_proposer_or_secretary
from decisions.errors import NotEntitled
from decisions.forms import MatterForm, OptionForm, ProposalForm, TextForm
from decisions.models import Decision
from decisions.standing import Stage
from decisions.views.refusals import TWICE, explained, goes_through, one_submit_at_a_time
from harmony.http import PersonRequest
from harmony.text import MARKDOWN
from members.models import Person

FEWEST_BOXES = 2


def found(decision_id: UUID) -> Decision:
    """The decision, or 404."""
    rows = Decision.objects.select_related("assembly", "proposed_by", "ballot", "race")
    return get_object_or_404(rows, pk=decision_id)


def for_reader(request: HttpRequest, decision_id: UUID, at: datetime) -> Decision:
    """The decision, for somebody who may read what is said on it; raises NotEntitled for others."""
    decision = found(decision_id)
    if not matter.may_read(decision, request.user, at):
        raise NotEntitled(_("Only members of the deciding assembly read what is said on a defection."))
    return decision


@login_not_required
@require_safe
def decision_detail(request: HttpRequest, decision_id: UUID) -> HttpResponse:
    """One matter: where it stands, what I can do, what happens next; the whole way below it (P10)."""
    now = timezone.now()
    decision = found(decision_id)
    loaded = matter.load(decision, request.user, now)
    stands = standing.of(loaded)
    context: dict[str, Any] = {
        "decision": decision,
        "matter": loaded,
        "reader": loaded.reader,
        "standing": stands,
        "timeline": timeline.entries(loaded),
        "panels": matter_panels.shown(loaded),
        "day": now,
        "follows": isinstance(request.user, Person) and following.is_followed(decision, request.user),
    }
    if loaded.reader.may_read:
        context |= _talk_and_calls(request, loaded, stands.stage)
    return render(request, "decisions/decision_detail.html", context)


def _talk_and_calls(request: HttpRequest, loaded: matter.Matter, stage: Stage) -> dict[str, Any]:
    told = balance.shown(loaded)
    standing_call = next((one for one in told if one.call.ended_at is None), None)
    is_open = loaded.reader.takes_part and not stage.is_without_outcome
    page = threads.page_of(loaded.decision, request.GET.get("page"))
    return {
        "standing_call": standing_call,
        "earlier_calls": [one for one in told if one.call.ended_at is not None],
        "my_answer": standing_call.mine if standing_call else None,
        "can_speak": is_open,
        "page": page,
        "page_range": page.paginator.get_elided_page_range(page.number),
        "query": "",
        "say_form": _say_form() if is_open else None,
    }


def _say_form() -> TextForm:
    return TextForm(label=_("Your comment"), missing=_("Write something first"), hint=MARKDOWN)


@require_http_methods(["GET", "POST"])
def decision_propose(request: PersonRequest, slug: str) -> HttpResponse:
    """Proposing a matter to an assembly. “Add another option” only adds boxes; it saves nothing."""
    now = timezone.now()
    assembly = get_object_or_404(Assembly, slug=slug)
    if not assembly.is_open_at(now) or not assembly.has_participant_at(request.user, now):
        return render(request, "decisions/decision_propose_refused.html", {"assembly": assembly}, status=403)
    form = _proposal_form(request, assembly, now)
    if request.method == "POST" and "more" not in request.POST and form.is_valid():
        made: list[Decision] = []
        if goes_through(form, lambda: made.append(_propose(request.user, assembly, form, now))):
            messages.success(request, _("Your proposal is there for everybody to read and talk about."))
            return redirect(made[0])
    return render(request, "decisions/decision_propose.html", {"assembly": assembly, "form": form})


def _proposal_form(request: PersonRequest, assembly: Assembly, at: datetime) -> ProposalForm:
    theirs = request.user.participations.in_force_at(at).values("assembly")
    others = Assembly.objects.open_at(at).filter(pk__in=theirs).exclude(pk=assembly.pk).order_by("name")
    if request.method != "POST":
        return ProposalForm(boxes=FEWEST_BOXES, others=others)
    sent = request.POST.get("boxes", "")
    boxes = int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 4 else FEWEST_BOXES
    if "more" in request.POST:
        # What was typed so far, shown again with one box more and not yet judged.
        form = ProposalForm(boxes=boxes + 1, others=others)
        typed = {name: request.POST.get(name, "") for name in form.fields}
        typed |= {"boxes": str(boxes + 1), "together_with": request.POST.getlist("together_with")}  # type: ignore[dict-item]
        form.initial = typed
        return form
    return ProposalForm(request.POST, boxes=boxes, others=others)


def _propose(person: Person, assembly: Assembly, form: ProposalForm, at: datetime) -> Decision:
    """The new matter; or the one that the same person proposed with the same title a moment ago."""
    given = form.cleaned_data
    with one_submit_at_a_time(person):
        same = Decision.objects.filter(assembly=assembly, proposed_by=person, title=given["title"].strip())
        before = same.filter(
            proposed_at__gt=at - TWICE, text=given["text"].strip(), withdrawn_at=None
        ).first()
        return before or proposals.propose(
            assembly,
            by=person,
            at=at,
            title=given["title"],
            text=given["text"],
            options=form.options(),
            together_with=form.together_with(),
        )


@require_http_methods(["GET", "POST"])
@explained
def decision_edit(request: PersonRequest, decision_id: UUID) -> HttpResponse:
    """Changing title and text while it is only talked about; what they were is kept."""
    now = timezone.now()
    decision = for_reader(request, decision_id, now)
    require_proposer_or_secretary(decision, request.user, now)
    proposals.require_talk(decision)
    form = MatterForm(request.POST or None, initial={"title": decision.title, "text": decision.text})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        if goes_through(form, lambda: proposals.edit(decision, by=request.user, at=now, **given)):
            messages.success(request, _("The text is changed. What it was can still be read."))
            return redirect(decision)
    return render(request, "decisions/decision_edit.html", {"decision": decision, "form": form})


@login_not_required
@require_safe
@explained
def decision_history(request: HttpRequest, decision_id: UUID) -> HttpResponse:
    """Every text that the matter had, the present one first (P10)."""
    decision = for_reader(request, decision_id, timezone.now())
    earlier = decision.revisions.select_related("replaced_by").order_by("-replaced_at", "-pk")
    return render(request, "decisions/decision_history.html", {"decision": decision, "earlier": earlier})


@require_http_methods(["GET", "POST"])
@explained
def decision_withdraw(request: PersonRequest, decision_id: UUID) -> HttpResponse:
    """Taking a matter back, with a reason."""
    now = timezone.now()
    decision = for_reader(request, decision_id, now)
    require_proposer_or_secretary(decision, request.user, now)
    proposals.require_talk(decision)
    form = TextForm(
        request.POST or None,
        label=_("Why is it withdrawn?"),
        missing=_("Say why the matter is withdrawn"),
        hint=_("Everybody can read the reason."),
        limit=2000,
    )
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["text"]
        if goes_through(form, lambda: proposals.withdraw(decision, by=request.user, at=now, reason=reason)):
            messages.success(request, _("The matter is withdrawn."))
            return redirect(decision)
    return render(request, "decisions/decision_withdraw.html", {"decision": decision, "form": form})


@require_http_methods(["GET", "POST"])
@explained
def option_add(request: PersonRequest, decision_id: UUID) -> HttpResponse:
    """A further option, from anyone taking part."""
    now = timezone.now()
    decision = for_reader(request, decision_id, now)
    require_participant(decision, request.user, now)
    proposals.require_talk(decision)
    form = OptionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data

        def add() -> None:
            with one_submit_at_a_time(request.user):
                own = decision.options.filter(added_by=request.user, leaves_things=False)
                if not own.filter(name=given["name"], statement=given["statement"].strip()).exists():
                    proposals.add_option(decision, by=request.user, at=now, **given)

        if goes_through(form, add, field="name"):
            messages.success(request, _("The option is added."))
            return redirect(decision)
    return render(request, "decisions/option_add.html", {"decision": decision, "form": form})
