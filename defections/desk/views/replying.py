"""The applicant answers a question of the research, on their own page."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from defections.applicant import ApplicantRequest, applicant_required
from defections.desk import queries
from defections.desk.finding import explained, went_well
from defections.desk.forms import AnswerForm


@require_http_methods(["GET", "POST"])
@applicant_required
@explained
def query_answer(request: ApplicantRequest, query_id: UUID) -> HttpResponse:
    """One question, with room for the answer."""
    query = get_object_or_404(request.application.queries, pk=query_id, taken_back_at=None)
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        text, now = form.cleaned_data["answer"], timezone.now()
        if went_well(form, lambda: queries.answer(query, at=now, text=text)):
            messages.success(request, _("Thank you: your answer has been sent."))
            return redirect("defections:applicant_detail")
    return render(request, "defections/desk/query_answer.html", {"query": query, "form": form})
