"""The digest: made by the clock when it is due, only of something, and of nothing that is not for its reader."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assemblies.models import Assembly
from decisions import calls, conduct, deliberation, following, gatherings, proposals, settlement, work
from decisions.models import Decision, Gathering, Task
from harmony import digest
from harmony.clock import sweep
from harmony.time import LONDON, london_day
from ledger.models import Message
from members import mails
from members.digest_time import next_due
from members.models import Person
from tests.decisions.climbing import agreed, called, deliberating, fallen, voted, voting
from tests.factories import make_assembly, make_decision, make_member, make_members, make_person

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


def due(person: Person, at: datetime, *, since: timedelta = WEEK, **fields: Any) -> None:
    """Makes the person's digest due at `at`, with news from `since` before."""
    values = {"digest_due_at": at, "digest_told_at": at - since, **fields}
    Person.objects.filter(pk=person.pk).update(**values)


def digests(person: Person) -> list[Message]:
    return list(
        Message.objects.filter(kind="harmony/mail/digest", address=person.email).order_by("queued_at")
    )


def digest_of(person: Person, at: datetime | None = None, **more: Any) -> str:
    """What the person's digest says when the clock makes it in ten minutes; "" when there is none."""
    at = at or timezone.now() + timedelta(minutes=10)
    before = len(digests(person))
    due(person, at, **more)
    assert sweep(at) == []
    found = digests(person)
    return found[-1].text if len(found) > before else ""


def confidential(decision: Decision) -> Decision:
    Decision.objects.filter(pk=decision.pk).update(kind=Decision.Kind.DEFECTION)
    decision.refresh_from_db()
    return decision


def follow(person: Person, decision: Decision) -> None:
    following.follow(decision, person, at=timezone.now())


# --- When ---------------------------------------------------------------------------------------------
def test_a_digest_is_made_once_when_it_is_due_and_the_next_is_due_a_week_later(
    assembly: Assembly, member: Person, secretary: Person
) -> None:
    make_decision(assembly, secretary, title="Benches")
    at = datetime.combine(london_day(timezone.now()), datetime.min.time(), LONDON) + timedelta(
        days=1, hours=8
    )
    due(member, at)
    sweep(at - timedelta(seconds=1))
    assert digests(member) == []
    for _ in range(2):
        sweep(at)
    (message,) = digests(member)
    assert "Benches" in message.text
    assert "Newly proposed." in message.text
    assert message.sent_at == at
    member.refresh_from_db()
    assert member.digest_due_at == next_due("weekly", at)
    due(member, at + WEEK, since=at + WEEK - member.digest_told_at)
    sweep(at + WEEK)
    assert len(digests(member)) == 1  # nothing is told twice, and nothing else is new


def test_without_anything_to_tell_there_is_no_mail_and_the_next_is_due(member: Person) -> None:
    assert digest_of(member) == ""
    member.refresh_from_db()
    assert member.digest_due_at is not None
    assert member.digest_due_at > timezone.now()


def test_who_wants_none_gets_none(
    client: Client, assembly: Assembly, member: Person, secretary: Person
) -> None:
    make_decision(assembly, secretary)
    client.post(mails.stopping_address(member, mails.Stream.DIGEST))
    sweep(timezone.now() + 3 * WEEK)
    assert digests(member) == []


def test_a_closed_account_gets_none(assembly: Assembly, member: Person, secretary: Person) -> None:
    make_decision(assembly, secretary)
    assert digest_of(member, is_active=False) == ""


@pytest.mark.parametrize("day", [datetime(2027, 3, 28, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC)])
def test_across_a_clock_change_the_daily_digest_comes_at_eight_in_london(
    member: Person, day: datetime
) -> None:
    hour = day - timedelta(days=1)
    due(member, next_due("daily", hour) or hour, digest="daily")
    made = []
    for _ in range(72):
        before = Person.objects.get(pk=member.pk).digest_due_at
        digest.queue_due(hour)
        if Person.objects.get(pk=member.pk).digest_due_at != before:
            made.append(hour.astimezone(LONDON).strftime("%d %H:%M"))
        hour += timedelta(hours=1)
    assert made == [f"{day.day + n} 08:00" for n in (-1, 0, 1)]


def test_the_digest_of_a_site_that_was_down_tells_all_at_once(
    assembly: Assembly, member: Person, secretary: Person
) -> None:
    make_decision(assembly, secretary, title="Old news", at=timezone.now() - timedelta(days=20))
    text = digest_of(member, since=timedelta(days=21))
    assert "Old news" in text
    assert len(digests(member)) == 1


