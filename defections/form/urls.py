"""The public form and the applicant's own page."""

from django.urls import path

from defections.form import entry, views

urlpatterns = [
    path("", entry.form_start, name="form_start"),
    path("go-on/", entry.resume_ask, name="resume_ask"),
    path("go-on/code/", entry.resume_code, name="resume_code"),
    path("leave/", entry.form_leave, name="form_leave"),
    path("form/", views.task_list, name="task_list"),
    path("mine/", views.applicant_detail, name="applicant_detail"),
]
