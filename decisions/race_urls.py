"""Addresses of the pages on offices and races; included by `decisions.urls`, so within its namespace."""

from django.urls import path

from decisions import race_views as views

_OFFICE = "offices/<slug:slug>/<slug:role>/"
_CANDIDACY = "candidacies/<uuid:candidacy_id>/"

urlpatterns = [
    path(f"{_OFFICE}stand/", views.office_stand, name="office_stand"),
    path(f"{_OFFICE}declare/", views.race_declare, name="race_declare"),
    path(f"{_OFFICE}resign/", views.office_resign, name="office_resign"),
    path(_CANDIDACY, views.candidacy_detail, name="candidacy_detail"),
    path(f"{_CANDIDACY}change/", views.candidacy_change, name="candidacy_change"),
    path(f"{_CANDIDACY}withdraw/", views.candidacy_withdraw, name="candidacy_withdraw"),
]