# --- What ---------------------------------------------------------------------------------------------
def test_what_needs_somebody_soon_stands_first_with_its_deadline(
    assembly: Assembly, member: Person, secretary: Person
) -> None:
    make_members(assembly, 1)
    called(make_decision(assembly, secretary, title="Benches"), secretary)
    text = digest_of(member)
    assert "WHAT NEEDS YOU SOON" in text
    assert "Can you agree? Benches: Apples" in text
    assert "Answer until" in text
    assert text.index("WHAT NEEDS YOU SOON") < text.index("YOUR ASSEMBLIES")
    daily = digest_of(member, digest="daily", since=timedelta(minutes=1))
    assert daily == ""  # five days ahead is not near for somebody who is told every day


def test_what_somebody_has_done_already_does_not_need_them(
    assembly: Assembly, member: Person, secretary: Person
) -> None:
    make_members(assembly, 1)
    call = called(make_decision(assembly, secretary, title="Benches"), secretary)
    calls.take_position(call, member, "agree", at=timezone.now())
    assert "Can you agree?" not in digest_of(member)


def test_a_task_that_is_late_makes_no_digest_by_itself(assembly: Assembly, member: Person) -> None:
    decision = agreed(assembly, [member])
    task = work.name_task(
        decision,
        by=member,
        at=timezone.now(),
        title="Paint",
        owner=member,
        due_on=london_day(timezone.now()),
    )
    Task.objects.filter(pk=task.pk).update(due_on=london_day(timezone.now()) - timedelta(days=3))
    assert digest_of(member, since=timedelta(minutes=1)) == ""


def test_followers_are_told_how_a_matter_goes_on(
    assembly: Assembly, secretary: Person, outsider: Person
) -> None:
    titles = {}
    for title, made in (
        ("Called", lambda title: called(make_decision(assembly, secretary, title=title), secretary).decision),
        ("Fallen", lambda title: fallen(assembly, secretary, title=title)),
        ("Deliberated", lambda title: deliberating(assembly, secretary, title=title)),
        ("Voting", lambda title: voting(assembly, secretary, title=title)),
        ("Voted", lambda title: voted(assembly, secretary, title=title)),
        ("Agreed", lambda title: agreed(assembly, [secretary], title=title)),
    ):
        titles[title] = made(title)
        follow(outsider, titles[title])
    text = digest_of(outsider, since=timedelta(days=27))
    assert "A call for consensus is open until" in text
    assert "A call ended without consensus: Apples" in text
    assert "A deliberation began. It ends at" in text
    assert "Its ballot opened. It closes at" in text
    assert "Decided by ballot: Apples" in text
    assert "Decided by consensus: Apples" in text
    for title, decision in titles.items():
        assert title in text
        assert decision.get_absolute_url() in text
    assert "YOUR ASSEMBLIES" not in text


def test_followers_are_told_of_the_outcome_of_withdrawal_and_of_work(
    assembly: Assembly, secretary: Person, member: Person, outsider: Person
) -> None:
    now = timezone.now()
    decision = agreed(assembly, [secretary, member], title="Benches")
    settlement.state_outcome(decision, by=secretary, at=now, text="We buy them.")
    named = [
        work.name_task(decision, by=secretary, at=now, title=title, owner=member, due_on=london_day(now))
        for title in ("Paint", "Buy", "Fetch")
    ]
    work.finish(named[0], by=member, at=now)
    work.drop(named[1], by=secretary, at=now, reason="Too dear")
    Task.objects.filter(pk=named[2].pk).update(due_on=london_day(now) - timedelta(days=2))
    other = make_decision(assembly, member, title="Trees")
    for one in (decision, other):
        follow(outsider, one)
    proposals.withdraw(other, by=member, at=now, reason="No need")
    text = digest_of(outsider)
    assert "The outcome was written down." in text
    assert "Task done: Paint" in text
    assert "Task dropped: Buy" in text
    assert "Task late: Fetch" in text
    assert "It was withdrawn." in text
    owner = digest_of(member)
    assert "Task done" not in owner
    assert "Task late" not in owner
    assert "It was withdrawn" not in owner
    assert "Task dropped: Buy" in owner
    assert digest_of(outsider, at=now + timedelta(days=1), since=timedelta(hours=1)) == ""


