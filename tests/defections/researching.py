"""Plain functions that take an application through the research by its real doors."""

from datetime import datetime, timedelta

from assemblies.models import Assembly
from defections import copies
from defections.copies import REMOVE, Choice, mark_id
from defections.desk import checklist, claims, contacts, outcome
from defections.desk.checklist import Finding
from defections.models import Application, Contact, SocietyTerms
from members.models import Person
from tests.defections.making import make_volunteer

HOUR = timedelta(hours=1)


def fresh(application: Application) -> Application:
    """The same application, read anew."""
    return Application.objects.get(pk=application.pk)


def make_terms(assembly: Assembly, *, decides: bool = True, **fields: object) -> SocietyTerms:
    """What the assembly says of itself."""
    values = {"changed_at": assembly.formed_at, **fields}
    return SocietyTerms.objects.create(assembly=assembly, decides=decides, **values)


def check_all(application: Application, by: Person, at: datetime, finding: str = "confirmed") -> None:
    """`by`, who has the application, checks every line."""
    missing = checklist.unchecked(application)
    findings = {line.key: Finding(finding, "Seen in the public record.") for line in missing}
    checklist.check(application, findings, by=by, at=at)


def reach(application: Application, by: Person, at: datetime) -> Contact:
    """`by`, who has the application, speaks with the applicant."""
    values = {"is_direct": True, "was_reached": True, "contacted_at": at, "note": "Confirmed by phone."}
    return contacts.log(application, by=by, at=at, way=Contact.Way.PHONE, **values)


def verify(application: Application, by: Person, at: datetime) -> Application:
    """`by` takes the application on and finds it genuine."""
    claims.claim(application, by=by, at=at)
    check_all(application, by, at)
    reach(application, by, at)
    outcome.verify(application, by=by, at=at, outcome="genuine", summary="Everything is confirmed.")
    return fresh(application)


def prepare(application: Application, by: Person, at: datetime) -> Application:
    """`by`, who has the application, accepts every suggestion and hands the copy over."""
    application = fresh(application)
    marks = application.copy.review["marks"]
    choices = {mark_id(key, mark): Choice(REMOVE) for key, found in marks.items() for mark in found}
    if choices:
        copies.decide(application, choices, by=by, at=at)
    copies.prepare(application, by=by, at=at)
    return fresh(application)


def release(
    application: Application, at: datetime, *, by: Person | None = None, second: Person | None = None
) -> Application:
    """Verified, prepared and released at `at`, an hour for each; routed where an assembly can take it."""
    by, second = by or make_volunteer(), second or make_volunteer()
    verify(application, by, at)
    prepare(application, by, at + HOUR)
    copies.release(fresh(application), by=second, at=at + 2 * HOUR)
    return fresh(application)
