"""The letter that ends a case: made from the recorded result alone, sent once, kept sealed (D24 to D26)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from decisions import defection
from decisions.entitlement import acts_for
from decisions.models import Decision
from defections import applicant_letters, case_letters, cases, posting, reapplying, vault
from defections.errors import NotCleared, WrongMoment
from defections.models import Application, Letter, PostalLetter
from ledger import events
from ledger.due import each
from members.models import Person


@dataclass(frozen=True)
class Draft:
    """What the letter says."""

    kind: str
    subject: str
    text: str

    @property
    def is_acceptance(self) -> bool:
        """Whether it tells of an acceptance."""
        return self.kind == Letter.Kind.ACCEPTANCE


def issues_before_sending(application: Application) -> list[str]:
    """Sentences that say why no letter can go now; empty when one can."""
    if Letter.objects.filter(application=application).exists():
        return [_("The letter has been sent already.")]
    if application.withdrawn_at is not None:
        return [_("The applicant has withdrawn: there is no letter to send.")]
    decision = application.decision
    if decision is None or decision.settled_at is None:
        return [
            _("There is no result yet: the letter follows the assembly’s decision, and says what it was.")
        ]
    return []


def issues_before_following_up(*, decision: Decision) -> list[str]:
    """Why the outcome of a case is not written down, nor a task named, yet: its applicant is told first (D24, D26).

    One who withdrew before the letter is told nothing more.
    """
    application = cases.of_decision(decision) if decision.is_confidential else None
    if application is None or not application.is_open:
        return []
    return [
        _("The letter comes first: read it and send it to the applicant. What follows is written down then.")
    ]


def may_send(application: Application, person: Person, at: datetime) -> bool:
    """Whether the person sends the letter: whoever acts as secretary of the assembly that decided."""
    return application.decision is not None and acts_for(application.decision, person, at)


def require_sender(application: Application, person: Person, at: datetime) -> None:
    """Raises NotCleared unless the person may send the letter."""
    if not may_send(application, person, at):
        raise NotCleared(_("Only whoever acts as secretary of the assembly that decided sends the letter."))


def draft(application: Application, *, at: datetime) -> Draft:
    """The letter as the recorded result makes it, not sent; raises WrongMoment while there is no result."""
    decision = application.decision
    if decision is None or decision.settled_at is None:
        raise WrongMoment(" ".join(issues_before_sending(application)))
    kind = Letter.Kind.ACCEPTANCE if defection.accepted(decision) else Letter.Kind.DECLINE
    content = application.copy.content
    names = (content.get("name.given_name", ""), content.get("name.family_name", ""))
    person = application.person
    context = {
        "name": " ".join(part for part in names if part),
        "reference": application.reference,
        "party": application.release.party_name,
        "assembly": decision.assembly,
        "decided_at": decision.settled_at,
        "can_log_in": person is not None and person.is_active and _is_written_to(person, application),
        "is_suspended": person is not None and not person.is_member_at(at),
        "login": settings.SITE_URL + reverse("account_login"),
        "again_from": reapplying.earliest_after(at),
        "again_days": settings.REAPPLICATION_DAYS,
    }
    text = render_to_string(f"defections/letters/{kind}.txt", context).strip()
    return Draft(kind, _("A letter for you"), text)


def _is_written_to(person: Person, application: Application) -> bool:
    """Whether the account has the address that the letter goes to; the applicant may have changed theirs."""
    return person.email.casefold() == application.email.casefold()


@transaction.atomic
def send(application: Application, *, by: Person, at: datetime) -> Letter:
    """Sends the letter, or, where there is no email address, puts it among those to be posted; closes the case.

    Raises NotCleared, or WrongMoment before there is a result and once it has gone: a second click sends nothing.
    """
    application = cases.locked(application)
    require_sender(application, by, at)
    if issues := issues_before_sending(application):
        raise WrongMoment(" ".join(issues))
    made = draft(application, at=at)
    letter = Letter(application=application, kind=made.kind, sent_by=by, sent_at=at)
    letter.by_post = not application.email
    letter.sealed = vault.seal(
        application.copy.key_wrapped,
        {"subject": made.subject, "text": made.text},
        key_context=application.copy.key_context,
        place=_place(application),
    )
    letter.save()
    application.closed_at = at
    application.save(update_fields=["closed_at"])
    facts = {"kind": str(made.kind), "by_post": letter.by_post}
    events.record("application.letter_sent", application, at=at, by=by.pk, data=facts)
    if letter.by_post:
        posting.need(application, PostalLetter.Kind.LETTER, at=at)
    else:
        applicant_letters.queue_letter(application, made.subject, made.text, at=at)
    return letter


def opened(letter: Letter) -> Draft:
    """What a letter said that has been sent. Raises Erased once the copy's key is gone."""
    copy = letter.application.copy
    sealed = letter.sealed or b""
    content = vault.unseal(
        copy.key_wrapped, sealed, key_context=copy.key_context, place=_place(letter.application)
    )
    return Draft(letter.kind, content["subject"], content["text"])


def _place(application: Application) -> str:
    return vault.place_of("letter", application.pk, "text")


# --- The clock ----------------------------------------------------------------------------------------------
def chase_due(at: datetime) -> None:
    """Reminds those who act for an assembly that has decided of the letter, every LETTER_REMINDER_DAYS."""
    late = at - timedelta(days=settings.LETTER_REMINDER_DAYS)
    waiting = Application.objects.in_hand().filter(
        Q(letter_chased_at=None) | Q(letter_chased_at__lte=late), letter=None, decision__settled_at__lte=late
    )
    each(waiting, lambda application: _chase(application, at))


@transaction.atomic
def _chase(application: Application, at: datetime) -> None:
    rows = Application.objects.in_hand().select_for_update(skip_locked=True, of=("self",))
    row = rows.filter(pk=application.pk, letter_chased_at=application.letter_chased_at, letter=None).first()
    if row is None or row.decision is None:
        return
    row.letter_chased_at = at
    row.save(update_fields=["letter_chased_at"])
    case_letters.queue_letter_waits(row.decision, key=f"{row.pk}:{at.isoformat()}", at=at)
