"""What the decisions' templates ask: a matter's stage in words; a task's state, and who can work on it."""

from datetime import datetime

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from decisions.matter import Reader
from decisions.models import Decision, Task
from decisions.standing import Stage, label_of
from harmony.time import london_day

register = template.Library()


@register.simple_tag
def task_tag(task: Task, at: datetime) -> SafeString:
    """The task's state on the London day of `at`, in words and a colour."""
    day = london_day(at)
    is_late = task.done_at is None and task.dropped_at is None and task.due_on < day
    colour = " tag--success" if task.done_at else " tag--error" if is_late else ""
    return format_html('<strong class="tag{}">{}</strong>', colour, task.state_on(day))


@register.filter
def in_words(stage: Stage | str, decision: Decision) -> str:
    """The stage of a decision as lists and its page say it; "" where a row has none."""
    return str(label_of(stage, decision)) if isinstance(stage, Stage) else ""


@register.filter
def is_for(task: Task, reader: Reader) -> bool:
    """Whether the reader can report on the task, finish or drop it: its owner or a secretary, while it is open."""
    is_open = task.done_at is None and task.dropped_at is None
    return is_open and (reader.acts or reader.is_one_of(task.owner))
