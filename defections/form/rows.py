"""The rows of the sections that repeat: which they are, and how one is named in an address.

A row is named by a keyed digest of what stands in it: the address tells nothing, and a row that was changed or
taken out in another window is not mistaken for the one that has moved into its place.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from defections import intake
from defections.errors import DefectionError
from defections.form.row_forms import AccountForm, JobForm
from defections.form.section_form import SectionForm
from defections.models import Application

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Kind:
    """A sort of row: its section, the page of the form that lists it, and its words."""

    step: str
    section: str
    form: type[SectionForm]
    title_of: Callable[[Row], str]
    add: Promise
    change: Promise
    remove: Promise
    none_yet: Promise
    first: Promise
    more: Promise
    one_needed: Callable[[Row], "Promise | str"]


def _job_needed(given: Row) -> "Promise | str":
    if given.get("is_employed") and not any(not row.get("ended") for row in given.get("rows") or []):
        return _("Add the job that you have now, or go back and say that you have none")
    return ""


JOBS = Kind(
    "jobs",
    "employment",
    JobForm,
    lambda row: _now("%(title)s, %(employer)s") % {"title": row["title"], "employer": row["employer"]},
    _("Add a job"),
    _("Change a job"),
    _("Take this job out?"),
    _("You have added no job yet."),
    _("Do you have a job to add, present or past?"),
    _("Do you have another job to add, present or past?"),
    _job_needed,
)
ACCOUNTS = Kind(
    "accounts",
    "public_accounts",
    AccountForm,
    lambda row: (
        _now("%(account)s on %(platform)s") % {"account": row["account"], "platform": row["platform"]}
    ),
    _("Add an account"),
    _("Change an account"),
    _("Take this account out?"),
    _("You have added no account yet."),
    _("Do you have a public account to add?"),
    _("Do you have another public account to add?"),
    lambda given: (
        "" if given.get("rows") else _("Add at least one account, or go back and say that you have none")
    ),
)
KINDS = {kind.step: kind for kind in (JOBS, ACCOUNTS)}


class RowGone(DefectionError):
    """The row was changed or taken out in the meantime."""

    def __init__(self) -> None:
        super().__init__(
            _now("That entry was changed or taken out in another window. This is how it is now.")
        )


def name_of(application: Application, row: Row) -> str:
    """What a row is called in addresses."""
    plain = json.dumps(row, sort_keys=True)
    return salted_hmac("defections.rows", f"{application.pk}:{plain}", algorithm="sha256").hexdigest()[:20]


def rows_of(application: Application, kind: Kind) -> list[Row]:
    """The rows of a section, the latest job first, accounts as they were added."""
    rows = list(intake.section_of(application, kind.section).get("rows") or [])
    return sorted(rows, key=_latest, reverse=True) if kind is JOBS else rows


def _latest(row: Row) -> tuple[str, str]:
    return row.get("ended") or "9999", row.get("began") or ""


def find(application: Application, kind: Kind, name: str) -> Row:
    """The row of this name. Raises RowGone."""
    found = next((row for row in rows_of(application, kind) if name_of(application, row) == name), None)
    if found is None:
        raise RowGone
    return found


@transaction.atomic
def put(application: Application, kind: Kind, row: Row | None, *, name: str = "", at: datetime) -> None:
    """Adds `row`; with a `name` puts it in the place of that one, or takes that one out for None.

    Adding the very same row again, by a second press of the button, adds nothing. Raises RowGone, WrongMoment.
    """
    intake.draft_under_lock(application)
    rows = rows_of(application, kind)
    place = len(rows)
    if name:
        place = rows.index(find(application, kind, name))
        del rows[place]
    if row is not None and row not in rows:
        rows.insert(place, row)
    intake.update_section(application, kind.section, {"rows": rows}, at=at)
