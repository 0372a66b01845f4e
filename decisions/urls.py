"""Addresses of the decisions' pages."""

from django.urls import include, path

from decisions import views

app_name = "decisions"
_comment = "<uuid:decision_id>/comments/<uuid:comment_id>/"
_task = "<uuid:decision_id>/tasks/<uuid:task_id>/"

urlpatterns = [
    path("", views.decision_list, name="decision_list"),
    path("decisions.atom", views.decision_feed, name="decision_feed"),
    path("decisions.json", views.decision_export, name="decision_export"),
    path("propose/<slug:slug>/", views.decision_propose, name="decision_propose"),
    path("following/", views.following_list, name="following_list"),
    path("<uuid:decision_id>/", views.decision_detail, name="decision_detail"),
    path("<uuid:decision_id>/edit/", views.decision_edit, name="decision_edit"),
    path("<uuid:decision_id>/follow/", views.decision_follow, name="decision_follow"),
    path("<uuid:decision_id>/unfollow/", views.decision_unfollow, name="decision_unfollow"),
    path("<uuid:decision_id>/history/", views.decision_history, name="decision_history"),
    path("<uuid:decision_id>/withdraw/", views.decision_withdraw, name="decision_withdraw"),
    path("<uuid:decision_id>/options/add/", views.option_add, name="option_add"),
    path("<uuid:decision_id>/call/", views.call_choose, name="call_choose"),
    path("<uuid:decision_id>/call/<int:place>/", views.call_confirm, name="call_confirm"),
    path("<uuid:decision_id>/calls/<int:number>/", views.call_detail, name="call_detail"),
    path("<uuid:decision_id>/calls/<int:number>/answer/", views.call_answer, name="call_answer"),
    path(
        "<uuid:decision_id>/calls/<int:number>/objections/<uuid:person_id>/answer/",
        views.objection_answer,
        name="objection_answer",
    ),
    path("<uuid:decision_id>/deliberation/", views.deliberation_begin, name="deliberation_begin"),
    path("<uuid:decision_id>/outcome/", views.outcome_state, name="outcome_state"),
    path("<uuid:decision_id>/tasks/add/", views.task_name, name="task_name"),
    path(f"{_task}report/", views.task_report, name="task_report"),
    path(f"{_task}done/", views.task_finish, name="task_finish"),
    path(f"{_task}drop/", views.task_drop, name="task_drop"),
    path("<uuid:decision_id>/comments/add/", views.comment_add, name="comment_add"),
    path(f"{_comment}reply/", views.comment_reply, name="comment_reply"),
    path(f"{_comment}edit/", views.comment_edit, name="comment_edit"),
    path(f"{_comment}remove/", views.comment_remove, name="comment_remove"),
    path(f"{_comment}history/", views.comment_history, name="comment_history"),
    path("", include("decisions.gathering_urls")),
    path("", include("decisions.race_urls")),
]
