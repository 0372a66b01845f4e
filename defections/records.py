"""The only door by which the party's people open what an application seals.

It takes a clearance for research, a second step on the account and a reason to look: having taken the application
on, or being the second reader of a copy that waits for release. Nobody opens their own application, nor one of
somebody they have declared a conflict about. Every look is an Event that names the part and no value.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from assemblies.clearances import cleared
from assemblies.models import Duty
from defections import vault
from defections.catalogue import BY_KEY
from defections.errors import Erased, NotCleared, WrongMoment
from defections.models import Answer, Application, Contact, Correction, Evidence, Query
from ledger import events
from members.models import Person
from members.second_step import guarded

# Parts beside the sections of the form.
EMAIL = "email"
ARRIVAL = "arrival"
CONTACTS = "contacts"
QUERIES = "queries"
SUMMARY = "summary"
REVIEW = "review"  # the copy in the making, beside what it is made of


@dataclass(frozen=True)
class OpenedFile:
    """A file of evidence, opened."""

    name: str
    content: bytes
    media_type: str


@dataclass(frozen=True)
class OpenedSection:
    """A section of the form, opened: what was given, and the corrections of it by key of the line."""

    given: dict[str, Any]
    corrections: dict[str, Correction]


def require_researcher(person: Person, at: datetime) -> None:
    """Raises NotCleared unless `person` is cleared for research at `at` and a second step guards their account."""
    if not cleared(person, Duty.Name.RESEARCH, at):
        raise NotCleared(
            _(
                "Only volunteers cleared for research work here. Site staff grant clearances, also among themselves."
            )
        )
    if not guarded(person):
        raise NotCleared(
            _(
                "The research desk opens only to accounts that a second step guards. Set up an authenticator app or a "
                "passkey on your account page, then come back."
            )
        )


def is_own(application: Application, person: Person) -> bool:
    """Whether `person` is the applicant, by the account or by the address."""
    if application.person_id is not None and application.person_id == person.pk:
        return True
    mark = application.email_mark
    return mark is not None and bytes(mark) in vault.lookup_marks(person.email)


def require_impartial(application: Application, person: Person) -> None:
    """Raises NotCleared for the applicant, and for whoever has declared a conflict about the application."""
    if is_own(application, person):
        raise NotCleared(_("Nobody handles their own application."))
    if application.entered_by_id == person.pk:
        raise NotCleared(_("You entered this application from paper: others verify it."))
    if application.conflicts.filter(person=person).exists():
        raise NotCleared(_("You have declared a conflict about this application: others handle it."))


def has_taken_on(application: Application, person: Person) -> bool:
    """Whether the application is in the hands of `person`."""
    return application.claims.filter(person=person, let_go_at=None).exists()


def is_second_reader(application: Application, person: Person) -> bool:
    """Whether a copy waits for release in whose making `person` had no part."""
    copy = getattr(application, "copy", None)
    return copy is not None and copy.waits_for_release and not copy.was_made_by(person)


def had_part_in_copy(application: Application, person: Person) -> bool:
    """Whether a copy waits for release in whose making `person` had a part, so that they do not read it."""
    copy = getattr(application, "copy", None)
    return copy is not None and copy.waits_for_release and copy.was_made_by(person)


def require_reader(application: Application, by: Person, at: datetime) -> None:
    """Raises NotCleared, WrongMoment or Erased, with a sentence, unless `by` may open the application at `at`."""
    require_researcher(by, at)
    require_impartial(application, by)
    if application.erased_at is not None:
        raise Erased
    if application.sent_at is None:
        raise WrongMoment(_("This application has not been sent yet: only the applicant reads it."))
    if application.withdrawn_at is not None or application.closed_at is not None:
        raise WrongMoment(_("This application is over: nobody opens it any more."))
    if not has_taken_on(application, by) and not is_second_reader(application, by):
        raise WrongMoment(_("Take the application on first: whoever has it reads it."))


@transaction.atomic
def look(application: Application, part: str, *, by: Person, at: datetime) -> Any:
    """Opens one part for `by`, and records that they looked.

    A section of the form gives {item: value} ({} where nothing was saved); EMAIL the address; ARRIVAL what was
    written down about paper ({} for online); CONTACTS [(Contact, note)]; QUERIES [(Query, question, answer)];
    SUMMARY the outcome in words, or "". Raises as `require_reader`; KeyError for a part that does not exist.
    """
    require_reader(application, by, at)
    opened = _open_section(application, part) if part in BY_KEY else _PARTS[part](application)
    record_look(application, part, by=by, at=at)
    return opened


@transaction.atomic
def look_at_section(application: Application, section: str, *, by: Person, at: datetime) -> OpenedSection:
    """Opens a section of the form with what was corrected in it, for `by`, as `look` does; raises as it does."""
    given = look(application, section, by=by, at=at)
    rows = application.corrections.filter(item__startswith=f"{section}.").select_related("corrected_by")
    for row in rows:
        row.application = application
    return OpenedSection(given, {row.item: row for row in rows})


@transaction.atomic
def look_at_file(evidence: Evidence, *, by: Person, at: datetime) -> OpenedFile:
    """Opens a file for `by`, and records that they looked. Raises as `require_reader`."""
    require_reader(evidence.application, by, at)
    opened = OpenedFile(evidence.name, evidence.content, evidence.media_type)
    record_look(evidence.application, f"evidence:{evidence.pk}", by=by, at=at)
    return opened


def record_look(application: Application, part: str, *, by: Person, at: datetime, purpose: str = "") -> None:
    """Records a look at one part: who, which, when, and nothing of what was seen.

    `purpose` where it was not the research: "post" to write to the applicant, "review" of their conduct.
    """
    facts = {"part": part, "for": purpose} if purpose else {"part": part}
    events.record("application.viewed", application, at=at, by=by.pk, data=facts)


def _open_section(application: Application, section: str) -> dict[str, Any]:
    answer: Answer | None = application.answers.filter(section=section).first()
    return answer.opened() if answer is not None else {}


def _open_arrival(application: Application) -> dict[str, Any]:
    if application.arrival_sealed is None:
        return {}
    place = vault.place_of("application", application.pk, "arrival")
    opened: dict[str, Any] = application.unseal(application.arrival_sealed, place)
    return opened


def _open_contacts(application: Application) -> list[tuple[Contact, str]]:
    return [(row, row.note) for row in application.contacts.select_related("entered_by")]


def _open_queries(application: Application) -> list[tuple[Query, str, str]]:
    return [(row, row.question, row.answer) for row in application.queries.select_related("asked_by")]


def _open_summary(application: Application) -> str:
    if application.summary_sealed is None:
        return ""
    place = vault.place_of("application", application.pk, "summary")
    opened: str = application.unseal(application.summary_sealed, place)
    return opened


_PARTS = {
    EMAIL: lambda application: application.email,
    ARRIVAL: _open_arrival,
    CONTACTS: _open_contacts,
    QUERIES: _open_queries,
    SUMMARY: _open_summary,
}
