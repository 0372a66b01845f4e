"""How far the work on one application is, counted by the software: nothing of what was given is in it."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from defections import corrections, sanitising
from defections.catalogue import SECTIONS
from defections.desk import checklist, files, outcome
from defections.desk.files import ListedFile
from defections.models import Application
from defections.sanitising import HEADINGS as OF_THE_COPY
from members.models import Person

# What the copy calls after the fact that it tells is called here after what was given.
HEADINGS: dict[str, Promise] = {
    **OF_THE_COPY,
    "birth": _("Date of birth"),
    "private_accounts": _("Private accounts"),
}


@dataclass(frozen=True)
class SectionWork:
    """One section of the form: how many of its lines are checked."""

    key: str
    heading: Promise
    checked: int
    lines: int
    corrected: int

    @property
    def is_done(self) -> bool:
        """Whether every line has a finding."""
        return self.checked >= self.lines


@dataclass(frozen=True)
class OwnFinding:
    """One line that a volunteer has checked: which, what they found, when; neither what was given nor their note."""

    heading: str
    label: str
    finding: str
    checked_at: datetime


@dataclass(frozen=True)
class Work:
    """What there is to do, and what has been done."""

    sections: list[SectionWork]
    contacts: int
    direct_contacts: int
    open_queries: int
    answered_queries: int
    files: list[ListedFile]
    has_arrival: bool  # whether somebody wrote down how it came by post or email
    issues: list[str]  # before it can be found genuine


def findings_of(application: Application, person: Person) -> list[OwnFinding]:
    """What `person` has checked of the application, in the order in which they did; nothing once it is erased."""
    rows = application.checks.filter(checked_by=person).defer("note_sealed").order_by("checked_at", "pk")
    return [
        OwnFinding(
            sanitising.heading_of(row.item, HEADINGS),
            sanitising.label_of(row.item, given=True),
            row.get_finding_display(),
            row.checked_at,
        )
        for row in rows
    ]


def sections_of(application: Application) -> list[SectionWork]:
    """The sections of the form that were given, with how far each is. Raises Erased."""
    answers = corrections.answers_as_corrected(application)
    to_check = checklist.lines_to_check(answers)
    has_finding = set(application.checks.values_list("item", flat=True))
    is_corrected = application.corrections.values_list("item", flat=True)
    lines = Counter(line.section.key for line in to_check)
    done = Counter(line.section.key for line in to_check if line.key in has_finding)
    corrected = Counter(item.partition(".")[0] for item in is_corrected)
    return [
        SectionWork(key, HEADINGS[key], done[key], lines[key], corrected[key])
        for key in (section.key for section in SECTIONS)
        if key in answers
    ]


def next_part(application: Application, section: str) -> str:
    """The next section with lines that have no finding, from this one on and round; "" when there is none."""
    work = sections_of(application)
    here = next((place for place, part in enumerate(work) if part.key == section), 0)
    return next((part.key for part in work[here + 1 :] + work[:here] if not part.is_done), "")


def of_application(application: Application) -> Work:
    """The work on `application`. Raises Erased."""
    queries = application.queries.filter(taken_back_at=None)
    return Work(
        sections_of(application),
        application.contacts.count(),
        application.contacts.filter(is_direct=True, was_reached=True).count(),
        queries.filter(answered_at=None).count(),
        queries.filter(answered_at__isnull=False).count(),
        files.listed(application),
        application.arrival_sealed is not None,
        [] if application.verified_at else outcome.issues_before_verifying(application),
    )
