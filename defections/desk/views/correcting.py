"""Correcting what was given, and taking a correction back."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from defections import records
from defections.catalogue import BY_KEY
from defections.desk import correcting, correction_pages, reading
from defections.desk.finding import desk_page, find, went_well
from defections.desk.overview import HEADINGS
from defections.form.section_form import About
from defections.intake import MOST_ROWS
from harmony.http import PersonRequest


@require_http_methods(["GET", "POST"])
@desk_page
def desk_correct(request: PersonRequest, application_id: UUID, step: str, row: int) -> HttpResponse:
    """One page of the form as it stands, to be put right; `row` is 0 for what does not repeat, or a new row's."""
    now = timezone.now()
    application = find(application_id)
    section = _section(step, row)
    correcting.require_open(application, by=request.user, at=now)
    opened = records.look_at_section(application, section, by=request.user, at=now)
    stands = reading.now_of(opened, section)
    if row > min(len(stands.get("rows") or []) + 1, MOST_ROWS):
        raise Http404
    typed = request.POST if request.method == "POST" else None
    form = correction_pages.form_of(step, row, typed, now=stands, about=About(now))
    if request.method == "POST" and form.is_valid():
        values = correction_pages.values_in(form, step, row, now=stands)
        grounds = correction_pages.grounds_in(form)
        if went_well(form, lambda: correcting.correct(application, values, grounds, by=request.user, at=now)):
            return _on(request, application_id, step, row)
    context = {
        "application": application,
        "heading": HEADINGS[section],
        "section": section,
        "row": row,
        "is_new": row > len(stands.get("rows") or []),
        "form": form,
        "fields": [field for field in form if field.name not in correction_pages.GROUNDS],
        "grounds": [form[name] for name in correction_pages.GROUNDS],
        "corrected": [one for one in reading.read(opened, section) if one.correction and one.line.row == row],
    }
    return render(request, "defections/desk/desk_correct.html", context)


def _section(step: str, row: int) -> str:
    try:
        return correction_pages.section_of(step, row)
    except KeyError:
        raise Http404 from None


def _on(request: PersonRequest, application_id: UUID, step: str, row: int) -> HttpResponse:
    """To the page that the corrected answer asks for as well, else back to the section."""
    application = find(application_id)
    section = _section(step, row)
    opened = records.look_at_section(application, section, by=request.user, at=timezone.now())
    if then := correction_pages.following(step, row, reading.now_of(opened, section)):
        messages.success(request, _("The correction is saved. With it, this is needed as well."))
        return redirect("defections:desk_correct", application_id, then, 0)
    messages.success(request, _("The correction is saved. What was given stays beside it."))
    return redirect("defections:desk_section", application_id, section)


@require_POST
@desk_page
def desk_correction_take_back(request: PersonRequest, application_id: UUID, section: str) -> HttpResponse:
    """Takes a correction in the section away: what was given stands again."""
    application = find(application_id)
    if section not in BY_KEY:
        raise Http404
    correcting.take_back(application, request.POST.get("item", ""), by=request.user, at=timezone.now())
    messages.success(request, _("The correction is taken back: what was given stands again."))
    return redirect("defections:desk_section", application.pk, section)
