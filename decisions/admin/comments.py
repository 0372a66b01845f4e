"""Comments in Django admin: moderation, with a reason that everybody reads."""

from django.contrib import admin
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from assemblies.moving_admin import Move
from decisions import talk
from decisions.admin.scope import OfMatterAdmin
from decisions.forms import ReasonForm
from decisions.models import Comment
from ledger.narrow_admin import Happened

MOVES = (
    Move(
        "remove",
        _("Remove"),
        _("The comment goes out of sight, and your reason stands in its place. It is not shown again."),
        _("The comment is removed."),
        talk.require_moderator,
        talk.remove,
        lambda asked: ReasonForm(asked.data, missing=_("Say why the comment is removed")),
        fits=lambda comment, _at: comment.removed_at is None,
        warns=True,
    ),
)


@admin.register(Comment)
class CommentAdmin(OfMatterAdmin):
    """What people say on the matters of the assemblies that the person serves."""

    moves = MOVES
    list_display = ("said_at", "author", "decision", "said", "removed_at")
    list_select_related = ("author", "decision")
    list_filter = (("removed_at", Happened),)
    search_fields = ("author__name", "decision__title")
    ordering = ("-said_at",)
    readonly_fields = ("said",)
    fields = (
        "decision",
        "author",
        "said",
        "said_at",
        "edited_at",
        "removed_at",
        "removed_by",
        "removed_because",
    )

    @admin.display(description=_("text"))
    def said(self, comment: Comment) -> str:
        """What was said; of a removed comment no more than that."""
        return _now("Removed") if comment.removed_at else comment.text[:2000]