def test_nobody_is_told_of_what_they_did_themselves(assembly: Assembly, secretary: Person) -> None:
    deliberating(assembly, secretary, title="Benches")
    text = digest_of(secretary, since=timedelta(days=27))
    assert "A call ended without consensus" not in text  # it was written at once to whoever called
    assert "proposed" not in text
    assert "deliberation began" not in text


def test_what_was_written_at_once_is_no_news(
    assembly: Assembly, secretary: Person, member: Person, participant: Person, outsider: Person
) -> None:
    decision = make_decision(assembly, secretary, title="Benches")
    mails.choose(participant, digest="weekly", at_once=[], at=timezone.now())
    called(decision, secretary)
    for person in (member, participant, outsider):
        follow(person, decision)
    assert "A call for consensus is open" not in digest_of(member)
    assert "A call for consensus is open" in digest_of(participant)
    assert "A call for consensus is open" in digest_of(outsider)


def test_voters_are_not_told_again_of_their_ballot_and_followers_are(
    assembly: Assembly, secretary: Person, member: Person, outsider: Person
) -> None:
    decision = voted(assembly, secretary, title="Benches")
    for person in (member, outsider):
        follow(person, decision)
    kinds = set(Message.objects.filter(address=member.email).values_list("kind", flat=True))
    assert {"ballots/mail/opened", "ballots/mail/result"} <= kinds
    text = digest_of(member)
    assert "ballot opened" not in text
    assert "Decided" not in text
    text = digest_of(outsider)
    assert "Its ballot opened." in text
    assert "Decided by ballot" in text


def test_an_outcome_in_an_assembly_of_theirs_is_news_to_all_who_take_part(
    assembly: Assembly, member: Person, secretary: Person, participant: Person
) -> None:
    agreed(assembly, [secretary, member], title="Benches")
    assert not Message.objects.filter(kind__startswith="decisions/mail/settled").exists()
    text = digest_of(participant)
    assert "Decided by consensus: Apples" in text
    assert "A call for consensus is open" not in text


def test_a_gathering_is_news_to_those_who_were_not_asked_at_once(
    assembly: Assembly, secretary: Person, member: Person, participant: Person, outsider: Person
) -> None:
    decision = fallen(assembly, secretary, title="Benches")
    mails.choose(participant, digest="weekly", at_once=["calls"], at=timezone.now())
    follow(outsider, decision)
    moot = a_moot(decision, secretary, days=20)
    assert "A gathering is called for" not in digest_of(member)
    for person in (participant, outsider):
        assert "A gathering is called for" in digest_of(person)
    barred = make_person()
    follow(barred, decision)
    Gathering.objects.filter(pk=moot.pk).update(called_at=timezone.now() - timedelta(minutes=1))
    conduct.bar(moot, person=barred, by=secretary, at=timezone.now(), ground="hate", reason="Shouting")
    assert "A gathering is called for" not in digest_of(barred)


def a_moot(decision: Decision, by: Person, *, days: float, kind: str = Gathering.Kind.MOOT) -> Gathering:
    now = timezone.now()
    return gatherings.call_gathering(
        decision.assembly,
        by=by,
        at=now,
        decision=decision,
        kind=kind,
        title="Moot on it",
        starts_at=now + timedelta(days=days),
        ends_at=now + timedelta(days=days, hours=2),
        address="The Old Library",
    )


# --- What is not for everybody ------------------------------------------------------------------------
@pytest.mark.policy("D26")
def test_no_mail_tells_of_a_confidential_matter_to_somebody_who_may_not_read_it(
    assembly: Assembly, secretary: Person, member: Person, participant: Person, outsider: Person
) -> None:
    leaver = make_members(assembly, 1)[0]
    decision = make_decision(assembly, secretary, title="Councillor Ash")
    for person in (participant, outsider, leaver):
        follow(person, decision)
    decision = confidential(decision)
    leaver.memberships.update(ended_at=timezone.now() - timedelta(minutes=1))
    moot = a_moot(decision, secretary, days=1, kind=Gathering.Kind.HUSTINGS)
    gatherings.reschedule(
        moot,
        by=secretary,
        at=timezone.now(),
        starts_at=timezone.now() + timedelta(days=2),
        ends_at=timezone.now() + timedelta(days=2, hours=2),
    )
    now = timezone.now()
    Gathering.objects.filter(pk=moot.pk).update(starts_at=now, held_at=now)
    decision = deliberation.begin(decision, by=secretary, at=timezone.now())
    called(decision, secretary)
    work_on(decision, secretary, leaver)
    told = digest_of(member)
    assert "Councillor Ash" in told
    for person in (participant, outsider, leaver):
        assert "Ash" not in digest_of(person)
        assert not any("Ash" in message.text + message.subject for message in messages_to(person))
    assert messages_to(member)
    assert not any("Ash" in message.subject for message in messages_to(member))
    kinds = {message.kind for message in messages_to(member)}
    assert {"decisions/mail/called", "decisions/mail/deliberation", "decisions/mail/gathering_moved"} <= kinds


