"""Entering a form that came by post or email (D15): its arrival, the pages of the public form, scans, handing over."""

from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from defections import applicant, evidence, files, intake, paper, posting
from defections.applicant import ApplicantRequest
from defections.errors import BadFile, Incomplete, NotCleared, WrongMoment
from defections.form import uploads
from defections.form.drafting import draft_required
from defections.form.evidence_views import FileForm
from defections.models import Application, Evidence, PostalLetter
from defections.office.paper_forms import ArrivalForm
from harmony.http import PersonRequest

View = Callable[..., HttpResponse]


def clerk_required(view: View) -> View:
    """A page for the general secretary's people; others are told who they are (403)."""

    @wraps(view)
    def guarded(request: PersonRequest, *args: object, **kwargs: object) -> HttpResponse:
        try:
            paper.require_clerk(request.user, timezone.now())
        except NotCleared as refusal:
            return render(
                request, "defections/office/paper_refused.html", {"refusal": str(refusal)}, status=403
            )
        return view(request, *args, **kwargs)

    return never_cache(sensitive_post_parameters()(guarded))


def entry_required(view: View) -> View:
    """A page about the form that somebody enters now; for an applicant at their own form it does not exist."""

    @wraps(view)
    def guarded(request: ApplicantRequest, *args: object, **kwargs: object) -> HttpResponse:
        if request.application.clerk is None:
            return redirect("defections:task_list")
        return view(request, *args, **kwargs)

    return draft_required(guarded)


@clerk_required
@require_safe
def paper_list(request: PersonRequest) -> HttpResponse:
    """What has to be posted, what I have begun to enter, and the references of what I handed over."""
    mine = Application.objects.filter(entered_by=request.user, origin__in=paper.WAYS)
    context = {
        "drafts": paper.own_drafts(request.user),
        "handed_over": mine.filter(sent_at__isnull=False).order_by("-sent_at")[:50],
        "letters": posting.waiting(timezone.now()),
        "answers": PostalLetter.objects.awaiting_answers().select_related("application"),
    }
    return render(request, "defections/office/paper_list.html", context)


@clerk_required
@sensitive_variables("form")
@require_http_methods(["GET", "POST"])
def paper_begin(request: PersonRequest) -> HttpResponse:
    """When and how the form came; then on to the pages of the form."""
    form = ArrivalForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = paper.begin(by=request.user, at=timezone.now(), **form.begun_with())
        except (WrongMoment, Incomplete) as error:
            form.add_error(None, str(error))
        else:
            applicant.enter(request, made, is_clerk=True)
            return redirect("defections:task_list")
    return render(request, "defections/office/paper_begin.html", {"form": form})


@clerk_required
@require_POST
def paper_open(request: PersonRequest, application_id: UUID) -> HttpResponse:
    """Goes on with a form that I have begun to enter."""
    found = get_object_or_404(paper.own_drafts(request.user), pk=application_id)
    applicant.enter(request, found, is_clerk=True)
    return redirect("defections:task_list")


@uploads.takes_files
@entry_required
@require_http_methods(["GET", "POST"])
def paper_scans(request: ApplicantRequest) -> HttpResponse:
    """The scans so far, and one more."""
    application = request.application
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if request.method == "POST" and _added(request, form):
        messages.success(request, _("The scan is added."))
        return redirect("defections:paper_scans")
    scans = paper.scans_of(application)
    context = {
        "application": application,
        "form": form,
        "scans": scans,
        "is_full": scans.count() >= paper.MOST_SCANS,
        "most": paper.MOST_SCANS,
    }
    return render(request, "defections/office/paper_scans.html", context)


def _added(request: ApplicantRequest, form: FileForm) -> bool:
    if uploads.was_too_big(request):
        form.errors["file"] = form.error_class([str(files.too_big())])
        return False
    if not form.is_valid():
        return False
    given = form.cleaned_data["file"]
    try:
        paper.add_scan(request.application, given.name, given.read(), at=timezone.now())
    except BadFile as error:
        form.add_error("file", str(error))
        return False
    return True


@entry_required
@require_safe
def paper_scan(request: ApplicantRequest, evidence_id: UUID) -> HttpResponse:
    """A scan, to be saved, while the form is being entered."""
    return evidence.as_attachment(get_object_or_404(paper.scans_of(request.application), pk=evidence_id))


@entry_required
@require_POST
def paper_scan_remove(request: ApplicantRequest, evidence_id: UUID) -> HttpResponse:
    """Takes a scan out again; one that is gone already is gone."""
    found: Evidence | None = paper.scans_of(request.application).filter(pk=evidence_id).first()
    if found is not None:
        found.application = request.application
        evidence.remove(found, at=timezone.now())
    messages.success(request, _("The scan is taken out."))
    return redirect("defections:paper_scans")


@entry_required
@sensitive_variables("letter")
@require_http_methods(["GET", "POST"])
def paper_hand_over(request: ApplicantRequest) -> HttpResponse:
    """What is missing; then handing it to the research.

    The answer to the POST is the last page that shows anything of it: the reference, and where no address was
    given the letter to print. So it does not lead on to another address.
    """
    application = request.application
    issues = paper.issues_before_handing_over(application)
    if request.method == "POST" and not issues and application.clerk is not None:
        letter = _letter(application)
        try:
            paper.hand_over(application, by=application.clerk, at=timezone.now())
        except Incomplete as error:
            issues = [str(error)]
        else:
            applicant.leave(request)
            done = {
                "application": application,
                "letter": letter,
                "date": timezone.now(),
                "contact_days": intake.CONTACT_DAYS,
            }
            return render(request, "defections/office/paper_done.html", done)
    context = {"application": application, "issues": issues, "has_email": bool(application.email)}
    status = 409 if request.method == "POST" else 200
    return render(request, "defections/office/paper_hand_over.html", context, status=status)


def _letter(application: Application) -> posting.Addressee | None:
    """Whom the confirmation on paper goes to; None where it goes by mail."""
    return None if application.email else posting.addressee_of(application)
