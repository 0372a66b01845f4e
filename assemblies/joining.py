"""Joining and leaving of one's own accord (A2, A4, P2), and asking a secretary to be admitted."""

from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from assemblies import ages, eligibility, enrolment
from assemblies.errors import NotEligibleError, WrongMomentError
from assemblies.models import Assembly, JoinRequest, Participation
from ledger import events, outbox
from members import mails
from members.mails import Always
from members.models import Person

mails.classify(
    "assemblies/mail",
    {"join_asked": Always.OFFICE, "join_admitted": Always.PART, "join_refused": Always.PART},
)


def reasons_against_leaving(participation: Participation, at: datetime) -> list[str]:
    """Why the person cannot leave at `at`, as sentences to them; empty when they can (P2).

    A member of the party stays in the core assemblies and, by their home, in those of their area; everyone
    else leaves as they wish.
    """
    if not participation.person.is_member_at(at):
        return []
    if participation.is_home:
        return [
            _(
                "You are in this assembly because your home constituency is in its area. "
                "To take part elsewhere instead, change your home constituency."
            )
        ]
    if participation.assembly.is_core:
        return [_("This is a core assembly: every member of the party takes part in it.")]
    return []


@transaction.atomic
def join(
    person: Person, assembly: Assembly, *, at: datetime, affirms: bool = False, born: date | None = None
) -> Participation | JoinRequest:
    """The person joins `assembly` at `at`; where its secretary admits people, they ask to.

    `affirms` says that they affirm the assembly's statement; `born` is their date of birth, kept when it was
    not known and the assembly asks for it. Raises WrongMomentError when they take part or have asked already,
    NotEligibleError with the reasons when they may not take part (A4).
    """
    person = enrolment.locked(person)
    # Under lock, so that a change of its rules and this do not miss each other.
    assembly = Assembly.objects.select_for_update(no_key=True, of=("self",)).get(pk=assembly.pk)
    if person.participations.in_force_at(at).filter(assembly=assembly).exists():
        raise WrongMomentError(_("You take part in this assembly already."))
    if born is not None and assembly.asks_birth_of(person):
        eligibility.keep_birth(person, born, at=at)
    reasons = assembly.reasons_against(person, at)
    if assembly.statement and not affirms:
        reasons.append(_("You have not affirmed the assembly’s statement."))
    if reasons:
        raise NotEligibleError(" ".join(reasons))
    if assembly.approval_by_secretary:
        return _ask(person, assembly, at)
    return _begin(person, assembly, at, by=person)


@transaction.atomic
def leave(person: Person, assembly: Assembly, *, at: datetime) -> None:
    """The person leaves `assembly` at `at`, or takes back their request to take part.

    Raises WrongMomentError when they neither take part nor have asked, or when they cannot leave (P2).
    """
    person = enrolment.locked(person)
    asked = person.join_requests.waiting().filter(assembly=assembly).first()
    if asked is not None:
        asked.withdrawn_at = at
        asked.save(update_fields=["withdrawn_at"])
        events.record(
            "join_request.withdrawn", asked, at=at, by=person.pk, data={"assembly": str(assembly.pk)}
        )
        return
    found = person.participations.in_force_at(at).filter(assembly=assembly, ended_at=None)
    participation = found.select_related("assembly", "person").first()
    if participation is None:
        raise WrongMomentError(_("You do not take part in this assembly."))
    if reasons := reasons_against_leaving(participation, at):
        raise WrongMomentError(" ".join(reasons))
    end(participation, Participation.Ending.LEFT, at=at, by=person)


@transaction.atomic
def remove(participation: Participation, *, at: datetime, by: Person) -> None:
    """Ends somebody's participation for them, by site staff; raises WrongMomentError when it has ended."""
    enrolment.locked(participation.person)
    participation = Participation.objects.select_related("assembly").get(pk=participation.pk)
    if participation.ended_at is not None:
        raise WrongMomentError(_("This participation has ended already."))
    end(participation, Participation.Ending.REMOVED, at=at, by=by)


def end(participation: Participation, because: str, *, at: datetime, by: Person | None) -> None:
    """Writes down that the participation ended at `at`, and records it. The caller holds the person's lock."""
    participation.ended_at = max(at, participation.began_at)
    participation.ended_because = because
    participation.save(update_fields=["ended_at", "ended_because"])
    facts = {"assembly": str(participation.assembly_id), "because": because}
    events.record("participation.ended", participation.person, at=at, by=by.pk if by else None, data=facts)


