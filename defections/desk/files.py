"""Files of evidence at the desk: listed without their names, served to be saved and never shown in a page."""

from dataclasses import dataclass
from urllib.parse import quote
from uuid import UUID

from django.http import HttpResponse
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from defections.models import Application, Evidence
from defections.records import OpenedFile

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


def served(opened: OpenedFile) -> HttpResponse:
    """The file as an attachment that a browser neither guesses at nor runs, kept in no cache."""
    response = HttpResponse(opened.content, content_type=opened.media_type)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(opened.name, safe='')}"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store, private"
    return response
