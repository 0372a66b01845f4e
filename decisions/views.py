"""The decisions' pages."""

from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from decisions.models import Decision, Gathering


@login_not_required
def decision_detail(request: HttpRequest, decision_id: UUID) -> HttpResponse:
    """One matter."""
    decision = get_object_or_404(Decision, pk=decision_id)
    return render(request, "decisions/decision_detail.html", {"decision": decision})


@login_not_required
def gathering_detail(request: HttpRequest, gathering_id: UUID) -> HttpResponse:
    """One gathering."""
    gathering = get_object_or_404(Gathering, pk=gathering_id)
    return render(request, "decisions/gathering_detail.html", {"gathering": gathering})
