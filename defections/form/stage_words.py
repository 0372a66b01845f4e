"""What an applicant is told of how far their application is: the stage, what comes next, and when; nothing else."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from decisions.models import Gathering
from defections import intake
from defections.models import Application
from defections.stages import Stage, stage_of


@dataclass(frozen=True)
class Told:
    """A stage in words; `date_label` says what `date` is, where there is one."""

    title: Promise
    text: Promise
    date_label: Promise | str = ""
    date: datetime | None = None


_WORDS: dict[Stage, tuple[Promise, Promise]] = {
    Stage.DRAFT: (_("Not sent yet"), _("Go on with the form, and send it when it is complete.")),
    Stage.SENT: (
        _("We have your form"),
        _("A volunteer of the Research Working Group will take it on and get in touch with you."),
    ),
    Stage.RESEARCH: (
        _("Being checked"),
        _("A volunteer of the Research Working Group checks what you told us and gets in touch with you."),
    ),
    Stage.QUESTION: (
        _("We have a question for you"),
        _("The research goes on when you have answered it on this page."),
    ),
    Stage.VERIFIED: (
        _("Checked"),
        _(
            "Your form is being made ready for your local society: without how to reach you, and other private things."
        ),
    ),
    Stage.RELEASED: (_("Checked"), _("Your form goes to your local society now.")),
    Stage.ASSEMBLY: (
        _("With your local society"),
        _("It invites you to a meeting, to talk about why you want to come over and what you intend."),
    ),
    Stage.DELIBERATION: (
        _("Your local society is deciding"),
        _(
            "After the meeting its members have at least seven days to talk. We tell you as soon as it is decided."
        ),
    ),
    Stage.BALLOT: (
        _("Your local society is voting"),
        _("Its members vote by STAR ballot. We tell you as soon as the votes are counted."),
    ),
    Stage.DECIDED: (_("Decided"), _("We are writing to you. The letter comes by email and stands here too.")),
    Stage.ACCEPTED: (_("Accepted"), _("Welcome. The letter says what this means and what comes now.")),
    Stage.DECLINED: (_("Not accepted"), _("Thank you for offering. The letter says all that we can say.")),
    Stage.NOT_GENUINE: (
        _("Closed"),
        _(
            "We could not confirm what this form says, and have closed it. If you think that is wrong, write to us."
        ),
    ),
    Stage.WITHDRAWN: (_("Withdrawn"), _("You have taken this application back.")),
    Stage.ERASED: (_("Erased"), _("What you gave has been erased.")),
}


def told_of(application: Application, at: datetime) -> Told:
    """What the applicant's page says of the stage at `at`."""
    stage = stage_of(application)
    title, text = _WORDS[stage]
    label, date = _next_date(application, stage)
    return Told(title, text, label, date) if date is not None and date > at else Told(title, text)


def _next_date(application: Application, stage: Stage) -> tuple[Promise | str, datetime | None]:
    if stage is Stage.SENT and application.sent_at is not None:
        return _("We get in touch by"), application.sent_at + timedelta(days=intake.CONTACT_DAYS)
    decision = application.decision
    if decision is None:
        return "", None
    if stage is Stage.ASSEMBLY:
        called = Gathering.objects.filter(decision=decision, cancelled_at=None).order_by("starts_at").last()
        return _("The meeting"), called.starts_at if called else None
    if stage is Stage.DELIBERATION:
        return _("The talk ends"), decision.deliberation_ends_at
    if stage is Stage.BALLOT:
        return _("The vote closes"), decision.ballot.closes_at if decision.ballot else None
    return "", None
