"""The gatherings' pages."""

from decisions.gathering_views.calendars import (
    calendar_feed,
    calendar_list,
    calendar_reset,
    gathering_calendar,
)
from decisions.gathering_views.calling import (
    gathering_call,
    gathering_call_off,
    gathering_chair,
    gathering_change,
    gathering_hold,
    gathering_invite,
    gathering_move,
    gathering_notes,
    gathering_prolong,
)
from decisions.gathering_views.conduct import (
    gathering_bar,
    gathering_door,
    referral_answer,
    referral_decide,
    referral_detail,
    referral_list,
    referral_review,
)
from decisions.gathering_views.pages import gathering_detail, gathering_list
from decisions.gathering_views.questions import (
    question_answered,
    question_let_through,
    question_list,
    question_refuse,
    question_withdraw,
)
from decisions.gathering_views.registration import gathering_join, gathering_leave, gathering_register

__all__ = [
    "calendar_feed",
    "calendar_list",
    "calendar_reset",
    "gathering_bar",
    "gathering_calendar",
    "gathering_call",
    "gathering_call_off",
    "gathering_chair",
    "gathering_change",
    "gathering_detail",
    "gathering_door",
    "gathering_hold",
    "gathering_invite",
    "gathering_join",
    "gathering_leave",
    "gathering_list",
    "gathering_move",
    "gathering_notes",
    "gathering_prolong",
    "gathering_register",
    "question_answered",
    "question_let_through",
    "question_list",
    "question_refuse",
    "question_withdraw",
    "referral_answer",
    "referral_decide",
    "referral_detail",
    "referral_list",
    "referral_review",
]
