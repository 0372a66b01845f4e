"""The list of gatherings and a gathering's own page."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from decisions import gatherings
from decisions.gathering_views.finding import find
from decisions.models import Gathering
from decisions.registration import issues_before_registering
from members.models import Person

PER_PAGE = 20


@login_not_required
@require_safe
def gathering_list(request: HttpRequest) -> HttpResponse:
    """The gatherings that the reader may see: those to come, or (`?past`) those that are over."""
    now = timezone.now()
    past = "past" in request.GET
    rows = Gathering.objects.visible_to(request.user, now)
    rows = rows.filter(ends_at__lte=now).order_by("-starts_at") if past else rows.filter(ends_at__gt=now)
    paginator = Paginator(rows.select_related("assembly"), PER_PAGE)
    page = paginator.get_page(request.GET.get("page"))
    context = {
        "page": page,
        "page_range": paginator.get_elided_page_range(page.number),
        "query": "past&" if past else "",
        "past": past,
        "listed": [(gathering, gathering.status_label(now)) for gathering in page],
        "mine": _joined(request, page.object_list),
    }
    return render(request, "decisions/gatherings/gathering_list.html", context)


def _joined(request: HttpRequest, shown: Any) -> set[UUID]:
    """Those among the shown for which the reader has registered."""
    if not isinstance(request.user, Person):
        return set()
    own = request.user.registrations.in_force().filter(gathering__in=list(shown))
    return set(own.values_list("gathering_id", flat=True))


@login_not_required
@require_safe
def gathering_detail(request: HttpRequest, gathering_id: UUID) -> HttpResponse:
    """One gathering: when, where, what about, and what the reader can do.

    Who is not logged in is asked to, where there is nothing to be seen: whether there is a private gathering at
    this address or none, the answer is the same.
    """
    now = timezone.now()
    try:
        gathering = find(request, gathering_id)
    except Http404:
        if isinstance(request.user, Person):
            raise
        return redirect_to_login(request.get_full_path())
    context: dict[str, Any] = {
        "gathering": gathering,
        "status": gathering.status_label(now),
        "is_open": gathering.is_open_at(now),
        "is_on": gathering.is_on_at(now),
        "has_begun": now >= gathering.starts_at,
        "assemblies": gathering.assemblies(),
        "invited_assemblies": [row.assembly for row in gathering.invitations.of_assemblies()],
        "number": gathering.registrations.in_force().count(),
        "came": gathering.registrations.in_force().filter(attended_at__isnull=False).count(),
        "questions": gathering.questions.shown().count(),
    }
    if isinstance(request.user, Person):
        context |= _own(gathering, request.user, now)
    return render(request, "decisions/gatherings/gathering_detail.html", context)


def _own(gathering: Gathering, person: Person, at: datetime) -> dict[str, Any]:
    """What of the page is for this person alone."""
    bar = gathering.bars.filter(person=person).select_related("referral").first()
    conducts = gathering.is_conducted_by(person, at)
    return {
        "bar": bar,
        "registration": gathering.registrations.in_force().filter(person=person).first(),
        "issues": issues_before_registering(gathering, person, at),
        "conducts": conducts,
        "may_change": gatherings.may_change(gathering, person, at),
        "waiting": gathering.questions.waiting().count() if conducts else 0,
        "invited_people": gathering.invitations.of_people() if conducts else (),
    }
