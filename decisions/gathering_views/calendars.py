"""Calendar files and feeds."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from assemblies.models import Assembly
from decisions import calendars
from decisions.gathering_views.finding import find
from decisions.models import Feed
from harmony.http import PersonRequest
from members.models import Person


@login_not_required
@require_safe
def gathering_calendar(request: HttpRequest, gathering_id: UUID) -> HttpResponse:
    """The calendar file of one gathering. Who cannot see it and is not logged in is asked to log in."""
    try:
        gathering = find(request, gathering_id)
    except Http404:
        if isinstance(request.user, Person):
            raise
        return redirect_to_login(request.get_full_path())
    return _served(calendars.of_gathering(gathering), name="gathering.ics")


@login_not_required
@require_safe
@never_cache
def calendar_feed(_request: HttpRequest, address: str) -> HttpResponse:
    """A feed, for a calendar program that knows its secret address."""
    feed = calendars.feed_at(address)
    if feed is None:
        raise Http404
    return _served(calendars.of_feed(feed, at=timezone.now()), name="harmony.ics")


def _served(content: bytes, *, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=calendars.CONTENT_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_safe
@never_cache
def calendar_list(request: PersonRequest) -> HttpResponse:
    """My feeds with their addresses, and the assemblies of mine that have none yet."""
    now = timezone.now()
    feeds = list(
        Feed.objects.filter(person=request.user).select_related("assembly").order_by("assembly__name")
    )
    with_feed = [feed.assembly_id for feed in feeds]
    mine = request.user.participations.in_force_at(now).values("assembly")
    context = {
        "feeds": [(feed, _address(feed)) for feed in feeds],
        "has_own": None in with_feed,
        "assemblies": Assembly.objects.filter(pk__in=mine).exclude(pk__in=filter(None, with_feed)),
    }
    return render(request, "decisions/gatherings/calendar_list.html", context)


def _address(feed: Feed) -> str:
    return settings.SITE_URL + reverse("decisions:calendar_feed", args=[calendars.address_of(feed)])


@require_POST
def calendar_reset(request: PersonRequest) -> HttpResponse:
    """Makes a feed, or (`reset`) gives it a new address, or (`stop`) ends it; of an assembly where it is named."""
    now = timezone.now()
    slug = request.POST.get("assembly", "")
    assembly = get_object_or_404(Assembly, slug=slug) if slug else None
    feed = Feed.objects.filter(person=request.user, assembly=assembly).first()
    if feed is None:
        calendars.make_feed(request.user, assembly, at=now)
        messages.success(request, _("The feed is made. Copy its address into your calendar."))
    elif "stop" in request.POST:
        calendars.stop(feed, at=now)
        messages.success(request, _("The feed is ended: its address does not work any more."))
    elif "reset" in request.POST:
        calendars.reset(feed, at=now)
        messages.success(request, _("The feed has a new address. The old one does not work any more."))
    return redirect("decisions:calendar_list")
