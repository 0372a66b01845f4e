"""The invented party's races: one whose winner serves, one with its hustings to come, and one in which two people
stand so far. All other offices of the policy societies without a secretary are vacant, to be applied for.

They went through the real doors, at times in the past that fit each other.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from django.db.models import F

from assemblies.models import Office
from decisions import calls, gatherings, nominations, questions, registration
from decisions.models import Candidacy, Decision, Gathering
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


def _contested(party: Party) -> None:
    """Nominations have ended, and two stand for one seat: Gail, who stands in, has called the hustings."""
    candidacy = _stands(
        party,
        "housing-policy-society",
        "Chidi",
        party.on(-12, 9, 15),
        "I have mended council flats for nineteen years, and know which promises come back as damp.\n\n"
        "We would hear *tenants first*, at every meeting, and answer each of them in writing.",
    )
    _stands(
        party,
        "housing-policy-society",
        "Clara",
        party.on(-9, 20),
        "I run a housing co-operative of forty homes in York. I would have us publish a draft by spring, and take it "
        "to five towns before we settle it.",
    )
    race = candidacy.race
    nominations.end_nominations(race, at=race.nominations_end_at)
    hustings = gatherings.call_gathering(
        race.office.assembly,
        by=party.who("Gail"),
        at=party.on(-4, 10),
        decision=Decision.objects.get(pk=race.pk),
        kind=Gathering.Kind.HUSTINGS,
        title="Who leads our work on housing? Meet both candidates",
        starts_at=party.on(3, 19),
        ends_at=party.on(3, 20, 30),
        link="https://meet.harmony.example/housing",
        agenda="1. Five minutes each\n2. Your questions to both\n3. How we go on from here",
    )
    for name, way in (("Chidi", "online"), ("Clara", "online"), ("Mary", "online"), ("Agnes", "online")):
        registration.register(hustings, party.who(name), at=party.on(-3, 18), way=way, accepts_code=True)
    asked = questions.ask(
        hustings,
        by=party.who("Agnes"),
        at=party.on(-2, 19),
        text="My landlord sells in March. What would our society say to me by then?",
    )
    questions.let_through(asked, by=party.who("Gail"), at=party.on(-1, 9))
    questions.ask(
        hustings,
        by=party.who("Mary"),
        at=party.on(-1, 20),
        text="Would you each work with the other if you are not elected?",
    )


# Each with the day on which it began.
_RACES: tuple[tuple[int, Callable[[Party], None]], ...] = (
    (-26, _elected),
    (-12, _contested),
    (-3, _two_stand),
)
