"""Addresses of the office, within the defections'."""

from django.urls import path

from defections.office import data_views, email_views, paper_views, posting_views, views

urlpatterns = [
    path("print/", views.form_print, name="form_print"),
    path("logo/<int:number>/", views.release_logo, name="release_logo"),
    path("paper/", paper_views.paper_list, name="paper_list"),
    path("paper/begin/", paper_views.paper_begin, name="paper_begin"),
    path("paper/open/<uuid:application_id>/", paper_views.paper_open, name="paper_open"),
    path("paper/scans/", paper_views.paper_scans, name="paper_scans"),
    path("paper/scans/<uuid:evidence_id>/", paper_views.paper_scan, name="paper_scan"),
    path("paper/scans/<uuid:evidence_id>/remove/", paper_views.paper_scan_remove, name="paper_scan_remove"),
    path("paper/hand-over/", paper_views.paper_hand_over, name="paper_hand_over"),
    path(
        "paper/invitations/<uuid:invitation_id>/",
        posting_views.invitation_print,
        name="invitation_print",
    ),
    path("paper/letters/<uuid:letter_id>/", posting_views.postal_letter_print, name="postal_letter_print"),
    path(
        "paper/letters/<uuid:letter_id>/cover/", posting_views.postal_letter_cover, name="postal_letter_cover"
    ),
    path(
        "paper/letters/<uuid:letter_id>/posted/",
        posting_views.postal_letter_posted,
        name="postal_letter_posted",
    ),
    path(
        "paper/letters/<uuid:letter_id>/answer/",
        posting_views.postal_letter_answer,
        name="postal_letter_answer",
    ),
    path("email/", email_views.email_change_list, name="email_change_list"),
    path("email/enter/", email_views.email_change_ask, name="email_change_ask"),
    path("email/<uuid:change_id>/call/", email_views.email_change_call, name="email_change_call"),
    path("email/<uuid:change_id>/stop/", email_views.email_change_stop, name="email_change_stop"),
    path("mine/email/", email_views.email_change, name="email_change"),
    path("mine/email/stop/", email_views.email_change_object, name="email_change_object"),
    path("data/", data_views.data_for_applicant, name="data_for_applicant"),
    path("mine/copy/", data_views.data_copy, name="data_copy"),
    path("mine/erase/", data_views.data_erase, name="data_erase"),
]
