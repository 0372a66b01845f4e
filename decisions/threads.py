"""The talk as a page shows it: comments with the answers below them, a page at a time."""

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Prefetch
from django.urls import reverse

from decisions.models import Comment, Decision

PER_PAGE = 20


def page_of(decision: Decision, number: str | int | None) -> "Page[Any]":
    """One page of the talk; every comment has its `below`, the answers to it."""
    people = Comment.objects.select_related("author", "removed_by")
    tops = people.filter(decision=decision, answers=None).order_by("said_at", "pk")
    found = tops.prefetch_related(
        Prefetch("replies", queryset=people.order_by("said_at", "pk"), to_attr="below")
    )
    return Paginator(found, PER_PAGE).get_page(number)


def address(comment: Comment) -> str:
    """Where a comment stands: on the page of the talk that it is on."""
    top = comment.answers or comment
    before = Comment.objects.filter(
        decision_id=top.decision_id, answers=None, said_at__lt=top.said_at
    ).count()
    number = before // PER_PAGE + 1
    query = "?" + urlencode({"page": number}) if number > 1 else ""
    return f"{reverse('decisions:decision_detail', args=[top.decision_id])}{query}#comment-{comment.pk}"
