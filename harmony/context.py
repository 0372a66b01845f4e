"""What every template may use."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(_request: HttpRequest) -> dict[str, Any]:
    """The site's name, and whether this is a demonstration."""
    return {"site_name": settings.SITE_NAME, "demonstration": settings.DEMONSTRATION}
