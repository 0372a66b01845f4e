"""What every table of ours in Django admin is built on: it answers about the columns that it shows, no others.

Django lets whoever may see a list filter it by any column of its table through the address, shown or not, by
pattern too (`?password__startswith=...`), and so read a hidden column letter by letter.
"""

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin import helpers
from django.db import models
from django.db.models.constants import LOOKUP_SEP
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

_OF_A_FILTER = ("", "exact", "in", "isnull", "isempty")
_OF_A_HIERARCHY = ("year", "month", "day", "gte", "lt")


class NarrowAdmin(admin.ModelAdmin):
    """A table that can be filtered by its own `list_filter` and `date_hierarchy` and by nothing else."""

    def lookup_allowed(self, lookup: str, _value: str, request: HttpRequest | None = None) -> bool:
        """Whether `lookup` is one that this table's own filters make, under whatever name."""
        return lookup in set(self._lookups(request))

    def _lookups(self, request: HttpRequest | None) -> Iterator[str]:
        filters: Any = self.list_filter if request is None else self.get_list_filter(request)
        for one in filters:
            name = one if isinstance(one, str) else one[0] if isinstance(one, tuple) else one.parameter_name
            yield from (_joined(name, suffix) for suffix in _OF_A_FILTER)
        if self.date_hierarchy:
            yield from (_joined(self.date_hierarchy, suffix) for suffix in _OF_A_HIERARCHY)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """The page of a row, on which another row is a link only for somebody who may open it."""
        shown = context["adminform"]
        plain = _Form(shown.form, shown.fieldsets, {}, shown.readonly_fields, shown.model_admin)
        plain.prepopulated_fields = shown.prepopulated_fields
        shown.form.may_open = lambda model: self._may_open(request, model)
        return super().render_change_form(request, {**context, "adminform": plain}, *args, **kwargs)

    def _may_open(self, request: HttpRequest, model: type[models.Model]) -> bool:
        registered = self.admin_site.is_registered(model)
        return registered and self.admin_site.get_model_admin(model).has_view_permission(request)

    def to_field_allowed(self, _request: HttpRequest, to_field: str) -> bool:
        """A row is named by its key alone, and so not found by a value of another column."""
        return to_field in (self.opts.pk.name, self.opts.pk.attname)


def linking(field: Any, may_open: Callable[[type[models.Model]], bool]) -> Any:
    """The field of a row as the admin shows it, with another row as a link only where `may_open(its model)`."""
    if field.is_readonly:
        link = field.get_admin_url
        field.get_admin_url = lambda remote, row: link(remote, row) if may_open(remote.model) else str(row)
    return field


class Happened(admin.EmptyFieldListFilter):
    """A filter by whether the moment of a column has come: "Not yet" and "Yes", where Django says "Empty"."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        """All, not yet, and yes."""
        for choice, words in zip(super().choices(changelist), ("", _("Not yet"), _("Yes")), strict=True):
            yield {**choice, "display": words or choice["display"]}


class _Line(helpers.Fieldline):
    form: Any

    def __iter__(self) -> Iterator[Any]:
        field: Any
        for field in super().__iter__():
            yield linking(field, self.form.may_open)


class _Fieldset(helpers.Fieldset):
    fields: Any

    def __iter__(self) -> Iterator[Any]:
        for field in self.fields:
            yield _Line(self.form, field, self.readonly_fields, model_admin=self.model_admin)


class _Form(helpers.AdminForm):
    def __iter__(self) -> Iterator[Any]:
        more = {"readonly_fields": self.readonly_fields, "model_admin": self.model_admin}
        for name, options in self.fieldsets:
            shown: dict[str, Any] = {**more, **options}
            yield _Fieldset(self.form, name, **shown)


def _joined(name: str, suffix: str) -> str:
    return f"{name}{LOOKUP_SEP}{suffix}" if suffix else name
