"""The list of ballots, a ballot's own page, and the rule of the count."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from assemblies.models import Assembly
from ballots import example, wording
from ballots.forms import SearchForm
from ballots.models import Ballot, RollEntry
from ballots.outcome import winners_sentence
from members.models import Person, Suspension

PER_PAGE = 20
GROUPS = (_("Open now"), _("Still to open"), _("Closed"), _("Withdrawn"))


@dataclass(frozen=True)
class Listed:
    """A ballot in the list. `entry` is the reader's own place on its roll, if they have one."""

    ballot: Ballot
    heading: Promise | str
    status: Promise | str
    is_open: bool
    entry: RollEntry | None

    @property
    def assemblies(self) -> list[Assembly]:
        """Whose ballot it is."""
        return [self.ballot.assembly, *self.ballot.together_with.all()]

    @property
    def winners(self) -> str:
        """Who won, once it is counted."""
        return winners_sentence(self.ballot)


@login_not_required
def ballot_list(request: HttpRequest) -> HttpResponse:
    """All ballots: the open ones, those to come for whoever set them up, and the counted ones (P10)."""
    now = timezone.now()
    form = SearchForm(request.GET)
    words = form.cleaned_data["q"] if form.is_valid() else ""
    found = Ballot.objects.visible_to(request.user, now).matching(words).by_urgency(now)
    paginator = Paginator(
        found.select_related("assembly").prefetch_related("together_with", "options"), PER_PAGE
    )
    page = paginator.get_page(request.GET.get("page"))
    own = _own_entries(request, list(page))
    listed = [
        Listed(
            ballot,
            GROUPS[ballot.group],  # type: ignore[attr-defined]  # by_urgency gives it
            ballot.status_label(now),
            ballot.is_open_at(now),
            own.get(ballot.pk),
        )
        for ballot in page
    ]
    numbers = paginator.get_elided_page_range(page.number)
    context = {"listed": listed, "page": page, "page_range": numbers, "words": words}
    context["query"] = f"{urlencode({'q': words})}&" if words else ""
    return render(request, "ballots/ballot_list.html", context)


def _own_entries(request: HttpRequest, ballots: list[Ballot]) -> dict[UUID, RollEntry]:
    if not isinstance(request.user, Person):
        return {}
    entries = RollEntry.objects.filter(person=request.user, ballot__in=ballots)
    return {entry.ballot_id: entry for entry in entries}


@login_not_required
def ballot_detail(request: HttpRequest, ballot_id: UUID) -> HttpResponse:
    """One ballot: what is asked, by which rules and when, who votes, and what the reader can do now."""
    now = timezone.now()
    visible = Ballot.objects.visible_to(request.user, now).select_related("assembly")
    ballot = get_object_or_404(visible, pk=ballot_id)
    person = request.user if isinstance(request.user, Person) else None
    entry = own_entry(ballot, person)
    is_open = ballot.is_open_at(now)
    context: dict[str, Any] = {
        "ballot": ballot,
        "assemblies": ballot.assemblies(),
        "question": wording.question(ballot),
        "explanation": wording.explanation(ballot),
        "choices": wording.choices(ballot, entry),
        "method_sentence": wording.method_sentence(ballot),
        "lot_names": wording.lot_names(ballot),
        "status": ballot.status_label(now),
        "is_open": is_open,
        "is_over": ballot.opened_at is not None and not is_open,
        "entry": entry,
        "is_suspended": bool(
            is_open and entry and Suspension.objects.in_force_at(now).filter(person=person).exists()
        ),
        "winners": winners_sentence(ballot) if ballot.is_counted else "",
    }
    return render(request, "ballots/ballot_detail.html", context)


def own_entry(ballot: Ballot, person: Person | None) -> RollEntry | None:
    """The person's place on the roll, or None."""
    return ballot.roll.filter(person=person).first() if person else None


@login_not_required
def star_rule(request: HttpRequest) -> HttpResponse:
    """How STAR is counted: the one rule (STAR.md) in plain words, with a small vote counted in pictures (A10)."""
    context = {"shown": example.counted(), "votes": example.VOTES, "example_names": example.names().values()}
    return render(request, "ballots/star_rule.html", context)
