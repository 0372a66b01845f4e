"""The invented party's decisions: one at each stage up to its ballot, one settled with its work, one withdrawn.

All of them went through the real doors, at times in the past that fit each other.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import F

from assemblies.models import Assembly
from ballots import casting
from decisions import (
    calls,
    conduct,
    deliberation,
    gatherings,
    proposals,
    questions,
    registration,
    settlement,
    talk,
    work,
)
from decisions.hours import moment
from decisions.models import Call, Decision, Gathering, Ground, Position, Stance
from harmony.demonstration.people import DOMAIN
from harmony.time import london_day
from ledger.models import Message
from members.models import Person

AGREE, ASIDE, OBJECT = Stance.AGREE, Stance.STAND_ASIDE, Stance.OBJECT


@dataclass(frozen=True)
class Party:
    """Its people by first name, and its days counted from today: -1 is yesterday, in London."""

    people: Mapping[str, Person]
    today: date

    def who(self, name: str) -> Person:
        """The person of this first name."""
        return self.people[f"{name.lower()}@{DOMAIN}"]

    def day(self, number: int) -> date:
        """The London day that is `number` days from today."""
        return self.today + timedelta(days=number)

    def on(self, number: int, hour: int, minute: int = 0) -> datetime:
        """That day at this hour in London."""
        return moment(self.day(number), time(hour, minute))

    def propose(
        self, slug: str, by: str, at: datetime, title: str, text: str, *, options: Sequence[tuple[str, str]]
    ) -> Decision:
        """A new matter of the assembly at this address."""
        assembly = Assembly.objects.get(slug=slug)
        return proposals.propose(assembly, by=self.who(by), at=at, title=title, text=text, options=options)

    def call(self, decision: Decision, by: str, at: datetime, *answers: tuple[str, str, str]) -> Call:
        """A call on the first option; the answers (who, stance, reason) come every three hours after it."""
        option = decision.options.order_by("position")[0]
        call = calls.call_for_consensus(decision, option, by=self.who(by), at=at)
        for number, (name, stance, reason) in enumerate(answers, 1):
            calls.take_position(
                call, self.who(name), stance, reason=reason, at=at + timedelta(hours=3 * number)
            )
        return call

    def answer(self, call: Call, objector: str, by: str, at: datetime, text: str) -> None:
        """An answer to the objection of `objector`."""
        position = Position.objects.get(call=call, person=self.who(objector))
        calls.answer_objection(position, by=self.who(by), at=at, text=text)


def load(people: Mapping[str, Person], *, since: datetime, at: datetime) -> None:
    """Sets them up as of `at`, by people's addresses, for a party whose people have taken part since `since`.

    A matter that began before `since` is left out. The mails of all of them count as sent in their time.
    """
    party = Party(people, london_day(at))
    for first_day, tell in _MATTERS:
        if since <= party.on(first_day, 0):
            tell(party)
    Message.objects.filter(kind__startswith="decisions/mail/", sent_at=None).update(sent_at=F("queued_at"))


def _in_talk(party: Party) -> None:
    """Comments with answers, and an option that somebody added."""
    decision = party.propose(
        "health-policy-society",
        "Esther",
        party.on(-4, 9, 20),
        "A right to a break for unpaid carers",
        "Five million people look after somebody without pay, and most have no day off in the year.\n\n"
        "Our paper on social care should say what they can count on.",
        options=(
            ("Two weeks a year", "Paid for by the council, with a carer who comes to the house."),
            ("One weekend a month", "Shorter, but it comes round before people are worn out."),
        ),
    )
    first = talk.say(
        decision,
        by=party.who("Winifred"),
        at=party.on(-4, 18, 5),
        text="I looked after my father for six years. A weekend would have helped me more than two weeks: "
        "I could never plan that far ahead.",
    )
    talk.say(
        decision,
        by=party.who("Esther"),
        at=party.on(-3, 8, 40),
        text="Thank you. Could you live with a choice between the two?",
        answers=first,
    )
    proposals.add_option(
        decision,
        by=party.who("Dev"),
        at=party.on(-2, 12, 15),
        name="The carer chooses",
        statement="Fourteen days a year, taken as the carer likes.",
    )
    talk.say(
        decision,
        by=party.who("Dev"),
        at=party.on(-2, 12, 25),
        text="I have added the choice as an option. What it costs I do not know yet; **who can find out?**",
    )


def _called(party: Party) -> None:
    """A call that is open, with an objection that was answered; Mary has not answered it."""
    decision = party.propose(
        "leeds-city",
        "Bram",
        party.on(-6, 19, 10),
        "A repair café on the last Saturday of the month",
        "The church hall in Headingley is free from ten to two, and there are six of us who can mend things.",
        options=(
            ("Begin in January", "Ten to two, tools and tea provided."),
            ("Try it once first", "One in December."),
        ),
    )
    call = party.call(
        decision,
        "Priya",
        party.on(-2, 10),
        ("Bram", AGREE, ""),
        (
            "Agnes",
            OBJECT,
            "We have nobody who knows about electrical safety, and people will bring toasters.",
        ),
        ("Nadia", ASIDE, "A good thing, but I am away on Saturdays."),
    )
    party.answer(
        call,
        "Agnes",
        "Bram",
        party.on(-1, 9, 30),
        "My neighbour is an electrician and will test everything with a plug before it goes home. Until she "
        "has shown us how, we mend clothes, bicycles and furniture only.",
    )


def _fallen(party: Party) -> None:
    """A call that fell, with what was said after it."""
    decision = party.propose(
        "economy-and-work-policy-society",
        "Kwame",
        party.on(-14, 20),
        "Call for a four-day week in the public services",
        "Same pay, four days, spread so that every office stays open on five.",
        options=(
            ("From 2029, everywhere", "One date for all."),
            ("Trials first", "Ten councils and two hospitals for a year, with published results."),
        ),
    )
    call = party.call(
        decision,
        "Kwame",
        party.on(-9, 9),
        ("Kwame", AGREE, ""),
        ("Greta", AGREE, ""),
        ("Hamish", OBJECT, "Wards are short of nurses on seven days. We do not say who covers the fifth."),
        ("Tobias", AGREE, ""),
        ("Rosa", ASIDE, "I would rather see the trials."),
    )
    calls.end_call(call, at=call.ends_at)
    talk.say(
        decision,
        by=party.who("Kwame"),
        at=party.on(-3, 19, 45),
        text="Hamish is right that hospitals are different. Shall we meet and see whether trials first would do?",
    )


def _moot_announced(party: Party) -> None:
    """A moot that is to come, with people registered and questions to the chair, one of them refused."""
    decision = party.propose(
        "housing-policy-society",
        "Saskia",
        party.on(-13, 11),
        "Rent: what do we ask for?",
        "Rents have risen faster than pay in every region. We need one position before the local elections.",
        options=(
            ("A limit on rises", "No more than pay has risen, within a tenancy and between two."),
            ("Build first", "A hundred thousand council homes a year, and no limit."),
        ),
    )
    call = party.call(
        decision,
        "Saskia",
        party.on(-10, 8, 30),
        ("Saskia", AGREE, ""),
        ("Jonah", OBJECT, "A limit without building leaves those without a home where they are."),
        ("Imogen", OBJECT, "Small landlords would sell, and there would be fewer places to rent."),
    )
    calls.end_call(call, at=call.ends_at)
    moot = gatherings.call_gathering(
        decision.assembly,
        by=party.who("Gail"),
        at=party.on(-3, 12),
        decision=decision,
        title="Moot: what do we ask for on rent?",
        starts_at=party.on(5, 19),
        ends_at=party.on(5, 21),
        address="Friends Meeting House\nMount Street\nManchester M2 5NS",
        link="https://meet.harmony.example/rent-moot",
        agenda="1. What we agree on already\n2. The two objections\n3. Could both options stand together?",
    )
    _register(
        party,
        moot,
        party.on(-2, 18),
        {"Saskia": "room", "Jonah": "room", "Imogen": "online", "Peter": "online"},
    )
    through = questions.ask(
        moot,
        by=party.who("Jonah"),
        at=party.on(-2, 20),
        text="How many of the empty homes could be let by next year?",
    )
    questions.let_through(through, by=party.who("Gail"), at=party.on(-1, 9))
    refused = questions.ask(
        moot,
        by=party.who("Imogen"),
        at=party.on(-2, 21),
        text="Why should we listen to students? They all leave their rooms in a state.",
    )
    questions.refuse(refused, by=party.who("Gail"), at=party.on(-1, 9, 5), ground=Ground.STEREOTYPES)
    questions.ask(
        moot, by=party.who("Peter"), at=party.on(-1, 17), text="What did the limit on rises do in Scotland?"
    )


def _register(party: Party, moot: Gathering, at: datetime, people: Mapping[str, str]) -> None:
    """They register (name: in the room or online), five minutes apart."""
    for number, (name, way) in enumerate(people.items()):
        then = at + timedelta(minutes=5 * number)
        registration.register(moot, party.who(name), at=then, way=way, accepts_code=True)


def _in_deliberation(party: Party) -> None:
    """A call that fell, a moot that was held, and its deliberation, half over."""
    decision = party.propose(
        "climate-and-energy-policy-society",
        "Carys",
        party.on(-24, 10, 30),
        "Onshore wind: who decides, and who gains?",
        "We are for more of it. We have no position yet on what the places nearby should have of it.",
        options=(
            (
                "A share for every parish",
                "Five per cent of what a turbine earns goes to the parish it stands in.",
            ),
            ("Cheaper power nearby", "Homes within five miles pay a fifth less."),
        ),
    )
    call = party.call(
        decision,
        "Carys",
        party.on(-19, 9),
        ("Carys", AGREE, ""),
        (
            "Edwin",
            OBJECT,
            "Parishes are of very different sizes: some would get thousands a head, some pence.",
        ),
        ("Eilidh", AGREE, ""),
    )
    calls.end_call(call, at=call.ends_at)
    moot = gatherings.call_gathering(
        decision.assembly,
        by=party.who("Carys"),
        at=party.on(-12, 13),
        decision=decision,
        title="Moot on onshore wind",
        starts_at=party.on(-4, 19),
        ends_at=party.on(-4, 21),
        link="https://meet.harmony.example/wind",
        agenda="Hear from two parishes with turbines; then the objection about size.",
    )
    came = {"Carys": "online", "Edwin": "online", "Eilidh": "online", "Rhys": "online"}
    _register(party, moot, party.on(-9, 18), came)
    _hold(party, moot)
    deliberation.begin(decision, by=party.who("Carys"), at=party.on(-3, 12))
    talk.say(
        decision,
        by=party.who("Edwin"),
        at=party.on(-2, 19, 30),
        text="If the share went to all parishes within five miles, by the number of homes, I would not object.",
    )


def _hold(party: Party, moot: Gathering) -> None:
    """The evening of the moot on wind, a bar with its review under way, and the notes the morning after."""
    chair = party.who("Carys")
    referral = conduct.bar(
        moot,
        person=party.who("Rhys"),
        by=chair,
        at=party.on(-4, 20),
        ground=Ground.AGGRESSION,
        reason="Shouted at a guest from one of the parishes, and did it again after being asked to stop.",
    )
    conduct.answer(
        referral,
        by=party.who("Rhys"),
        at=party.on(-3, 8),
        text="I was loud, and I am sorry for it. I was not told that I would be barred for it.",
    )
    conduct.review(
        referral, by=party.who("Gail"), at=party.on(-2, 11), text="Spoken with the guest; Carys is next."
    )
    came = [party.who(name).pk for name in ("Carys", "Edwin", "Eilidh")]
    registration.mark_attendance(moot, by=chair, at=party.on(-4, 19, 15), came=came)
    gatherings.mark_held(moot, by=chair, at=party.on(-4, 21))
    gatherings.publish_notes(
        moot,
        by=chair,
        at=party.on(-3, 9),
        text="Three of us and two guests from parishes with turbines. All agreed that those who see the turbines "
        "should have something of them. Open: by parish, or by distance?",
    )


def _in_voting(party: Party) -> None:
    """A call that fell, a moot, a deliberation without consensus: the ballot is open, and some have voted."""
    decision = party.propose(
        "media-working-group",
        "Beatrix",
        party.on(-30, 9),
        "Do we leave the networks that sell attention?",
        "We have 4,000 readers there, and each of them is shown whatever makes them angriest beside our words.",
        options=(
            ("Leave by summer", "Say where we are to be found instead, and close the accounts in June."),
            ("Stay, and answer nobody", "Post what we decide, and no more."),
        ),
    )
    call = party.call(
        decision,
        "Gail",
        party.on(-26, 9),
        ("Beatrix", AGREE, ""),
        ("Silas", OBJECT, "Whoever we want to reach is there and nowhere else."),
        ("Winifred", AGREE, ""),
    )
    calls.end_call(call, at=call.ends_at)
    moot = gatherings.call_gathering(
        decision.assembly,
        by=party.who("Gail"),
        at=party.on(-20, 13),
        decision=decision,
        title="Moot: stay or leave?",
        starts_at=party.on(-12, 19),
        ends_at=party.on(-12, 20),
        link="https://meet.harmony.example/networks",
        agenda="Whom do we reach there, and what would they lose?",
    )
    _register(party, moot, party.on(-14, 18), {"Beatrix": "online", "Silas": "online", "Winifred": "online"})
    gatherings.mark_held(moot, by=party.who("Gail"), at=party.on(-12, 20))
    begun = deliberation.begin(decision, by=party.who("Gail"), at=party.on(-11, 12))
    if begun.deliberation_ends_at is not None:
        deliberation.end(decision, at=begun.deliberation_ends_at)
        deliberation.open_ballot(decision, at=begun.deliberation_ends_at)
    decision.refresh_from_db()
    for name, scores in (("Beatrix", (5, 2, 0)), ("Silas", (0, 4, 5)), ("Winifred", (4, 3, 1))):
        if decision.ballot is not None:
            entry = decision.ballot.roll.get(person=party.who(name))
            casting.cast(decision.ballot, entry.person, scores, casting.prepare(entry))


def _settled(party: Party) -> None:
    """A quick chat of three that was settled at once, long enough ago for its work to be done, or late."""
    decision = party.propose(
        "society-for-elections",
        "Mary",
        party.on(-45, 18),
        "A buddy for everybody who stands for the first time",
        "First-time candidates told us that they felt alone with forms and fears. Somebody who has stood before "
        "could ring them once a week.",
        options=(("Yes, from this spring", "One buddy each, for the six weeks before polling day."),),
    )
    party.call(
        decision,
        "Samir",
        party.on(-44, 9),
        ("Samir", AGREE, ""),
        ("Priya", AGREE, ""),
        ("Mary", AGREE, ""),
    )
    samir = party.who("Samir")
    settlement.state_outcome(
        decision,
        by=samir,
        at=party.on(-43, 10),
        text="Everybody who stands for us for the first time has a buddy from this spring on. Nobody objected.",
    )
    _give_work(party, decision, samir)


def _give_work(party: Party, decision: Decision, by: Person) -> None:
    """Four tasks of the settled matter: done, under way, late with its reminder, dropped."""
    named = party.on(-43, 10, 30)
    found = work.name_task(
        decision,
        by=by,
        at=named,
        title="List everybody who has stood before",
        owner=by,
        due_on=party.day(-20),
    )
    work.report(found, by=by, at=party.on(-25, 17), text="Thirty-one people; twenty-two are willing.")
    work.finish(found, by=by, at=party.on(-24, 17))
    matched = work.name_task(
        decision,
        by=by,
        at=named,
        title="Match each first-time candidate with a buddy",
        owner=party.who("Priya"),
        due_on=party.day(14),
    )
    work.report(matched, by=party.who("Priya"), at=party.on(-6, 12), text="Nine pairs so far, four to go.")
    guide = work.name_task(
        decision,
        by=by,
        at=named,
        title="Write a one-page guide for buddies",
        owner=party.who("Mary"),
        due_on=party.day(-5),
    )
    work.report(
        guide, by=party.who("Mary"), at=party.on(-8, 20), text="Half a page; I lack the part on expenses."
    )
    work.chase(guide, at=party.on(-4, 8))
    printed = work.name_task(
        decision, by=by, at=named, title="Print the guide as a booklet", owner=by, due_on=party.day(20)
    )
    work.drop(
        printed,
        by=by,
        at=party.on(-15, 11),
        reason="One page is enough, and everybody wants it on their phone.",
    )


def _withdrawn(party: Party) -> None:
    """A proposal that its proposer took back."""
    decision = party.propose(
        "society-for-constructive-activism",
        "Clara",
        party.on(-21, 9),
        "Move our monthly meeting to Sunday mornings",
        "Evenings are hard for parents of small children.",
        options=(("Sundays at eleven", "With a table for children to draw at."),),
    )
    talk.say(
        decision,
        by=party.who("Una"),
        at=party.on(-20, 8, 15),
        text="Sunday morning is church for me and for three others who have never missed a meeting.",
    )
    proposals.withdraw(
        decision,
        by=party.who("Clara"),
        at=party.on(-18, 21),
        reason="Sundays would shut out people who come every month. I will ask about childcare instead.",
    )


# Each with the day on which it began.
_MATTERS: tuple[tuple[int, Callable[[Party], None]], ...] = (
    (-45, _settled),
    (-30, _in_voting),
    (-24, _in_deliberation),
    (-21, _withdrawn),
    (-14, _fallen),
    (-13, _moot_announced),
    (-6, _called),
    (-4, _in_talk),
)
