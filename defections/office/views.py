"""Public pages of the office: the form to print, and the logo of a release."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from defections.models import FormRelease
from defections.office import paper_form


@login_not_required
@require_safe
def form_print(request: HttpRequest) -> HttpResponse:
    """The release that new applications are made on, to print, fill in and post (D15)."""
    release = FormRelease.objects.current()
    if release is None:
        return render(request, "defections/office/no_form.html", status=404)
    logo = reverse("defections:release_logo", args=[release.number]) if release.logo else ""
    return paper_form.page(request, release, logo=logo, back=reverse("home"))


@login_not_required
@require_safe
@cache_control(public=True, max_age=24 * 3600)
def release_logo(_request: HttpRequest, number: int) -> HttpResponse:
    """The logo of a published release, which never changes."""
    release = get_object_or_404(FormRelease.objects.published(), number=number)
    if not release.logo:
        raise Http404
    return HttpResponse(bytes(release.logo), content_type="image/png")
