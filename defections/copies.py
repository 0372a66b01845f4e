"""The sanitised copy from its making to its release by a second person (D17).

Whoever has the application decides on each suggested redaction, takes out what else should not be shared, and
hands the copy over; somebody cleared who had no part in making it releases it or sends it back. What it was made of
and each decision are kept in `SanitisedCopy.review`, sealed under the application's key: they go when that goes.

review = {"made_of": {key: text}, "given": {key: text before it was corrected}, "marks": {key: [mark]},
          "answered": [ids of questions], "corrections": [which, and when], "sent_back": [{...}]}
mark = {"start", "end", "kind", "decision": "" | "remove" | "keep", "reason"}
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_variables

from defections import corrections, intake, records, redaction, routing, sanitising
from defections.corrections import Answers
from defections.desk import claims
from defections.errors import DefectionError, Incomplete, NotCleared, WrongMoment
from defections.models import Application, Claim, SanitisedCopy
from harmony.time import iso
from ledger import events
from members.models import Person

Mark: TypeAlias = dict[str, Any]
REMOVE, KEEP = "remove", "keep"
TYPED = "typed"  # the kind of a mark that a reader made


@dataclass(frozen=True)
class Choice:
    """What is decided about one mark: REMOVE, or KEEP with a reason."""

    decision: str
    reason: str = ""


def mark_id(key: str, mark: Mark) -> str:
    """What a page calls one mark."""
    return f"{key}:{mark['start']}:{mark['end']}"


def shared_text(text: str, marks: list[Mark]) -> str:
    """`text` with everything taken out that is marked, but for what is expressly kept."""
    return "".join(
        str(sanitising.REMOVED) if is_removed else piece for piece, is_removed in pieces(text, marks)
    )


def pieces(text: str, marks: list[Mark]) -> list[tuple[str, bool]]:
    """`text` in pieces, each with whether it is taken out; marks that touch or overlap are one piece."""
    found: list[tuple[str, bool]] = []
    place = 0
    for start, end in _removed(marks):
        if start > place:
            found.append((text[place:start], False))
        found.append((text[start:end], True))
        place = end
    if place < len(text):
        found.append((text[place:], False))
    return found


def _removed(marks: list[Mark]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for mark in sorted(marks, key=lambda mark: (mark["start"], mark["end"])):
        if mark["decision"] == KEEP:
            continue
        if joined and mark["start"] <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], mark["end"]))
        else:
            joined.append((mark["start"], mark["end"]))
    return joined


# --- Making it ----------------------------------------------------------------------------------------
def begin(application: Application, *, by: Person, at: datetime) -> SanitisedCopy:
    """The first version, everything suspicious taken out; in the transaction that records the outcome."""
    copy = SanitisedCopy(application=application, made_by=by, made_at=at, makers=[by.pk])
    _make(copy, {})
    copy.save(force_insert=True)
    events.record("copy.begun", copy, at=at, by=by.pk)
    return copy


@transaction.atomic
def renew(application: Application, *, by: Person, at: datetime) -> None:
    """Makes the copy anew from what is there now; what was decided about texts that did not change stays decided.

    Raises as `claims.held`; WrongMoment once it was handed over or released.
    """
    copy = _in_making(claims.held(application, by, at))
    _make(copy, copy.review)
    _save(copy, "copy.renewed", by=by, at=at)


def _make(copy: SanitisedCopy, before: dict[str, Any]) -> None:
    """Fills in the copy from what the application says now, and seals it; the row is not saved."""
    application = copy.application
    given = intake.answers(application)
    answers = corrections.applied(given, corrections.values_of(application))
    made_of = _made_of(application, given, answers)
    private = _private_values(application, given) | _private_values(application, answers)
    marks: dict[str, list[Mark]] = {}
    for key in sanitising.free_keys(answers):
        is_same = before.get("made_of", {}).get(key) == made_of[key]
        marks[key] = _with_suggestions(
            before["marks"].get(key, []) if is_same else [], redaction.suggestions(made_of[key], private)
        )
    review = {
        **before,
        "made_of": made_of,
        "given": _before_correction(application, given, made_of),
        "marks": marks,
        "answered": _answered(application),
        "corrections": _corrections(application),
    }
    copy.makers = list({*copy.makers, *application.corrections.values_list("corrected_by", flat=True)})
    _seal(copy, review)


def _with_suggestions(marks: list[Mark], found: list[redaction.Found]) -> list[Mark]:
    """The marks as they were decided, and what is suggested beyond them."""
    known = {(mark["start"], mark["end"]) for mark in marks}
    return [
        *marks,
        *(_mark(one.start, one.end, one.kind.value) for one in found if (one.start, one.end) not in known),
    ]


def _mark(start: int, end: int, kind: str, decision: str = "") -> Mark:
    return {"start": start, "end": end, "kind": kind, "decision": decision, "reason": ""}


def _made_of(application: Application, given: Answers, answers: Answers) -> dict[str, str]:
    findings = dict(application.checks.values_list("item", "finding"))
    return sanitising.build(answers, findings, at=_sent_at(application), given=given)


def _before_correction(
    application: Application, given: Answers, made_of: Mapping[str, str]
) -> dict[str, str]:
    """What would have been shared of the answers as given, by key of each text that was corrected; "" for nothing."""
    before = sanitising.texts(given, at=_sent_at(application))
    return {key: before.get(key, "") for key in made_of.get(sanitising.CORRECTED, "").split()}


def _sent_at(application: Application) -> datetime:
    return application.sent_at or application.started_at


def _private_values(application: Application, answers: Answers) -> redaction.Private:
    return sanitising.private_values(answers, application.email)


def _corrections(application: Application) -> list[str]:
    rows = application.corrections.order_by("item").values_list("item", "corrected_at")
    return [f"{item} {iso(corrected_at)}" for item, corrected_at in rows]


def _answered(application: Application) -> list[str]:
    answered = application.queries.filter(answered_at__isnull=False).order_by("asked_at", "pk")
    return [str(pk) for pk in answered.values_list("pk", flat=True)]


def _seal(copy: SanitisedCopy, review: dict[str, Any]) -> None:
    content = {
        key: shared_text(text, review["marks"].get(key, [])) for key, text in review["made_of"].items()
    }
    copy.seal_review(review)
    copy.seal_content(content)


def is_stale(copy: SanitisedCopy) -> bool:
    """Whether something was corrected or found otherwise, or a question was answered, since it was made."""
    application = copy.application
    review = copy.review
    given = intake.answers(application)
    made_of = _made_of(application, given, corrections.applied(given, corrections.values_of(application)))
    return (
        review.get("made_of") != made_of
        or review.get("answered") != _answered(application)
        or review.get("corrections", []) != _corrections(application)
    )


# --- Redacting ----------------------------------------------------------------------------------------
@sensitive_variables("choices", "review", "copy")
@transaction.atomic
def decide(application: Application, choices: Mapping[str, Choice], *, by: Person, at: datetime) -> None:
    """Decides on suggestions, by `mark_id`. Raises as `renew`; Incomplete when something is kept without a reason."""
    copy = _in_making(claims.held(application, by, at))
    review = copy.review
    known = {mark_id(key, mark): mark for key, marks in review["marks"].items() for mark in marks}
    for name, choice in choices.items():
        if name not in known or choice.decision not in (REMOVE, KEEP):
            raise DefectionError(_("This suggestion is not there any more: look at the copy again."))
        if choice.decision == KEEP and not choice.reason.strip():
            raise Incomplete(_("Say why it is kept: members will read it."))
        known[name].update(decision=choice.decision, reason=choice.reason.strip())
    _seal(copy, review)
    _save(copy, "copy.decided", by=by, at=at, facts={"marks": len(choices)})


@sensitive_variables("passage", "review", "copy")
@transaction.atomic
def redact(application: Application, passage: str, *, by: Person, at: datetime) -> int:
    """Takes out `passage` wherever it stands in what somebody typed, letter case and spacing aside; how often.

    Raises as `renew`; Incomplete for an empty passage, DefectionError when it stands nowhere.
    """
    copy = _in_making(claims.held(application, by, at))
    if not passage.strip():
        raise Incomplete(_("Type the passage that should be taken out."))
    review = copy.review
    number = 0
    for key, marks in review["marks"].items():
        for start, end in redaction.occurrences(review["made_of"][key], passage):
            if not any(mark["start"] == start and mark["end"] == end for mark in marks):
                marks.append(_mark(start, end, TYPED, REMOVE))
                number += 1
    if not number:
        raise DefectionError(
            _("This passage stands nowhere in the texts, or it is marked already. Copy it from the left.")
        )
    _seal(copy, review)
    _save(copy, "copy.redacted", by=by, at=at, facts={"marks": number})
    return number


@sensitive_variables("review", "copy")
@transaction.atomic
def put_back(application: Application, name: str, *, by: Person, at: datetime) -> None:
    """Takes back a redaction that a reader made, by its `mark_id`. Raises as `renew`, DefectionError for no such."""
    copy = _in_making(claims.held(application, by, at))
    review = copy.review
    for key, marks in review["marks"].items():
        kept = [mark for mark in marks if mark["kind"] != TYPED or mark_id(key, mark) != name]
        if len(kept) < len(marks):
            review["marks"][key] = kept
            _seal(copy, review)
            _save(copy, "copy.put_back", by=by, at=at)
            return
    raise DefectionError(_("This redaction is not there any more: look at the copy again."))


# --- Handing over, releasing --------------------------------------------------------------------------
def issues_before_preparing(copy: SanitisedCopy) -> list[str]:
    """What has to come before the copy is handed to a second reader, as sentences."""
    issues = _issues_of_the_original(copy)
    marks = copy.review.get("marks", {}).values()
    if undecided := sum(not mark["decision"] for entry in marks for mark in entry):
        issues.append(
            ngettext(
                "%(n)d suggestion waits for your decision.",
                "%(n)d suggestions wait for your decision.",
                undecided,
            )
            % {"n": undecided}
        )
    return issues


def issues_before_releasing(copy: SanitisedCopy) -> list[str]:
    """What stands against releasing it, as sentences; who may is for `release` to say."""
    if not copy.waits_for_release:
        return [_("This copy does not wait for release.")]
    return _issues_of_the_original(copy)


def _issues_of_the_original(copy: SanitisedCopy) -> list[str]:
    issues = []
    if copy.application.queries.waiting().exists():
        issues.append(_("A question to the applicant waits for an answer: wait for it, or take it back."))
    if is_stale(copy):
        issues.append(_("The applicant has answered, or something has changed, since this copy was made."))
    return issues


@transaction.atomic
def prepare(application: Application, *, by: Person, at: datetime) -> None:
    """Hands the copy over for release by somebody else. Raises as `renew`, WrongMoment with the issues."""
    copy = _in_making(claims.held(application, by, at))
    if issues := issues_before_preparing(copy):
        raise WrongMoment(" ".join(issues))
    copy.prepared_at = at
    copy.save(update_fields=["prepared_at"])
    _save(copy, "copy.prepared", by=by, at=at)


@transaction.atomic
def take_back(application: Application, *, by: Person, at: datetime) -> None:
    """Whoever has the application takes the copy back into the making. Raises as `renew` would."""
    copy = _of(claims.held(application, by, at))
    if not copy.waits_for_release:
        raise WrongMoment(_("This copy does not wait for release."))
    copy.prepared_at = None
    copy.save(update_fields=["prepared_at"])
    events.record("copy.taken_back", copy, at=at, by=by.pk)


@transaction.atomic
def release(application: Application, *, by: Person, at: datetime) -> None:
    """A second cleared person releases the copy; in the same transaction the case goes to its assembly (D18).

    Raises NotCleared for whoever had a part in making it or is not cleared, WrongMoment with the issues.
    """
    copy = _for_second_reader(application, by, at)
    if issues := issues_before_releasing(copy):
        raise WrongMoment(" ".join(issues))
    row = copy.application
    copy.released_by, copy.released_at = by, at
    copy.save(update_fields=["released_by", "released_at"])
    events.record("copy.released", copy, at=at, by=by.pk)
    holder = claims.current(row)
    if holder is not None:
        claims.end(holder, because=Claim.Why.FINISHED, at=at)
    routing.route(row, at=at)


@sensitive_variables("reason", "review")
@transaction.atomic
def send_back(application: Application, *, by: Person, at: datetime, reason: str) -> None:
    """A second cleared person sends the copy back. Raises as `release`; Incomplete without a reason."""
    copy = _for_second_reader(application, by, at)
    if not copy.waits_for_release:
        raise WrongMoment(_("This copy does not wait for release."))
    if not reason.strip():
        raise Incomplete(_("Say what has to be put right."))
    review = copy.review
    review.setdefault("sent_back", []).append({"reason": reason.strip(), "by": by.name, "at": iso(at)})
    copy.seal_review(review)
    copy.prepared_at = None
    copy.save(update_fields=["review_sealed", "prepared_at"])
    events.record("copy.sent_back", copy, at=at, by=by.pk)


def _for_second_reader(application: Application, by: Person, at: datetime) -> SanitisedCopy:
    row = claims.locked(application)
    records.require_researcher(by, at)
    records.require_impartial(row, by)
    copy = _of(row)
    if copy.was_made_by(by):
        raise NotCleared(_("You had a part in making this copy: somebody else who is cleared releases it."))
    if not row.is_open:
        raise WrongMoment(_("This application is over: nothing is released any more."))
    return copy


def _of(application: Application) -> SanitisedCopy:
    copy = SanitisedCopy.objects.select_for_update(of=("self",)).filter(application=application).first()
    if copy is None:
        raise WrongMoment(_("Record the outcome of the research first: the copy is made from it."))
    copy.application = application
    return copy


def _in_making(application: Application) -> SanitisedCopy:
    copy = _of(application)
    if copy.released_at is not None:
        raise WrongMoment(_("The copy is released: it is not changed any more."))
    if copy.prepared_at is not None:
        raise WrongMoment(_("The copy waits for release. Take it back first to change it."))
    return copy


def _save(
    copy: SanitisedCopy, verb: str, *, by: Person, at: datetime, facts: dict[str, Any] | None = None
) -> None:
    copy.made_by, copy.made_at = by, at
    copy.makers = list({*copy.makers, by.pk})
    fields = ["key_wrapped", "content_sealed", "review_sealed", "made_by", "made_at", "makers"]
    copy.save(update_fields=fields)
    events.record(verb, copy, at=at, by=by.pk, data=facts)
