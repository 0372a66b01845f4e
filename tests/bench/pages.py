"""Home, assembly, decision and register: in a small party and in a large one, in the same run on the same server.

The reader is a member like any other: takes part in the seven assemblies of the small party, and has calls to answer,
votes to cast, gatherings to attend and tasks there.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.urls import reverse
from django.utils import timezone

from assemblies.models import Assembly, Kind, Participation
from ballots.models import Ballot, RollEntry
from decisions.models import Call, Comment, Decision, Gathering, Option, Position, Stance, Task
from ledger.models import Event
from members.models import Membership, Person
from tests.bench.gauge import percentile
from tests.bench.load import send
from tests.bench.report import Section, Table, seconds, times
from tests.bench.serving import SERVERS, Browser, Site, log_in, site
from tests.bench.voters import tidy

_BATCH = 5000
_TAKES_PART_IN = 8  # assemblies, for each person


@dataclass(frozen=True)
class Size:
    """How large a party is."""

    members: int
    assemblies: int
    decisions: int

    def __str__(self) -> str:
        return f"{self.members} members, {self.assemblies} assemblies, {self.decisions} decisions"


SMALL = Size(100, 7, 50)
LARGE = Size(10_000, 700, 5_000)
QUICK = Size(500, 35, 250)


@dataclass
class Party:
    """What has been made so far; `big` is a matter of the first assembly in which everybody has a say."""

    people: list[Person]
    assemblies: list[Assembly]
    decisions: int
    big: Decision


def measure(quick: bool) -> Section:
    """The time of each page in a small party, in a large one, and the one beside the other."""
    large = QUICK if quick else LARGE
    party = _begin()
    _grow(party, SMALL)
    browser = log_in(party.people[:1])[0]
    with site(SERVERS[0]) as running:
        few = _times(running, browser, party, quick)
        _grow(party, large)
        many = _times(running, browser, party, quick)
    table = Table(
        f"Pages of the ladder, one reader, logged in ({SERVERS[0]})",
        ("", "small", "large", "large : small", "large : health check"),
        notes=[
            f"Small: {SMALL}. Large: {large}. Times are medians.",
            "The large matter is one in which every member has answered a call and one in ten has commented.",
        ],
    )
    for name, took in many.items():
        ratios = (times(took / few[name]), times(took / many["health check"]))
        table.add(name, seconds(few[name]), seconds(took), *ratios)
    return Section([table])


def _times(running: Site, browser: Browser, party: Party, quick: bool) -> dict[str, float]:
    """The median of each page, in seconds."""
    decision = Decision.objects.exclude(pk=party.big.pk).order_by("proposed_at").first()
    assert decision is not None
    pages = {
        "health check": reverse("healthy"),
        "home": reverse("home"),
        "assembly": party.assemblies[0].get_absolute_url(),
        "all assemblies": reverse("assemblies:assembly_list"),
        "decision": decision.get_absolute_url(),
        "the large matter": party.big.get_absolute_url(),
        "register": reverse("decisions:decision_list"),
        "register, last page": f"{reverse('decisions:decision_list')}?page=9999",
        "register, words": f"{reverse('decisions:decision_list')}?q=Matter+17",
    }
    found = {}
    everything = [[browser.get(running, address) for address in pages.values()]]
    send(running.port, everything, seconds=2.0 if quick else 5.0, again=True)  # to warm up
    for name, address in pages.items():
        request = [[browser.get(running, address)]]
        answers = send(running.port, request, seconds=2.0 if quick else 5.0, again=True)
        if set(answers.statuses) != {"200"}:
            raise AssertionError(f"{name}: {answers.statuses}\n{answers.odd}")
        found[name] = percentile(answers.seconds, 50)
    return found


def _begin() -> Party:
    assemblies = _make_assemblies(0, 1)
    person = Person.objects.create_user("bench-first@example.org", None, name="First")
    people = [person]
    Membership.objects.create(person=person, began_at=timezone.now() - timedelta(days=1000))
    _take_part([person], assemblies)
    big = _make_decisions(assemblies, people, 0, 1)[0]
    return Party(people, assemblies, 0, big)


def _grow(party: Party, size: Size) -> None:
    """Makes the party as large as that, with the planner told."""
    party.assemblies += _make_assemblies(len(party.assemblies), size.assemblies)
    begin = len(party.people)
    unusable = make_password(None)
    new = Person.objects.bulk_create(
        (
            Person(email=f"bench-{n}@example.org", name=f"Person {n}", password=unusable)
            for n in range(begin, size.members)
        ),
        batch_size=_BATCH,
    )
    party.people += new
    _let_take_part(new, party.assemblies)
    if party.decisions == 0:
        _take_part(party.people[:1], party.assemblies[1:])
    _make_decisions(party.assemblies, party.people, party.decisions, size.decisions)
    _make_gatherings(party, size)
    _make_ballots(party, size)
    party.decisions = size.decisions
    _talk(party.big, new)
    tidy()


def _make_assemblies(begin: int, end: int) -> list[Assembly]:
    long_ago = timezone.now() - timedelta(days=2000)
    return Assembly.objects.bulk_create(
        Assembly(name=f"Constituency {n}", slug=f"bench-{n}", kind=Kind.CONSTITUENCY, formed_at=long_ago)
        for n in range(begin, end)
    )


def _let_take_part(people: Sequence[Person], assemblies: Sequence[Assembly]) -> None:
    """All are members of the party, and take part in the first assembly and in some others."""
    began = timezone.now() - timedelta(days=1000)
    Membership.objects.bulk_create(
        (Membership(person=person, began_at=began) for person in people), batch_size=_BATCH
    )
    draw = random.Random(7)  # noqa: S311 - the same party in every run
    rows = []
    for person in people:
        others = draw.sample(assemblies[1:], min(_TAKES_PART_IN - 1, len(assemblies) - 1))
        rows += [(person, one) for one in (assemblies[0], *others)]
    _join(rows)


def _take_part(people: Sequence[Person], assemblies: Sequence[Assembly]) -> None:
    """Each of them in all of these."""
    _join([(person, one) for person in people for one in assemblies])


def _join(pairs: Sequence[tuple[Person, Assembly]]) -> None:
    began = timezone.now() - timedelta(days=1000)
    Participation.objects.bulk_create(
        (
            Participation(person=person, assembly=one, began_at=began, origin=Participation.Origin.JOINED)
            for person, one in pairs
        ),
        batch_size=_BATCH,
    )


def _make_decisions(
    assemblies: Sequence[Assembly], people: Sequence[Person], begin: int, end: int
) -> list[Decision]:
    """Matters by turns in talk, in a call, and settled with a task, with two options each."""
    now = timezone.now()
    rules = {"quorum": 3, "cooling_off_days": 5, "deliberation_days": 7, "voting_days": 7}
    made = Decision.objects.bulk_create(
        (
            Decision(
                assembly=assemblies[n % len(assemblies)],
                title=f"Matter {n}",
                text="What we could do, and *why*.",
                proposed_by=people[n % len(people)],
                proposed_at=now - timedelta(days=30, minutes=n),
                settled_at=now - timedelta(hours=n) if n % 3 == 2 else None,
                settled_by="consensus" if n % 3 == 2 else "",
                **rules,
            )
            for n in range(begin, end)
        ),
        batch_size=_BATCH,
    )
    options = [
        Option(
            decision=one,
            position=place,
            name=name,
            leaves_things=place == 2,
            won_at=one.settled_at if place == 1 else None,
        )
        for one in made
        for place, name in ((1, "Do it"), (2, "Leave things as they are"))
    ]
    first = {row.decision_id: row for row in Option.objects.bulk_create(options, batch_size=_BATCH)[::2]}
    Call.objects.bulk_create(
        (_call(one, first[one.pk], now) for n, one in enumerate(made, begin) if n % 3 != 1), batch_size=_BATCH
    )
    Task.objects.bulk_create(
        (
            Task(
                decision=one,
                title="Dig",
                owner=one.proposed_by,
                due_on=now.date(),
                named_at=now,
                named_by=one.proposed_by,
            )
            for one in made
            if one.settled_at
        ),
        batch_size=_BATCH,
    )
    return made


def _make_gatherings(party: Party, size: Size) -> None:
    """For each ten decisions a gathering, by turns to come and past, in each assembly by turns."""
    now = timezone.now()
    Gathering.objects.bulk_create(
        (
            Gathering(
                assembly=party.assemblies[n % len(party.assemblies)],
                title=f"Moot {n}",
                starts_at=now + timedelta(days=3 if n % 2 else -9),
                ends_at=now + timedelta(days=3 if n % 2 else -9, hours=1),
                address="The hall",
                called_at=now - timedelta(days=20),
            )
            for n in range(Gathering.objects.count(), size.decisions // 10)
        ),
        batch_size=_BATCH,
    )


def _make_ballots(party: Party, size: Size) -> None:
    """For each ten decisions a ballot, by turns open and counted; the reader is on the roll of those of theirs."""
    now, day = timezone.now(), timedelta(days=1)
    terms = {"question": "Which?", "options": [{"key": "1", "name": "Do it"}, {"key": "2", "name": "Do not"}]}
    counted = {"closed_at": now, "counted_at": now, "result": {"winners": ["1"]}, "result_digest": "0" * 64}
    made = Ballot.objects.bulk_create(
        (
            Ballot(
                assembly=party.assemblies[n % len(party.assemblies)],
                question=f"Which way, {n}?",
                opens_at=now - 9 * day,
                announced_at=now - 9 * day,
                opened_at=now - 9 * day,
                cut_off_at=now - 9 * day,
                closes_at=now + 3 * day if n % 2 else now - day,
                public_key=bytes(32),
                definition=terms,
                roll_size=1,
                list_minimum=10,
                **({} if n % 2 else counted),
            )
            for n in range(Ballot.objects.count(), size.decisions // 10)
        ),
        batch_size=_BATCH,
    )
    here = set(party.people[0].participations.values_list("assembly", flat=True))
    RollEntry.objects.bulk_create(
        RollEntry(ballot=ballot, person=party.people[0], reason="Member")
        for ballot in made
        if ballot.assembly_id in here
    )


def _call(decision: Decision, option: Option, now: datetime) -> Call:
    account = {"members": 3, "members_agree": 3, "members_aside": 0, "members_object": 0, "needed": 3}
    ended = {"ended_at": decision.settled_at, "result": "consensus", "account": account}
    return Call(
        decision=decision,
        option=option,
        called_by=decision.proposed_by,
        called_at=now - timedelta(days=1) if decision.settled_at is None else decision.proposed_at,
        ends_at=now + timedelta(days=4) if decision.settled_at is None else decision.settled_at,
        **(ended if decision.settled_at else {}),
    )


def _talk(decision: Decision, people: Sequence[Person]) -> None:
    """All of them answer the matter's call, one in ten objecting; and these comment."""
    now = timezone.now()
    call = decision.calls.get()
    objecting = set(people[::10])
    Position.objects.bulk_create(
        (
            Position(
                call=call,
                person=person,
                stance=Stance.OBJECT if person in objecting else Stance.AGREE,
                reason="It is too far." if person in objecting else "",
                taken_at=now,
            )
            for person in people
        ),
        batch_size=_BATCH,
    )
    Comment.objects.bulk_create(
        Comment(decision=decision, author=person, text="It is *too far*.", said_at=now)
        for person in people[::10]
    )
    Event.objects.bulk_create(
        (
            Event(
                at=now,
                by=person.pk,
                verb="decision.answered",
                subject_kind="decisions.decision",
                subject_id=str(decision.pk),
                data={"call": call.pk, "stance": "object" if person in objecting else "agree"},
            )
            for person in people
        ),
        batch_size=_BATCH,
    )
