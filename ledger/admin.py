"""The record in Django admin: to be read, never changed."""

from django.contrib import admin
from django.http import HttpRequest

from ledger.models import Event, Message


class ReadOnlyAdmin(admin.ModelAdmin):
    """A table that can be looked at and nothing else."""

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: object = None) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: object = None) -> bool:
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
    """Which mails went out, without their texts: a text may hold a login code or a voting link."""

    list_display = ("queued_at", "kind", "address", "sent_at", "tries", "given_up_at")
    list_filter = ("kind",)
    fields = ("kind", "address", "subject", "queued_at", "not_before", "tries", "sent_at", "given_up_at")
    ordering = ("-queued_at",)
    show_full_result_count = False
