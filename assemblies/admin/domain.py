"""An admin whose changes go through the domain's own functions, so that they are checked and recorded."""

from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from assemblies.errors import AssemblyError, NotEligibleError, WrongMomentError
from assemblies.scoped_admin import ScopedAdmin
from members.admin import LondonTime

# What this floor refuses with, and the status of the answer.
REFUSALS = (
    (PermissionDenied, HTTPStatus.FORBIDDEN),
    (NotEligibleError, HTTPStatus.CONFLICT),
    (WrongMomentError, HTTPStatus.CONFLICT),
)


class DomainAdmin(ScopedAdmin):
    """An admin whose changes the domain may refuse: the sentence is shown, nothing is changed."""

    formfield_overrides = {models.DateTimeField: {"form_class": forms.DateTimeField, "widget": LondonTime}}

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The form; what the domain refuses rolls back and comes back as a message."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except (AssemblyError, ValidationError) as error:
            told = " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
            self.message_user(request, told, messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

    def each(self, request: HttpRequest, rows: QuerySet, act: Any, done: Any) -> None:
        """Calls `act` with each of `rows`; says `done` of those that went well and why not of the others."""
        went_well = 0
        for row in rows:
            try:
                act(row)
                went_well += 1
            except (AssemblyError, PermissionDenied) as error:
                self.message_user(request, f"{row}: {error}", messages.ERROR)
        if went_well:
            self.message_user(request, done % {"n": went_well}, messages.SUCCESS)
