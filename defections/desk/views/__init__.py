"""The desk's pages, the applicant's page for a question, and the pages about where a case goes."""

from defections.desk.views.checking import (
    desk_arrival,
    desk_contacts,
    desk_file,
    desk_file_add,
    desk_outcome,
    desk_queries,
    desk_query_take_back,
    desk_section,
)
from defections.desk.views.copying import (
    desk_copy,
    desk_copy_prepare,
    desk_copy_preview,
    desk_copy_put_back,
    desk_copy_redact,
    desk_copy_renew,
    desk_copy_take_back,
    desk_release,
    desk_send_back,
)
from defections.desk.views.correcting import desk_correct, desk_correction_take_back
from defections.desk.views.queue import desk_case, desk_claim, desk_let_go, desk_list, desk_step_back
from defections.desk.views.replying import query_answer

__all__ = [
    "desk_arrival",
    "desk_case",
    "desk_claim",
    "desk_contacts",
    "desk_copy",
    "desk_copy_prepare",
    "desk_copy_preview",
    "desk_copy_put_back",
    "desk_copy_redact",
    "desk_copy_renew",
    "desk_copy_take_back",
    "desk_correct",
    "desk_correction_take_back",
    "desk_file",
    "desk_file_add",
    "desk_let_go",
    "desk_list",
    "desk_outcome",
    "desk_queries",
    "desk_query_take_back",
    "desk_release",
    "desk_section",
    "desk_send_back",
    "desk_step_back",
    "query_answer",
]
