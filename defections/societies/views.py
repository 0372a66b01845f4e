"""What a society asks and whether it can decide; where cases are, supporting and replacing, handing on."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assemblies.models import Assembly, Duty
from defections import routing
from defections.desk.finding import explained, went_well
from defections.models import Application, Routing, SocietyTerms
from defections.societies.forms import MoveForm, TermsForm
from harmony.http import PersonRequest


@require_http_methods(["GET", "POST"])
@explained
def society_terms(request: PersonRequest, slug: str) -> HttpResponse:
    """What the assembly of an area asks of applicants, and whether it decides on them."""
    now = timezone.now()
    assembly = get_object_or_404(Assembly.objects.open_at(now), slug=slug)
    routing.require_terms_setter(assembly, request.user, now)
    form = TermsForm(request.POST or None, terms=SocietyTerms.objects.filter(assembly=assembly).first())
    if request.method == "POST" and form.is_valid():
        values = form.values()
        if went_well(form, lambda: routing.set_terms(assembly, by=request.user, at=now, **values)):
            messages.success(request, _("Saved."))
            return redirect(assembly)
    return render(request, "defections/societies/society_terms.html", {"assembly": assembly, "form": form})


@require_safe
def routing_list(request: PersonRequest) -> HttpResponse:
    """Which assembly has which case: for those who act for it, and for all cases those with the elections duty."""
    now = timezone.now()
    served = Assembly.objects.served_by(request.user, now)
    elections = Duty.objects.holder_at(Duty.Name.ELECTIONS, now)
    runs_elections = elections is not None and routing.acts_for(elections, request.user, now)
    rows = Routing.objects.filter(ended_at=None, application__in=Application.objects.in_hand())
    if not runs_elections:
        rows = rows.filter(assembly__in=served)
        if not served.exists():
            raise PermissionDenied
    own = set(served.values_list("pk", flat=True))
    context = {
        "rows": [
            (
                row,
                row.assembly_id in own,
                runs_elections and elections is not None and _can_help(row, elections),
            )
            for row in rows.select_related("application", "assembly", "supported_by", "application__decision")
        ],
        "waiting": routing.waiting() if runs_elections else [],
    }
    return render(request, "defections/societies/routing_list.html", context)


def _can_help(row: Routing, elections: Assembly) -> bool:
    return elections.pk not in (row.assembly_id, row.supported_by_id)


def _case(application_id: UUID) -> Application:
    return get_object_or_404(Application.objects.in_hand(), pk=application_id)


@require_http_methods(["GET", "POST"])
@explained
def routing_hand_on(request: PersonRequest, application_id: UUID) -> HttpResponse:
    """The assembly says that it cannot handle the case: asks why."""
    now = timezone.now()
    application = _case(application_id)
    routing.require_handler(application, request.user, now)
    form = MoveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        because, moved = form.cleaned_data["because"], []
        if went_well(
            form,
            lambda: moved.append(routing.hand_on(application, by=request.user, at=now, because=because)),
        ):
            _say_where(request, moved[0])
            return redirect("defections:routing_list")
    context = {"application": application, "form": form}
    return render(request, "defections/societies/routing_hand_on.html", context)


def _say_where(request: PersonRequest, moved: Routing | None) -> None:
    if moved is None:
        messages.warning(request, _("No other assembly can take the case now. We are telling people."))
    else:
        text = _("The case is with the %(assembly)s now.") % {"assembly": moved.assembly.name}
        messages.success(request, text)


@require_POST
@explained
def routing_support(request: PersonRequest, application_id: UUID) -> HttpResponse:
    """The assembly with the elections duty helps the one that has the case."""
    routing.support(_case(application_id), by=request.user, at=timezone.now())
    messages.success(request, _("Your assembly helps with this case now. They are told."))
    return redirect("defections:routing_list")


@require_http_methods(["GET", "POST"])
@explained
def routing_replace(request: PersonRequest, application_id: UUID) -> HttpResponse:
    """The assembly with the elections duty takes the case over: asks why."""
    now = timezone.now()
    application = _case(application_id)
    routing.require_elections(request.user, now)
    form = MoveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        because = form.cleaned_data["because"]
        if went_well(form, lambda: routing.replace(application, by=request.user, at=now, because=because)):
            messages.success(request, _("Your assembly has the case now."))
            return redirect("defections:routing_list")
    context = {"application": application, "routing": routing.current(application), "form": form}
    return render(request, "defections/societies/routing_replace.html", context)
