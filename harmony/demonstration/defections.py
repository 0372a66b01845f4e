"""The demonstration's defection form: the release that new applications are made on."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from assemblies import clearances
from assemblies.models import Duty
from defections import releases
from defections.models import FormRelease
from defections.office import demonstration
from harmony.demonstration.people import DOMAIN
from harmony.time import london_day
from members.models import Person


def load(people: Mapping[str, Person], *, since: datetime) -> FormRelease:
    """Clears somebody of the Operational Working Group a day after `since`, who publishes the form a day later."""
    staff, maker = people[f"ada@{DOMAIN}"], people[f"robin@{DOMAIN}"]
    at = since + timedelta(days=1)
    clearances.grant(
        maker,
        Duty.Name.OPERATIONS,
        by=staff,
        at=at,
        reason="Two references and a video call with the passport shown (invented).",
    )
    at += timedelta(days=1)
    release = releases.draft(by=maker, at=at)
    release.released_on, release.is_demonstration = london_day(at), True
    release.kernel, release.principles = demonstration.KERNEL, demonstration.PRINCIPLES
    releases.change(release, demonstration.PASSAGES, by=maker, at=at)
    releases.publish(release, by=maker, at=at)
    return release
