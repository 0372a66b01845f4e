"""The decisions' pages."""

from decisions.views.calls import call_answer, call_choose, call_confirm, call_detail, objection_answer
from decisions.views.following import decision_follow, decision_unfollow, following_list
from decisions.views.matters import (
    decision_detail,
    decision_edit,
    decision_history,
    decision_propose,
    decision_withdraw,
    option_add,
)
from decisions.views.outcomes import deliberation_begin, outcome_state
from decisions.views.register import decision_export, decision_feed, decision_list
from decisions.views.talk import comment_add, comment_edit, comment_history, comment_remove, comment_reply
from decisions.views.tasks import task_drop, task_finish, task_name, task_report

__all__ = [
    "call_answer",
    "call_choose",
    "call_confirm",
    "call_detail",
    "comment_add",
    "comment_edit",
    "comment_history",
    "comment_remove",
    "comment_reply",
    "decision_detail",
    "decision_edit",
    "decision_export",
    "decision_feed",
    "decision_follow",
    "decision_history",
    "decision_list",
    "decision_propose",
    "decision_unfollow",
    "decision_withdraw",
    "deliberation_begin",
    "following_list",
    "objection_answer",
    "option_add",
    "outcome_state",
    "task_drop",
    "task_finish",
    "task_name",
    "task_report",
]
