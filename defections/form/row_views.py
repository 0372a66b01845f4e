"""Jobs and public accounts: the list, adding, changing and taking out one (D10, D12)."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from defections import intake
from defections.applicant import ApplicantRequest
from defections.errors import DefectionError
from defections.form import drafting, flow, rows
from defections.form.drafting import draft_required
from defections.form.row_forms import MoreForm
from defections.form.rows import ACCOUNTS, JOBS, Kind, RowGone
from defections.form.section_form import About


@draft_required
@require_http_methods(["GET", "POST"])
def form_jobs(request: ApplicantRequest) -> HttpResponse:
    """All jobs, present and past, and whether there are more."""
    return _listed(request, JOBS)


@draft_required
@require_http_methods(["GET", "POST"])
def form_accounts(request: ApplicantRequest) -> HttpResponse:
    """All public accounts, and whether there are more."""
    return _listed(request, ACCOUNTS)


def _listed(request: ApplicantRequest, kind: Kind) -> HttpResponse:
    step = flow.BY_STEP[kind.step]
    given = intake.section_of(request.application, kind.section)
    question = kind.more if given.get("rows") else kind.first
    form = MoreForm(request.POST if request.method == "POST" else None, question=question)
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["more"]:
            return redirect(_address("row_add", request, kind))
        if sentence := kind.one_needed(given):
            form.add_error("more", str(sentence))
        else:
            changes = {"is_complete": True} if kind is JOBS else {}
            intake.update_section(request.application, kind.section, changes, at=timezone.now())
            return drafting.saved(request, step)
    listed = [
        (row, kind.title_of(row), rows.name_of(request.application, row))
        for row in rows.rows_of(request.application, kind)
    ]
    context = {**drafting.place_of(request, step, given), "form": form, "rows": listed, "kind": kind}
    return render(request, "defections/form/row_list.html", context)


@draft_required
@require_http_methods(["GET", "POST"])
def row_add(request: ApplicantRequest, step: str) -> HttpResponse:
    """A further job or account."""
    return _edited(request, _kind(step), "")


@draft_required
@require_http_methods(["GET", "POST"])
def row_change(request: ApplicantRequest, step: str, name: str) -> HttpResponse:
    """Changing a job or an account."""
    return _edited(request, _kind(step), name)


def _edited(request: ApplicantRequest, kind: Kind, name: str) -> HttpResponse:
    try:
        row = rows.find(request.application, kind, name) if name else {}
    except RowGone as error:
        return _back_to_list(request, kind, error)
    typed = request.POST if request.method == "POST" else None
    form = kind.form(typed, given=row, about=About(timezone.now()))
    if request.method == "POST" and form.is_valid():
        try:
            rows.put(request.application, kind, form.answer(), name=name, at=timezone.now())
        except RowGone as error:
            return _back_to_list(request, kind, error)
        except intake.TooManyRows as error:
            form.add_error(None, str(error))
        else:
            return redirect(_address("", request, kind))
    context = {**_place(request, kind), "form": form, "title": kind.change if name else kind.add}
    return render(request, "defections/form/row_edit.html", context)


@draft_required
@require_http_methods(["GET", "POST"])
def row_remove(request: ApplicantRequest, step: str, name: str) -> HttpResponse:
    """Taking a job or an account out: asks on GET, acts on POST."""
    kind = _kind(step)
    try:
        row = rows.find(request.application, kind, name)
        if request.method == "POST":
            rows.put(request.application, kind, None, name=name, at=timezone.now())
            return redirect(_address("", request, kind))
    except RowGone as error:
        return _back_to_list(request, kind, error)
    context = {**_place(request, kind), "row": kind.title_of(row), "title": kind.remove}
    return render(request, "defections/form/row_remove.html", context)


def _kind(step: str) -> Kind:
    if step not in rows.KINDS:
        raise Http404
    return rows.KINDS[step]


def _place(request: ApplicantRequest, kind: Kind) -> dict[str, Any]:
    place = drafting.place_of(request, flow.BY_STEP[kind.step])
    return {**place, "kind": kind, "back": _address("", request, kind)}


def _address(page: str, request: ApplicantRequest, kind: Kind) -> str:
    """The list of a kind, or another page of it, still on the way back to the check page."""
    address = flow.BY_STEP[kind.step].address + ("add/" if page == "row_add" else "")
    return address + ("?check=1" if drafting.is_checking(request) else "")


def _back_to_list(request: ApplicantRequest, kind: Kind, error: DefectionError) -> HttpResponse:
    messages.error(request, str(error))
    return redirect(_address("", request, kind))
