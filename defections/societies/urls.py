"""What societies ask, and where cases are."""

from django.urls import path

from defections.societies import views

urlpatterns = [
    path("societies/<slug:slug>/", views.society_terms, name="society_terms"),
    path("routing/", views.routing_list, name="routing_list"),
    path("routing/<uuid:application_id>/hand-on/", views.routing_hand_on, name="routing_hand_on"),
    path("routing/<uuid:application_id>/support/", views.routing_support, name="routing_support"),
    path("routing/<uuid:application_id>/replace/", views.routing_replace, name="routing_replace"),
]
