"""The copy beside what it is made of: what its maker and its second reader see."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from defections import copies, records, sanitising
from defections.copies import Mark
from defections.models import Application, SanitisedCopy
from members.models import Person

_AROUND = 60  # characters shown before and after a passage
KINDS: dict[str, Promise] = {
    "phone": _("a phone number"),
    "email": _("an email address"),
    "postcode": _("a postcode"),
    "address": _("a street address"),
    "birth": _("a date of birth"),
    "private": _("something given in confidence"),
    copies.TYPED: _("typed by a reader"),
}


@dataclass(frozen=True)
class Marked:
    """One mark on a text, for a page."""

    name: str  # copies.mark_id
    passage: str
    kind: Promise
    where: str  # the label of the text
    around: str  # the passage with what stands before and after it
    mark: Mark

    @property
    def is_typed(self) -> bool:
        """Whether a reader made it, so that it can be put back."""
        return bool(self.mark["kind"] == copies.TYPED)


@dataclass(frozen=True)
class Side:
    """One text: as it is now, in pieces each with whether it is taken out; and as shared."""

    label: str
    given: str | None  # what the applicant gave at first, "" for nothing; None where that was not corrected
    pieces: list[tuple[str, bool]]
    shared: str
    marks: list[Marked]

    @property
    def is_whole(self) -> bool:
        """Whether it is shared just as it was given."""
        return self.given is None and not self.marks


@dataclass(frozen=True)
class Review:
    """All that a review shows."""

    copy: SanitisedCopy
    parts: list[tuple[str, list[Side]]]
    suggestions: list[Marked]
    sent_back: list[dict[str, Any]]


@transaction.atomic
def look(application: Application, *, by: Person, at: datetime) -> Review | None:
    """Opens the review for `by` and records that they looked; None where no copy is in the making.

    Raises as `records.require_reader`.
    """
    records.require_reader(application, by, at)
    copy: SanitisedCopy | None = getattr(application, "copy", None)
    if copy is None or copy.released_at is not None:
        return None
    records.record_look(application, records.REVIEW, by=by, at=at)
    review = copy.review
    parts = [
        (part.heading, [_side(entry, review) for entry in part.entries])
        for part in sanitising.laid_out(review["made_of"])
    ]
    found = [one for _heading, sides in parts for side in sides for one in side.marks if not one.is_typed]
    return Review(copy, parts, found, review.get("sent_back", []))


def _side(entry: sanitising.Entry, review: dict[str, Any]) -> Side:
    marks: list[Mark] = review["marks"].get(entry.key, [])
    given = review.get("given", {}).get(entry.key)
    marked = [
        Marked(
            copies.mark_id(entry.key, mark),
            " ".join(entry.text[mark["start"] : mark["end"]].split()),
            KINDS[mark["kind"]],
            entry.label,
            _around(entry.text, mark),
            mark,
        )
        for mark in sorted(marks, key=lambda mark: (mark["start"], mark["end"]))
    ]
    shared = copies.shared_text(entry.text, marks)
    return Side(entry.label, given, copies.pieces(entry.text, marks), shared, marked)


def _around(text: str, mark: Mark) -> str:
    """The passage with some whole words before and after it."""
    before, after = text[: mark["start"]], text[mark["end"] :]
    if len(before) > _AROUND:
        before = "…" + before[-_AROUND:].partition(" ")[2]
    if len(after) > _AROUND:
        after = after[:_AROUND].rpartition(" ")[0] + "…"
    return " ".join(f"{before}{text[mark['start'] : mark['end']]}{after}".split())
