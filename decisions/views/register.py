"""The public register of decisions: the page, the Atom feed and the export (P10)."""

import json
from collections.abc import Iterator

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from assemblies.models import Assembly
from decisions import matter, register
from decisions.feeds import DecisionFeed
from decisions.forms import RegisterForm
from decisions.models import Decision

PER_PAGE = 20


def form_for(request: HttpRequest) -> RegisterForm:
    """The filters as sent. The assemblies to choose from are those with a decision."""
    alone = Decision.objects.filter(assembly=OuterRef("pk"))
    joint = Decision.together_with.through.objects.filter(assembly=OuterRef("pk"))
    assemblies = Assembly.objects.filter(Q(Exists(alone)) | Q(Exists(joint))).order_by("name")
    return RegisterForm(request.GET, assemblies=assemblies)


@login_not_required
@require_safe
def decision_list(request: HttpRequest) -> HttpResponse:
    """All decisions, latest first, by words, assembly, kind, stage and day; each with outcome and work."""
    now = timezone.now()
    form = form_for(request)
    filters = form.filters()
    paginator = Paginator(matter.listed(register.found(filters)), PER_PAGE)
    page = paginator.get_page(request.GET.get("page"))
    sent = request.GET.copy()
    sent.pop("page", None)
    context = {
        "form": form,
        "filters": filters,
        "listed": [register.Listed(decision, now) for decision in page],
        "page": page,
        "page_range": paginator.get_elided_page_range(page.number),
        "query": f"{sent.urlencode()}&" if sent else "",
        "sent": sent.urlencode(),
    }
    return render(request, "decisions/decision_list.html", context)


@login_not_required
@require_safe
def decision_feed(request: HttpRequest) -> HttpResponseBase:
    """The latest decisions as an Atom feed, with the register's filters."""
    return DecisionFeed(register.found(form_for(request).filters()), timezone.now())(request)


@login_not_required
@require_safe
def decision_export(request: HttpRequest) -> HttpResponseBase:
    """The register's public facts as JSON, with the register's filters."""
    rows = register.found(form_for(request).filters())
    response = StreamingHttpResponse(_pieces(rows), content_type="application/json")
    response["Content-Disposition"] = 'attachment; filename="decisions.json"'
    return response


def _pieces(rows: "register.QuerySet[Decision]") -> Iterator[str]:
    """One JSON document, a decision at a time."""
    yield '{"format": "harmony-decisions/1", "decisions": ['
    for n, facts in enumerate(register.export(rows, timezone.now())):
        yield (",\n" if n else "\n") + json.dumps(facts, ensure_ascii=False, sort_keys=True)
    yield "\n]}\n"
