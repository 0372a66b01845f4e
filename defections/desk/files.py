"""Files of evidence at the desk: listed without their names, and added where the research finds some."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from defections import evidence
from defections.desk.claims import held
from defections.errors import BadFile, WrongMoment
from defections.models import Application, Evidence
from members.models import Person

MOST = 40

_KINDS = {"application/pdf": "PDF", "image/jpeg": "JPEG", "image/png": "PNG"}
# What is shown where: evidence of links beside the links, all else at the overview.
_SECTIONS = {Evidence.Proves.LINKS.value: "links"}


@dataclass(frozen=True)
class ListedFile:
    """A file, as it is spoken of before it is opened."""

    pk: UUID
    label: str


def listed(application: Application, section: str = "") -> list[ListedFile]:
    """The files of the application by number, kind and size; those that belong to `section` where one is named."""
    rows = application.evidence.defer("content_sealed", "name_sealed").order_by("added_at", "pk")
    return [
        ListedFile(row.pk, _label(number, row))
        for number, row in enumerate(rows, 1)
        if not section or _SECTIONS.get(row.proves) == section
    ]


def _label(number: int, row: Evidence) -> str:
    return _("File %(number)d: %(what)s (%(kind)s, %(size)s)") % {
        "number": number,
        "what": row.get_proves_display(),
        "kind": _KINDS[row.media_type],
        "size": filesizeformat(row.size),
    }


@sensitive_variables("name", "content")
@transaction.atomic
def add(application: Application, name: str, content: bytes, *, by: Person, at: datetime) -> Evidence:
    """Keeps a file that the research found. Raises as `claims.held`, WrongMoment after the outcome, BadFile."""
    row = held(application, by, at)
    if row.verified_at is not None:
        raise WrongMoment(_("The outcome is recorded: what it rests on stands as it is."))
    if row.evidence.filter(proves=Evidence.Proves.RESEARCH).count() >= MOST:
        raise BadFile(
            _("There are %(n)d files of the research already: that is the most we keep.") % {"n": MOST}
        )
    return evidence.add(row, name, content, proves=Evidence.Proves.RESEARCH, at=at, by=by)
