"""The door list, the bar, and the review of bars."""

from collections.abc import Callable
from contextlib import suppress
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from decisions import conduct, gatherings, registration
from decisions.gathering_forms import BarForm, EntryForm, OutcomeForm
from decisions.gathering_views.finding import explained, find, went_well
from decisions.models import Gathering, Referral
from harmony.http import PersonRequest
from members.models import Person, PersonQuerySet


@require_http_methods(["GET", "POST"])
@explained
def gathering_door(request: PersonRequest, gathering_id: UUID) -> HttpResponse:
    """The door list, for print and phone: who has registered, who is not let in; POST marks who came."""
    now = timezone.now()
    gathering = find(request, gathering_id)
    gatherings.require_conductor(gathering, request.user, now)
    if request.method == "POST":
        number = registration.mark_attendance(
            gathering, by=request.user, at=now, came=_ids(request.POST.getlist("came"))
        )
        messages.success(request, _("Saved: %(n)d came.") % {"n": number})
        return redirect("decisions:gathering_door", gathering.pk)
    context = {
        "gathering": gathering,
        "rows": gathering.registrations.in_force().select_related("person").order_by("person__name"),
        "bars": gathering.bars.select_related("person").order_by("person__name"),
        "can_mark": gathering.cancelled_at is None and now >= gathering.starts_at,
        "printed_at": now,
    }
    return render(request, "decisions/gatherings/gathering_door.html", context)


def _ids(given: list[str]) -> set[UUID]:
    """The ids among what was sent; what is none is left out."""
    found = set()
    for text in given:
        with suppress(ValueError):
            found.add(UUID(text))
    return found


@require_http_methods(["GET", "POST"])
@explained
def gathering_bar(request: PersonRequest, gathering_id: UUID) -> HttpResponse:
    """Barring somebody: a person from the door list or a question (`?person=`), or by their email address."""
    now = timezone.now()
    gathering = find(request, gathering_id)
    gatherings.require_conductor(gathering, request.user, now)
    person = _named(gathering, request.GET.get("person", ""))
    form = BarForm(request.POST or None, person=person)
    if request.method == "POST" and form.is_valid():
        whom: Person = person or form.cleaned_data["email"]
        values = {name: form.cleaned_data[name] for name in ("ground", "reason")}
        if went_well(form, lambda: conduct.bar(gathering, person=whom, by=request.user, at=now, **values)):
            messages.success(request, _("%(name)s is barred from this gathering.") % {"name": whom})
            return redirect("decisions:gathering_door", gathering.pk)
    context = {"gathering": gathering, "person": person, "form": form}
    return render(request, "decisions/gatherings/gathering_bar.html", context)


def _named(gathering: Gathering, given: str) -> Person | None:
    if not given:
        return None
    return get_object_or_404(_known(gathering), pk__in=_ids([given]))


def _known(gathering: Gathering) -> PersonQuerySet:
    """Everybody who has ever registered or asked a question there."""
    registered = Person.objects.filter(pk__in=gathering.registrations.values("person"))
    return registered | Person.objects.filter(pk__in=gathering.questions.values("asked_by"))


@require_safe
def referral_list(request: PersonRequest) -> HttpResponse:
    """The referrals that I review, and those about me."""
    now = timezone.now()
    rows = Referral.objects.select_related("bar__person", "bar__gathering__assembly")
    review = rows.reviewed_by(request.user, now)
    context = {
        "waiting": review.waiting(),
        "decided": review.filter(decided_at__isnull=False).order_by("-decided_at")[:50],
        "mine": rows.filter(bar__person=request.user),
    }
    return render(request, "decisions/gatherings/referral_list.html", context)


def _referral(request: PersonRequest, referral_id: UUID) -> Referral:
    rows = Referral.objects.visible_to(request.user, timezone.now())
    rows = rows.select_related("assembly", "bar__person", "bar__barred_by", "bar__gathering__assembly")
    return get_object_or_404(rows, pk=referral_id)


@require_safe
def referral_detail(request: PersonRequest, referral_id: UUID) -> HttpResponse:
    """One referral: to its reviewers all of it, to the person concerned what is about them and their answers."""
    referral = _referral(request, referral_id)
    concerns_me = referral.bar.person_id == request.user.pk
    entries = referral.entries.select_related("person")
    person = referral.bar.person
    context = {
        "referral": referral,
        "bar": referral.bar,
        "gathering": referral.bar.gathering,
        "concerns_me": concerns_me,
        "entries": entries.filter(kind="answer") if concerns_me else entries,
        "asked": referral.bar.gathering.questions.filter(asked_by=person) if person is not None else (),
        "told": [] if concerns_me else conduct.told(referral, by=request.user, at=timezone.now()),
    }
    return render(request, "decisions/gatherings/referral_detail.html", context)


@require_http_methods(["GET", "POST"])
@explained
def referral_answer(request: PersonRequest, referral_id: UUID) -> HttpResponse:
    """The barred person answers."""
    return _enter(request, referral_id, conduct.answer, _("Your answer"), _("Your answer is on the record."))


@require_http_methods(["GET", "POST"])
@explained
def referral_review(request: PersonRequest, referral_id: UUID) -> HttpResponse:
    """A reviewer puts a note on the record."""
    return _enter(
        request, referral_id, conduct.review, _("Note of the review"), _("The note is on the record.")
    )


def _enter(
    request: PersonRequest, referral_id: UUID, act: Callable[..., None], label: str, done: str
) -> HttpResponse:
    referral = _referral(request, referral_id)
    form = EntryForm(request.POST or None, label=label)
    if request.method == "POST" and form.is_valid():
        text, now = form.cleaned_data["text"], timezone.now()
        if went_well(form, lambda: act(referral, by=request.user, at=now, text=text)):
            messages.success(request, done)
            return redirect(referral)
    context = {"referral": referral, "form": form, "label": label}
    return render(request, "decisions/gatherings/referral_entry.html", context)


@require_http_methods(["GET", "POST"])
@explained
def referral_decide(request: PersonRequest, referral_id: UUID) -> HttpResponse:
    """A reviewer records the outcome."""
    referral = _referral(request, referral_id)
    form = OutcomeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        values, now = form.cleaned_data, timezone.now()
        if went_well(form, lambda: conduct.decide(referral, by=request.user, at=now, **values)):
            messages.success(request, _("The outcome is recorded, and the person is being told."))
            return redirect(referral)
    return render(request, "decisions/gatherings/referral_decide.html", {"referral": referral, "form": form})
