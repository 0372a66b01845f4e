"""Decision and its options; talk; calls and positions; gatherings; work."""

from decisions.models.call import Call, Position, Stance
from decisions.models.conduct import Bar, Ground
from decisions.models.decision import Decision, DecisionQuerySet, Option
from decisions.models.feed import Feed
from decisions.models.following import Follow
from decisions.models.gathering import Gathering
from decisions.models.question import Question
from decisions.models.race import Candidacy, Race
from decisions.models.referral import Referral, ReferralEntry
from decisions.models.registration import Invitation, Registration
from decisions.models.talk import Comment, Revision
from decisions.models.work import Report, Task

__all__ = [
    "Bar",
    "Call",
    "Candidacy",
    "Comment",
    "Decision",
    "DecisionQuerySet",
    "Feed",
    "Follow",
    "Gathering",
    "Ground",
    "Invitation",
    "Option",
    "Position",
    "Question",
    "Race",
    "Referral",
    "ReferralEntry",
    "Registration",
    "Report",
    "Revision",
    "Stance",
    "Task",
]
