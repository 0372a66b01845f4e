"""Addresses of the office, within the defections'."""

from django.urls import path

from defections.office import views

urlpatterns = [
    path("print/", views.form_print, name="form_print"),
    path("logo/<int:number>/", views.release_logo, name="release_logo"),
]
