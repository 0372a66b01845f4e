"""The local society, found from the constituency: by a search over all of them, or in the list (D19)."""

import base64
import binascii
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from assemblies import geography, search
from assemblies.models import Assembly, AssemblyQuerySet, Kind
from defections import intake, vault
from defections.applicant import ApplicantRequest
from defections.errors import VaultError
from defections.form import drafting, flow
from defections.form.drafting import draft_required
from defections.models import Application

MOST_QUERY = 100


class ConstituencyField(forms.ModelChoiceField):
    """One of the constituencies, by its id."""

    def to_python(self, value: Any) -> Any:
        """The assembly. Raises ValidationError, in the same words for what is no id at all."""
        try:
            return super().to_python(value)
        except forms.ValidationError:
            raise forms.ValidationError(
                self.error_messages["invalid_choice"], code="invalid_choice"
            ) from None


class SocietyForm(forms.Form):
    """The constituency that was chosen."""

    constituency = ConstituencyField(
        Assembly.objects.none(),
        label=_("Constituency"),
        error_messages={
            "required": _("Choose a constituency: search for it, or choose it from the list"),
            "invalid_choice": _("There is no such constituency. Search again, or choose it from the list"),
        },
    )

    def __init__(self, *args: Any, among: AssemblyQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["constituency"].queryset = among  # type: ignore[attr-defined]


@draft_required
@require_http_methods(["GET", "POST"])
def form_society(request: ApplicantRequest) -> HttpResponse:
    """Searching (the words travel sealed in the address, so that going back works) and choosing."""
    now = timezone.now()
    among = Assembly.objects.open_at(now).filter(kind=Kind.CONSTITUENCY).select_related("within__within")
    if request.method == "POST" and "find" in request.POST:
        return _found_at(request)
    form = SocietyForm(request.POST if request.method == "POST" else None, among=among)
    if request.method == "POST" and form.is_valid():
        return _choose(request, form.cleaned_data["constituency"])
    query = _query(request)
    step = flow.BY_STEP["society"]
    context = {
        **drafting.place_of(request, step),
        "form": form,
        "query": query,
        "found": search.find(query, among) if query else None,
        "areas": geography.tree(now),
        "chosen": drafting.constituency_of(request),
    }
    return render(request, "defections/form/form_society.html", context)


def _choose(request: ApplicantRequest, constituency: Assembly) -> HttpResponse:
    """Keeps the choice. With another society than before, what was said of links is to be looked at again."""
    before = intake.section_of(request.application, "society").get("constituency")
    chosen = str(constituency.pk)
    now = timezone.now()
    intake.update_section(request.application, "society", {"constituency": chosen}, at=now)
    if before not in (None, chosen) and intake.section_of(request.application, "links"):
        intake.update_section(request.application, "links", {"basis": ""}, at=now)
    return drafting.saved(request, flow.BY_STEP["society"])


def _place(application: Application) -> str:
    return vault.place_of("application", application.pk, "search")


def _found_at(request: ApplicantRequest) -> HttpResponse:
    words = " ".join(request.POST.get("q", "").split())[:MOST_QUERY]
    address = flow.BY_STEP["society"].address
    check = "&check=1" if drafting.is_checking(request) else ""
    if not words:
        return redirect(address + check.replace("&", "?"))
    sealed = request.application.seal(words, _place(request.application))
    return redirect(f"{address}?found={base64.urlsafe_b64encode(sealed).decode()}{check}")


def _query(request: ApplicantRequest) -> str:
    """The words searched for; none where the address was tampered with."""
    try:
        sealed = base64.urlsafe_b64decode(request.GET.get("found", ""))
        return str(request.application.unseal(sealed, _place(request.application))) if sealed else ""
    except (binascii.Error, ValueError, VaultError):
        return ""
