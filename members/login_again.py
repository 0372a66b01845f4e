"""Logging in again as the same person: what guards a vote and the keys to an account in a long session."""

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import Enum, auto
from functools import wraps
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.core import ratelimit
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from harmony.http import PersonRequest
from members.accounts import authenticated_within, count_login_as_reauthentication

LASTS = timedelta(minutes=15)
MOST_TRIES = 3
_KEY = "members_login_again"

View = Callable[..., HttpResponseBase]


class Outcome(Enum):
    """What became of a code that somebody typed."""

    RIGHT = auto()
    WRONG = auto()
    GONE = auto()  # none was sent, it ran out, or it was tried too often


def address(next_page: str) -> str:
    """The page on which to log in again before going to `next_page`, a path of this site."""
    return f"{reverse('members:log_in_again')}?{urlencode({'next': next_page})}"


def next_page(request: HttpRequest) -> str:
    """Where the request wants to go afterwards, when that is a page of this site; else the home page."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe else reverse("home")


def fresh_login_required(view: View) -> View:
    """Lets in only who logged in within the last hour (settings.ACCOUNT_REAUTHENTICATION_TIMEOUT).

    Others log in again first, and come back with a GET: nothing that was posted is kept meanwhile.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            if not authenticated_within(request, settings.ACCOUNT_REAUTHENTICATION_TIMEOUT):
                return HttpResponseRedirect(address(request.get_full_path()))
            count_login_as_reauthentication(request)
        return view(request, *args, **kwargs)

    return guarded


def can_use_code(request: PersonRequest) -> bool:
    """Whether an emailed code is enough for this person: not where a second step guards the account."""
    return any(method["id"] == "code" for method in get_adapter().get_reauthentication_methods(request.user))


def send_code(request: PersonRequest, at: datetime) -> bool:
    """Mails a fresh code to the person's own address; False when too many were asked for.

    The session keeps a keyed digest of the code, bound to the person, for LASTS and MOST_TRIES.
    """
    person = request.user
    if not ratelimit.consume(request, action="request_login_code", key=person.email.lower()):
        return False
    code = get_adapter().generate_login_code()
    request.session[_KEY] = {"sent_at": at.timestamp(), "tries": 0, "digest": _digest(person.pk, code)}
    get_adapter().send_mail("account/email/login_code", person.email, {"code": code})
    return True


def is_code_sent(request: PersonRequest, at: datetime) -> bool:
    """Whether a code that still counts waits to be typed in."""
    state = request.session.get(_KEY)
    return state is not None and bool(at.timestamp() - state["sent_at"] < LASTS.total_seconds())


def take_code(request: PersonRequest, code: str, at: datetime) -> Outcome:
    """Tries a code; when it is the right one the session counts as freshly logged in."""
    state = request.session.get(_KEY)
    if not state or not is_code_sent(request, at):
        return Outcome.GONE
    if constant_time_compare(state["digest"], _digest(request.user.pk, code)):
        del request.session[_KEY]
        record_authentication(request, request.user, method="code", reauthenticated=True)
        request.session.cycle_key()
        return Outcome.RIGHT
    if state["tries"] + 1 >= MOST_TRIES:
        del request.session[_KEY]
        return Outcome.GONE
    request.session[_KEY] = {**state, "tries": state["tries"] + 1}
    return Outcome.WRONG


def _digest(person_id: object, code: str) -> str:
    """A keyed digest of the code as people type it: without dashes, spaces and case."""
    plain = "".join(character for character in code.upper() if character.isalnum())
    return salted_hmac("members.login_again", f"{person_id}:{plain}", algorithm="sha256").hexdigest()
