"""The assemblies' pages. All of them but what is somebody's own are public (P10)."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from assemblies import directory, eligibility, enrolment, geography, hexmap, joining, search
from assemblies.errors import AssemblyError
from assemblies.forms import BirthForm, JoinForm
from assemblies.models import Assembly, JoinRequest, Kind, Participation
from harmony.http import PersonRequest
from members.models import Person

_LISTED = ("within__within", "supports")


@login_not_required
@require_safe
def assembly_list(request: HttpRequest) -> HttpResponse:
    """The directory: by kind; one kind (`?kind=`), of all or of one's members (`&member_of=`); a search (`?q=`)."""
    now = timezone.now()
    query = " ".join(request.GET.get("q", "").split())[:100]
    kind = request.GET.get("kind", "")
    context: dict[str, Any] = {"query": query}
    if query:
        everything = Assembly.objects.open_at(now).select_related(*_LISTED)
        context["found"] = search.find(query, everything)
    elif kind in Kind.values:
        context |= {"kind": directory.KINDS[Kind(kind)], "assemblies": _of_kind(kind, request, now)}
    else:
        context |= {"shelves": directory.shelves(now), "areas": geography.tree(now)}
    return render(request, "assemblies/assembly_list.html", context)


def _of_kind(kind: str, request: HttpRequest, at: datetime) -> list[Assembly]:
    found = Assembly.objects.open_at(at).filter(kind=kind).select_related(*_LISTED)
    if parent := request.GET.get("member_of"):
        found = found.filter(member_of__slug=parent)
    return directory.with_secretaries(found.order_by("place", "name"), at)


@login_not_required
@require_safe
def place_list(request: HttpRequest) -> HttpResponse:
    """The areas as a tree, with the map of the constituencies."""
    now = timezone.now()
    areas = geography.tree(now)
    home = enrolment.home_of(request.user, now) if isinstance(request.user, Person) else None
    drawn = hexmap.draw(areas)
    context = {
        "areas": areas,
        "map": drawn,
        "home": home,
        "home_hexagon": hexmap.around(drawn, home.pk if home else None),
        "open_areas": {area.pk for area in home.area()} if home else set(),
    }
    return render(request, "assemblies/place_list.html", context)


