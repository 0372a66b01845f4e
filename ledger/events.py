"""The one door by which something is recorded."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models

from ledger.models import Event


def record(
    verb: str,
    subject: models.Model,
    *,
    at: datetime,
    by: UUID | None = None,
    data: dict[str, Any] | None = None,
) -> Event:
    """Records that `verb` was done to `subject` at `at` by the person with id `by` (None: the clock).

    Call it in the transaction that makes the change (STYLE 17). `data` holds ids and plain facts only.
    """
    return Event.objects.create(
        at=at,
        verb=verb,
        subject_kind=subject._meta.label_lower,
        subject_id=str(subject.pk),
        by=by,
        data=data or {},
    )
