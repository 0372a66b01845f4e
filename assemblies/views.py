"""The assemblies' pages."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from assemblies.models import Assembly


@login_not_required
def assembly_list(request: HttpRequest) -> HttpResponse:
    """The directory."""
    return render(request, "assemblies/assembly_list.html", {"assemblies": Assembly.objects.all()})


@login_not_required
def assembly_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One assembly."""
    return render(
        request, "assemblies/assembly_detail.html", {"assembly": get_object_or_404(Assembly, slug=slug)}
    )
