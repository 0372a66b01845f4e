"""Making, changing and publishing releases of the defection form (D2, D3); by people cleared for operations."""

from collections.abc import Mapping
from datetime import date, datetime
from io import BytesIO
from typing import BinaryIO

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError

from assemblies.clearances import cleared
from assemblies.models import Duty
from defections.errors import BadFile, Incomplete, WrongMoment
from defections.models import NOTICES, PLEDGES, FormRelease, Passage
from harmony.time import london_day
from ledger import events
from members.models import Person

MOST_LOGO_BYTES = 1024 * 1024
MOST_LOGO_PIXELS = 2000  # either way
LEAST_LOGO_PIXELS = 16
PRINCIPLES = 4
_NUMBERING = 0x464F524D  # an advisory lock: one draft is numbered at a time


def may_make(person: Person, at: datetime) -> bool:
    """Whether `person` may make and publish releases at `at`: cleared for the operations duty, nobody else."""
    return cleared(person, Duty.Name.OPERATIONS, at)


@transaction.atomic
def draft(*, by: Person, at: datetime) -> FormRelease:
    """A new draft, numbered on, that starts as a copy of the last release with its date left out.

    Raises PermissionDenied unless `by` may make releases.
    """
    _refuse_unless_allowed(by, at)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_NUMBERING])
    last = FormRelease.objects.order_by("-number").first()
    made = FormRelease(number=last.number + 1 if last else 1, made_by=by, made_at=at)
    if last is not None:
        made.party_name, made.logo, made.kernel = last.party_name, last.logo, last.kernel
        made.principles, made.is_demonstration = last.principles, last.is_demonstration
    made.save()
    if last is not None:
        Passage.objects.bulk_create(
            Passage(release=made, key=passage.key, text=passage.text) for passage in last.passages.all()
        )
    _record("drafted", made, at=at, by=by, copy_of=last.number if last else None)
    return made


@transaction.atomic
def change(release: FormRelease, texts: Mapping[str, str], *, by: Person, at: datetime) -> None:
    """Keeps the fields of a draft as set on `release`, and the text of each notice and pledge in `texts`, by key.

    An empty text takes the passage out. Raises PermissionDenied unless `by` may make releases, WrongMoment once
    it was published.
    """
    _refuse_unless_allowed(by, at)
    _refuse_when_published(_under_lock(release))
    release.save()
    for key, text in texts.items():
        if text.strip():
            Passage.objects.update_or_create(
                release=release, key=Passage.Key(key), defaults={"text": text.strip()}
            )
        else:
            Passage.objects.filter(release=release, key=key).delete()
    _record("changed", release, at=at, by=by)


@transaction.atomic
def discard(release: FormRelease, *, by: Person, at: datetime) -> None:
    """Deletes a draft. Raises PermissionDenied, or WrongMoment once it was published."""
    _refuse_unless_allowed(by, at)
    row = _under_lock(release)
    _refuse_when_published(row)
    _record("discarded", row, at=at, by=by)
    row.delete()


def issues_before_publishing(release: FormRelease, at: datetime) -> list[str]:
    """What the policy asks of the form and this release lacks, as sentences (STYLE 13)."""
    issues = []
    if not release.party_name.strip():
        issues.append(_("Give the name of the party."))
    issues.extend(_issues_of_date(release.released_on, london_day(at)))
    if not release.kernel.strip():
        issues.append(_("The Ethical Kernel is empty: the form bears it in full."))
    principles = len(release.principle_list())
    if principles != PRINCIPLES:
        issues.append(
            _("There are four principles, one on each line; this has %(number)d.") % {"number": principles}
        )
    there = set(release.passages.values_list("key", flat=True))
    missing = [key for key in (*NOTICES, *PLEDGES) if key not in there]
    issues.extend(_("A text is missing. %(which)s") % {"which": key.label} for key in missing)
    return issues


def _issues_of_date(released_on: date | None, today: date) -> list[str]:
    if released_on is None:
        return [_("The date of release is missing.")]
    if released_on > today:
        return [
            _("The date of release is %(date)s. Publish it on that day or later, or change the date.")
            % {"date": date_format(released_on)}
        ]
    last = FormRelease.objects.current()
    if last is not None and last.released_on is not None and released_on < last.released_on:
        return [
            _("The date of release lies before that of the last release, %(date)s.")
            % {"date": date_format(last.released_on)}
        ]
    return []


@transaction.atomic
def publish(release: FormRelease, *, by: Person, at: datetime) -> None:
    """Publishes the release: new applications are made on it from now on, and nothing of it changes any more.

    Raises PermissionDenied unless `by` may make releases, WrongMoment when it is published already, Incomplete
    with what issues_before_publishing says.
    """
    _refuse_unless_allowed(by, at)
    row = _under_lock(release)
    _refuse_when_published(row)
    if issues := issues_before_publishing(row, at):
        raise Incomplete(" ".join(issues))
    row.published_by, row.published_at = by, at
    row.save(update_fields=["published_by", "published_at"])
    _record("published", row, at=at, by=by, number=row.number)


def logo_from(file: BinaryIO, size: int) -> bytes:
    """A party's logo as uploaded, re-encoded as a PNG without anything but its pixels.

    `size` is the file's, in bytes. Raises BadFile for what is no PNG, over 1 MB, or not 16 to 2,000 pixels wide
    and high.
    """
    if size > MOST_LOGO_BYTES:
        raise BadFile(_("The logo must be smaller than 1 MB."))
    try:
        with Image.open(file, formats=["PNG"]) as picture:
            wrong = [side for side in picture.size if not LEAST_LOGO_PIXELS <= side <= MOST_LOGO_PIXELS]
            if wrong:
                raise BadFile(_("The logo must be 16 to 2,000 pixels wide and high."))
            pixels = picture.convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise BadFile(_("The logo must be a PNG picture, and this file does not open as one.")) from error
    clean = Image.new("RGBA", pixels.size)
    clean.paste(pixels)
    made = BytesIO()
    clean.save(made, "PNG", optimize=True)
    return made.getvalue()


def _under_lock(release: FormRelease) -> FormRelease:
    return FormRelease.objects.select_for_update().get(pk=release.pk)


def _refuse_unless_allowed(by: Person, at: datetime) -> None:
    if not may_make(by, at):
        raise PermissionDenied(_("Only people cleared for the operations duty make and publish the form."))


def _refuse_when_published(release: FormRelease) -> None:
    if release.is_published:
        raise WrongMoment(_("A published release is never changed. Make a new one: it starts as a copy."))


def _record(what: str, release: FormRelease, *, at: datetime, by: Person, **facts: object) -> None:
    events.record(f"form_release.{what}", release, at=at, by=by.pk, data=facts)
