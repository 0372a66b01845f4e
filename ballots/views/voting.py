"""Voting: the form, the check page and the cast (DESIGN, The ballot: Cast; FRONTEND, The ballot).

Scores live in the voter's browser alone: in the form, in hidden inputs of the check page, and in the POSTs between.
They are never in the session, a cache, a log or the database, until the cast seals them.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from ballots import casting, letters, wording
from ballots.errors import (
    BadScores,
    BadSubmission,
    BallotError,
    LoginTooOld,
    NotAMember,
    NotLoggedIn,
    NotOnTheRoll,
    NotYetOpen,
    Suspended,
    TooLate,
    VotedElsewhere,
    WrongLink,
)
from ballots.forms import field_name, read_scores, whole_vote
from ballots.models import Ballot, RollEntry
from ballots.wording import Choice
from harmony.http import PersonRequest
from members import login_again
from members.accounts import authenticated_within
from members.models import Person

PADDED_TO = 16 * 1024  # bytes
GRACE_SECONDS = 30 * 60  # for filling in the form, when the login grows old meanwhile
_ADMISSION_SALT = "ballots.voting"
_BESIDE = frozenset({"csrfmiddlewaretoken", "admission", "prepared"})

# Each refusal's status and title.
REFUSALS: dict[type[BallotError], tuple[HTTPStatus, Any]] = {
    NotLoggedIn: (HTTPStatus.FORBIDDEN, _("You have been logged out")),
    LoginTooOld: (HTTPStatus.FORBIDDEN, _("Log in again to vote")),
    WrongLink: (HTTPStatus.FORBIDDEN, _("This link does not work here")),
    NotOnTheRoll: (HTTPStatus.FORBIDDEN, _("You cannot vote in this ballot")),
    NotAMember: (HTTPStatus.FORBIDDEN, _("You cannot vote at present")),
    Suspended: (HTTPStatus.FORBIDDEN, _("You cannot vote at present")),
    NotYetOpen: (HTTPStatus.CONFLICT, _("This ballot has not opened yet")),
    TooLate: (HTTPStatus.GONE, _("This ballot has closed")),
    VotedElsewhere: (HTTPStatus.CONFLICT, _("You have voted from another page meanwhile")),
    BadScores: (HTTPStatus.BAD_REQUEST, _("These scores cannot be counted")),
    BadSubmission: (HTTPStatus.BAD_REQUEST, _("This form cannot be used")),
}


@dataclass(frozen=True)
class Booth:
    """What a voting page stands on: the ballot, the voter's place on its roll, the options in their order."""

    ballot: Ballot
    entry: RollEntry
    choices: list[Choice]

    @property
    def keys(self) -> list[str]:
        """The options' keys in the order of setting up, in which scores are sealed."""
        return [option["key"] for option in self.ballot.terms["options"]]


Page = Callable[[PersonRequest, Booth], HttpResponse]


def voting_page(page: Page) -> Callable[[HttpRequest, UUID], HttpResponse]:
    """Makes a view of a page for one voter: finds the ballot, admits the person, and tells each refusal.

    Without a login a GET leads to the login; a POST is told that its scores were not taken.
    """

    @login_not_required
    @never_cache
    @require_http_methods(["GET", "HEAD", "POST"])
    @sensitive_post_parameters()
    @sensitive_variables()
    @wraps(page)
    def view(request: HttpRequest, ballot_id: UUID) -> HttpResponse:
        is_sent = request.method == "POST"
        if not is_sent and not isinstance(request.user, Person):
            return redirect_to_login(request.get_full_path())
        now = timezone.now()
        ballots = Ballot.objects.select_related("assembly")
        ballot = ballots.public().filter(pk=ballot_id, opened_at__isnull=False).first()
        if (
            ballot is None
        ):  # most voting pages are of an open ballot, which is public: so it is asked for first
            ballot = get_object_or_404(ballots.visible_to(request.user, now), pk=ballot_id)
        try:
            if not isinstance(request.user, Person):
                raise NotLoggedIn
            entry = casting.admit(ballot, request.user, now)
            booth = Booth(ballot, entry, wording.choices(ballot, entry))
            return _padded(page(request, booth))  # type: ignore[arg-type]
        except BallotError as refusal:
            return _refused(request, ballot, refusal)

    return view


def _padded(response: HttpResponse) -> HttpResponse:
    """Fills the answer up to whole blocks, so that its length on the wire does not tell what is in it."""
    if not response.has_header("Location"):
        response.content += b" " * (-len(response.content) % PADDED_TO)
    return response


@voting_page
def ballot_vote(request: PersonRequest, booth: Booth) -> HttpResponse:
    """The form. A POST comes back from the check page and finds its scores as they were."""
    if request.method == "POST":
        given = read_scores(request.POST, booth.keys, beside=_BESIDE)
        admission = _renewed_admission(request, booth)
    else:
        if "link" in request.GET:
            return _take_link(request, booth)
        if not _is_fresh(request, booth.ballot):
            return redirect(_login_again(booth.ballot))
        given, admission = {}, _new_admission(booth)
    context = {
        "ballot": booth.ballot,
        "question": wording.question(booth.ballot),
        "fields": [(choice, field_name(choice.key), given.get(choice.key)) for choice in booth.choices],
        "three_lines": wording.three_lines(booth.ballot),
        "scores": range(6),
        "admission": admission,
        "has_voted": booth.entry.has_voted,
    }
    return render(request, "ballots/ballot_vote.html", context)


