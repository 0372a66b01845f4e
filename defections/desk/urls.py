"""The research desk, and the applicant's answers to its questions."""

from django.urls import path

from defections.desk import views

_CASE = "desk/<uuid:application_id>/"
urlpatterns = [
    path("desk/", views.desk_list, name="desk_list"),
    path(_CASE, views.desk_case, name="desk_case"),
    path(f"{_CASE}claim/", views.desk_claim, name="desk_claim"),
    path(f"{_CASE}let-go/", views.desk_let_go, name="desk_let_go"),
    path(f"{_CASE}step-back/", views.desk_step_back, name="desk_step_back"),
    path(f"{_CASE}sections/<slug:section>/", views.desk_section, name="desk_section"),
    path(
        f"{_CASE}sections/<slug:section>/take-correction-back/",
        views.desk_correction_take_back,
        name="desk_correction_take_back",
    ),
    path(f"{_CASE}correct/<slug:step>/<int:row>/", views.desk_correct, name="desk_correct"),
    path(f"{_CASE}arrival/", views.desk_arrival, name="desk_arrival"),
    path(f"{_CASE}files/add/", views.desk_file_add, name="desk_file_add"),
    path(f"{_CASE}files/<uuid:file_id>/", views.desk_file, name="desk_file"),
    path(f"{_CASE}contacts/", views.desk_contacts, name="desk_contacts"),
    path(f"{_CASE}questions/", views.desk_queries, name="desk_queries"),
    path(
        f"{_CASE}questions/<uuid:query_id>/take-back/",
        views.desk_query_take_back,
        name="desk_query_take_back",
    ),
    path(f"{_CASE}outcome/", views.desk_outcome, name="desk_outcome"),
    path(f"{_CASE}copy/", views.desk_copy, name="desk_copy"),
    path(f"{_CASE}copy/redact/", views.desk_copy_redact, name="desk_copy_redact"),
    path(f"{_CASE}copy/put-back/", views.desk_copy_put_back, name="desk_copy_put_back"),
    path(f"{_CASE}copy/renew/", views.desk_copy_renew, name="desk_copy_renew"),
    path(f"{_CASE}copy/preview/", views.desk_copy_preview, name="desk_copy_preview"),
    path(f"{_CASE}copy/prepare/", views.desk_copy_prepare, name="desk_copy_prepare"),
    path(f"{_CASE}copy/take-back/", views.desk_copy_take_back, name="desk_copy_take_back"),
    path(f"{_CASE}release/", views.desk_release, name="desk_release"),
    path(f"{_CASE}send-back/", views.desk_send_back, name="desk_send_back"),
    path("mine/questions/<uuid:query_id>/", views.query_answer, name="query_answer"),
]
