"""Addresses of the ballots' pages."""

from django.urls import path

from ballots import views

app_name = "ballots"
urlpatterns = [
    path("", views.ballot_list, name="ballot_list"),
    path("how-star-is-counted/", views.star_rule, name="star_rule"),
    path("verify_ballot.py", views.verifier, name="verifier"),
    path("<uuid:ballot_id>/", views.ballot_detail, name="ballot_detail"),
    path("<uuid:ballot_id>/vote/", views.ballot_vote, name="ballot_vote"),
    path("<uuid:ballot_id>/vote/check/", views.ballot_check, name="ballot_check"),
    path("<uuid:ballot_id>/vote/cast/", views.ballot_cast, name="ballot_cast"),
    path("<uuid:ballot_id>/result/", views.ballot_result, name="ballot_result"),
    path("<uuid:ballot_id>/votes/", views.ballot_votes, name="ballot_votes"),
    path("<uuid:ballot_id>/votes.csv", views.ballot_votes_csv, name="ballot_votes_csv"),
    path("<uuid:ballot_id>/bundle.json", views.ballot_bundle, name="ballot_bundle"),
]
