"""The invented party's ballots: one counted, one open that closes within minutes, one announced, one a draft.

All of them go through the real doors: announced, opened, voted in, closed and counted as any other.
"""

import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from assemblies.models import Assembly
from ballots import casting, opening, tally
from ballots.models import Ballot, Option
from harmony.demonstration.people import CAST
from ledger.models import Message
from members.models import Person

OPEN_MINUTES = 20
_SECONDS_TO_VOTE = 5.0  # until the counted ballot's deadline; its votes take a fraction of that


@dataclass(frozen=True)
class Question:
    """A ballot in words: options with statements, the last of which stays last."""

    assembly: str
    question: str
    explanation: str
    options: Sequence[tuple[str, str]]
    seats: int = 1


WINTER = Question(
    "society-for-constructive-activism",
    "What do we take on together this winter?",
    "We have people for one project from December to March. Whatever wins starts with a meeting of all who "
    "want to help.",
    (
        ("Community kitchens", "One hot meal a week in every town where five of us live."),
        ("Warm rooms in libraries", "Volunteers keep libraries open and warm until eight in the evening."),
        ("Repair cafés", "Tools, sewing machines and people who know how: mend it together."),
        ("Winter coat exchange", "Collect, clean and give out coats, with the schools."),
        ("Leave things as they are", "No project of the whole society this winter."),
    ),
)
CONFERENCE = Question(
    "harmony-party",
    "Where shall we hold the spring conference?",
    "Two days in April. Each of these has a hall that is free, step-free and within reach of a station.",
    (
        ("Leeds", "The old corn exchange."),
        ("Cardiff", "The temple of peace."),
        ("Birmingham", "The exchange on Centenary Square."),
        ("Online only", "No hall, no travel; small groups by video."),
        ("Leave things as they are", "No spring conference."),
    ),
)
TRAININGS = Question(
    "society-for-elections",
    "Which two trainings do we run before the local elections?",
    "There is time for two. Two options win (Bloc STAR).",
    (
        ("Canvassing", "How to listen at the door."),
        ("Being an agent", "Forms, deadlines and expenses."),
        ("Leaflets", "Writing and printing what people read."),
        ("Leave things as they are", "No trainings this time."),
    ),
    seats=2,
)
DRAFT = Question(
    "health-policy-society",
    "Which part of social care do we write about first?",
    "Still being worded.",
    (("Home care", ""), ("Care homes", ""), ("Unpaid carers", ""), ("Leave things as they are", "")),
)


def load(people: Mapping[str, Person], *, since: datetime, at: datetime) -> None:
    """Sets the four up as of `at`, for a party whose people have taken part since `since`.

    Waits until the counted one's deadline has passed: a few seconds.
    """
    general, samir = people["gail@harmony.example"], people["samir@harmony.example"]
    opened = max(at - timedelta(days=7), since)
    counted = _set_up(WINTER, opened, timezone.now() + timedelta(seconds=_SECONDS_TO_VOTE))
    _open(counted, by=general, at=opened)
    # Their opening mails went out when it opened.
    Message.objects.filter(kind="ballots/mail/opened").update(sent_at=opened)
    _vote(counted, share=0.85, leaning=(2.6, 3.4, 2.2, 2.9, 0.6))

    running = _set_up(CONFERENCE, max(at - timedelta(days=2), since), at + timedelta(minutes=OPEN_MINUTES))
    _open(running, by=general, at=running.opens_at)
    _vote(running, share=0.3, leaning=(3.2, 2.4, 3.0, 2.0, 0.7))

    announced = _set_up(TRAININGS, at + timedelta(hours=1), at + timedelta(days=14))
    opening.announce(announced, by=samir, at=at)
    _set_up(DRAFT, at + timedelta(days=3), at + timedelta(days=10))

    _wait_until(counted.closes_at)
    tally.close_now(counted)
    tally.count_now(counted, at=timezone.now())


def _set_up(asked: Question, opens_at: datetime, closes_at: datetime) -> Ballot:
    """A draft of it."""
    ballot = Ballot.objects.create(
        assembly=Assembly.objects.get(slug=asked.assembly),
        question=asked.question,
        explanation=asked.explanation,
        seats=asked.seats,
        opens_at=opens_at,
        closes_at=closes_at,
    )
    last = len(asked.options)
    Option.objects.bulk_create(
        Option(ballot=ballot, position=place, name=name, statement=statement, stays_last=place == last)
        for place, (name, statement) in enumerate(asked.options, 1)
    )
    return ballot


def _open(ballot: Ballot, *, by: Person, at: datetime) -> None:
    opening.announce(ballot, by=by, at=at)
    opening.open_now(ballot, at=at)
    ballot.refresh_from_db()


def _vote(ballot: Ballot, *, share: float, leaning: Sequence[float]) -> None:
    """About a `share` of the roll votes, the same people in the same way every time.

    None of those in the printed table of who can log in, so that they have something left to do.
    """
    chance = random.Random(ballot.question)  # noqa: S311 - invented opinions, not secrets
    printed = [one.email for one in CAST if one.role]
    for entry in ballot.roll.exclude(person__email__in=printed).order_by("person__email"):
        if chance.random() < share:
            scores = tuple(_score(chance, mean) for mean in leaning)
            casting.cast(ballot, entry.person, scores, casting.prepare(entry))


def _score(chance: random.Random, mean: float) -> int:
    return min(5, max(0, round(chance.gauss(mean, 1.6))))


def _wait_until(moment: datetime) -> None:
    while (left := (moment - timezone.now()).total_seconds()) > -0.05:
        time.sleep(max(left, 0) + 0.05)
