"""Following a matter, giving it up, and all that one follows."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from decisions import following, matter, register
from decisions.views.matters import found
from decisions.views.refusals import explained
from harmony.http import PersonRequest

PER_PAGE = 20


@require_POST
@explained
def decision_follow(request: PersonRequest, decision_id: UUID) -> HttpResponse:
    """Wanting to hear how a matter goes on."""
    decision = found(decision_id)
    following.follow(decision, request.user, at=timezone.now())
    messages.success(request, _("You follow this now. Its news comes in your digest."))
    return redirect(decision)


@require_POST
@explained
def decision_unfollow(request: PersonRequest, decision_id: UUID) -> HttpResponse:
    """Not wanting to hear of it any more."""
    decision = found(decision_id)
    following.unfollow(decision, request.user, at=timezone.now())
    messages.success(request, _("You do not follow this any more."))
    return redirect(decision)


@require_safe
def following_list(request: PersonRequest) -> HttpResponse:
    """All that I follow, the latest first."""
    now = timezone.now()
    paginator = Paginator(matter.listed(following.followed(request.user)), PER_PAGE)
    page = paginator.get_page(request.GET.get("page"))
    context = {
        "listed": [register.Listed(decision, now) for decision in page],
        "page": page,
        "page_range": paginator.get_elided_page_range(page.number),
        "query": "",
    }
    return render(request, "decisions/following_list.html", context)
