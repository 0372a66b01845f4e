"""The ballots' pages."""

from ballots.views.downloads import ballot_bundle, ballot_votes_csv, verifier
from ballots.views.pages import ballot_detail, ballot_list, star_rule
from ballots.views.results import ballot_result, ballot_votes
from ballots.views.voting import ballot_cast, ballot_check, ballot_vote

__all__ = [
    "ballot_bundle",
    "ballot_cast",
    "ballot_check",
    "ballot_detail",
    "ballot_list",
    "ballot_result",
    "ballot_vote",
    "ballot_votes",
    "ballot_votes_csv",
    "star_rule",
    "verifier",
]
