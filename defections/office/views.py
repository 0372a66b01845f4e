"""Public pages of the office: the form to print, and the logo of a release."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers, patch_cache_control
from django.views.decorators.http import require_safe

from defections import releases
from defections.models import FormRelease
from defections.office import paper_form
from members.models import Person


@login_not_required
@require_safe
def form_print(request: HttpRequest) -> HttpResponse:
    """The release that new applications are made on, to print, fill in and post (D15)."""
    release = FormRelease.objects.current()
    if release is None:
        return render(request, "defections/office/no_form.html", status=404)
    return paper_form.page(request, release, back=reverse("defections:form_start"))


@login_not_required
@require_safe
def release_logo(request: HttpRequest, number: int) -> HttpResponse:
    """The logo of a published release, which never changes; that of a draft for whoever may see drafts."""
    release = get_object_or_404(FormRelease, number=number)
    if not release.logo or not (release.is_published or _sees_drafts(request)):
        raise Http404
    response = HttpResponse(bytes(release.logo), content_type="image/png")
    if release.is_published:
        patch_cache_control(response, public=True, max_age=24 * 3600)
    else:
        add_never_cache_headers(response)
    return response


def _sees_drafts(request: HttpRequest) -> bool:
    person = request.user
    if not isinstance(person, Person):
        return False
    return person.has_perm("defections.view_formrelease") or releases.may_make(person, timezone.now())
