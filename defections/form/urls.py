"""The public form and the applicant's own page."""

from django.urls import path

from defections.form import (
    entry,
    evidence_views,
    page_views,
    row_views,
    sending_views,
    society_views,
    views,
)

urlpatterns = [
    path("", entry.form_start, name="form_start"),
    path("go-on/", entry.resume_ask, name="resume_ask"),
    path("go-on/code/", entry.resume_code, name="resume_code"),
    path("leave/", entry.form_leave, name="form_leave"),
    path("form/", page_views.task_list, name="task_list"),
    path("form/delete/", page_views.draft_delete, name="draft_delete"),
    path("form/society/", society_views.form_society, name="form_society"),
    path("form/evidence/", evidence_views.form_evidence, name="form_evidence"),
    path("form/evidence/<uuid:evidence_id>/", evidence_views.evidence_file, name="evidence_file"),
    path("form/evidence/<uuid:evidence_id>/remove/", evidence_views.evidence_remove, name="evidence_remove"),
    path("form/jobs/", row_views.form_jobs, name="form_jobs"),
    path("form/accounts/", row_views.form_accounts, name="form_accounts"),
    path("form/check/", sending_views.form_check, name="form_check"),
    path("form/send/", sending_views.form_declare, name="form_declare"),
    path("form/sent/", sending_views.form_sent, name="form_sent"),
    path("form/<slug:key>/", page_views.form_page, name="form_page"),
    path("form/<slug:step>/add/", row_views.row_add, name="row_add"),
    path("form/<slug:step>/<str:name>/", row_views.row_change, name="row_change"),
    path("form/<slug:step>/<str:name>/remove/", row_views.row_remove, name="row_remove"),
    path("mine/", views.applicant_detail, name="applicant_detail"),
    path("mine/again/", views.form_again, name="form_again"),
    path("mine/answers/", sending_views.answers_detail, name="answers_detail"),
]
