"""The invented party's races: one whose winner serves, and one in which two people stand. All other offices of the
policy societies without a secretary are vacant, to be applied for.

They went through the real doors, at times in the past that fit each other.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from django.db.models import F

from assemblies.models import Office
from decisions import calls, nominations
from decisions.models import Candidacy, Decision
from harmony.demonstration.decisions import AGREE, ASIDE, Party
from harmony.time import london_day
from ledger.models import Message
from members.models import Person


def load(people: Mapping[str, Person], *, since: datetime, at: datetime) -> None:
    """Sets them up as of `at`, as `decisions.load` does with other matters."""
    party = Party(people, london_day(at))
    for first_day, tell in _RACES:
        if since <= party.on(first_day, 0):
            tell(party)
    Message.objects.filter(kind__startswith="decisions/mail/", sent_at=None).update(sent_at=F("queued_at"))


def _stands(party: Party, slug: str, name: str, at: datetime, statement: str) -> Candidacy:
    """This person stands to be secretary of the assembly at this address."""
    office = Office.objects.get(assembly__slug=slug, role=Office.Role.SECRETARY)
    return nominations.stand(
        office, party.who(name), at=at, statement=statement, accepts_principles=True, affirms=True
    )


def _elected(party: Party) -> None:
    """One candidate, on whom the members agreed; she has served since."""
    candidacy = _stands(
        party,
        "transport-policy-society",
        "Rosa",
        party.on(-26, 10),
        "I drove the 82 for eleven years and kept the minutes of our depot's union for six.\n\n"
        "I would have us meet on a *weekday evening and a Saturday* in turn, so that people on shifts can come.",
    )
    race = candidacy.race
    nominations.end_nominations(race, at=race.nominations_end_at)
    decision = Decision.objects.get(pk=race.pk)
    call = party.call(
        decision,
        "Gail",
        party.on(-18, 9, 30),
        ("Gail", AGREE, ""),
        ("Tobias", AGREE, ""),
        ("Greta", AGREE, ""),
        ("Hamish", ASIDE, "I do not know her, and am glad that somebody does it."),
        ("Mary", AGREE, ""),
    )
    calls.end_call(call, at=call.ends_at)


def _two_stand(party: Party) -> None:
    """An application to a vacant office, and a second candidate; nominations are open."""
    _stands(
        party,
        "education-policy-society",
        "Hannah",
        party.on(-3, 18, 40),
        "I teach chemistry in a school of 1,400. Our society has had no meeting since spring.\n\n"
        "- one evening a month, always the first Tuesday\n"
        "- notes within three days\n"
        "- a paper on exams that we can all stand behind by summer",
    )
    _stands(
        party,
        "education-policy-society",
        "Liam",
        party.on(-1, 12, 5),
        "I am a parent governor, and I left school at fifteen. I would bring in those whom policy on education "
        "is about and who are never asked: pupils, and people who learn to read as adults.",
    )


# Each with the day on which it began.
_RACES: tuple[tuple[int, Callable[[Party], None]], ...] = ((-26, _elected), (-3, _two_stand))
