"""The assembly's part of the story: hustings, deliberation, ballot, letter, through the pages and by the clock."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone

from decisions.models import Decision, Gathering
from defections.models import Application
from harmony.clock import sweep
from harmony.time import LONDON
from tests.defections.canary.markers import value
from tests.defections.canary.people import World
from tests.defections.canary.walking import Walker
from tests.factories import cast_vote, end_now


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
    data |= {"starts": f"{local:%H:%M}", "ends": f"{local.hour + 1}:{local:%M}"}
    page = reverse("decisions:gathering_call", args=[decision.assembly.slug]) + f"?matter={decision.pk}"
    secretary.send(page, data=data)
    return Gathering.objects.get(decision=decision)


def answer(applicant: Walker) -> None:
    """The applicant asks for another time, then comes after all."""
    applicant.get("defections:hustings_detail")
    applicant.post(
        "defections:hustings_answer", "another_time", message=f"After {value('another time')}, please."
    )
    applicant.post("defections:hustings_answer", "accepted", accepts_code="on")
    applicant.get("defections:hustings_calendar_file")


def hold(secretary: Walker, gathering: Gathering, world: World) -> None:
    """The secretary bars one member, and says that the hustings was held."""
    data = {"email": world.barred.email, "ground": "hate", "reason": "Shouted."}
    secretary.send("decisions:gathering_bar", gathering.pk, data=data)


def deliberate(secretary: Walker, gathering: Gathering, application: Application) -> None:
    """The hustings is over: held, and the deliberation of a week begins."""
    secretary.post("decisions:gathering_hold", gathering.pk)
    secretary.post("decisions:deliberation_begin", decision_of(application).pk, days=7)


def vote(world: World, application: Application, *, accept: bool = True) -> None:
    """The deliberation ends by the clock without consensus, the ballot opens, members vote, it is counted."""
    assert sweep(timezone.now()) == []
    decision = decision_of(application)
    assert decision.ballot is not None
    for person in world.members:
        cast_vote(decision.ballot, person, *((5, 0) if accept else (0, 5)))
    end_now(decision.ballot)
    assert sweep(timezone.now()) == []
    assert decision_of(application).settled_at is not None


def write(secretary: Walker, application: Application) -> None:
    """The secretary reads the letter and sends it; the clock takes it to the post."""
    secretary.get("defections:letter_detail", application.pk)
    secretary.post("defections:letter_detail", application.pk)
    assert sweep(timezone.now()) == []
