"""Addresses of the gatherings' pages; included by `decisions.urls`, so within its namespace."""

from django.urls import path

from decisions import gathering_views as views

_ONE = "gatherings/<uuid:gathering_id>/"
_QUESTION = f"{_ONE}questions/<uuid:question_id>/"
_REFERRAL = "referrals/<uuid:referral_id>/"

urlpatterns = [
    path("gatherings/", views.gathering_list, name="gathering_list"),
    path("gatherings/calendars/", views.calendar_list, name="calendar_list"),
    path("gatherings/calendars/reset/", views.calendar_reset, name="calendar_reset"),
    path("gatherings/calendars/<str:address>.ics", views.calendar_feed, name="calendar_feed"),
    path("gatherings/call/<slug:slug>/", views.gathering_call, name="gathering_call"),
    path(_ONE, views.gathering_detail, name="gathering_detail"),
    path(f"{_ONE}gathering.ics", views.gathering_calendar, name="gathering_calendar"),
    path(f"{_ONE}register/", views.gathering_register, name="gathering_register"),
    path(f"{_ONE}leave/", views.gathering_leave, name="gathering_leave"),
    path(f"{_ONE}join/", views.gathering_join, name="gathering_join"),
    path(f"{_ONE}move/", views.gathering_move, name="gathering_move"),
    path(f"{_ONE}prolong/", views.gathering_prolong, name="gathering_prolong"),
    path(f"{_ONE}change/", views.gathering_change, name="gathering_change"),
    path(f"{_ONE}call-off/", views.gathering_call_off, name="gathering_call_off"),
    path(f"{_ONE}invite/", views.gathering_invite, name="gathering_invite"),
    path(f"{_ONE}chair/", views.gathering_chair, name="gathering_chair"),
    path(f"{_ONE}hold/", views.gathering_hold, name="gathering_hold"),
    path(f"{_ONE}notes/", views.gathering_notes, name="gathering_notes"),
    path(f"{_ONE}door/", views.gathering_door, name="gathering_door"),
    path(f"{_ONE}bar/", views.gathering_bar, name="gathering_bar"),
    path(f"{_ONE}questions/", views.question_list, name="question_list"),
    path(f"{_QUESTION}let-through/", views.question_let_through, name="question_let_through"),
    path(f"{_QUESTION}answered/", views.question_answered, name="question_answered"),
    path(f"{_QUESTION}refuse/", views.question_refuse, name="question_refuse"),
    path(f"{_QUESTION}withdraw/", views.question_withdraw, name="question_withdraw"),
    path("referrals/", views.referral_list, name="referral_list"),
    path(_REFERRAL, views.referral_detail, name="referral_detail"),
    path(f"{_REFERRAL}answer/", views.referral_answer, name="referral_answer"),
    path(f"{_REFERRAL}review/", views.referral_review, name="referral_review"),
    path(f"{_REFERRAL}decide/", views.referral_decide, name="referral_decide"),
]
