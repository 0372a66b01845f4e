"""Calling a gathering, changing it, calling it off, and what follows once it was held."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from assemblies.models import Assembly
from decisions import gatherings
from decisions.entitlement import require_facilitator
from decisions.errors import WrongMoment
from decisions.gathering_forms import (
    CallForm,
    CallOffForm,
    ChairForm,
    ChangeForm,
    InviteForm,
    NotesForm,
    ProlongForm,
    WhenForm,
)
from decisions.gathering_views.finding import explained, find, went_well
from decisions.models import Decision, Gathering
from harmony.http import PersonRequest
from members.models import Person


@require_http_methods(["GET", "POST"])
@explained
def gathering_call(request: PersonRequest, slug: str) -> HttpResponse:
    """Calling a gathering of an assembly, on a matter of its own where `?matter=` names one."""
    now = timezone.now()
    assembly = get_object_or_404(Assembly.objects.open_at(now), slug=slug)
    decision = _matter(request, assembly)
    if decision is None:
        gatherings.require_convenor(assembly, request.user, now)
    else:
        require_facilitator(decision, request.user, now)
        if issues := gatherings.issues_before_gathering(decision):
            raise WrongMoment(" ".join(issues))
    is_general = decision is None or decision.kind == Decision.Kind.GENERAL
    initial = {
        "kind": (Gathering.Kind.MOOT if is_general else Gathering.Kind.HUSTINGS).value,
        "title": decision.title if decision else "",
    }
    form = CallForm(request.POST or None, at=now, initial=initial)
    if request.method == "POST" and form.is_valid():
        fields = ("kind", "title", "starts_at", "ends_at", "address", "link", "agenda")
        values = {name: form.cleaned_data[name] for name in fields}
        made: list[Gathering] = []

        def call() -> None:
            made.append(
                gatherings.call_gathering(assembly, by=request.user, at=now, decision=decision, **values)
            )

        if went_well(form, call):
            messages.success(request, _("The gathering is called, and people are being told."))
            return redirect(made[0])
    context = {"assembly": assembly, "decision": decision, "form": form}
    return render(request, "decisions/gatherings/gathering_call.html", context)


def _matter(request: PersonRequest, assembly: Assembly) -> Decision | None:
    named = request.GET.get("matter", "")
    if not named:
        return None
    try:
        pk = UUID(named)
    except ValueError:
        pk = UUID(int=0)
    return get_object_or_404(Decision, pk=pk, assembly=assembly)


@require_http_methods(["GET", "POST"])
@explained
def gathering_move(request: PersonRequest, gathering_id: UUID) -> HttpResponse:
    """Moving a gathering to another day or hour."""
    now = timezone.now()
    gathering = find(request, gathering_id)
    gatherings.require_changer(gathering, request.user, now)
    form = WhenForm(request.POST or None, at=now, gathering=gathering)
    if request.method == "POST" and form.is_valid():
        when = {name: form.cleaned_data[name] for name in ("starts_at", "ends_at")}
        if went_well(form, lambda: gatherings.reschedule(gathering, by=request.user, at=now, **when)):
            messages.success(request, _("The gathering is moved, and people are being told."))
            return redirect(gathering)
    return render(request, "decisions/gatherings/gathering_move.html", {"gathering": gathering, "form": form})


@require_http_methods(["GET", "POST"])
@explained
def gathering_prolong(request: PersonRequest, gathering_id: UUID) -> HttpResponse:
    """Letting a gathering run on, by whoever conducts it."""
    now = timezone.now()
    gathering = find(request, gathering_id)
    gatherings.require_conductor(gathering, request.user, now)
    form = ProlongForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        minutes = form.cleaned_data["minutes"]
        if went_well(form, lambda: gatherings.prolong(gathering, by=request.user, at=now, minutes=minutes)):
            messages.success(request, _("The gathering runs on."))
            return redirect(gathering)
    return render(
        request, "decisions/gatherings/gathering_prolong.html", {"gathering": gathering, "form": form}
    )


@require_http_methods(["GET", "POST"])
@explained
def gathering_change(request: PersonRequest, gathering_id: UUID) -> HttpResponse:
    """Changing title, place, link and agenda."""
    now = timezone.now()
    gathering = find(request, gathering_id)
    gatherings.require_changer(gathering, request.user, now)
    form = ChangeForm(request.POST or None, gathering=gathering)
    if request.method == "POST" and form.is_valid():
        values = {name: form.cleaned_data[name] for name in ("title", "address", "link", "agenda")}
        if went_well(form, lambda: gatherings.change(gathering, by=request.user, at=now, **values)):
            messages.success(request, _("Saved."))
            return redirect(gathering)
    return render(
        request, "decisions/gatherings/gathering_change.html", {"gathering": gathering, "form": form}
    )


@require_http_methods(["GET", "POST"])
@explained
def gathering_call_off(request: PersonRequest, gathering_id: UUID) -> HttpResponse:
    """Calling a gathering off: asks why, then tells everybody."""
    now = timezone.now()
    gathering = find(request, gathering_id)
    gatherings.require_changer(gathering, request.user, now)
    form = CallOffForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if went_well(form, lambda: gatherings.call_off(gathering, by=request.user, at=now, reason=reason)):
            messages.success(request, _("The gathering is called off, and people are being told."))
            return redirect(gathering)
    return render(
        request, "decisions/gatherings/gathering_call_off.html", {"gathering": gathering, "form": form}
    )


@require_http_methods(["GET", "POST"])
@explained
def gathering_invite(request: PersonRequest, gathering_id: UUID) -> HttpResponse:
    """Asking one more assembly, or somebody by name."""
    now = timezone.now()
    gathering = find(request, gathering_id)
    gatherings.require_changer(gathering, request.user, now)
    form = InviteForm(request.POST or None, gathering=gathering, at=now)
    if request.method == "POST" and form.is_valid():
        assembly, person = form.cleaned_data.get("assembly"), form.cleaned_data.get("email")

        def invite() -> None:
            if assembly is not None:
                gatherings.invite_assembly(gathering, by=request.user, at=now, assembly=assembly)
            if person is not None:
                gatherings.invite_person(gathering, by=request.user, at=now, person=person)

        if went_well(form, invite):
            named = {"name": assembly or person}
            messages.success(request, _("%(name)s: invited. A mail is on its way.") % named)
            return redirect("decisions:gathering_invite", gathering.pk)
    context = {
        "gathering": gathering,
        "form": form,
        "assemblies": [row.assembly for row in gathering.invitations.of_assemblies()],
        "people": [row.person for row in gathering.invitations.of_people()],
    }
    return render(request, "decisions/gatherings/gathering_invite.html", context)


@require_http_methods(["GET", "POST"])
@explained
def gathering_chair(request: PersonRequest, gathering_id: UUID) -> HttpResponse:
    """Handing over the chair."""
    now = timezone.now()
    gathering = find(request, gathering_id)
    gatherings.require_conductor(gathering, request.user, now)
    joined = gathering.registrations.in_force().values("person")
    acting = gathering.assembly.acting_at(now).values("pk")
    people = gathering.people_at(now)
    form = ChairForm(
        request.POST or None,
        people=(people.filter(pk__in=joined) | people.filter(pk__in=acting)).order_by("name"),
        initial={"chair": gathering.chair_id},
    )
    if request.method == "POST" and form.is_valid():
        chair: Person = form.cleaned_data["chair"]
        if went_well(form, lambda: gatherings.name_chair(gathering, by=request.user, at=now, chair=chair)):
            messages.success(request, _("%(name)s chairs the gathering now.") % {"name": chair})
            return redirect(gathering)
    return render(
        request, "decisions/gatherings/gathering_chair.html", {"gathering": gathering, "form": form}
    )


@require_POST
@explained
def gathering_hold(request: PersonRequest, gathering_id: UUID) -> HttpResponse:
    """Says that the gathering took place."""
    gathering = find(request, gathering_id)
    gatherings.mark_held(gathering, by=request.user, at=timezone.now())
    messages.success(request, _("Recorded: the gathering was held. Now publish its notes."))
    return redirect(gathering)


@require_http_methods(["GET", "POST"])
@explained
def gathering_notes(request: PersonRequest, gathering_id: UUID) -> HttpResponse:
    """Publishing the notes of a held gathering."""
    now = timezone.now()
    gathering = find(request, gathering_id)
    if not gathering.is_conducted_by(request.user, now):
        gatherings.require_changer(gathering, request.user, now)
    if gathering.held_at is None:
        raise WrongMoment(_("Notes are published after the gathering has been held."))
    form = NotesForm(request.POST or None, initial={"text": gathering.notes})
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["text"]
        if went_well(form, lambda: gatherings.publish_notes(gathering, by=request.user, at=now, text=text)):
            messages.success(request, _("The notes are published."))
            return redirect(gathering)
    return render(
        request, "decisions/gatherings/gathering_notes.html", {"gathering": gathering, "form": form}
    )
