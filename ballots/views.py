"""The ballots' pages."""

from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from ballots.models import Ballot


@login_not_required
def ballot_detail(request: HttpRequest, ballot_id: UUID) -> HttpResponse:
    """One ballot."""
    ballot = get_object_or_404(Ballot.objects.visible_to(request.user, timezone.now()), pk=ballot_id)
    return render(request, "ballots/ballot_detail.html", {"ballot": ballot})
