"""Standing for an office, changing one's mind, declaring a race, and resigning."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from assemblies import offices
from assemblies.errors import AssemblyError
from assemblies.models import Assembly, Office
from decisions import declaring, nominations, principles
from decisions.errors import NotEntitled, WrongMoment
from decisions.models import Candidacy, Decision
from decisions.race_forms import StandForm, StatementForm
from decisions.views.refusals import Refusal, goes_through, refuse_if, refused, refused_on
from harmony.http import PersonRequest

View = Callable[..., HttpResponse]


def found(slug: str, role: str) -> Office:
    """The office, or 404."""
    return get_object_or_404(Office.objects.select_related("assembly"), assembly__slug=slug, role=role)


def explained(view: View) -> View:
    """A view of an office whose refusals become a page: 403 for the wrong person, 409 for the wrong moment."""

    @wraps(view)
    def wrapped(request: HttpRequest, slug: str, role: str) -> HttpResponse:
        try:
            return view(request, slug, role)
        except NotEntitled as refusal:
            return _refused(request, found(slug, role), refusal, 403)
        except (WrongMoment, AssemblyError) as refusal:
            return _refused(request, found(slug, role), refusal, 409)

    return wrapped


def _refused(request: HttpRequest, office: Office, refusal: Exception, status: int) -> HttpResponse:
    race, assembly = nominations.running_race(office), office.assembly
    ways_on: list[tuple[str, Decision | Assembly]] = [(_("See the assembly"), assembly)]
    if race is not None:
        ways_on.insert(0, (_("See the race"), race.decision))
    caption = f"{office.get_role_display()}, {assembly}"
    return refused(request, Refusal(str(refusal), assembly, ways_on, caption), status)


@require_http_methods(["GET", "POST"])
@explained
def office_stand(request: PersonRequest, slug: str, role: str) -> HttpResponse:
    """Standing for an office: the form, then one's answers to check, then it is sent (A13, A14)."""
    now = timezone.now()
    office = found(slug, role)
    race = nominations.running_race(office)
    mine = race.standing().filter(person=request.user).first() if race is not None else None
    if mine is not None:
        return redirect("decisions:candidacy_detail", candidacy_id=mine.pk)
    refuse_if(nominations.issues_before_standing(office, now))
    if reasons := nominations.reasons_against(office, request.user, now):
        raise NotEntitled(" ".join(reasons))
    asks = nominations.asks_statement_of(office, request.user, now)
    affirmation = office.assembly.statement if asks else ""
    form = _stand_form(request, affirmation)
    context = {
        "office": office,
        "assembly": office.assembly,
        "race": race,
        "form": form,
        "principles": principles.current(),
        "days": declaring.NOMINATION_DAYS,
    }
    if form.is_bound and form.is_valid():
        if "send" not in request.POST:
            return render(request, "decisions/races/office_check.html", context)
        made: list[Candidacy] = []
        given = form.cleaned_data
        if goes_through(form, lambda: made.append(nominations.stand(office, request.user, at=now, **given))):
            messages.success(request, _("You stand. A copy of what happens next is in your mail."))
            return redirect("decisions:candidacy_detail", candidacy_id=made[0].pk)
    return render(request, "decisions/races/office_stand.html", context)


def _stand_form(request: PersonRequest, affirmation: str) -> StandForm:
    """The form as it was sent; with “change”, what was typed, shown again and not judged."""
    if request.method == "POST" and "change" in request.POST:
        return StandForm(affirmation=affirmation, initial=request.POST.dict())
    return StandForm(request.POST if request.method == "POST" else None, affirmation=affirmation)


@require_http_methods(["GET", "POST"])
@explained
def race_declare(request: PersonRequest, slug: str, role: str) -> HttpResponse:
    """Declaring a race: says on GET what it opens and until when, acts on POST."""
    now = timezone.now()
    office = found(slug, role)
    declaring.require_declarer(office, request.user, now)
    refuse_if(declaring.issues_before_declaring(office, now))
    if request.method == "POST":
        race = declaring.declare(office, by=request.user, at=now)
        messages.success(request, _("The race is declared, and everybody taking part is told."))
        return redirect(race.decision)
    context = {
        "office": office,
        "assembly": office.assembly,
        "plan": declaring.plan(office, now),
        "ends_at": declaring.nominations_end(now),
        "participants": office.assembly.numbers_at(now)["participants"],
    }
    return render(request, "decisions/races/race_declare.html", context)


