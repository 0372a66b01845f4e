"""Beginning the deliberation, and writing down what was decided."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from decisions import deliberation, matter, settlement
from decisions.entitlement import require_facilitator
from decisions.forms import DaysForm, TextForm
from decisions.models import Position, Stance
from decisions.views.matters import for_reader, found
from decisions.views.refusals import explained, goes_through, refuse_if
from harmony.http import PersonRequest
from harmony.text import MARKDOWN


@require_http_methods(["GET", "POST"])
@explained
def deliberation_begin(request: PersonRequest, decision_id: UUID) -> HttpResponse:
    """Declaring the deliberation and its length; says what follows at its end."""
    now = timezone.now()
    decision = found(decision_id)  # whoever acts for the assembly need not read what is said
    require_facilitator(decision, request.user, now)
    refuse_if(deliberation.issues_before_deliberating(decision))
    least, most = deliberation.shortest(decision), deliberation.LONGEST_DELIBERATION
    form = DaysForm(request.POST or None, least=least, most=most)
    if request.method == "POST" and form.is_valid():
        days = form.cleaned_data["days"]
        if goes_through(
            form, lambda: deliberation.begin(decision, by=request.user, at=now, days=days), field="days"
        ):
            messages.success(request, _("The deliberation has begun, and everybody taking part is told."))
            return redirect(decision)
    return render(request, "decisions/deliberation_begin.html", {"decision": decision, "form": form})


@require_http_methods(["GET", "POST"])
@explained
def outcome_state(request: PersonRequest, decision_id: UUID) -> HttpResponse:
    """Writing down what was decided and how objections were answered, beside these objections."""
    now = timezone.now()
    decision = for_reader(request, decision_id, now)
    require_facilitator(decision, request.user, now)
    refuse_if(settlement.issues_before_following_up(decision))
    form = TextForm(
        request.POST or None,
        label=_("What was decided?"),
        missing=_("Write what was decided"),
        hint=MARKDOWN,
        limit=10000,
        initial={"text": decision.outcome_statement},
    )
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["text"]
        if goes_through(form, lambda: settlement.state_outcome(decision, by=request.user, at=now, text=text)):
            messages.success(request, _("The outcome is written down."))
            return redirect(decision)
    objections = Position.objects.filter(call__decision=decision, stance=Stance.OBJECT).select_related(
        "person"
    )
    context = {
        "decision": decision,
        "form": form,
        "objections": objections,
        "won": matter.load(decision, request.user, now).won,
    }
    return render(request, "decisions/outcome_state.html", context)
