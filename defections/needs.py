"""What of the cases waits for those who act for a deciding assembly; what waits for an applicant goes by mail."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from assemblies.models import Assembly
from decisions.models import Decision, Gathering
from defections.models import Application, HustingsInvitation
from members.models import Person


@dataclass(frozen=True)
class Waiting:
    """The next step of a case that somebody has to take, and since when it waits."""

    decision: Decision
    what: Promise
    url: str
    since: datetime


def of_person(person: Person, at: datetime) -> Iterator[Waiting]:
    """The next steps that wait at `at` for the person, who acts for the deciding assemblies."""
    gatherings = Gathering.objects.filter(cancelled_at=None).order_by("starts_at")
    rows = (
        Application.objects.in_hand()
        .filter(letter=None, decision__assembly__in=Assembly.objects.served_by(person, at))
        .exclude(decision__concerns=person)
        .select_related("decision__assembly")
        .prefetch_related(
            Prefetch("decision__gatherings", queryset=gatherings, to_attr="meetings"),
            Prefetch("invitations", queryset=HustingsInvitation.objects.all(), to_attr="invited"),
        )
    )
    for application in rows:
        step = next_step(application, at)
        if step is not None:
            yield step


def next_step(application: Application, at: datetime) -> Waiting | None:
    """What somebody has to do next, or None while the clock or the members have it; rows as `of_person` loads them."""
    decision = application.decision
    if decision is None or decision.withdrawn_at is not None:
        return None
    if decision.settled_at is not None:
        url = reverse("defections:letter_detail", args=[application.pk])
        return Waiting(decision, _("Send the letter"), url, decision.settled_at)
    if decision.deliberation_began_at is not None:
        return None
    return _before_deliberating(application, decision, at)


def _before_deliberating(application: Application, decision: Decision, at: datetime) -> Waiting | None:
    meetings: list[Gathering] = decision.meetings  # type: ignore[attr-defined]
    hustings = [one for one in meetings if one.is_hustings]
    held = [one.held_at for one in hustings if one.held_at is not None]
    if held:
        url = reverse("decisions:deliberation_begin", args=[decision.pk])
        return Waiting(decision, _("Begin the deliberation"), url, held[0])
    if not meetings:
        return None  # `routing.not_begun_for` asks for the first
    if not hustings:
        call = reverse("decisions:gathering_call", args=[decision.assembly.slug])
        url = f"{call}?{urlencode({'matter': str(decision.pk)})}"
        return Waiting(decision, _("Call the hustings"), url, decision.proposed_at)
    coming = hustings[-1]
    if coming.ends_at <= at:
        url = coming.get_absolute_url()
        return Waiting(decision, _("Say whether the hustings was held"), url, coming.ends_at)
    invited: list[HustingsInvitation] = application.invited  # type: ignore[attr-defined]
    for row in invited:
        if row.gathering_id == coming.pk and row.reply == row.Reply.ANOTHER_TIME and row.replied_at:
            what = _("The applicant asks for another time")
            return Waiting(decision, what, decision.get_absolute_url(), row.replied_at)
    return None