# --- Where the secretary admits people ----------------------------------------------------------------
@transaction.atomic
def admit(request: JoinRequest, *, by: Person, at: datetime) -> Participation:
    """The secretary admits whoever asked; they take part from `at` on and are told.

    Raises PermissionDenied unless `by` serves the assembly, WrongMomentError when the request was answered or
    withdrawn, NotEligibleError when the person may not take part any more.
    """
    request = _under_lock(request, by, at)
    assembly, person = request.assembly, request.person
    if reasons := assembly.reasons_against(person, at):
        raise NotEligibleError(" ".join(reasons))
    request.admitted_at, request.answered_by = at, by
    request.save(update_fields=["admitted_at", "answered_by"])
    facts = {"assembly": str(assembly.pk)}
    events.record("join_request.admitted", request, at=at, by=by.pk, data=facts)
    _tell(request, "admitted", at)
    held = person.participations.in_force_at(at).filter(assembly=assembly).first()
    return held or _begin(person, assembly, at, by=by, affirmed=request.affirmed)


@transaction.atomic
def refuse(request: JoinRequest, *, by: Person, at: datetime) -> None:
    """The secretary does not admit whoever asked; they are told. Raises as `admit` does."""
    request = _under_lock(request, by, at)
    request.refused_at, request.answered_by = at, by
    request.save(update_fields=["refused_at", "answered_by"])
    facts = {"assembly": str(request.assembly_id)}
    events.record("join_request.refused", request, at=at, by=by.pk, data=facts)
    _tell(request, "refused", at)


def _under_lock(request: JoinRequest, by: Person, at: datetime) -> JoinRequest:
    person = enrolment.locked(request.person)
    request = JoinRequest.objects.select_related("assembly").get(pk=request.pk)
    request.person = person
    if not Assembly.objects.served_by(by, at).filter(pk=request.assembly_id).exists():
        raise PermissionDenied(_("Only the secretary of this assembly admits people to it."))
    if not request.is_waiting:
        raise WrongMomentError(_("This request has been answered or withdrawn already."))
    return request


@transaction.atomic
def seat(person: Person, assembly: Assembly, *, at: datetime) -> Participation:
    """Whoever is elected to an office of the assembly takes part in it from `at` on, if they do not yet.

    They met its rules and affirmed its statement when they stood, and nobody has to admit them.
    """
    person = enrolment.locked(person)
    held = person.participations.in_force_at(at).filter(assembly=assembly).first()
    return held or _begin(person, assembly, at, by=person)


def _begin(
    person: Person, assembly: Assembly, at: datetime, *, by: Person, affirmed: str = ""
) -> Participation:
    birth = person.date_of_birth if assembly.has_ages else None
    participation = Participation.objects.create(
        person=person,
        assembly=assembly,
        began_at=at,
        origin=Participation.Origin.JOINED,
        age_check_on=ages.looked_at_from(assembly.age_window(birth)[1]) if birth else None,
        affirmed=affirmed or assembly.statement,
    )
    events.record("person.joined", person, at=at, by=by.pk, data={"assembly": str(assembly.pk)})
    return participation


def _ask(person: Person, assembly: Assembly, at: datetime) -> JoinRequest:
    if person.join_requests.waiting().filter(assembly=assembly).exists():
        raise WrongMomentError(_("You have asked to take part already; the secretary has not answered yet."))
    request = JoinRequest.objects.create(
        person=person, assembly=assembly, asked_at=at, affirmed=assembly.statement
    )
    events.record("join_request.made", request, at=at, by=person.pk, data={"assembly": str(assembly.pk)})
    outbox.queue(
        (
            mails.letter(
                f"join-asked:{request.pk}:{servant.pk}",
                "assemblies/mail/join_asked",
                servant,
                {"assembly": assembly, "person": person, "secretary": servant},
            )
            for servant in assembly.acting_at(at)
        ),
        at=at,
    )
    return request


def _tell(request: JoinRequest, answer: str, at: datetime) -> None:
    letter = mails.letter(
        f"join-{answer}:{request.pk}",
        f"assemblies/mail/join_{answer}",
        request.person,
        {"assembly": request.assembly, "person": request.person},
    )
    outbox.queue([letter], at=at)
