"""Making the copy, and its release by a second reader (D17)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from defections import copies, records, sanitising
from defections.desk import side_by_side
from defections.desk.finding import desk_page, find, went_well
from defections.desk.forms import MarksForm, PassageForm, SendBackForm
from defections.errors import WrongMoment
from defections.models import Application
from defections.routing import current
from harmony.http import PersonRequest


def _review(request: PersonRequest, application: Application) -> side_by_side.Review:
    """The review, opened for the reader. Raises WrongMoment where there is none."""
    review = side_by_side.look(application, by=request.user, at=timezone.now())
    if review is None:
        raise WrongMoment(_("There is no copy in the making: record the outcome of the research first."))
    return review


@require_http_methods(["GET", "POST"])
@desk_page
def desk_copy(request: PersonRequest, application_id: UUID) -> HttpResponse:
    """The copy beside its original, with a decision on each suggestion."""
    application = find(application_id)
    review = _review(request, application)
    form = MarksForm(request.POST or None, marks=review.suggestions)
    if request.method == "POST" and form.is_valid():
        choices, now = form.choices(take_out_rest="rest" in request.POST), timezone.now()
        if went_well(form, lambda: copies.decide(application, choices, by=request.user, at=now)):
            messages.success(request, _("Saved."))
            return redirect("defections:desk_copy", application.pk)
    return _copy_page(request, application, review, form=form)


def _copy_page(
    request: PersonRequest, application: Application, review: side_by_side.Review, **more: Any
) -> HttpResponse:
    form = more.pop("form", None) or MarksForm(marks=review.suggestions)
    context = {
        "application": application,
        "review": review,
        "form": form,
        "passage_form": PassageForm(),
        "is_stale": copies.is_stale(review.copy),
        "issues": copies.issues_before_preparing(review.copy),
        "undecided": sum(not one.mark["decision"] for one in review.suggestions),
        "can_change": records.has_taken_on(application, request.user),
        **more,
    }
    return render(request, "defections/desk/desk_copy.html", context)


@require_POST
@desk_page
def desk_copy_redact(request: PersonRequest, application_id: UUID) -> HttpResponse:
    """Takes out a passage that the reader typed."""
    application = find(application_id)
    form = PassageForm(request.POST)
    if form.is_valid():
        passage, now, numbers = form.cleaned_data["passage"], timezone.now(), []
        if went_well(
            form, lambda: numbers.append(copies.redact(application, passage, by=request.user, at=now))
        ):
            text = ngettext("Taken out in %(n)d place.", "Taken out in %(n)d places.", numbers[0])
            messages.success(request, text % {"n": numbers[0]})
            return redirect("defections:desk_copy", application.pk)
    return _copy_page(request, application, _review(request, find(application_id)), passage_form=form)


@require_POST
@desk_page
def desk_copy_put_back(request: PersonRequest, application_id: UUID) -> HttpResponse:
    """Takes back a redaction that a reader typed."""
    application = find(application_id)
    copies.put_back(application, request.POST.get("mark", ""), by=request.user, at=timezone.now())
    messages.success(request, _("Put back."))
    return redirect("defections:desk_copy", application.pk)


@require_POST
@desk_page
def desk_copy_renew(request: PersonRequest, application_id: UUID) -> HttpResponse:
    """Makes the copy anew from what is there now."""
    application = find(application_id)
    copies.renew(application, by=request.user, at=timezone.now())
    messages.success(request, _("The copy is made anew. Look at what has changed."))
    return redirect("defections:desk_copy", application.pk)


@require_safe
@desk_page
def desk_copy_preview(request: PersonRequest, application_id: UUID) -> HttpResponse:
    """The copy exactly as members will see it."""
    application = find(application_id)
    review = _review(request, application)
    context = {"application": application, "copy_parts": sanitising.laid_out(review.copy.content)}
    return render(request, "defections/desk/desk_copy_preview.html", context)


@require_POST
@desk_page
def desk_copy_prepare(request: PersonRequest, application_id: UUID) -> HttpResponse:
    """Hands the copy to a second reader."""
    application = find(application_id)
    copies.prepare(application, by=request.user, at=timezone.now())
    messages.success(request, _("Somebody else who is cleared reads the copy now, and releases it."))
    return redirect("defections:desk_case", application.pk)


@require_POST
@desk_page
def desk_copy_take_back(request: PersonRequest, application_id: UUID) -> HttpResponse:
    """Takes the copy back into the making."""
    application = find(application_id)
    copies.take_back(application, by=request.user, at=timezone.now())
    messages.success(request, _("The copy is yours to change again."))
    return redirect("defections:desk_copy", application.pk)


@require_http_methods(["GET", "POST"])
@desk_page
def desk_release(request: PersonRequest, application_id: UUID) -> HttpResponse:
    """The second reader sees the same side by side, and releases the copy."""
    application = find(application_id)
    if request.method == "POST":
        copies.release(application, by=request.user, at=timezone.now())
        routing = current(application)
        if routing is None:
            messages.warning(
                request, _("The copy is released. No assembly can take the case yet; we are telling people.")
            )
        else:
            sentence = _("The copy is released, and the case is with the %(assembly)s.")
            messages.success(request, sentence % {"assembly": routing.assembly.name})
        return redirect("defections:desk_list")
    return _release_page(request, application, SendBackForm())


@require_POST
@desk_page
def desk_send_back(request: PersonRequest, application_id: UUID) -> HttpResponse:
    """The second reader sends the copy back, with what has to be put right."""
    application = find(application_id)
    form = SendBackForm(request.POST)
    if form.is_valid():
        reason, now = form.cleaned_data["reason"], timezone.now()
        if went_well(form, lambda: copies.send_back(application, by=request.user, at=now, reason=reason)):
            messages.success(request, _("The copy is sent back to whoever made it."))
            return redirect("defections:desk_list")
    return _release_page(request, application, form)


def _release_page(request: PersonRequest, application: Application, form: SendBackForm) -> HttpResponse:
    review = _review(request, application)
    context = {
        "application": application,
        "review": review,
        "form": form,
        "issues": copies.issues_before_releasing(review.copy),
        "is_maker": review.copy.was_made_by(request.user),
        "copy_parts": sanitising.laid_out(review.copy.content),
    }
    return render(request, "defections/desk/desk_release.html", context)
