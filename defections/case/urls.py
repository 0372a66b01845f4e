"""The applicant's answers and withdrawal; the letter, and withdrawing for somebody."""

from django.urls import path

from defections.case import applicant_views, views

urlpatterns = [
    path("mine/meeting/", applicant_views.hustings_detail, name="hustings_detail"),
    path("mine/meeting/join/", applicant_views.hustings_join, name="hustings_join"),
    path("mine/meeting/meeting.ics", applicant_views.hustings_calendar_file, name="hustings_calendar_file"),
    path("mine/meeting/answer/<str:reply>/", applicant_views.hustings_answer, name="hustings_answer"),
    path("mine/bar/", applicant_views.bar_detail, name="bar_detail"),
    path("mine/bar/answer/", applicant_views.bar_answer, name="bar_answer"),
    path("mine/withdraw/", applicant_views.application_withdraw, name="application_withdraw"),
    path("case/<uuid:application_id>/letter/", views.letter_detail, name="letter_detail"),
    path("case/<uuid:application_id>/bar/", views.applicant_bar, name="applicant_bar"),
    path("case/<uuid:application_id>/withdraw/", views.withdraw_for, name="withdraw_for"),
]
