"""Conduct at a gathering (D27 to D30): the code, the bar, and the referral that every bar opens."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from assemblies.models import Duty
from decisions import gathering_letters, watchers
from decisions.errors import BadProposal, NotEntitled, ReasonMissing, WrongMoment
from decisions.gatherings import locked_gathering, require_conductor
from decisions.models import Bar, Gathering, Ground, Referral, ReferralEntry
from decisions.watchers import Moment
from ledger import events
from members.models import Person

LONGEST_ANSWER = 4000  # characters


@dataclass(frozen=True)
class Told:
    """A part of what a floor above keeps of a referral: what it is, in its words, and when it was given."""

    label: str
    text: str
    at: datetime


@transaction.atomic
def bar(
    gathering: Gathering, *, person: Person, by: Person, at: datetime, ground: str, reason: str
) -> Referral:
    """Bars somebody from one gathering, at once, and refers it to the assembly with the resolutions duty (D29, D30).

    From then on their registration, questions and way in do not count; all else, their vote too, is untouched.
    While no assembly has the duty the referral waits for one. Raises NotEntitled, WrongMoment (called off),
    BadProposal (oneself; twice) or ReasonMissing.
    """
    gathering = locked_gathering(gathering)
    require_conductor(gathering, by, at)
    if gathering.cancelled_at is not None:
        raise WrongMoment(_("This gathering was called off."))
    if person.pk == by.pk:
        raise BadProposal(_("You cannot bar yourself."))
    if gathering.has_barred(person):
        raise BadProposal(_("This person is barred from this gathering already."))
    if ground not in Ground.values or not reason.strip():
        raise ReasonMissing(_("Choose which of the four grounds was broken, and say what happened."))
    row = Bar.objects.create(
        gathering=gathering, person=person, ground=ground, reason=reason.strip(), barred_at=at, barred_by=by
    )
    facts = {"gathering": str(gathering.pk), "person": str(person.pk), "ground": str(ground)}
    events.record("gathering.person_barred", row, at=at, by=by.pk, data=facts)
    return _refer(row, by, at)


@transaction.atomic
def bar_guest(gathering: Gathering, *, guest: str, by: Person, at: datetime, ground: str) -> Referral:
    """Bars whoever is there as a guest, and refers it as any bar; `guest` is how they are called, never their name.

    What happened, and what the guest answers, is kept by the floor above that brought them, beside their own data:
    it tells it to whoever reviews (`watchers.Moment.REFERRAL_READ`), and tells the guest. Raises NotEntitled,
    WrongMoment (called off), BadProposal (twice) or ReasonMissing without a ground.
    """
    gathering = locked_gathering(gathering)
    require_conductor(gathering, by, at)
    if gathering.cancelled_at is not None:
        raise WrongMoment(_("This gathering was called off."))
    if gathering.bars.filter(guest=guest).exists():
        raise BadProposal(_("This guest is barred from this gathering already."))
    if ground not in Ground.values:
        raise ReasonMissing(_("Choose which of the four grounds was broken, and say what happened."))
    row = Bar.objects.create(gathering=gathering, guest=guest, ground=ground, barred_at=at, barred_by=by)
    facts = {"gathering": str(gathering.pk), "ground": str(ground)}
    events.record("gathering.guest_barred", row, at=at, by=by.pk, data=facts)
    return _refer(row, by, at)


def _refer(row: Bar, by: Person, at: datetime) -> Referral:
    assembly = Duty.objects.holder_at(Duty.Name.RESOLUTIONS, at)
    referral = Referral.objects.create(bar=row, assembly=assembly, opened_at=at)
    facts = {"bar": str(row.pk), "assembly": str(assembly.pk) if assembly else None}
    events.record("referral.opened", referral, at=at, by=by.pk, data=facts)
    if row.person is not None:
        gathering_letters.queue_barred(row.person, referral, at=at)
    if assembly is not None:
        acting = assembly.acting_at(at)
        reviewers = [
            one for one in acting if Referral.objects.reviewed_by(one, at).filter(pk=referral.pk).exists()
        ]
        gathering_letters.queue_referred(referral, reviewers, at=at)
    return referral


def _locked(referral: Referral) -> Referral:
    """The referral as it is now, under a lock. Raises WrongMoment once it is decided."""
    row = (
        Referral.objects.select_for_update(of=("self",))
        .select_related("bar__gathering", "bar__person")
        .get(pk=referral.pk)
    )
    if not row.is_waiting:
        raise WrongMoment(_("The review of this bar has ended."))
    return row


def require_reviewer(referral: Referral, by: Person, at: datetime) -> None:
    """Raises NotEntitled unless the person may review this at `at`."""
    if not Referral.objects.reviewed_by(by, at).filter(pk=referral.pk).exists():
        raise NotEntitled(
            _(
                "Only those who act for the assembly with the resolutions duty review this, "
                "and nobody reviews a bar of their own."
            )
        )


@transaction.atomic
def answer(referral: Referral, *, by: Person, at: datetime, text: str) -> None:
    """Puts the answer of the barred person on the record. Raises NotEntitled, WrongMoment or ReasonMissing."""
    referral = _locked(referral)
    if referral.bar.person_id != by.pk:
        raise NotEntitled(_("Only the person who was barred answers here."))
    _enter(referral, ReferralEntry.Kind.ANSWER, by, at, text)
    events.record("referral.answered", referral, at=at, by=by.pk)


def note_answer(referral: Referral, *, at: datetime) -> None:
    """Notes, in the caller's transaction, that the guest whom it is about has answered. Raises WrongMoment."""
    events.record("referral.answered", _locked(referral), at=at)


