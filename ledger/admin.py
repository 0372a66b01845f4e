"""The record in Django admin: to be read, never changed."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ledger.models import Event, Message
from ledger.narrow_admin import NarrowAdmin


class ReadOnlyAdmin(NarrowAdmin):
    """A table that can be looked at and nothing else."""

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """Nobody adds."""
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: object = None) -> bool:
        """Nobody changes."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: object = None) -> bool:
        """Nobody deletes."""
        return False


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    """What was done, newest first."""

    list_display = ("at", "verb", "subject_kind", "subject_id", "by")
    list_filter = ("subject_kind",)
    search_fields = ("=subject_id", "verb")
    ordering = ("-id",)
    show_full_result_count = False


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    """Which mails fail, so that somebody can look into it. What went out is not shown, nor when.

    Whoever saw that could tell who was reminded of a ballot (and so has not voted), and who logs in when.
    """

    list_display = fields = ("area", "masked_address", "tries", "is_given_up")
    list_display_links = None
    ordering = ("id",)
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        """Those that failed and have not gone out since."""
        return super().get_queryset(request).failing()  # type: ignore[attr-defined]

    @admin.display(description=_("about"))
    def area(self, message: Message) -> str:
        """The floor that it is from, not which of its mails it is."""
        return message.kind.partition("/")[0]

    @admin.display(description=_("to"))
    def masked_address(self, message: Message) -> str:
        """The first letter and the host; of a confidential one, nothing."""
        if not message.address:
            return gettext("confidential")
        name, _at, host = message.address.rpartition("@")
        return f"{name[:1]}…@{host}"

    @admin.display(description=_("given up"), boolean=True)
    def is_given_up(self, message: Message) -> bool:
        """Whether no more tries are made."""
        return message.given_up_at is not None
