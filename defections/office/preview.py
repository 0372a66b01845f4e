"""A release as people will see it: the pages of the public form that bear its words, in the form's own templates."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from defections.form import flow
from defections.form.pledge_forms import DeclarationForm
from defections.form.section_form import About
from defections.models import Application, FormRelease, Passage

START, DECLARATION = "start", "declaration"
_STEPS = ("private-accounts", "principles", "consensus")
PAGES: tuple[tuple[str, Promise], ...] = (
    (START, _("The start page")),
    *((key, flow.BY_STEP[key].title) for key in _STEPS),
    (DECLARATION, _("The declaration")),
)


def page(request: HttpRequest, release: FormRelease, key: str, *, back: str) -> HttpResponse:
    """One of PAGES as an applicant on this release sees it; nothing is saved. Raises Http404 for another key."""
    texts = {passage.key: passage.text for passage in release.passages.all()}
    if key == START:
        context: dict[str, Any] = {"release": release, "passages": texts, "application": None}
        return render(request, "defections/form/form_start.html", context)
    context = {"release": release, "application": Application(reference="H-0000-0000", release=release)}
    if key == DECLARATION:
        context |= {
            "form": DeclarationForm(None, label=texts.get(Passage.Key.TRUTH, "")),
            "readers": texts.get(Passage.Key.READERS, ""),
        }
        return render(request, "defections/form/form_declare.html", context)
    if key not in _STEPS:
        raise Http404
    return render(request, "defections/form/form_page.html", context | _of_step(key, texts, back))


def _of_step(key: str, texts: dict[str, str], back: str) -> dict[str, Any]:
    step = flow.BY_STEP[key]
    if step.form is None:
        raise Http404
    labels = {field: texts.get(passage, "") for field, passage in (step.pledges or {}).items()}
    return {
        "step": step,
        "number": flow.number_of(step.section),
        "sections": len(flow.TASKS),
        "back": back,
        "form": step.form(None, given={}, about=About(timezone.now(), None, labels)),
        "notices": [texts.get(notice, "") for notice in step.notices],
    }
