"""Decision and its options; talk; calls and positions; gatherings; work."""

from decisions.models.call import Call, Position, Stance
from decisions.models.decision import Decision, DecisionQuerySet, Option
from decisions.models.gathering import Gathering
from decisions.models.talk import Comment, Revision
from decisions.models.work import Report, Task

__all__ = [
    "Call",
    "Comment",
    "Decision",
    "DecisionQuerySet",
    "Gathering",
    "Option",
    "Position",
    "Report",
    "Revision",
    "Stance",
    "Task",
]
