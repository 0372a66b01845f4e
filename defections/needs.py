"""What of the cases waits for those who act for a deciding assembly; what waits for an applicant goes by mail."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from assemblies.models import Assembly
from decisions.entitlement import acts_for
from decisions.models import Decision, Gathering
from defections.models import Application, ApplicationQuerySet, HustingsInvitation
from members.models import Person


@dataclass(frozen=True)
class Waiting:
    """The next step of a case that somebody has to take, and since when it waits."""

    decision: Decision
    what: Promise
    url: str
    since: datetime
    helps: bool = (
        False  # they act for the assembly that helps with the case, not for the one that decides (D18)
    )
    reads_first: bool = False  # what they need to know for it stands on the matter's page

    @property
    def address(self) -> str:
        """Where somebody is led who is not on the matter's page."""
        return self.decision.get_absolute_url() if self.reads_first else self.url

    @property
    def note(self) -> Promise | str:
        """What else there is to say."""
        return _("Your assembly helps with this case; the other decides.") if self.helps else ""


def of_person(person: Person, at: datetime) -> Iterator[Waiting]:
    """The next steps that wait at `at` for somebody who acts for a deciding assembly, or for one that helps it."""
    served = set(Assembly.objects.served_by(person, at).values_list("pk", flat=True))
    theirs = Q(decision__assembly__in=served) | Q(decision__helped_by__in=served)
    for application in _in_hand().filter(theirs).exclude(decision__concerns=person):
        decision = application.decision
        helps = decision is not None and decision.assembly_id not in served
        step = next_step(application, at, helps=helps)
        if step is not None:
            yield step


def steps(*, decision: Decision, person: Person, at: datetime) -> list[tuple[str, str]]:
    """What waits for whoever acts for the matter, on its page, as (label, address); nothing for others."""
    if not decision.is_confidential or not acts_for(decision, person, at):
        return []
    helps = not Assembly.objects.served_by(person, at).filter(pk=decision.assembly_id).exists()
    found = [next_step(application, at, helps=helps) for application in _in_hand().filter(decision=decision)]
    return [(str(step.what), step.url) for step in found if step is not None]


def _in_hand() -> ApplicationQuerySet:
    """The cases without a letter, as `next_step` takes them."""
    gatherings = Gathering.objects.filter(cancelled_at=None).order_by("starts_at")
    return (
        Application.objects.in_hand()
        .filter(letter=None, decision__isnull=False)
        .select_related("decision__assembly")
        .prefetch_related(
            Prefetch("decision__gatherings", queryset=gatherings, to_attr="meetings"),
            Prefetch("invitations", queryset=HustingsInvitation.objects.all(), to_attr="invited"),
        )
    )


def next_step(application: Application, at: datetime, *, helps: bool) -> Waiting | None:
    """What somebody has to do next, or None while the clock or the members have it; rows as `_in_hand` loads them."""
    decision = application.decision
    if decision is None or decision.withdrawn_at is not None:
        return None
    if decision.settled_at is not None:
        url = reverse("defections:letter_detail", args=[application.pk])
        return Waiting(decision, _("Read and send the letter"), url, decision.settled_at, helps)
    if decision.deliberation_began_at is not None:
        return None
    return _before_deliberating(application, decision, at, helps=helps)


def _before_deliberating(
    application: Application, decision: Decision, at: datetime, *, helps: bool
) -> Waiting | None:
    meetings: list[Gathering] = decision.meetings  # type: ignore[attr-defined]
    hustings = [one for one in meetings if one.is_hustings]
    held = [one.held_at for one in hustings if one.held_at is not None]
    if held:
        url = reverse("decisions:deliberation_begin", args=[decision.pk])
        return Waiting(decision, _("Begin the deliberation"), url, held[0], helps)
    if not hustings:
        call = reverse("decisions:gathering_call", args=[decision.assembly.slug])
        url = f"{call}?{urlencode({'matter': str(decision.pk)})}"
        return Waiting(decision, _("Call the hustings"), url, decision.proposed_at, helps, reads_first=True)
    coming = hustings[-1]
    if coming.ends_at <= at:
        url = coming.get_absolute_url()
        return Waiting(decision, _("Say whether the hustings was held"), url, coming.ends_at, helps)
    invited: list[HustingsInvitation] = application.invited  # type: ignore[attr-defined]
    for row in invited:
        if row.gathering_id == coming.pk and row.reply == row.Reply.ANOTHER_TIME and row.replied_at:
            what = _("The applicant asks for another time")
            url = reverse("decisions:gathering_move", args=[coming.pk])
            return Waiting(decision, what, url, row.replied_at, helps, reads_first=True)
    return None
