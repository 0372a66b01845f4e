"""Addresses of a person's own account, beside allauth's."""

from django.urls import path

from members import views

app_name = "members"
urlpatterns = [
    path("", views.account_detail, name="account_detail"),
]
