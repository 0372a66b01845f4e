"""What follows from a decided race: the terms of those elected, and nominations opened anew where that won."""

from datetime import datetime

from assemblies import joining
from assemblies.models import Term
from decisions import candidates, declaring, race_letters
from decisions.models import Candidacy, Decision, Race
from ledger import events


def take_up(decision: Decision, *, at: datetime) -> None:
    """Seats whoever was elected; within the transaction that settles the decision (P8, P9).

    Whoever serves already goes on in their own seat, from the end of their term. For the others a term begins at
    once where a seat is free, else when a term before it ends. Where “re-open nominations” won, or won one of the
    seats, nominations open anew for the seats that are left. Somebody elected who may not take part in the assembly
    any more (A4), or has no account left to log in with, is not seated: the seat can be applied for.
    """
    race = Race.objects.select_for_update().get(pk=decision.pk)
    office = declaring.locked_office(race.office)
    race.decision, race.office = decision, office
    race.closed_at = at
    race.save(update_fields=["closed_at"])
    office.terms.look_again()
    standing = list(race.standing().select_related("person", "option").order_by("option__position"))
    elected = [one for one in standing if one.option is not None and one.option.won_at is not None]
    serving = {term.person_id: term for term in office.terms.in_force_at(at).filter(person__isnull=False)}
    for candidacy in sorted(elected, key=lambda one: one.person_id not in serving):
        if candidates.can_serve(candidacy, race, at):
            _seat(candidacy, race, serving.get(candidacy.person_id), at)
        else:
            facts = {"candidacy": str(candidacy.pk)}
            events.record("decision.elected_not_seated", decision, at=at, data=facts)
    left = race.seats - len(elected)
    if left > 0 and decision.options.filter(leaves_things=True, won_at__isnull=False).exists():
        _reopen(race, left, at)
    race_letters.queue_results(race, standing, at=at)


def _seat(candidacy: Candidacy, race: Race, own: Term | None, at: datetime) -> None:
    """Makes the term: in `own`'s place where the person serves already, else in a seat that is or falls free."""
    office = race.office
    if own is None:
        begins_at, makes_way = office.free_seat_at(at, race.follows.all())
    else:
        begins_at, makes_way = (own.ends_at, None) if own.ends_at else (at, own)
    if makes_way is not None:
        makes_way.end(at=at)
    term = Term(
        office=office,
        person=candidacy.person,
        began_at=begins_at,
        ends_at=office.end_of_term(begins_at),
        elected=True,
    )
    term.begin(at=at)
    joining.seat(candidacy.person, office.assembly, at=at)
    candidacy.term, candidacy.elected_at = term, at
    candidacy.save(update_fields=["term", "elected_at"])
    facts = {"candidacy": str(candidacy.pk), "term": term.pk}
    events.record("decision.elected", race.decision, at=at, data=facts)


def _reopen(race: Race, seats: int, at: datetime) -> None:
    """Opens nominations anew, as a race of its own that names the one before it."""
    follows = race.follows.filter(ended_at=None)
    new = declaring.open_race(
        race.office, seats, cause=Race.Cause.REOPENED, by=None, at=at, follows=follows, reopens=race
    )
    events.record("decision.nominations_reopened", race.decision, at=at, data={"race": str(new.pk)})
