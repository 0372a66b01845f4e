"""The invitation to a hustings on a sheet, to be printed and posted."""

from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from defections import posting
from defections.office.paper_views import clerk_required
from harmony.http import PersonRequest


@clerk_required
@require_safe
def invitation_print(request: PersonRequest, invitation_id: UUID) -> HttpResponse:
    """The invitation as it is now, with the code of conduct and how to answer; it names nobody."""
    invitation = get_object_or_404(posting.invitations(timezone.now()), pk=invitation_id)
    context = {
        "invitation": invitation,
        "gathering": invitation.gathering,
        "post_to": settings.DEFECTIONS_POST_TO,
        "email_to": settings.DEFECTIONS_EMAIL_TO,
    }
    return render(request, "defections/office/invitation_print.html", context)