@login_not_required
@require_safe
def assembly_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One assembly: what it is for, where it sits, who may take part, and what is going on."""
    assembly = get_object_or_404(Assembly.objects.select_related(*_LISTED), slug=slug)
    return render(
        request, "assemblies/assembly_detail.html", directory.page(assembly, request.user, timezone.now())
    )


@require_safe
def participation_list(request: PersonRequest) -> HttpResponse:
    """Where I take part, how that came about, and where I did."""
    now = timezone.now()
    mine = request.user.participations.select_related("assembly")
    context = {
        "current": sorted(mine.in_force_at(now), key=_nearest_first),
        "past": mine.filter(ended_at__lte=now).order_by("-ended_at")[:50],
        "requests": request.user.join_requests.waiting().select_related("assembly"),
        "home": enrolment.home_of(request.user, now),
        "is_member": request.user.is_member_at(now),
        "serves": set(Assembly.objects.served_by(request.user, now).values_list("pk", flat=True)),
    }
    return render(request, "assemblies/participation_list.html", context)


def _nearest_first(participation: Participation) -> tuple[int, str]:
    """Home first, then what was joined, then what everybody is in; each by name."""
    order = (Participation.Origin.HOME, Participation.Origin.JOINED, Participation.Origin.APPOINTED)
    place = order.index(participation.origin) if participation.origin in order else len(order)
    return place, participation.assembly.name


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def birth_give(request: PersonRequest, slug: str) -> HttpResponse:
    """Giving a date of birth, after an assembly in which I take part was given ages."""
    now = timezone.now()
    assembly = get_object_or_404(Assembly, slug=slug)
    standing = directory.standing(assembly, request.user, now)
    if standing is None or not (standing.participation and standing.asks_birth):
        return redirect(assembly)
    form = BirthForm(request.POST if request.method == "POST" else None, assembly=assembly, at=now)
    if request.method == "POST" and form.is_valid():
        eligibility.keep_birth(request.user, form.cleaned_data["born"], at=now)
        messages.success(request, _("You go on taking part in the %(assembly)s.") % {"assembly": assembly})
        return redirect(assembly)
    context = {"assembly": assembly, "form": form, "requirements": assembly.requirements()}
    return render(request, "assemblies/birth_give.html", context)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def assembly_join(request: PersonRequest, slug: str) -> HttpResponse:
    """Joining: says what it means and asks what the assembly needs; POST joins, or asks the secretary."""
    now = timezone.now()
    assembly = get_object_or_404(Assembly.objects.select_related(*_LISTED), slug=slug)
    form = JoinForm(
        request.POST if request.method == "POST" else None, assembly=assembly, person=request.user, at=now
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = joining.join(request.user, assembly, at=now, **form.cleaned_data)
        except AssemblyError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _joined(made))
        return redirect(assembly)
    standing = directory.standing(assembly, request.user, now)
    if standing is None or not standing.can_join:
        return redirect(assembly)
    context = {"assembly": assembly, "form": form, "conditions": assembly.conditions()}
    return render(request, "assemblies/assembly_join.html", context)


def _joined(made: Participation | JoinRequest) -> str:
    named = {"assembly": made.assembly}
    if isinstance(made, JoinRequest):
        return _("You have asked to take part in the %(assembly)s. You will be told by email.") % named
    return _("You take part in the %(assembly)s now.") % named


@require_http_methods(["GET", "POST"])
def assembly_leave(request: PersonRequest, slug: str) -> HttpResponse:
    """Leaving, or taking back a request: asks on GET, acts on POST."""
    now = timezone.now()
    assembly = get_object_or_404(Assembly, slug=slug)
    if request.method == "POST":
        try:
            joining.leave(request.user, assembly, at=now)
        except AssemblyError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("You have left the %(assembly)s.") % {"assembly": assembly})
        return redirect(assembly)
    standing = directory.standing(assembly, request.user, now)
    if standing is None or not (standing.can_leave or standing.asked):
        return redirect(assembly)
    return render(request, "assemblies/assembly_leave.html", {"assembly": assembly, "standing": standing})


@require_safe
def home_list(request: PersonRequest) -> HttpResponse:
    """Choosing a home constituency: by name (`?q=`) or from the list of all (`?constituency=`)."""
    now = timezone.now()
    chosen = request.GET.get("constituency", "")
    found = Assembly.objects.open_at(now).filter(kind=Kind.CONSTITUENCY)
    if chosen and found.filter(slug=chosen).exists():
        return redirect("assemblies:home_set", slug=chosen)
    query = " ".join(request.GET.get("q", "").split())[:100]
    context = {
        "query": query,
        "found": search.find(query, found.select_related(*_LISTED)) if query else None,
        "areas": geography.tree(now),
        "home": enrolment.home_of(request.user, now),
    }
    return render(request, "assemblies/home_list.html", context)


@require_http_methods(["GET", "POST"])
def home_set(request: PersonRequest, slug: str) -> HttpResponse:
    """Making a constituency my home (P2): shows on GET what begins and what ends, acts on POST."""
    now = timezone.now()
    found = Assembly.objects.open_at(now).filter(kind=Kind.CONSTITUENCY)
    constituency = get_object_or_404(found.select_related(*_LISTED), slug=slug)
    if request.method == "POST":
        enrolment.set_home(request.user, constituency, at=now)
        messages.success(
            request, _("Your home constituency is %(place)s.") % {"place": constituency.short_name}
        )
        return redirect("assemblies:participation_list")
    home = enrolment.home_of(request.user, now)
    area = constituency.area()
    context = {
        "constituency": constituency,
        "begins": area,
        "home": home,
        "ends": [assembly for assembly in home.area() if assembly not in area] if home else [],
    }
    return render(request, "assemblies/home_set.html", context)
