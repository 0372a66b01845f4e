"""The desk's queue: what is in the research's hands, by age and by what it waits for; it names nobody."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Prefetch
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from assemblies.clearances import cleared
from assemblies.models import Duty
from defections import records
from defections.models import Application, ApplicationQuerySet, Check, Claim, Conflict, Query
from defections.stages import Stage, stage_of
from harmony.time import london_day
from members.models import Person

STAGES: dict[Stage, Promise] = {
    Stage.SENT: _("Nobody has it yet"),
    Stage.RESEARCH: _("Being checked"),
    Stage.QUESTION: _("Waits for the applicant"),
    Stage.VERIFIED: _("Copy being made"),
}
FOR_RELEASE = _("Waits for a second reader")
RELEASED = _("Released: with its assembly, or waiting for one")
OVER = _("Over")
_MOST_BEFORE = 50  # of those that have left the research, in the list of one volunteer


@dataclass(frozen=True)
class Waiting:
    """One application in the queue, as one person sees it."""

    application: Application
    label: Promise
    days: int  # since it was sent, by the calendar in London
    holder: Person | None
    is_mine: bool
    is_for_me: bool  # to take on, or to read as the second


def in_research() -> ApplicationQuerySet:
    """What is the research's: sent, not over, and no copy released."""
    return Application.objects.in_hand().filter(copy__released_at=None)


def waiting_for(person: Person, at: datetime) -> list[Waiting]:
    """The queue, the oldest first; what the person may not handle is in it and not for them."""
    open_claims = Claim.objects.filter(let_go_at=None).select_related("person")
    rows = (
        in_research()
        .select_related("copy")
        .prefetch_related(Prefetch("claims", queryset=open_claims, to_attr="open_claims"))
        .annotate(
            has_question=Exists(Query.objects.waiting().filter(application=OuterRef("pk"))),
            has_conflict=Exists(Conflict.objects.filter(application=OuterRef("pk"), person=person)),
        )
        .order_by("sent_at", "reference")
    )
    return [_waiting(row, row.open_claims, person, at) for row in rows]


def checked_before(person: Person) -> ApplicationQuerySet:
    """Of what has left the research and is not erased: what `person` has checked something of, the newest first."""
    mine = Check.objects.filter(application=OuterRef("pk"), checked_by=person)
    kept_from = Conflict.objects.filter(application=OuterRef("pk"), person=person)
    rows = Application.objects.filter(Exists(mine), ~Exists(kept_from), erased_at=None)
    return (
        rows.exclude(pk__in=in_research().values("pk"))
        .select_related("copy")
        .order_by("-sent_at")[:_MOST_BEFORE]
    )


def _waiting(application: Application, claims: Iterable[Claim], person: Person, at: datetime) -> Waiting:
    holder = next((claim.person for claim in claims), None)
    copy = getattr(application, "copy", None)
    for_release = copy is not None and copy.waits_for_release
    is_kept_from = (
        getattr(application, "has_conflict", False)
        or application.entered_by_id == person.pk
        or records.is_own(application, person)
    )
    is_second = copy is not None and for_release and not copy.was_made_by(person)
    return Waiting(
        application,
        FOR_RELEASE if for_release else STAGES[_stage(application, holder)],
        (london_day(at) - london_day(application.sent_at or at)).days,
        holder,
        holder is not None and holder.pk == person.pk,
        not is_kept_from and (is_second or (holder is None and not for_release)),
    )


def _stage(application: Application, holder: Person | None) -> Stage:
    """As `stages.stage_of`, from what the queue has read already."""
    if application.verified_at is not None:
        return Stage.VERIFIED
    if getattr(application, "has_question", False):
        return Stage.QUESTION
    return Stage.RESEARCH if holder is not None else Stage.SENT


def label_of(application: Application) -> Promise:
    """Where one application is in the research, in the words of the queue; RELEASED and OVER after it."""
    copy = getattr(application, "copy", None)
    if not application.is_open:
        return OVER
    if copy is not None and copy.released_at is not None:
        return RELEASED
    if copy is not None and copy.waits_for_release:
        return FOR_RELEASE
    return STAGES[stage_of(application)]


def can_be_claimed(application: Application, at: datetime) -> bool:
    """Whether a volunteer can take it on: nobody has it who is still cleared, and the research is not finished."""
    copy = getattr(application, "copy", None)
    if not application.is_open or (copy is not None and copy.released_at is not None):
        return False
    holder = application.claims.filter(let_go_at=None).select_related("person").first()
    return holder is None or not cleared(holder.person, Duty.Name.RESEARCH, at)
