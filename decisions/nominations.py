"""People stand for an office: in a race while nominations are open, or for a vacant one at any time (A13, A14)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from assemblies.models import Office
from ballots.models import MOST_OPTIONS
from decisions import candidates, declaring, following, principles, race_letters
from decisions.errors import BadProposal, NotEntitled, PrinciplesNotAccepted, WrongMoment
from decisions.models import Candidacy, Decision, Option, Race
from decisions.proposals import locked
from decisions.races import in_words
from ledger import events
from ledger.due import each
from members.models import Person

LONGEST_STATEMENT = 5000  # characters


def running_race(office: Office) -> Race | None:
    """The race for the office that is under way."""
    return office.races.running().select_related("decision__assembly").first()


def reasons_against(office: Office, person: Person, at: datetime) -> list[str]:
    """Why the person may not stand for the office at `at`, as sentences to them; empty when they may.

    Anyone may, a member of the party or not, taking part in the assembly or not (A13, A14). But whoever serves an
    assembly takes part in it, so they must meet its requirements (A4); and nobody holds two seats of an office.
    """
    found = office.assembly.reasons_against(person, at)
    race = running_race(office)
    held = office.terms.overlapping(at, None).filter(person=person)
    if race is not None:
        held = held.exclude(pk__in=race.follows.values("pk"))
    if (term := held.first()) is not None:
        is_to_come = term.began_at > at
        found.append(
            _("You are elected to this office already.") if is_to_come else _("You hold this office already.")
        )
    return found


def asks_statement_of(office: Office, person: Person, at: datetime) -> bool:
    """Whether the person has to affirm the assembly's statement to stand, since they do not take part there."""
    return bool(office.assembly.statement) and not office.assembly.has_participant_at(person, at)


def issues_before_standing(office: Office, at: datetime) -> list[str]:
    """Sentences that say why nobody can stand for the office at `at`; empty when people can."""
    race = running_race(office)
    if race is None:
        if office.free_seats_at(at):
            return []
        if office.vacant_seats_at(at):
            coming = office.terms.overlapping(at, None).filter(began_at__gt=at).earliest("began_at")
            return [
                _("Somebody is elected already for the vacant seat. Their term begins on %(when)s.")
                % {"when": in_words(coming.began_at)}
            ]
        return [
            _("No seat of this office is vacant, and no race is declared."),
            *declaring.issues_before_declaring(office, at),
        ]
    if race.is_in_nominations_at(at):
        return []
    return [
        _(
            "Nominations in this race ended on %(when)s, and it is being decided. Should it leave a seat vacant, "
            "anyone can apply for it as soon as it is over."
        )
        % {"when": in_words(race.nominations_end_at)}
    ]


@transaction.atomic
def stand(
    office: Office,
    person: Person,
    *,
    at: datetime,
    statement: str,
    accepts_principles: bool,
    affirms: bool = False,
) -> Candidacy:
    """The person stands for the office; for a vacant one without a race this opens the race, once (A14).

    `affirms` says that they affirm the assembly's own statement, where it has one and they do not take part yet.
    Raises NotEntitled with the reasons, WrongMoment, BadProposal without a statement, or PrinciplesNotAccepted.
    """
    statement = _checked(statement)
    if not accepts_principles:
        raise PrinciplesNotAccepted
    office = declaring.locked_office(office)
    if asks_statement_of(office, person, at) and not affirms:
        raise BadProposal(_("Affirm the assembly’s statement to stand."))
    if issues := issues_before_standing(office, at):
        raise WrongMoment(" ".join(issues))
    if reasons := reasons_against(office, person, at):
        raise NotEntitled(" ".join(reasons))
    race = running_race(office) or declaring.open_race(
        office, office.free_seats_at(at), cause=Race.Cause.APPLIED, by=person, at=at
    )
    race = _open_for_standing(race, at)
    if race.standing().filter(person=person).exists():
        raise WrongMoment(_("You stand in this race already."))
    if race.standing().count() >= MOST_OPTIONS - 1:
        raise WrongMoment(_("As many people stand as a ballot has room for."))
    candidacy = Candidacy.objects.create(
        race=race,
        person=person,
        statement=statement,
        accepted_edition=principles.current().edition,
        stood_at=at,
    )
    _record("decision.candidate_stood", candidacy, at)
    following.begin(race.decision, person, at=at)
    race_letters.queue_stood(candidacy, at=at)
    return candidacy


def _checked(statement: str) -> str:
    if not statement.strip():
        raise BadProposal(_("Say why you stand."))
    if len(statement) > LONGEST_STATEMENT:
        raise BadProposal(_("Write at most %(n)d characters.") % {"n": LONGEST_STATEMENT})
    return statement.strip()


def _open_for_standing(race: Race, at: datetime) -> Race:
    """The race under the lock of its decision, with nominations open; raises WrongMoment when they are over."""
    decision = locked(race.decision)
    race = Race.objects.select_related("office__assembly").get(pk=race.pk)
    race.decision = decision
    if not race.is_in_nominations_at(at):
        raise WrongMoment(_("Nominations ended on %(when)s.") % {"when": in_words(race.nominations_end_at)})
    return race


def _record(verb: str, candidacy: Candidacy, at: datetime) -> None:
    facts = {"candidacy": str(candidacy.pk)}
    events.record(verb, candidacy.race.decision, at=at, by=candidacy.person_id, data=facts)


