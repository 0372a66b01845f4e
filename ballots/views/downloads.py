"""What anybody can take away: the bundle and the table of a counted ballot, and the program that checks them."""

from pathlib import Path
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from ballots import downloads
from ballots.models import Ballot

VERIFIER = Path(downloads.__file__).parent / "verifier" / "verify_ballot.py"


def _counted(request: HttpRequest, ballot_id: UUID) -> Ballot:
    """A ballot that the reader may see, with its result published; anything else has no files and is not found."""
    seen = Ballot.objects.visible_to(request.user, timezone.now())
    return get_object_or_404(seen.filter(counted_at__isnull=False), pk=ballot_id)


def _named(response: StreamingHttpResponse, name: str) -> StreamingHttpResponse:
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@login_not_required
def ballot_bundle(request: HttpRequest, ballot_id: UUID) -> HttpResponseBase:
    """All that is published of the ballot, in the format harmony-ballot/1."""
    ballot = _counted(request, ballot_id)
    pieces = StreamingHttpResponse(downloads.bundle_pieces(ballot), content_type="application/json")
    return _named(pieces, downloads.file_name(ballot, ".json"))


@login_not_required
def ballot_votes_csv(request: HttpRequest, ballot_id: UUID) -> HttpResponseBase:
    """The votes as a table; not found where so few voted that they are not listed."""
    ballot = _counted(request, ballot_id)
    if ballot.outcome["votes_digest"] is None:
        raise Http404(_("So few voted that a list of votes would give people away."))
    pieces = StreamingHttpResponse(downloads.table_pieces(ballot), content_type="text/csv; charset=utf-8")
    return _named(pieces, downloads.file_name(ballot, ".csv"))


@login_not_required
def verifier(_request: HttpRequest) -> HttpResponseBase:
    """The program with which anybody recounts a bundle: one file, standard library only."""
    return FileResponse(
        VERIFIER.open("rb"), as_attachment=True, filename=VERIFIER.name, content_type="text/x-python"
    )