def told(referral: Referral, *, by: Person, at: datetime) -> list[Told]:
    """What floors above keep of it, opened for somebody who reviews it. Raises NotEntitled."""
    require_reviewer(referral, by, at)
    return watchers.asked(Moment.REFERRAL_READ, referral=referral, by=by, at=at)


@transaction.atomic
def review(referral: Referral, *, by: Person, at: datetime, text: str) -> None:
    """Puts a note of the review on the record. Raises NotEntitled, WrongMoment or ReasonMissing."""
    referral = _locked(referral)
    require_reviewer(referral, by, at)
    _enter(referral, ReferralEntry.Kind.REVIEW, by, at, text)
    events.record("referral.reviewed", referral, at=at, by=by.pk)


def _enter(referral: Referral, kind: str, by: Person, at: datetime, text: str) -> None:
    if not 0 < len(text.strip()) <= LONGEST_ANSWER:
        raise ReasonMissing(_("Write between 1 and %(n)d characters.") % {"n": LONGEST_ANSWER})
    ReferralEntry.objects.create(referral=referral, kind=kind, person=by, text=text.strip(), entered_at=at)


@transaction.atomic
def decide(referral: Referral, *, by: Person, at: datetime, outcome: str, statement: str) -> None:
    """Ends the review with its outcome and tells the person. Raises NotEntitled, WrongMoment or ReasonMissing."""
    referral = _locked(referral)
    require_reviewer(referral, by, at)
    if outcome not in Referral.Outcome.values or not statement.strip():
        raise ReasonMissing(_("Choose an outcome, and say what was found and why."))
    referral.decided_at, referral.decided_by = at, by
    referral.outcome, referral.statement = outcome, statement.strip()
    referral.save(update_fields=["decided_at", "decided_by", "outcome", "statement"])
    events.record("referral.decided", referral, at=at, by=by.pk, data={"outcome": str(outcome)})
    if referral.bar.person is not None:
        gathering_letters.queue_outcome(referral.bar.person, referral, at=at)
    watchers.tell(Moment.REFERRAL_DECIDED, referral=referral, at=at)