@require_http_methods(["GET", "POST"])
@explained
def office_resign(request: PersonRequest, slug: str, role: str) -> HttpResponse:
    """Resigning from an office that I hold, or to which I am elected: asks on GET, acts on POST."""
    now = timezone.now()
    office = found(slug, role)
    mine = office.terms.overlapping(now, None).filter(person=request.user)
    term = mine.select_related("office__assembly").order_by("began_at").first()
    if term is None:
        raise NotEntitled(_("You do not hold this office, so there is nothing to resign from."))
    if request.method == "POST":
        offices.resign(term, by=request.user, at=now)
        messages.success(request, _("You have resigned. Thank you for having served."))
        return redirect(office.assembly)
    context = {"office": office, "assembly": office.assembly, "term": term}
    return render(request, "decisions/races/office_resign.html", context)


def _own(request: PersonRequest, candidacy_id: UUID) -> Candidacy:
    rows = Candidacy.objects.select_related("race__decision__assembly", "race__office", "term")
    return get_object_or_404(rows, pk=candidacy_id, person=request.user)


@require_safe
def candidacy_detail(request: PersonRequest, candidacy_id: UUID) -> HttpResponse:
    """My candidacy: that I stand, what happens next and when, and what I can still change."""
    now = timezone.now()
    candidacy = _own(request, candidacy_id)
    race = candidacy.race
    context = {
        "candidacy": candidacy,
        "race": race,
        "decision": race.decision,
        "assembly": race.decision.assembly,
        "is_open": race.is_in_nominations_at(now),
        "can_withdraw": not nominations.issues_before_withdrawing(candidacy),
        "takes_part": race.decision.has_participant_at(request.user, now),
    }
    return render(request, "decisions/races/candidacy_detail.html", context)


@require_http_methods(["GET", "POST"])
def candidacy_change(request: PersonRequest, candidacy_id: UUID) -> HttpResponse:
    """Wording my statement anew while nominations are open."""
    now = timezone.now()
    candidacy = _own(request, candidacy_id)
    form = StatementForm(request.POST or None, initial={"statement": candidacy.statement})
    context = {"candidacy": candidacy, "decision": candidacy.race.decision, "form": form}
    if request.method == "GET" and not candidacy.race.is_in_nominations_at(now):
        return _too_late(request, candidacy, _("Nominations have ended: statements stay as they are."))
    if request.method == "POST" and form.is_valid():
        try:
            nominations.restate(candidacy, by=request.user, at=now, **form.cleaned_data)
        except WrongMoment as refusal:
            return _too_late(request, candidacy, str(refusal))
        messages.success(request, _("Your statement is changed."))
        return redirect("decisions:candidacy_detail", candidacy_id=candidacy.pk)
    return render(request, "decisions/races/candidacy_change.html", context)


@require_http_methods(["GET", "POST"])
def candidacy_withdraw(request: PersonRequest, candidacy_id: UUID) -> HttpResponse:
    """Withdrawing from a race: asks on GET, acts on POST."""
    now = timezone.now()
    candidacy = _own(request, candidacy_id)
    if issues := nominations.issues_before_withdrawing(candidacy):
        return _too_late(request, candidacy, " ".join(issues))
    if request.method == "POST":
        try:
            nominations.withdraw(candidacy, by=request.user, at=now)
        except WrongMoment as refusal:
            return _too_late(request, candidacy, str(refusal))
        messages.success(request, _("You have withdrawn from this race."))
        return redirect(candidacy.race.decision)
    context = {"candidacy": candidacy, "decision": candidacy.race.decision, "race": candidacy.race}
    return render(request, "decisions/races/candidacy_withdraw.html", context)


def _too_late(request: PersonRequest, candidacy: Candidacy, sentence: str) -> HttpResponse:
    return refused_on(request, candidacy.race.decision, sentence, HTTPStatus.CONFLICT)
