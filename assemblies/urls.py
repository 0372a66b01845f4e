"""Addresses of the assemblies' pages."""

from django.urls import path

from assemblies import views

app_name = "assemblies"
urlpatterns = [
    path("", views.assembly_list, name="assembly_list"),
    path("<slug:slug>/", views.assembly_detail, name="assembly_detail"),
]