@voting_page
def ballot_check(request: PersonRequest, booth: Booth) -> HttpResponse:
    """Shows the scores before they are cast; nothing is stored. What was left blank counts 0 and is shown so."""
    if request.method != "POST":
        return redirect("ballots:ballot_vote", booth.ballot.pk)
    given = read_scores(request.POST, booth.keys, beside=_BESIDE)
    admission = _renewed_admission(request, booth)
    counted = {key: given.get(key, 0) for key in booth.keys}
    context = {
        "ballot": booth.ballot,
        "question": wording.question(booth.ballot),
        "rows": [
            (choice, field_name(choice.key), counted[choice.key], choice.key not in given)
            for choice in booth.choices
        ],
        "all_equal": len(set(counted.values())) == 1,
        "no_five": 5 not in counted.values(),
        "admission": admission,
        "prepared": casting.prepare(booth.entry),
        "has_voted": booth.entry.has_voted,
    }
    return render(request, "ballots/ballot_check.html", context)


@voting_page
def ballot_cast(request: PersonRequest, booth: Booth) -> HttpResponse:
    """Casts the vote and answers with the receipt: the one time that the tracker is shown."""
    if request.method != "POST":
        return redirect("ballots:ballot_vote", booth.ballot.pk)
    scores = whole_vote(read_scores(request.POST, booth.keys, beside=_BESIDE), booth.keys)
    _renewed_admission(request, booth)
    receipt = casting.cast(booth.ballot, request.user, scores, request.POST.get("prepared", ""))
    context = {"ballot": booth.ballot, "question": wording.question(booth.ballot), "receipt": receipt}
    return render(request, "ballots/ballot_cast.html", context)


# --- Who may be in the booth: a fresh login or the voter's own link; then time to fill in the form ---


def _link_mark(ballot: Ballot) -> str:
    return f"ballots.link:{ballot.pk}"


def _take_link(request: PersonRequest, booth: Booth) -> HttpResponse:
    """Remembers that this voter came by their own link, and takes the link out of the address."""
    if not letters.link_belongs_to(request.GET["link"], booth.entry):
        raise WrongLink
    request.session[_link_mark(booth.ballot)] = time.time()
    return redirect("ballots:ballot_vote", booth.ballot.pk)


def _is_fresh(request: HttpRequest, ballot: Ballot) -> bool:
    """Whether the person logged in, or followed the link sent to them, within the last hour."""
    seconds = settings.BALLOT_FRESH_LOGIN_SECONDS
    followed: float = request.session.get(_link_mark(ballot), 0)
    return time.time() - followed < seconds or authenticated_within(request, seconds)


def _new_admission(booth: Booth) -> str:
    """A signed note that this voter's login was fresh when they got the form; good for GRACE_SECONDS."""
    return signing.dumps(str(booth.entry.pk), salt=_ADMISSION_SALT)


def _renewed_admission(request: HttpRequest, booth: Booth) -> str:
    """The admission to this voter's next form; raises LoginTooOld when login and admission have run out."""
    if _is_fresh(request, booth.ballot):
        return _new_admission(booth)
    sent = request.POST.get("admission", "")
    try:
        named = signing.loads(sent, salt=_ADMISSION_SALT, max_age=GRACE_SECONDS)
    except signing.BadSignature:
        raise LoginTooOld from None
    if named != str(booth.entry.pk):
        raise LoginTooOld
    return sent


def _login_again(ballot: Ballot) -> str:
    return login_again.address(reverse("ballots:ballot_vote", args=[ballot.pk]))


# --- Refusals ---


@sensitive_variables()
def _refused(request: HttpRequest, ballot: Ballot, refusal: BallotError) -> HttpResponse:
    """The page of a refusal. Scores that were sent and make sense are shown again, to carry on with or to note."""
    status, title = REFUSALS[type(refusal)]
    is_sent = request.method == "POST"
    context = {
        "ballot": ballot,
        "question": wording.question(ballot),
        "title": title,
        "refusal": refusal,
        "is_sent": is_sent,
        "is_over": isinstance(refusal, TooLate),
        "offers_login": isinstance(refusal, NotLoggedIn | LoginTooOld),
        "offers_start": isinstance(refusal, VotedElsewhere | BadScores | BadSubmission),
        "is_wrong_link": isinstance(refusal, WrongLink),
        "is_other_account": isinstance(refusal, NotOnTheRoll | WrongLink),
        "is_not_on_roll": isinstance(refusal, NotOnTheRoll),
        "assemblies": ballot.assemblies(),
        "sent": _sent_scores(request, ballot) if is_sent else [],
        "kept": _kept(request) if isinstance(refusal, LoginTooOld) else [],
        "login_again": _login_again(ballot),
    }
    return render(request, "ballots/ballot_refused.html", context, status=status)


@sensitive_variables()
def _sent_scores(request: HttpRequest, ballot: Ballot) -> list[tuple[str, int]]:
    choices = wording.choices(ballot)
    try:
        given = read_scores(request.POST, [choice.key for choice in choices], beside=_BESIDE)
    except BadScores:
        return []
    return [(choice.name, given[choice.key]) for choice in choices if choice.key in given]


@sensitive_variables()
def _kept(request: HttpRequest) -> list[tuple[str, str]]:
    """The fields of the form that was sent, to send them once more after logging in again."""
    return [(name, value) for name, value in request.POST.dict().items() if name != "csrfmiddlewaretoken"]
