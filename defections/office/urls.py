"""Addresses of the office, within the defections'."""

from django.urls import path

from defections.office import data_views, views

urlpatterns = [
    path("print/", views.form_print, name="form_print"),
    path("logo/<int:number>/", views.release_logo, name="release_logo"),
    path("mine/copy/", data_views.data_copy, name="data_copy"),
    path("mine/erase/", data_views.data_erase, name="data_erase"),
]
