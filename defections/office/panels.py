"""What the office adds to the applicant's own page: how long their data is kept, and what they can do about it."""

from datetime import datetime
from typing import Any

from django.conf import settings

from assemblies.models import Assembly, Duty
from assemblies.panels import Viewer
from defections import cases, releases, retention
from defections.models import Application
from members.models import Person


def gather(assembly: Assembly, viewer: Viewer, at: datetime) -> dict[str, Any] | None:
    """On the party's page what its secretary and deputies do about forms; on that of operations, who makes the form."""
    if not isinstance(viewer, Person):
        return None
    enters = assembly.is_party and cases.acts_for_party(viewer, at)
    makes = Duty.objects.holder_at(Duty.Name.OPERATIONS, at) == assembly and releases.may_make(viewer, at)
    return {"enters": enters, "makes": makes} if enters or makes else None


def email(application: Application, at: datetime) -> dict[str, Any] | None:
    """That a change of the email address was asked for at the office, and the way to stop it."""
    change = application.email_changes.waiting_at(at).first()
    return {"change": change} if change else None


def data(application: Application, _at: datetime) -> dict[str, Any]:
    """The clock of the application, and the times that apply later."""
    return {
        "clock": retention.clock_of(application),
        "is_held": application.is_held,
        "is_open": application.is_open,
        "over_months": settings.DEFECTIONS_OVER_MONTHS,
        "accepted_days": settings.DEFECTIONS_ACCEPTED_DAYS,
        "copy_months": settings.DEFECTIONS_COPY_MONTHS,
    }
