"""Doing what is due, row by row: one that fails does not hold up the others (STYLE 12)."""

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

from django.db import models

log = logging.getLogger(__name__)
Row = TypeVar("Row", bound=models.Model)


def each(due: Iterable[Row], step: Callable[[Row], object]) -> None:
    """Takes the step with each row, whatever happens with another; then raises the first error there was.

    A step works in a transaction of its own, so what failed is due again at the next sweep. Errors are logged by
    their kind, never with their values.
    """
    first: Exception | None = None
    for row in due:
        try:
            step(row)
        except Exception as error:  # noqa: BLE001 - the clock goes on with the next row
            log.error("%s %s: %s", row._meta.label, row.pk, type(error).__name__)
            first = first or error
    if first is not None:
        raise first
