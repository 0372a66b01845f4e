"""The home page, the health check, the error pages and the demonstration's page of mails."""

import email
import email.policy
from contextlib import suppress
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone
from django.views.decorators.cache import never_cache

from ballots.models import Ballot
from ballots.outcome import winners_sentence
from decisions import matter
from decisions.needs import decided_lately
from harmony import needs
from members.models import Person

MOST_DECIDED = 10
MOST_NEEDS = 20  # lines of what needs somebody on their home page
NEEDS_A_PAGE = 100  # and on each of the pages that show all of them


@login_not_required
def home(request: HttpRequest) -> HttpResponse:
    """Logged in: what needs me, or with `?all` all of it. Otherwise: what this place is; and what was decided."""
    now = timezone.now()
    if isinstance(request.user, Person) and "all" in request.GET:
        return _all_that_needs(request, request.user, now)
    counted = (
        Ballot.objects.public()
        .filter(counted_at__lte=now)
        .select_related("assembly")
        .prefetch_related("options")
        .order_by("-closed_at")
    )
    if isinstance(request.user, Person):
        counted = counted.filter(decision=None)  # the others stand among what was decided
    counted = counted[:5]
    results = [(ballot, winners_sentence(ballot)) for ballot in counted]
    context: dict[str, Any] = {"results": results}
    if isinstance(request.user, Person):
        context |= _what_needs(request.user, now)
    else:
        context["open_ballots"] = (
            Ballot.objects.public().open_at(now).select_related("assembly").order_by("closes_at")[:5]
        )
    return render(request, "harmony/home.html", context)


def _what_needs(person: Person, at: datetime) -> dict[str, Any]:
    """What waits for this person, and what was decided where they take part."""
    return {
        "needs": needs.of_person(person, at, MOST_NEEDS),
        "decided": matter.listed(decided_lately(person, at))[:MOST_DECIDED],
    }


def _all_that_needs(request: HttpRequest, person: Person, at: datetime) -> HttpResponse:
    """Everything that waits for this person, a page at a time."""
    found = needs.of_person(person, at)
    paginator = Paginator(found.lines, NEEDS_A_PAGE)
    page = paginator.get_page(request.GET.get("page"))
    context = {
        "needs": needs.Needs(list(page), found.total),
        "page": page,
        "page_range": paginator.get_elided_page_range(page.number),
        "query": "all&",
    }
    return render(request, "harmony/needs_all.html", context)


@login_not_required
@never_cache
def healthy(_request: HttpRequest) -> HttpResponse:
    """200 while the web server reaches its database; for load balancers and start scripts."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")


def _mail_files() -> list[Path]:
    """The demonstration's mails, newest first; 404 outside a demonstration that keeps mails in files."""
    folder = getattr(settings, "EMAIL_FILE_PATH", None)
    if not settings.DEMONSTRATION or not folder:
        raise Http404
    found = [path for path in Path(folder).glob("*.log") if path.is_file()]
    return sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)


def _messages_in(path: Path) -> list[EmailMessage]:
    """The mails in one file of Django's file backend, which ends each with a line of dashes."""
    raw = path.read_bytes().split(b"\n" + b"-" * 79 + b"\n")
    return [email.message_from_bytes(part, policy=email.policy.default) for part in raw if part.strip()]


def _sent_at(mail: EmailMessage) -> datetime:
    """When the mail was made; a date that names no zone is in UTC (RFC 5322)."""
    at: datetime = mail["Date"].datetime
    return at if at.tzinfo else at.replace(tzinfo=UTC)


@login_not_required
def mail_list(request: HttpRequest) -> HttpResponse:
    """Every mail that the demonstration would have sent."""
    mails = [
        {
            "name": path.stem,
            "index": index,
            "to": mail["To"],
            "subject": mail["Subject"],
            "sent_at": _sent_at(mail),
        }
        for path in _mail_files()
        for index, mail in reversed(list(enumerate(_messages_in(path))))
    ]
    return render(request, "harmony/mail_list.html", {"mails": mails})


@login_not_required
def mail_detail(request: HttpRequest, name: str, index: int) -> HttpResponse:
    """One such mail."""
    path = next((path for path in _mail_files() if path.stem == name), None)
    mails = _messages_in(path) if path else []
    if index >= len(mails):
        raise Http404
    body = mails[index].get_body(preferencelist=("plain",))
    mail = mails[index]
    context = {
        "mail": mail,
        "sent_at": _sent_at(mail),
        "text": body.get_content() if body else "",
        "stream": mail.get("List-Id", "").strip(" <>").partition(".")[0],
        "unsubscribe": mail.get("List-Unsubscribe", "").strip(" <>"),
    }
    return render(request, "harmony/mail_detail.html", context)


def _bare(template: str, status: int) -> HttpResponse:
    """A page that touches neither the database nor the session, nor whatever else may be what failed."""
    context = {"site_name": settings.SITE_NAME, "stylesheet": "", "icon": ""}
    with suppress(ValueError):  # static files were not collected
        context |= {"stylesheet": static("harmony.css"), "icon": static("icon.svg")}
    text = render_to_string(template, context)
    return HttpResponse(text, status=status)


@login_not_required
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """The request makes no sense."""
    return _bare("400.html", 400)


@login_not_required
def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The wrong person."""
    return render(request, "403.html", {"reason": str(exception)}, status=403)


@login_not_required
def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """No such page, or none that this person may know of."""
    return render(request, "404.html", status=404)


@login_not_required
def server_error(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Our fault."""
    return _bare("500.html", 500)


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """The form was open too long, or in another browser: nothing was done."""
    return render(request, "403_csrf.html", status=403)
