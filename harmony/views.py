"""The home page, the health check, the error pages and the demonstration's page of mails."""

import email
import email.policy
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache


@login_not_required
def home(request: HttpRequest) -> HttpResponse:
    """Logged in: what needs me. Otherwise: what this place is."""
    return render(request, "harmony/home.html")


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
    return [email.message_from_bytes(part, policy=email.policy.default) for part in raw if part.strip()]  # type: ignore[misc]


@login_not_required
def mail_list(request: HttpRequest) -> HttpResponse:
    """Every mail that the demonstration would have sent."""
    mails = [
        {
            "name": path.stem,
            "index": index,
            "to": mail["To"],
            "subject": mail["Subject"],
            "date": mail["Date"],
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
    mail = mails[index]
    return render(request, "harmony/mail_detail.html", {"mail": mail, "text": mail.get_content()})


@login_not_required
def bad_request(request: HttpRequest, _exception: Exception) -> HttpResponse:
    """The request makes no sense."""
    return render(request, "400.html", status=400)


@login_not_required
def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The wrong person."""
    return render(request, "403.html", {"reason": str(exception)}, status=403)


@login_not_required
def page_not_found(request: HttpRequest, _exception: Exception) -> HttpResponse:
    """No such page, or none that this person may know of."""
    return render(request, "404.html", status=404)


@login_not_required
def server_error(request: HttpRequest) -> HttpResponse:
    """Our fault."""
    return render(request, "500.html", status=500)


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """The form was open too long, or in another browser: nothing was done."""
    return render(request, "403_csrf.html", status=403)
