"""What every table of ours in Django admin is built on: it answers about the columns that it shows, no others.

Django lets whoever may see a list filter it by any column of its table through the address, shown or not, by
pattern too (`?password__startswith=...`), and so read a hidden column letter by letter.
"""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models.constants import LOOKUP_SEP
from django.http import HttpRequest

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

    def to_field_allowed(self, _request: HttpRequest, to_field: str) -> bool:
        """A row is named by its key alone, and so not found by a value of another column."""
        return to_field in (self.opts.pk.name, self.opts.pk.attname)


def _joined(name: str, suffix: str) -> str:
    return f"{name}{LOOKUP_SEP}{suffix}" if suffix else name
