"""Checking what was given: a section at a time, files, contacts, questions, the outcome."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from defections import evidence, lines, records
from defections.catalogue import BY_KEY
from defections.desk import (
    checklist,
    contacts,
    correcting,
    correction_pages,
    files,
    outcome,
    overview,
    queries,
    reading,
)
from defections.desk.finding import desk_page, find, went_well
from defections.desk.forms import ContactForm, FileForm, OutcomeForm, QuestionForm, SectionForm
from defections.desk.overview import HEADINGS
from defections.files import too_big
from defections.form import uploads
from defections.models import Application, Evidence
from harmony.http import PersonRequest


@require_http_methods(["GET", "POST"])
@desk_page
def desk_section(request: PersonRequest, application_id: UUID, section: str) -> HttpResponse:
    """One section as it was given, with the findings about its lines."""
    now = timezone.now()
    application = find(application_id)
    if section not in BY_KEY:
        raise Http404
    opened = records.look_at_section(application, section, by=request.user, at=now)
    checked = [line for line in reading.lines_now(opened, section) if line.item.checked]
    checks = {row.item: row for row in application.checks.select_related("checked_by")}
    labels = [(row.pk, row.label) for row in files.listed(application)]
    form = SectionForm(request.POST or None, lines=checked, checks=checks, files=labels)
    if request.method == "POST" and form.is_valid():
        findings = form.findings()
        if went_well(form, lambda: checklist.check(application, findings, by=request.user, at=now)):
            messages.success(request, _("Saved."))
            return _after(request, application, section)
    can_check = bool(checked) and _can_check(application, request)
    fields = {line.key: found for line, found in form.groups()} if can_check else {}
    context = {
        "application": application,
        "heading": HEADINGS[section],
        "entries": reading.by_row(reading.read(opened, section, checks=checks, fields=fields)),
        "can_correct": correcting.can_correct(application, request.user),
        "row_step": correction_pages.row_step(section),
        "next_row": len(reading.now_of(opened, section).get("rows") or []) + 1,
        "form": form,
        "common": form.common(),
        "files": files.listed(application, section),
        "can_check": can_check,
    }
    return render(request, "defections/desk/desk_section.html", context)


def _after(request: PersonRequest, application: Application, section: str) -> HttpResponse:
    """To the next part that has lines without a finding, where that was asked for; else to the application."""
    then = overview.next_part(application, section) if "next" in request.POST else ""
    if then:
        return redirect("defections:desk_section", application.pk, then)
    return redirect("defections:desk_case", application.pk)


def _can_check(application: Application, request: PersonRequest) -> bool:
    return application.verified_at is None and records.has_taken_on(application, request.user)


@require_safe
@desk_page
def desk_arrival(request: PersonRequest, application_id: UUID) -> HttpResponse:
    """What was written down about a form that came by post or email (D15)."""
    application = find(application_id)
    arrival = records.look(application, records.ARRIVAL, by=request.user, at=timezone.now())
    context = {"application": application, "arrival": lines.of_arrival(arrival)}
    return render(request, "defections/desk/desk_arrival.html", context)


@require_safe
@desk_page
def desk_file(request: PersonRequest, application_id: UUID, file_id: UUID) -> HttpResponse:
    """A file of evidence, to be saved and not shown: it comes from somebody we do not know."""
    rows = Evidence.objects.select_related("application").filter(application__sent_at__isnull=False)
    found = get_object_or_404(rows, pk=file_id, application=application_id)
    return evidence.as_attachment(records.look_at_file(found, by=request.user, at=timezone.now()))


@uploads.takes_files
@require_http_methods(["GET", "POST"])
@desk_page
def desk_file_add(request: PersonRequest, application_id: UUID) -> HttpResponse:
    """Adds a file that the research found."""
    now = timezone.now()
    application = find(application_id)
    records.require_reader(application, request.user, now)
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if uploads.was_too_big(request):
        form.errors["file"] = form.error_class([str(too_big())])
    elif request.method == "POST" and form.is_valid():
        given = form.cleaned_data["file"]
        name, content = given.name, given.read()
        if went_well(form, lambda: files.add(application, name, content, by=request.user, at=now), "file"):
            messages.success(request, _("The file is added."))
            return redirect("defections:desk_case", application.pk)
    return render(request, "defections/desk/desk_file_add.html", {"application": application, "form": form})


@require_http_methods(["GET", "POST"])
@desk_page
def desk_contacts(request: PersonRequest, application_id: UUID) -> HttpResponse:
    """How to reach the applicant, the contact log, and an entry for it."""
    now = timezone.now()
    application = find(application_id)
    phones = records.look_at_section(application, "phones", by=request.user, at=now)
    address = records.look_at_section(application, "address", by=request.user, at=now)
    form = ContactForm(request.POST or None, at=now)
    if request.method == "POST" and form.is_valid():
        values = form.values()
        if went_well(form, lambda: contacts.log(application, by=request.user, at=now, **values)):
            messages.success(request, _("The contact is in the log."))
            return redirect("defections:desk_contacts", application.pk)
    context = {
        "application": application,
        "phones": reading.lines_now(phones, "phones"),
        "address": lines.of_envelope(reading.now_of(address, "address")),
        "email": records.look(application, records.EMAIL, by=request.user, at=now),
        "contacts": records.look(application, records.CONTACTS, by=request.user, at=now),
        "form": form,
        "can_log": _can_check(application, request),
    }
    return render(request, "defections/desk/desk_contacts.html", context)


@require_http_methods(["GET", "POST"])
@desk_page
def desk_queries(request: PersonRequest, application_id: UUID) -> HttpResponse:
    """The questions to the applicant with their answers, and a further one."""
    now = timezone.now()
    application = find(application_id)
    form = QuestionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        question = form.cleaned_data["question"]
        if went_well(form, lambda: queries.ask(application, by=request.user, at=now, question=question)):
            sentence = (
                _("The question is on the applicant’s page, and a mail is on its way.")
                if application.email_sealed
                else _("The question goes to the applicant by post.")
            )
            messages.success(request, sentence)
            return redirect("defections:desk_queries", application.pk)
    context = {
        "application": application,
        "queries": records.look(application, records.QUERIES, by=request.user, at=now),
        "form": form,
        "has_email": application.email_sealed is not None,
        "can_ask": records.has_taken_on(application, request.user),
        "can_correct": correcting.can_correct(application, request.user)
        and application.queries.filter(answered_at__isnull=False).exists(),
    }
    return render(request, "defections/desk/desk_queries.html", context)


@require_POST
@desk_page
def desk_query_take_back(request: PersonRequest, application_id: UUID, query_id: UUID) -> HttpResponse:
    """Takes back a question that was not answered."""
    application = find(application_id)
    query = get_object_or_404(application.queries, pk=query_id)
    queries.take_back(query, by=request.user, at=timezone.now())
    messages.success(request, _("The question is taken back."))
    return redirect("defections:desk_queries", application.pk)


@require_http_methods(["GET", "POST"])
@desk_page
def desk_outcome(request: PersonRequest, application_id: UUID) -> HttpResponse:
    """The outcome of the research."""
    now = timezone.now()
    application = find(application_id)
    records.require_reader(application, request.user, now)
    form = OutcomeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        if went_well(form, lambda: outcome.verify(application, by=request.user, at=now, **values)):
            messages.success(request, _("The outcome is recorded."))
            is_genuine = values["outcome"] == Application.Verification.GENUINE
            return redirect("defections:desk_copy" if is_genuine else "defections:desk_case", application.pk)
    context = {
        "application": application,
        "form": form,
        "summary": _summary(request, application),
        "issues": outcome.issues_before_verifying(application),
        "issues_not_genuine": outcome.issues_before_verifying(
            application, Application.Verification.NOT_GENUINE
        ),
    }
    return render(request, "defections/desk/desk_outcome.html", context)


def _summary(request: PersonRequest, application: Application) -> str:
    """What the outcome rests on, once it is recorded; that it was opened is recorded."""
    if application.verified_at is None:
        return ""
    return str(records.look(application, records.SUMMARY, by=request.user, at=timezone.now()))
