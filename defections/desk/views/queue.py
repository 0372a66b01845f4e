"""The queue, an application's overview, taking it on and letting go of it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from defections import records, timelines
from defections.desk import claims, overview, queue
from defections.desk.finding import desk_page, find, went_well
from defections.desk.forms import LetGoForm
from defections.models import Claim
from defections.timelines import Audience
from harmony.http import PersonRequest


@require_safe
@desk_page
def desk_list(request: PersonRequest) -> HttpResponse:
    """What waits for the research: mine, what I can take on or read as the second, and what others have."""
    rows = queue.waiting_for(request.user, timezone.now())
    context = {
        "mine": [row for row in rows if row.is_mine],
        "for_me": [row for row in rows if row.is_for_me and not row.is_mine],
        "checked_before": [(row, queue.label_of(row)) for row in queue.checked_before(request.user)],
        "others": [row for row in rows if not row.is_mine and not row.is_for_me],
    }
    return render(request, "defections/desk/desk_list.html", context)


@require_safe
@desk_page
def desk_case(request: PersonRequest, application_id: UUID) -> HttpResponse:
    """One application: who has it, how far it is; nothing of what was given stands here."""
    now = timezone.now()
    application = find(application_id)
    records.require_impartial(application, request.user)
    holder = claims.current(application)
    is_mine = holder is not None and holder.person_id == request.user.pk
    context = {
        "application": application,
        "stage": queue.label_of(application),
        "holder": holder,
        "is_mine": is_mine,
        "is_second": records.is_second_reader(application, request.user),
        "had_part": records.had_part_in_copy(application, request.user) and not is_mine,
        "can_claim": queue.can_be_claimed(application, now),
        "way": {"legs": timelines.of(application, Audience.RESEARCH), "heading": "way"},
        "findings": overview.findings_of(application, request.user),
        "work": overview.of_application(application) if is_mine and application.is_open else None,
    }
    return render(request, "defections/desk/desk_case.html", context)


@require_POST
@desk_page
def desk_claim(request: PersonRequest, application_id: UUID) -> HttpResponse:
    """Takes the application on."""
    application = find(application_id)
    claims.claim(application, by=request.user, at=timezone.now())
    messages.success(request, _("You have taken %(reference)s on.") % {"reference": application.reference})
    return redirect("defections:desk_case", application.pk)


@require_http_methods(["GET", "POST"])
@desk_page
def desk_let_go(request: PersonRequest, application_id: UUID) -> HttpResponse:
    """Lets go of the application: asks why."""
    application = find(application_id)
    form = LetGoForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        because, now = form.cleaned_data["because"], timezone.now()
        if went_well(form, lambda: claims.let_go(application, by=request.user, at=now, because=because)):
            if because == Claim.Why.CONFLICT:
                messages.success(request, _("Thank you for saying so. Somebody else takes it on."))
            else:
                messages.success(request, _("You have let go of it. Another volunteer can take it on."))
            return redirect("defections:desk_list")
    return render(request, "defections/desk/desk_let_go.html", {"application": application, "form": form})


@require_http_methods(["GET", "POST"])
@desk_page
def desk_step_back(request: PersonRequest, application_id: UUID) -> HttpResponse:
    """A conflict declared by somebody who does not have the application: asks once more, then keeps them from it."""
    application = find(application_id)
    if request.method == "POST":
        claims.declare_conflict(application, by=request.user, at=timezone.now())
        messages.success(request, _("Thank you for saying so. Somebody else handles it."))
        return redirect("defections:desk_list")
    return render(request, "defections/desk/desk_step_back.html", {"application": application})
