"""Decisions in Django admin: what secretaries work on. Importing this registers all of it.

Nothing here is typed over or deleted: every change is a step that calls the same function as the site.
"""

from decisions.admin import comments, gatherings, matters, questions, races, referrals, tasks

__all__ = ["comments", "gatherings", "matters", "questions", "races", "referrals", "tasks"]
