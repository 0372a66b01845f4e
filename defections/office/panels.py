"""What the office adds to the applicant's own page: how long their data is kept, and what they can do about it."""

from datetime import datetime
from typing import Any

from django.conf import settings

from defections import retention
from defections.models import Application


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
