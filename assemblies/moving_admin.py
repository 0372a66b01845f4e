"""An admin whose rows are moved on by buttons, each of which calls the same function of the domain as the site.

Nothing is typed into such a row. A button is shown where the domain would let the person take the step now; its
page asks what the step needs, and shows the sentence with which the domain refuses.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from assemblies.scoped_admin import ScopedAdmin, acting
from harmony.http import once
from members.models import Person

Check = Callable[[Any, Person, datetime], object]


def _always(_row: Any, _at: datetime) -> bool:
    return True


@dataclass(frozen=True)
class Asked:
    """What a step's form is made for: what was sent (None: nothing yet), the row, who is asked, when, and files."""

    data: QueryDict | None
    row: Any
    person: Person
    at: datetime
    files: MultiValueDict | None = None


@dataclass(frozen=True)
class Move:
    """One step: its verb in the address, its words, who may take it when, what it asks, and what takes it.

    `check(row, person, at)` raises what the domain refuses with. `fits(row, at)` says whether the step makes sense
    as the row stands: where it does not it is not shown, and the domain says why to whoever sends it all the same.
    `form(asked)` makes the form; `take(row, by=, at=, **cleaned_data)` takes the step. With `must_change` a form
    that was sent as it was is refused. With `warns` the button is red: the step takes something from somebody.
    """

    verb: str
    label: Promise
    explanation: Promise
    done: Promise
    check: Check
    take: Callable[..., object]
    form: Callable[[Asked], forms.Form] | None = None
    must_change: bool = False
    fits: Callable[[Any, datetime], bool] = _always
    warns: bool = False


class MovingAdmin(ScopedAdmin):
    """Rows that are looked at, and moved by `moves`. Nobody adds, types over or deletes one."""

    moves: ClassVar[tuple[Move, ...]] = ()
    beginning: ClassVar[Move | None] = (
        None  # makes a new row; its own row is None, and what it takes gives the row
    )
    # What the domain refuses with, and the answer's status. The kinds of `unfinished` are put on the form instead.
    refusals: ClassVar[tuple[tuple[type[Exception], HTTPStatus], ...]] = ()
    unfinished: ClassVar[tuple[type[Exception], ...]] = ()
    secretaries_may: Collection[str] = ("view",)
    change_form_template = "admin/moving_change_form.html"
    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest, _obj: Any = None) -> bool:
        """Whoever may take the step that makes one, where there is such a step here."""
        person, beginning = request.user, self.beginning
        if beginning is None or not isinstance(person, Person):
            return False
        question = ("begins", type(self))
        return once(request, question, lambda: self._passes(beginning, None, person, timezone.now()))

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Moved by steps, never typed over."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Kept for good."""
        return False

    # --- steps --------------------------------------------------------------------------------------
    @property
    def _refused(self) -> tuple[type[Exception], ...]:
        return (PermissionDenied, *(kind for kind, _status in self.refusals), *self.unfinished)

    def offered(self, row: Any, person: Person, at: datetime) -> list[Move]:
        """The steps that the domain would let the person take with the row at `at`."""
        return [move for move in self.moves if self._passes(move, row, person, at)]

    def _passes(self, move: Move, row: Any, person: Person, at: datetime) -> bool:
        try:
            move.check(row, person, at)
        except self._refused:
            return False
        return move.fits(row, at)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The row, with the steps that can be taken."""
        row = self.get_object(request, object_id)
        person = request.user
        steps = self.offered(row, person, timezone.now()) if row and isinstance(person, Person) else []
        name = self._address_of_moves
        context = {
            "moves": [(move, reverse(f"admin:{name}", args=[object_id, move.verb])) for move in steps],
            **(extra_context or {}),
        }
        return super().change_view(request, object_id, form_url, context)

    @property
    def _address_of_moves(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_move"

    def get_urls(self) -> list[URLPattern]:
        """Every step has an address of its own."""
        view = self.admin_site.admin_view(self.move_view)
        own = path("<path:object_id>/move/<slug:verb>/", view, name=self._address_of_moves)
        return [own, *super().get_urls()]

    def move_view(self, request: HttpRequest, object_id: str, verb: str) -> HttpResponse:
        """One step: asks on GET, acts on POST, and says why it is refused: 403 wrong person, 409 wrong moment."""
        row: Any = self.get_object(request, object_id)
        move = next((move for move in self.moves if move.verb == verb), None)
        if row is None or move is None:
            raise Http404
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        return self._go(request, move, row)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The step that makes a row."""
        if self.beginning is None:
            return super().add_view(request, form_url, extra_context)
        return self._go(request, self.beginning, None)

    def _go(self, request: HttpRequest, move: Move, row: Any) -> HttpResponse:
        now, person = timezone.now(), acting(request)
        form, status, problem = None, HTTPStatus.OK, ""
        if request.method != "POST" and not move.fits(row, now):
            problem, status = str(_("This step cannot be taken as things stand now.")), HTTPStatus.CONFLICT
        try:
            move.check(row, person, now)
            form = self._form(move, request, row, now)
            if request.method == "POST" and (taken := self._taken(move, form, row, person, now)):
                self.message_user(request, str(move.done), messages.SUCCESS)
                return HttpResponseRedirect(self._after(request, row or taken[0]))
        except self._refused as refusal:
            problem = str(refusal) or str(_("You may not take this step."))
            kinds = (code for kind, code in self.refusals if isinstance(refusal, kind))
            status, form = next(kinds, HTTPStatus.FORBIDDEN), None
        back = self._page_of(row) if row else self._list_of
        context = {"row": row, "move": move, "form": form, "problem": problem, "back": back}
        return TemplateResponse(request, "admin/move.html", context, status=status)

    def _form(self, move: Move, request: HttpRequest, row: Any, at: datetime) -> forms.Form | None:
        if move.form is None:
            return None
        sent = request.method == "POST"
        data, files = (request.POST, request.FILES) if sent else (None, None)
        return move.form(Asked(data, row, acting(request), at, files))

    def _taken(
        self, move: Move, form: forms.Form | None, row: Any, by: Person, at: datetime
    ) -> tuple[Any] | None:
        """What the step gave, or None where it was not taken; what is wrong with what was typed is on the form."""
        if form is None:
            return (move.take(row, by=by, at=at),)
        if form.is_valid() and move.must_change and not form.has_changed():
            form.add_error(None, _("Nothing here differs from what it was: change something first."))
        if not form.is_valid():
            return None
        try:
            return (move.take(row, by=by, at=at, **form.cleaned_data),)
        except self.unfinished as refusal:
            form.add_error(None, str(refusal))
            return None

    @property
    def _list_of(self) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")

    def _page_of(self, row: models.Model) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[row.pk])

    def _after(self, request: HttpRequest, row: models.Model) -> str:
        """Where a step leads: to the row, or to the list where the person may not see it any more."""
        seen = self.get_object(request, str(row.pk)) is not None
        return self._page_of(row) if seen else self._list_of

    # --- actions ------------------------------------------------------------------------------------
    def move_each(self, request: HttpRequest, rows: models.QuerySet, verb: str) -> None:
        """Takes a step that asks nothing with each of the rows chosen in the list; says why not of the others."""
        move = next(move for move in self.moves if move.verb == verb)
        now, person, went_well = timezone.now(), acting(request), 0
        for row in rows:
            try:
                move.check(row, person, now)
                move.take(row, by=person, at=now)
                went_well += 1
            except self._refused as refusal:
                self.message_user(request, f"{row}: {refusal}", messages.ERROR)
        if went_well:
            self.message_user(request, f"{move.done} ({went_well})", messages.SUCCESS)
