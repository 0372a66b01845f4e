"""A counted ballot: its result, and the list of its votes."""

from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from ballots import wording
from ballots.downloads import file_name
from ballots.exhibits import exhibits
from ballots.forms import FindVoteForm
from ballots.models import Ballot, Vote
from ballots.outcome import elected, option_names, winners_sentence
from ballots.views.pages import own_entry
from members.models import Person

PER_PAGE = 50


def _ballot(request: HttpRequest, ballot_id: UUID) -> Ballot:
    visible = Ballot.objects.visible_to(request.user, timezone.now()).select_related("assembly")
    return get_object_or_404(visible, pk=ballot_id)


@login_not_required
def ballot_result(request: HttpRequest, ballot_id: UUID) -> HttpResponse:
    """Who won and why, in words and pictures, and all that is needed to check it (P10)."""
    ballot = _ballot(request, ballot_id)
    if not ballot.is_counted:
        return redirect(ballot)
    outcome, terms = ballot.outcome, ballot.terms
    context = {
        "ballot": ballot,
        "assemblies": ballot.assemblies(),
        "question": terms["question"],
        "winners": winners_sentence(ballot),
        "method_sentence": wording.method_sentence(ballot),
        "shown": exhibits(outcome, option_names(terms), elected(ballot).stopped_by),
        "is_listed": outcome["votes_digest"] is not None,
        "lot_names": wording.lot_names(ballot),
        "entry": own_entry(ballot, request.user if isinstance(request.user, Person) else None),
        "find_form": FindVoteForm(),
        "bundle_name": file_name(ballot, ".json"),
        "table_name": file_name(ballot, ".csv"),
    }
    return render(request, "ballots/ballot_result.html", context)


@login_not_required
@sensitive_post_parameters()
@sensitive_variables()
def ballot_votes(request: HttpRequest, ballot_id: UUID) -> HttpResponse:
    """Every vote with its tracker, where they may be listed; a POST finds one by its tracker.

    A tracker is the voter's own secret, so it comes in a POST's body and never in an address.
    """
    ballot = _ballot(request, ballot_id)
    if not ballot.is_counted:
        return redirect(ballot)
    names = [option["name"] for option in ballot.terms["options"]]
    is_asked = request.method == "POST"
    form = FindVoteForm(request.POST if is_asked else None)
    is_listed = ballot.outcome["votes_digest"] is not None
    found = None
    if is_listed and is_asked and form.is_valid():
        found = ballot.votes.filter(tracker=form.cleaned_data["tracker"]).first()
    paginator = Paginator(ballot.votes.order_by("tracker") if is_listed else Vote.objects.none(), PER_PAGE)
    page = paginator.get_page(request.GET.get("page"))
    context = {
        "ballot": ballot,
        "question": ballot.terms["question"],
        "is_listed": is_listed,
        "form": form,
        "is_sought": is_asked and form.is_valid(),
        "found": found,
        "found_scores": list(zip(names, found.scores, strict=True)) if found else [],
        "names": names,
        "page": page,
        "rows": [(vote.tracker, list(zip(names, vote.scores, strict=True))) for vote in page],
        "page_range": paginator.get_elided_page_range(page.number),
    }
    return render(request, "ballots/ballot_votes.html", context)
