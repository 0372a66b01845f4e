"""Addresses of the decisions' pages."""

from django.urls import path

from decisions import views

app_name = "decisions"
urlpatterns = [
    path("<uuid:decision_id>/", views.decision_detail, name="decision_detail"),
    path("gatherings/<uuid:gathering_id>/", views.gathering_detail, name="gathering_detail"),
]