def work_on(decision: Decision, by: Person, owner: Person) -> None:
    """A task of a matter that will be settled, owned by somebody who has ceased to be a member; late since."""
    Task.objects.create(
        decision=decision,
        title="Write to Ash",
        owner=owner,
        named_by=by,
        named_at=timezone.now(),
        due_on=london_day(timezone.now()) - timedelta(days=1),
    )


def messages_to(person: Person) -> list[Message]:
    return list(Message.objects.filter(address=person.email))


def test_the_digest_is_stopped_in_one_click(
    client: Client, assembly: Assembly, member: Person, secretary: Person
) -> None:
    make_decision(assembly, secretary)
    text = digest_of(member)
    (message,) = digests(member)
    assert text.strip().endswith(message.unsubscribe)
    assert client.post(message.unsubscribe, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert digest_of_none(member)


def digest_of_none(person: Person) -> bool:
    person.refresh_from_db()
    return person.digest == "none" and person.digest_due_at is None


# --- Many ---------------------------------------------------------------------------------------------
def queries_of_a_sweep(at: datetime) -> int:
    with CaptureQueriesContext(connection) as found:
        digest.queue_due(at)
    return len(found)


def test_ten_thousand_people_of_whom_few_are_due_cost_what_the_few_cost(
    assembly: Assembly, secretary: Person
) -> None:
    now = timezone.now()
    make_decision(assembly, secretary)
    assert queries_of_a_sweep(now) == 1
    few = make_members(assembly, 3)
    for person in few:
        due(person, now)
    alone = queries_of_a_sweep(now)
    Person.objects.bulk_create(
        (Person(email=f"crowd{n}@example.org", name=f"Crowd {n}") for n in range(10_000)), batch_size=2000
    )
    for person in few:
        due(person, now)
    assert queries_of_a_sweep(now) == alone
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE members_person")
        cursor.execute(
            "EXPLAIN "
            + str(Person.objects.due_for_digest(now)[: digest.AT_A_TIME].query).replace(str(now), f"'{now}'")
        )
        assert "person_digest_due" in " ".join(row[0] for row in cursor.fetchall())


def test_news_cost_as_much_for_many_matters_as_for_two(assembly: Assembly, secretary: Person) -> None:
    reader = make_member()
    now = timezone.now()

    def cost(number: int) -> int:
        for n in range(number):
            decision = make_decision(assembly, secretary, title=f"{number} {n}")
            called(decision, secretary)
            follow(reader, decision)
        due(reader, now)
        return queries_of_a_sweep(now)

    assert cost(2) == cost(12)


def test_one_whose_digest_cannot_be_made_holds_up_nobody(
    assembly: Assembly, member: Person, secretary: Person
) -> None:
    broken = make_members(assembly, 1)[0]
    called(make_decision(assembly, secretary), secretary)
    at = timezone.now() + timedelta(minutes=10)
    due(broken, at - timedelta(minutes=1), digest="hourly")
    due(member, at)
    assert sweep(at) == ["make digests"]
    assert len(digests(member)) == 1
    assert digests(broken) == []
    broken.refresh_from_db()
    assert broken.digest_due_at == at - timedelta(minutes=1)


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_make_one_digest_each() -> None:
    assembly = make_assembly()
    people = make_members(assembly, 6)
    make_decision(assembly, people[0])
    at = timezone.now() + timedelta(minutes=10)
    for person in people:
        due(person, at)
    start = threading.Barrier(2)

    def work_through() -> None:
        try:
            start.wait()
            digest.queue_due(at)
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work_through) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    sent = Message.objects.filter(kind="harmony/mail/digest").values_list("address", flat=True)
    assert sorted(sent) == sorted(person.email for person in people[1:])
    assert not Person.objects.filter(digest_due_at__lte=at).exists()