def _own(candidacy: Candidacy, by: Person) -> Candidacy:
    """The candidacy under the lock of its decision, for whoever stands; raises NotEntitled or WrongMoment."""
    decision = locked(candidacy.race.decision)
    candidacy = Candidacy.objects.select_related("race__office__assembly", "option").get(pk=candidacy.pk)
    candidacy.race.decision = decision
    if candidacy.person_id != by.pk:
        raise NotEntitled(_("Only whoever stands can do this."))
    if candidacy.withdrawn_at is not None:
        raise WrongMoment(_("You have withdrawn from this race already."))
    return candidacy


@transaction.atomic
def restate(candidacy: Candidacy, *, by: Person, at: datetime, statement: str) -> None:
    """Words the statement anew while nominations are open. Raises NotEntitled, WrongMoment or BadProposal."""
    candidacy = _own(candidacy, by)
    if not candidacy.race.is_in_nominations_at(at):
        raise WrongMoment(_("Nominations have ended, and with them the time to change a statement."))
    statement = _checked(statement)
    if statement == candidacy.statement:
        return
    candidacy.statement = statement
    candidacy.save(update_fields=["statement"])
    _record("decision.candidate_restated", candidacy, at)


def issues_before_withdrawing(candidacy: Candidacy) -> list[str]:
    """Sentences that say why the candidate cannot withdraw now; empty when they can.

    Nobody has to go on standing; but what people answer or vote on stays as it is. So a candidate can withdraw
    until a call for consensus is open or the deliberation has begun, and again after a call has fallen.
    """
    race = candidacy.race
    if candidacy.ruled_out_at is not None:
        return [_("You no longer stand in this race.")]
    if candidacy.withdrawn_at is not None:
        return [_("You have withdrawn from this race already.")]
    if race.closed_at is not None:
        return [_("This race is over.")]
    if candidates.is_open_to_withdrawal(race):
        return []
    return [
        _(
            "People are answering a call for consensus, deliberating or voting on who stands, so this is not "
            "the moment to withdraw. Say in the talk that you would not serve. Should you be elected, you can "
            "resign at once, and the seat is vacant."
        )
    ]


@transaction.atomic
def withdraw(candidacy: Candidacy, *, by: Person, at: datetime) -> None:
    """The candidate withdraws; once nobody stands after nominations, the race lapses.

    Raises NotEntitled or WrongMoment.
    """
    candidacy = _own(candidacy, by)
    if issues := issues_before_withdrawing(candidacy):
        raise WrongMoment(" ".join(issues))
    candidacy.withdrawn_at = at
    candidacy.save(update_fields=["withdrawn_at"])
    if candidacy.option is not None:
        candidacy.option.withdrawn_at = at
        candidacy.option.save(update_fields=["withdrawn_at"])
    _record("decision.candidate_withdrew", candidacy, at)
    candidates.lapse_if_nobody_is_left(candidacy.race, at)


# --- the end of nominations, by the clock -------------------------------------------------------------
def end_nominations_due(at: datetime) -> None:
    """Ends the nominations whose time is over; for the sweep."""
    due = Race.objects.due_to_end_nominations(at).select_related("decision")
    each(due, lambda race: end_nominations(race, at=at))


@transaction.atomic
def end_nominations(race: Race, *, at: datetime) -> bool:
    """Makes those who stand the options, “re-open nominations” the last of them; with nobody, the race lapses.

    Who can no longer serve is ruled out before. Where seats of the office have fallen free meanwhile, the race fills
    them too. False when it is not due, or another process has ended them.
    """
    rows = Decision.objects.select_for_update(skip_locked=True, of=("self",))
    decision = rows.select_related("assembly").filter(pk=race.pk).first()
    found = (
        Race.objects.due_to_end_nominations(at).select_related("office__assembly").filter(pk=race.pk).first()
    )
    if decision is None or found is None:
        return False
    found.decision = decision
    out = candidates.rule_out(found, at)
    standing = list(found.standing().select_related("person"))
    found.nominations_ended_at = at
    found.seats = max(found.seats, found.office.free_seats_at(at))
    found.save(update_fields=["nominations_ended_at", "seats"])
    facts = {"candidates": len(standing), "seats": found.seats}
    events.record("decision.nominations_ended", decision, at=at, data=facts)
    if not standing:
        because = _("Nobody is left who stands and can take the office.") if out else _("Nobody stood.")
        candidates.lapse(found, at, because)
        return True
    _make_options(decision, standing, found.seats)
    race_letters.queue_ended(found, standing, at=at)
    return True


def _make_options(decision: Decision, standing: list[Candidacy], seats: int) -> None:
    last = _("Re-open nominations")
    taken = {last.casefold()}
    for place, candidacy in enumerate(standing, 1):
        name, n = candidacy.person.name[:110], 1
        while name.casefold() in taken:
            n += 1
            name = f"{candidacy.person.name[:110]} ({n})"
        taken.add(name.casefold())
        candidacy.option = Option.objects.create(
            decision=decision,
            position=place,
            name=name,
            statement=candidacy.statement,
            added_by=candidacy.person,
        )
        candidacy.save(update_fields=["option"])
    about = _("None of those who stand: nominations open anew.")
    if seats > 1:
        about = _(
            "Nobody else of those who stand: nominations open anew for the seats that are left. Whoever comes behind "
            "it is not elected."
        )
    Option.objects.create(
        decision=decision, position=len(standing) + 1, name=last, statement=about, leaves_things=True
    )
