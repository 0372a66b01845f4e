"""Candidates who can no longer serve are withdrawn while the ladder allows it, and told (A4); a race that lapses."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from decisions import gatherings, race_letters
from decisions.errors import WrongMoment
from decisions.models import Candidacy, Decision, Race
from decisions.proposals import require_talk
from harmony.time import hours
from ledger import events
from ledger.due import each

LOOK_EVERY = hours(24)


def can_serve(candidacy: Candidacy, race: Race, at: datetime) -> bool:
    """Whether the candidate could take the office at `at`: they may take part in the assembly, and can log in."""
    return candidacy.person.is_active and not race.office.assembly.reasons_against(candidacy.person, at)


def rule_out(race: Race, at: datetime) -> int:
    """Withdraws those who stand and can no longer serve, and tells them why; returns how many.

    The caller holds the lock of the decision, and sees to a race in which nobody stands any more.
    """
    out = [one for one in race.standing().select_related("person", "option") if not can_serve(one, race, at)]
    for candidacy in out:
        candidacy.withdrawn_at = candidacy.ruled_out_at = at
        candidacy.save(update_fields=["withdrawn_at", "ruled_out_at"])
        if candidacy.option is not None:
            candidacy.option.withdrawn_at = at
            candidacy.option.save(update_fields=["withdrawn_at"])
        facts = {"candidacy": str(candidacy.pk)}
        events.record("decision.candidate_ruled_out", race.decision, at=at, data=facts)
        race_letters.queue_ruled_out(candidacy, race, at=at)
    return len(out)


def lapse(race: Race, at: datetime, because: str) -> None:
    """The race ends without anybody; a vacant seat can be applied for as before. The caller holds the locks."""
    decision = race.decision
    decision.withdrawn_at, decision.withdrawn_because = at, because
    decision.save(update_fields=["withdrawn_at", "withdrawn_because"])
    race.closed_at = at
    race.save(update_fields=["closed_at"])
    race.office.terms.look_again()
    events.record("decision.withdrawn", decision, at=at, data={"lapsed": True})
    gatherings.call_off_all(decision, at=at, reason=because)
    race_letters.queue_lapsed(race, at=at)


def lapse_if_nobody_is_left(race: Race, at: datetime) -> bool:
    """Lets a race lapse in which, after its nominations, nobody stands any more; whether it did."""
    if race.nominations_ended_at is None or race.standing().exists():
        return False
    is_ruled_out = race.candidacies.filter(ruled_out_at__isnull=False).exists()
    lapse(
        race,
        at,
        _("Nobody is left who stands and can take the office.")
        if is_ruled_out
        else _("Everybody who stood has withdrawn."),
    )
    return True


# --- once a day, by the clock ---------------------------------------------------------------------------
def look_due(at: datetime) -> None:
    """Looks at who stands in each race that it is time to look at; for the sweep."""
    each(Race.objects.due_to_look_at(at).select_related("decision"), lambda race: look(race, at=at))


@transaction.atomic
def look(race: Race, *, at: datetime) -> bool:
    """Rules out who can no longer serve, unless people answer, deliberate or vote on who stands: then tomorrow.

    False when it is not due, or another process has the race.
    """
    rows = Decision.objects.select_for_update(skip_locked=True, of=("self",))
    decision = rows.filter(pk=race.pk).first()
    due = Race.objects.due_to_look_at(at).select_related("office__assembly")
    found = due.filter(pk=race.pk).first()
    if decision is None or found is None:
        return False
    found.decision = decision
    found.look_at = at + LOOK_EVERY
    found.save(update_fields=["look_at"])
    if is_open_to_withdrawal(found) and rule_out(found, at):
        lapse_if_nobody_is_left(found, at)
    return True


def is_open_to_withdrawal(race: Race) -> bool:
    """Whether the ladder lets a candidate go now: in nominations, and while the matter is only talked about."""
    if race.nominations_ended_at is None:
        return True
    try:
        require_talk(race.decision)
    except WrongMoment:
        return False
    return True
