"""Addresses of the assemblies' pages. The fixed ones are listed in `models.assembly.PAGES` too."""

from django.urls import path

from assemblies import views

app_name = "assemblies"
urlpatterns = [
    path("", views.assembly_list, name="assembly_list"),
    path("places/", views.place_list, name="place_list"),
    path("yours/", views.participation_list, name="participation_list"),
    path("home/", views.home_list, name="home_list"),
    path("home/<slug:slug>/", views.home_set, name="home_set"),
    path("<slug:slug>/", views.assembly_detail, name="assembly_detail"),
    path("<slug:slug>/join/", views.assembly_join, name="assembly_join"),
    path("<slug:slug>/birth/", views.birth_give, name="birth_give"),
    path("<slug:slug>/leave/", views.assembly_leave, name="assembly_leave"),
]
