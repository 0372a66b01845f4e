"""Every address about defections, a line for each part. The prefix and the paths are neutral: they are seen."""

from django.urls import include, path

app_name = "defections"
urlpatterns = [
    path("", include("defections.form.urls")),
    path("", include("defections.desk.urls")),
    path("", include("defections.societies.urls")),
    path("", include("defections.office.urls")),
    path("", include("defections.case.urls")),
]
