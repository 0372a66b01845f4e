"""A person's own account."""

from django.http import HttpResponse
from django.shortcuts import render

from harmony.http import PersonRequest


def account_detail(request: PersonRequest) -> HttpResponse:
    """Who I am here, and how I log in."""
    return render(request, "members/account_detail.html")
