"""Addresses of the ballots' pages."""

from django.urls import path

from ballots import views

app_name = "ballots"
urlpatterns = [
    path("<uuid:ballot_id>/", views.ballot_detail, name="ballot_detail"),
]
