"""Every address of the site. What is public says so in its view; all else needs a log-in."""

from django.contrib import admin
from django.urls import include, path

from harmony import views

urlpatterns = [
    path("", views.home, name="home"),
    path("healthy/", views.healthy, name="healthy"),
    path("mail/", views.mail_list, name="mail_list"),
    path("mail/<str:name>/<int:index>/", views.mail_detail, name="mail_detail"),
    path("account/", include("members.urls")),
    path("account/", include("allauth.urls")),
    path("assemblies/", include("assemblies.urls")),
    path("ballots/", include("ballots.urls")),
    path("decisions/", include("decisions.urls")),
    path("applications/", include("defections.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "harmony.views.bad_request"
handler403 = "harmony.views.permission_denied"
handler404 = "harmony.views.page_not_found"
handler500 = "harmony.views.server_error"
