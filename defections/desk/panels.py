"""What the desk adds to the applicant's own page."""

from datetime import datetime
from typing import Any

from defections.models import Application


def questions(application: Application, _at: datetime) -> dict[str, Any] | None:
    """The questions that wait for the applicant, and those they have answered."""
    queries = list(application.queries.filter(taken_back_at=None))
    if not queries:
        return None
    return {
        "waiting": [query for query in queries if query.answered_at is None] if application.is_open else [],
        "answered": [query for query in queries if query.answered_at is not None],
    }
