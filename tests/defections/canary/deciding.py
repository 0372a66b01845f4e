"""The assembly's part of the story: hustings, deliberation, ballot, letter, through the pages and by the clock."""

from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from ballots.models import Ballot
from decisions.models import Decision, Gathering
from defections.models import Application
from harmony.clock import sweep
from harmony.time import LONDON
from members.models import Person
from tests.ballots import pages
from tests.defections.canary.markers import Given
from tests.defections.canary.walking import Walker
from tests.factories import end_now


def decision_of(application: Application) -> Decision:
    """The matter that settles the application."""
    application.refresh_from_db()
    assert application.decision is not None
    return application.decision


def call_hustings(secretary: Walker, application: Application, starts_at: datetime) -> Gathering:
    """The secretary calls the hustings for an hour from `starts_at`."""
    decision = decision_of(application)
    local = starts_at.astimezone(LONDON)
    data: dict[str, Any] = {"kind": "hustings", "title": "Hustings", "address": "Town Hall"}
    data |= {"day_day": local.day, "day_month": local.month, "day_year": local.year}
    data |= {"starts": f"{local:%H:%M}", "ends": f"{(local + timedelta(hours=1)):%H:%M}"}
    page = reverse("decisions:gathering_call", args=[decision.assembly.slug]) + f"?matter={decision.pk}"
    secretary.send(page, data=data)
    return Gathering.objects.get(decision=decision)


def ask_for_another_time(applicant: Walker, given: Given) -> None:
    """The applicant reads the invitation and would rather come at another time."""
    applicant.get("defections:hustings_detail")
    applicant.post(
        "defections:hustings_answer", "another_time", message=f"After {given('another time')}, please."
    )


def accept(applicant: Walker) -> None:
    """The applicant comes after all."""
    applicant.post("defections:hustings_answer", "accepted", accepts_code="on")
    applicant.get("defections:hustings_calendar_file")


def bar(secretary: Walker, gathering: Gathering, person: Person) -> None:
    """The secretary bars somebody from the hustings."""
    data = {"email": person.email, "ground": "hate", "reason": "Shouted."}
    secretary.send("decisions:gathering_bar", gathering.pk, data=data)


def deliberate(secretary: Walker, application: Application) -> None:
    """The hustings is over: held, and the deliberation of a week begins."""
    decision = decision_of(application)
    secretary.post("decisions:gathering_hold", Gathering.objects.get(decision=decision).pk)
    secretary.post("decisions:deliberation_begin", decision.pk, days=7)


def open_ballot(application: Application) -> Ballot:
    """The deliberation ended by the clock without consensus: the ballot."""
    ballot = decision_of(application).ballot
    assert ballot is not None
    return ballot


def vote(member: Walker, ballot: Ballot, *scores: int) -> None:
    """A member opens the ballot, scores the options, checks the scores, and casts them."""
    form = pages.fields(member.get("ballots:ballot_vote", ballot.pk), "/vote/check/")
    data = {**form, **pages.scores(*scores)}
    checked = member.send("ballots:ballot_check", ballot.pk, data=data, status=200)
    cast = pages.fields(checked, "/vote/cast/")
    assert pages.tracker_in(member.send("ballots:ballot_cast", ballot.pk, data=cast, status=200))


def count(application: Application) -> None:
    """The ballot's time is over; the clock closes and counts it, and the matter is settled."""
    end_now(open_ballot(application))
    assert sweep(timezone.now()) == []
    assert decision_of(application).settled_at is not None


def write(secretary: Walker, application: Application) -> None:
    """The secretary reads the letter and sends it; the clock takes it to the post."""
    secretary.get("defections:letter_detail", application.pk)
    secretary.post("defections:letter_detail", application.pk)
    assert sweep(timezone.now()) == []
