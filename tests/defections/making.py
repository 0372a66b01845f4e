"""Plain functions that make releases, applications as people fill them in, and volunteers."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from assemblies.models import Assembly, Duty, Kind
from defections import intake
from defections.models import Application, FormRelease, Passage, SocietyTerms
from ledger.models import Content, Message
from members.models import Person
from tests import factories

SENT_AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
PASSAGES = {
    Passage.Key.READERS: "Every form is read by volunteers of the Research Working Group and by others in your "
    "local Constituency, City or Regional Society.",
    Passage.Key.RESELECTION: "Failing to adhere to the Four Principles may lead to mandatory reselection.",
    Passage.Key.PRIVATE_BREACH: "Breaking this promise about private accounts could lead to reselection.",
    Passage.Key.DATA: "What you tell us is kept sealed, and erased when it is no longer needed.",
    Passage.Key.PRINCIPLES: "I will seek to adhere to the Four Principles if I am elected as a candidate.",
    Passage.Key.CONSENSUS: "I will follow Party Consensus if my defection is accepted.",
    Passage.Key.PRIVACY: "I promise to keep my private accounts private from now on, as an applicant, as a "
    "candidate and once elected.",
    Passage.Key.TRUTH: "What I have told you is true and complete.",
}
KERNEL = "We put compassion before justice.\n\nWe do no harm, by what we do or by what we leave undone."
PRINCIPLES = (
    "Compassion before justice.\nNo decision that directly causes unavoidable injury, and no harm by inaction.\n"
    "Transparency.\nOfficials act by consensus, unless it conflicts with the Kernel."
)
_number = count(1)


def make_release(published: bool = True, **fields: Any) -> FormRelease:
    """A release with every notice and pledge, published long ago unless said otherwise."""
    values = {
        "number": (FormRelease.objects.order_by("-number").values_list("number", flat=True).first() or 0) + 1,
        "released_on": date(2026, 5, 1),
        "kernel": KERNEL,
        "principles": PRINCIPLES,
        "made_at": factories.LONG_AGO,
        **fields,
    }
    published_at = values.pop("published_at", factories.LONG_AGO + timedelta(days=values["number"]))
    made = FormRelease.objects.create(**values)
    Passage.objects.bulk_create(Passage(release=made, key=key, text=text) for key, text in PASSAGES.items())
    if published:
        made.published_at = published_at
        made.save(update_fields=["published_at"])
    return made


def make_constituency(place: str = "Bath", **fields: Any) -> Assembly:
    """The assembly of a constituency."""
    return factories.make_assembly(
        f"{place} Constituency Society", kind=Kind.CONSTITUENCY, place=place, **fields
    )


def full_answers(constituency: Assembly) -> dict[str, dict[str, Any]]:
    """Every section but the declaration as a plausible applicant fills it in; every item has a value of its own."""
    return {
        "name": {
            "given_name": "Rowan",
            "family_name": "Ashdown",
            "legal_differs": True,
            "legal_given_name": "Rowena Margaret",
            "legal_family_name": "Ashdown-Pryce",
        },
        "birth": {"date_of_birth": "1977-03-27"},
        "phones": {"home_phone": "+441225496123", "mobile_phone": "+447700900456"},
        "address": {
            "line_1": "14 Larkspur Terrace",
            "line_2": "Lower Weston",
            "town": "Bath",
            "county": "Somerset",
            "postcode": "BA1 4QX",
        },
        "office": {
            "level": "unitary",
            "body": "Bath and North East Somerset Council",
            "area": "Weston ward",
            "held_since": "2019-05",
            "elected_as": "Liberal Democrat",
        },
        "party": {"is_independent": False, "party": "Liberal Democrats"},
        "society": {"constituency": str(constituency.pk)},
        "links": {
            "basis": "residence",
            "statement": "I have lived in the area for sixteen years and my children went to school there.",
            "resident_since": "2010-09",
        },
        "employment": {
            "is_employed": True,
            "is_complete": True,
            "rows": [
                {
                    "title": "Librarian",
                    "employer": "Fernleigh College",
                    "employer_address": "2 Quarry Road, Bath BA2 7XY",
                    "began": "2015-01",
                    "ended": "",
                },
                {
                    "title": "Bookseller",
                    "employer": "Pages of Bath",
                    "employer_address": "9 Milsom Yard, Bath BA1 1ZZ",
                    "began": "2004-06",
                    "ended": "2014-12",
                },
            ],
        },
        "public_accounts": {
            "has_any": True,
            "rows": [{"platform": "Mastodon", "account": "@rowan@social.example"}],
        },
        "private_accounts": {"exist": True, "promised_at": "2026-05-30T10:00:00.000000Z"},
        "principles": {"agreed_at": "2026-05-30T10:01:00.000000Z"},
        "consensus": {"agreed_at": "2026-05-30T10:02:00.000000Z"},
    }


def make_application(
    *,
    release: FormRelease | None = None,
    constituency: Assembly | None = None,
    email: str = "",
    answers: Mapping[str, Mapping[str, Any] | None] | None = None,
    is_sent: bool = True,
    at: datetime | None = None,
    **fields: Any,
) -> Application:
    """An application, filled in and sent through the real door at `at` (SENT_AT), or a full draft.

    `answers` replace whole sections, None leaves one out. Where no release or constituency is given, those that
    there are serve, or are made. `fields` go to `intake.start` (origin, by).
    """
    at = at or SENT_AT
    release = release or FormRelease.objects.current() or make_release()
    constituency = constituency or Assembly.objects.filter(kind=Kind.CONSTITUENCY).first()
    filled: dict[str, Any] = {**full_answers(constituency or make_constituency()), **(answers or {})}
    address = email or f"applicant{next(_number)}@example.org"
    made = intake.start(address, at=at, release=release, **fields)
    for section, given in filled.items():
        if given is not None:
            intake.save_section(made, section, given, at=at)
    if is_sent:
        intake.send(made, at=at)
    return made


def make_volunteer(duty: str = Duty.Name.RESEARCH, name: str = "", **fields: Any) -> Person:
    """A member who takes part in the assembly that has the duty (made where there is none) and is cleared for it."""
    holder = Duty.objects.holder_at(duty, timezone.now())
    if holder is None:
        holder = factories.make_assembly(f"Working Group for {duty}", kind=Kind.WORKING_GROUP)
        factories.make_duty(holder, duty)
    person = factories.make_member(name or f"Volunteer {next(_number)}", **fields)
    factories.make_participation(person, holder)
    factories.make_clearance(person, duty)
    return person


def mails_to(address: str) -> list[Content]:
    """What is queued and not sent yet to this address, confidential mails too, the newest first."""
    waiting = [row.content for row in Message.objects.filter(sent_at=None).order_by("-queued_at")]
    return [content for content in waiting if content.address == address]


def make_terms(assembly: Assembly, **fields: Any) -> SocietyTerms:
    """What the society of an area asks of applicants."""
    return SocietyTerms.objects.create(assembly=assembly, **{"changed_at": factories.LONG_AGO, **fields})
