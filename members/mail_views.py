"""Choosing which mails to get, and stopping a kind of mail by the address in it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from harmony.http import PersonRequest
from members import mails
from members.forms import MailsForm


@require_http_methods(["GET", "POST"])
def mail_preferences(request: PersonRequest) -> HttpResponse:
    """Which mails I get; and those that are always sent, with the reason."""
    wanted = mails.wanted_by(request.user)
    initial = {
        "digest": request.user.digest,
        "at_once": [one.value for one in mails.AT_ONCE if one in wanted],
    }
    form = MailsForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        mails.choose(request.user, at=timezone.now(), **form.cleaned_data)
        messages.success(request, _("Your choice of mails is saved."))
        return redirect("members:account_detail")
    always = [(sort.label, mails.REASONS[sort]) for sort in mails.Always]
    return render(request, "members/mail_preferences.html", {"form": form, "always": always})


@csrf_exempt  # a mailbox posts here by itself, without having been on any page of ours (RFC 8058)
@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def mail_stop(request: HttpRequest, token: str) -> HttpResponse:
    """Stopping one kind of mail, by the address in a mail of it: asks on GET (scanners open links), acts on POST."""
    try:
        person, stream = mails.read_token(token)
    except mails.UnknownLink:
        return render(request, "members/mail_stop_unknown.html", status=404)
    if request.method == "POST":
        mails.stop(person, stream, at=timezone.now())
        person.refresh_from_db()
    is_stopped = stream not in mails.wanted_by(person)
    return render(request, "members/mail_stop.html", {"stream": stream, "is_stopped": is_stopped})
