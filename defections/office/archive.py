"""Everything held about an applicant, as one ZIP file: index.html to read, data.json for machines, and the files.

Made in memory and sent at once: nothing of it is ever on a disk of ours. People of the party are named by what they
do for it and a number, never by name; a number is one person throughout. Left out, and said so: the reason of a
legal hold, and in what applicants fetch themselves the notes of talks with other people, which may tell about
those (UK GDPR, article 15(4)). What members say in their assembly is the members' own (D26).
"""

import io
import json
import zipfile
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from defections import bars, letters, lines, retention, sanitising, vault
from defections.errors import Erased
from defections.models import (
    Application,
    Correction,
    EmailChange,
    Evidence,
    HustingsInvitation,
    Letter,
    PostalLetter,
)
from defections.office.doings import told
from harmony.time import iso
from ledger import events
from ledger.models import Event
from members.models import Person

_ENDINGS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}


@sensitive_variables()
@transaction.atomic
def download(
    application: Application, *, at: datetime, by: Person | None = None, with_others: bool = False
) -> HttpResponse:
    """The archive as an attachment, and an Event that it was given; `by` None is the applicant.

    `with_others` puts in the notes of talks with other people. Raises Erased when everything is gone.
    """
    if application.erased_at is not None and not _has_copy(application):
        raise Erased
    facts = {"what": "copy", "with_others": with_others}
    events.record("application.data_given", application, at=at, by=by.pk if by else None, data=facts)
    response = HttpResponse(make(application, at=at, with_others=with_others), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{application.reference}.zip"'
    response["Cache-Control"] = "no-store, private"
    return response


@sensitive_variables()
def make(application: Application, *, at: datetime, with_others: bool) -> bytes:
    """The archive's bytes. Raises VaultError or KeyringError where something does not open."""
    data = gather(application, at=at, with_others=with_others)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("index.html", render_to_string("defections/office/archive/index.html", data))
        archive.writestr("style.css", render_to_string("defections/office/archive/style.css"))
        archive.writestr("data.json", json.dumps(data, ensure_ascii=False, indent=1))
        for file in data["files"]:
            evidence = application.evidence.get(pk=file["id"])
            archive.writestr(file["path"], evidence.content)
    return made.getvalue()


@sensitive_variables()
def gather(application: Application, *, at: datetime, with_others: bool) -> dict[str, Any]:
    """All of it as plain values that JSON can say; what has been erased is empty."""
    raw = application.erased_at is None
    return {
        "reference": application.reference,
        "made_at": iso(at),
        "release": str(application.release),
        "came": str(application.get_origin_display()),
        "dates": _dates(application),
        "kept": _kept(application),
        "email": application.email if raw else "",
        "email_changes": [_email_change(row) for row in application.email_changes.all()] if raw else [],
        "account": _account(application),
        "arrival": _opened(application, "arrival") if raw else {},
        "answers": _answers(application) if raw else [],
        "files": [_file(evidence) for evidence in application.evidence.all()],
        "checks": [_check(row) for row in application.checks.all()] if raw else [],
        "corrections": [_correction(row) for row in application.corrections.all()] if raw else [],
        "contacts": _contacts(application, with_others) if raw else [],
        "questions": _questions(application) if raw else [],
        "summary": _opened(application, "summary") if raw else "",
        "routing": [_routing(row) for row in application.routings.select_related("assembly", "supported_by")],
        "invitations": [
            _invitation(row) for row in application.invitations.select_related("gathering", "bar")
        ],
        "copy": _copy(application),
        "letter": _letter(application),
        "posted": [_posted(row) for row in application.postal_letters.all()],
        "events": _events(application),
    }


def _dates(application: Application) -> dict[str, str]:
    names = ("started_at", "saved_at", "sent_at", "verified_at", "withdrawn_at", "closed_at", "erased_at")
    return {
        str(application._meta.get_field(name).verbose_name): iso(value)  # type: ignore[union-attr]
        for name in names
        if (value := getattr(application, name)) is not None
    }


def _kept(application: Application) -> dict[str, Any]:
    clock = retention.clock_of(application)
    hold = application.holds.filter(lifted_at=None).first()
    return {
        "until": iso(clock.ends_at) if clock else "",
        "why": str(clock.label) if clock else "",
        "hold_since": iso(hold.placed_at) if hold else "",
    }


def _account(application: Application) -> dict[str, str]:
    person = application.person
    return {"name": person.name, "email": person.email} if person else {}


def _email_change(change: EmailChange) -> dict[str, str]:
    moments = ("asked_at", "called_at", "confirmed_at", "stopped_at")
    found = {name: iso(value) if (value := getattr(change, name)) else "" for name in moments}
    return {**found, "email": change.email, "note": change.note}


def _posted(letter: PostalLetter) -> dict[str, str]:
    return {
        "kind": str(letter.get_kind_display()),
        "needed_at": iso(letter.needed_at),
        "posted_at": iso(letter.posted_at) if letter.posted_at else "",
    }


def _opened(application: Application, part: str) -> Any:
    sealed = getattr(application, f"{part}_sealed")
    if sealed is None:
        return ""
    return application.unseal(sealed, vault.place_of("application", application.pk, part))


def _answers(application: Application) -> list[dict[str, Any]]:
    given = {answer.section: answer.opened() for answer in application.answers.all()}
    sections: dict[str, dict[str, Any]] = {}
    for line in lines.of_answers(given):
        section = sections.setdefault(
            line.section.key, {"section": str(line.section.label), "key": line.section.key, "lines": []}
        )
        section["lines"].append(
            {"label": line.label, "row": line.row, "text": line.text, "value": line.value}
        )
    return list(sections.values())


def _file(evidence: Evidence) -> dict[str, Any]:
    return {
        "id": str(evidence.pk),
        "name": evidence.name,
        "path": f"files/{evidence.pk}.{_ENDINGS[evidence.media_type]}",
        "for": str(evidence.get_proves_display()),
        "added_at": iso(evidence.added_at),
    }


def _check(check: Any) -> dict[str, str]:
    return {
        "item": check.item,
        "label": sanitising.label_of(check.item),
        "finding": str(check.get_finding_display()),
        "note": check.note,
        "checked_at": iso(check.checked_at),
    }


def _correction(row: Correction) -> dict[str, Any]:
    section, number, name = lines.parts_of(row.item)
    return {
        "item": row.item,
        "label": sanitising.label_of(row.item, given=True),
        "row": number,
        "value": row.value,
        "text": lines.text_of(f"{section}.{name}", row.value) if row.value != "" else "",
        "from": str(row.get_source_display()),
        "how": row.how,
        "corrected_at": iso(row.corrected_at),
    }


def _contacts(application: Application, with_others: bool) -> list[dict[str, Any]]:
    return [
        {
            "way": str(contact.get_way_display()),
            "with_you": contact.is_direct,
            "reached": contact.was_reached,
            "at": iso(contact.contacted_at),
            "note": contact.note if contact.is_direct or with_others else "",
            "is_note_left_out": not (contact.is_direct or with_others),
        }
        for contact in application.contacts.all()
    ]


def _questions(application: Application) -> list[dict[str, str]]:
    return [
        {
            "asked_at": iso(query.asked_at),
            "question": query.question,
            "answered_at": iso(query.answered_at) if query.answered_at else "",
            "answer": query.answer,
        }
        for query in application.queries.all()
    ]


def _routing(routing: Any) -> dict[str, str]:
    return {
        "assembly": routing.assembly.name,
        "reason": str(routing.get_reason_display()),
        "explanation": routing.explanation,
        "supported_by": routing.supported_by.name if routing.supported_by else "",
        "from": iso(routing.routed_at),
        "until": iso(routing.ended_at) if routing.ended_at else "",
        "ended_because": routing.ended_because,
    }


def _invitation(invitation: HustingsInvitation) -> dict[str, Any]:
    return {
        "hustings": invitation.gathering.title,
        "starts_at": iso(invitation.gathering.starts_at),
        "sent_at": iso(invitation.sent_at),
        "reply": str(invitation.get_reply_display()),
        "message": invitation.message,
        "barred": str(invitation.get_barred_ground_display()),
        "barred_because": bars.because(invitation),
        "bar_answers": bars.answers(invitation),
        "bar_review": _review(invitation),
    }


def _review(invitation: HustingsInvitation) -> dict[str, str]:
    """What the review of a bar found, once it has ended."""
    referral = invitation.bar.referral if invitation.bar is not None else None
    if referral is None or referral.is_waiting:
        return {}
    return {"outcome": str(referral.get_outcome_display()), "statement": referral.statement}


def _has_copy(application: Application) -> bool:
    copy = getattr(application, "copy", None)
    return copy is not None and copy.erased_at is None


def _copy(application: Application) -> dict[str, Any]:
    if not _has_copy(application):
        return {}
    copy = application.copy
    return {
        "made_at": iso(copy.made_at),
        "released_at": iso(copy.released_at) if copy.released_at else "",
        "content": copy.content,
        "parts": [
            {"heading": part.heading, "entries": [[_label(entry), entry.text] for entry in part.entries]}
            for part in sanitising.laid_out(copy.content)
        ],
        "review": copy.review if application.erased_at is None else {},
    }


def _label(entry: sanitising.Entry) -> str:
    return _("%(item)s (corrected)") % {"item": entry.label} if entry.is_corrected else entry.label


def _letter(application: Application) -> dict[str, Any]:
    letter: Letter | None = getattr(application, "letter", None)
    if letter is None:
        return {}
    found = {
        "kind": str(letter.get_kind_display()),
        "sent_at": iso(letter.sent_at),
        "subject": "",
        "text": "",
    }
    if letter.sealed is not None and _has_copy(application):
        said = letters.opened(letter)
        found |= {"subject": said.subject, "text": said.text}
    return found


def _events(application: Application) -> list[dict[str, str]]:
    """What was done and looked at, by whom in the sense of `doings.told`: a role and a number."""
    numbers: dict[UUID, int] = {}
    found = []
    for event in Event.objects.about(application):
        number = numbers.setdefault(event.by, len(numbers) + 1) if event.by else 0
        doing = told(event, is_applicant=event.by is not None and event.by == application.person_id)
        who = (
            _("%(role)s (person %(number)d)") % {"role": doing.who, "number": number} if number else doing.who
        )
        found.append({"at": iso(event.at), "verb": event.verb, "what": doing.what, "who": who})
    return found
