"""Sheets to be printed and posted to applicants without an email address, and what comes back by post."""

from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from decisions.forms import text_area
from defections import letters, posting
from defections.desk import queries
from defections.errors import Erased, Incomplete, NotCleared, WrongMoment
from defections.models import PostalLetter
from defections.office.paper_views import clerk_required
from harmony.http import PersonRequest
from ledger import events


@clerk_required
@require_safe
def invitation_print(request: PersonRequest, invitation_id: UUID) -> HttpResponse:
    """The invitation as it is now, with the code of conduct and how to answer; it names nobody."""
    invitation = get_object_or_404(posting.invitations(timezone.now()), pk=invitation_id)
    context = {
        "invitation": invitation,
        "gathering": invitation.gathering,
        "post_to": settings.DEFECTIONS_POST_TO,
        "email_to": settings.DEFECTIONS_EMAIL_TO,
    }
    return render(request, "defections/office/invitation_print.html", context)


@clerk_required
@sensitive_variables("question")
@require_safe
def postal_letter_print(request: PersonRequest, letter_id: UUID) -> HttpResponse:
    """A letter as it is to be posted; only one that ends a case has a name. That a question was opened is recorded."""
    now = timezone.now()
    letter = get_object_or_404(
        posting.waiting(now).select_related("query", "application__release"), pk=letter_id
    )
    if letter.kind == PostalLetter.Kind.INVITATION:
        return redirect("defections:invitation_print", letter.invitation_id)
    question = ""
    if letter.query is not None:
        question = letter.query.question
        events.record("application.letter_printed", letter.application, at=now, by=request.user.pk)
    context = {
        "letter": letter,
        "application": letter.application,
        "question": question,
        "draft": letters.opened(letter.application.letter)
        if letter.kind == PostalLetter.Kind.LETTER
        else None,
        "date": now,
        "kept": settings.DEFECTIONS_KEPT_BY_LAW,
        "post_to": settings.DEFECTIONS_POST_TO,
        "email_to": settings.DEFECTIONS_EMAIL_TO,
    }
    return render(request, "defections/office/postal_letter_print.html", context)


@clerk_required
@sensitive_variables("addressee")
@require_safe
def postal_letter_cover(request: PersonRequest, letter_id: UUID) -> HttpResponse:
    """The cover sheet with name and address; that somebody looked at them is recorded."""
    now = timezone.now()
    letter = get_object_or_404(posting.waiting(now), pk=letter_id)
    try:
        addressee = posting.look_up(letter, by=request.user, at=now)
    except (NotCleared, WrongMoment, Erased) as refusal:
        messages.error(request, str(refusal))
        return redirect("defections:paper_list")
    return render(
        request, "defections/office/postal_letter_cover.html", {"letter": letter, "addressee": addressee}
    )


@clerk_required
@require_POST
def postal_letter_posted(request: PersonRequest, letter_id: UUID) -> HttpResponse:
    """Says that a letter was posted; a second press of the button says so too."""
    letter = get_object_or_404(PostalLetter, pk=letter_id)
    try:
        posting.mark_posted(letter, by=request.user, at=timezone.now())
    except WrongMoment as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The letter is posted."))
    return redirect("defections:paper_list")


class PostedAnswerForm(forms.Form):
    """What the applicant wrote back."""

    answer = text_area(
        gettext_lazy("The answer, as it stands in the letter"),
        missing=gettext_lazy("Write the answer"),
        limit=queries.LONGEST,
        rows=8,
    )


@clerk_required
@sensitive_variables("form")
@require_http_methods(["GET", "POST"])
def postal_letter_answer(request: PersonRequest, letter_id: UUID) -> HttpResponse:
    """Enters what an applicant answered by post to a question; whoever asked it is told."""
    rows = PostalLetter.objects.awaiting_answers().select_related("query__application", "application")
    letter = get_object_or_404(rows, pk=letter_id)
    form = PostedAnswerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and letter.query is not None:
        text = form.cleaned_data["answer"]
        try:
            queries.answer(letter.query, at=timezone.now(), text=text, by=request.user)
        except (Incomplete, WrongMoment) as error:
            form.add_error("answer", str(error))
        else:
            messages.success(request, _("The answer is with the Research Working Group."))
            return redirect("defections:paper_list")
    context = {"letter": letter, "application": letter.application, "form": form}
    return render(request, "defections/office/postal_letter_answer.html", context)
