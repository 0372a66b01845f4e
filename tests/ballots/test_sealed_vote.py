"""Open, cast, close, count: the sealed ballot by its rules."""

import json
from datetime import timedelta

import pytest
from django.core import signing
from django.db import IntegrityError, transaction
from django.utils import timezone

from assemblies.models import Assembly
from ballots import casting, opening, tally
from ballots.bundle import digest, full
from ballots.errors import (
    BadScores,
    BadSubmission,
    BallotError,
    NotAMember,
    NotOnTheRoll,
    NotReady,
    NotYetOpen,
    Suspended,
    TooLate,
    VotedElsewhere,
)
from ballots.models import Ballot, Option, RollEntry
from ballots.sealing import Binding, Opener, Unopenable, mark_of, new_key_pair, new_mark, new_tracker, seal
from harmony.clock import sweep
from ledger import keyring
from ledger.models import Event, Message
from members.models import Membership, Person
from tests.factories import (
    cast_vote,
    count_ballot,
    end_now,
    make_assembly,
    make_ballot,
    make_member,
    make_members,
    make_open_ballot,
    make_participation,
    make_person,
    make_suspension,
)

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


# --- The seal ---


def test_an_envelope_opens_only_with_its_key_ballot_definition_and_roll_entry(assembly: Assembly) -> None:
    private, public = new_key_pair()
    ids = [entry.pk for entry in (Option(), RollEntry(), RollEntry(), Ballot(), Ballot()) if entry.pk]
    binding = Binding(ids[2], "a" * 64, ids[0])
    mark, tracker = new_mark(), new_tracker()
    envelope = seal((5, 0, 3), tracker, mark=mark, public_key=public, binding=binding)
    assert Opener(private, 3).open(envelope, binding) == tracker + bytes((5, 0, 3))
    elsewhere = [
        Binding(ids[3], "a" * 64, ids[0]),
        Binding(ids[2], "b" * 64, ids[0]),
        Binding(ids[2], "a" * 64, ids[1]),
    ]
    for other in elsewhere:
        with pytest.raises(Unopenable):
            Opener(private, 3).open(envelope, other)
    with pytest.raises(Unopenable):
        Opener(new_key_pair()[0], 3).open(envelope, binding)
    with pytest.raises(Unopenable):
        Opener(private, 2).open(envelope, binding)
    for place in (0, 20, len(envelope) - 1):
        broken = bytearray(envelope)
        broken[place] ^= 1
        with pytest.raises(Unopenable):
            Opener(private, 3).open(bytes(broken), binding)


def test_every_envelope_has_one_length_whatever_the_scores_and_the_number_of_options() -> None:
    _, public = new_key_pair()
    entry = RollEntry()
    binding = Binding(entry.pk, "a" * 64, entry.pk)
    lengths = {
        len(seal(scores, new_tracker(), mark=new_mark(), public_key=public, binding=binding))
        for scores in ((0, 0), (5, 5), (3,) * 50)
    }
    assert len(lengths) == 1


# --- The roll ---


@pytest.mark.policy("P7")
def test_the_sweep_freezes_the_roll_with_those_who_were_members_by_the_cut_off(assembly: Assembly) -> None:
    now = timezone.now()
    cut_off = now - HOUR
    by_then, on_time, late_member, late_comer = (make_person() for _ in range(4))
    for person, began in ((by_then, -HOUR), (on_time, 0 * HOUR), (late_member, timedelta(microseconds=1))):
        Membership.objects.create(person=person, began_at=cut_off + began)
        make_participation(person, assembly)
    Membership.objects.create(person=late_comer, began_at=cut_off - HOUR)
    make_participation(late_comer, assembly, began_at=cut_off + timedelta(microseconds=1))
    ballot = make_ballot(assembly, opens_at=now, cut_off_at=cut_off, announced_at=now)
    sweep(now)
    assert set(Person.objects.filter(roll_entries__ballot=ballot)) == {by_then, on_time}
    ballot.refresh_from_db()
    assert ballot.roll_size == 2


@pytest.mark.policy("A3", "P3")
def test_the_roll_leaves_out_participants_the_lapsed_the_suspended_and_strangers(
    assembly: Assembly, member: Person, participant: Person, outsider: Person
) -> None:
    now = timezone.now()
    lapsed, suspended, elsewhere = make_person(), make_member(), make_member()
    Membership.objects.create(person=lapsed, began_at=now - 9 * HOUR, lapses_at=now)
    make_suspension(suspended)
    for person in (lapsed, suspended):
        make_participation(person, assembly)
    make_participation(elsewhere, make_assembly())
    ballot = make_ballot(assembly, opens_at=now, announced_at=now)
    sweep(now)
    assert list(ballot.roll.values_list("person", flat=True)) == [member.pk]
    reason = ballot.roll.get().reason
    assert assembly.name in reason
    assert "1 January 2020" in reason


def test_a_ballot_of_several_assemblies_gives_each_member_one_place_on_the_roll(member: Person) -> None:
    first, second = make_assembly(), make_assembly()
    make_participation(member, first)
    make_participation(member, second)
    other = make_members(second, 1)[0]
    now = timezone.now()
    ballot = make_ballot(first, opens_at=now, announced_at=now)
    ballot.together_with.add(second)
    sweep(now)
    assert sorted(ballot.roll.values_list("person", flat=True)) == sorted([member.pk, other.pk])


def test_joining_or_leaving_after_the_opening_changes_nothing_on_the_roll(
    assembly: Assembly, member: Person
) -> None:
    ballot = make_open_ballot(assembly)
    newcomer = make_members(assembly, 1)[0]
    member.participations.update(ended_at=timezone.now(), ended_because="left")
    with pytest.raises(NotOnTheRoll):
        cast_vote(ballot, newcomer, 1, 2, 3)
    cast_vote(ballot, member, 1, 2, 3)
    assert count_ballot(ballot).outcome["turnout"] == 1


# --- Opening ---


def test_a_ballot_says_what_keeps_it_from_opening(assembly: Assembly) -> None:
    now = timezone.now()
    ballot = make_ballot(assembly, ["Only one"], seats=2, opens_at=now - HOUR, closes_at=now)
    issues = " ".join(opening.issues_before_opening(ballot, now))
    for expected in (
        "at least two options",
        "more seats than options",
        "closing time",
        "Nobody would be on the roll",
    ):
        assert expected in issues
    with pytest.raises(NotReady):
        opening.announce(ballot, by=make_person(), at=now)
    assert Ballot.objects.get().announced_at is None


def test_a_ballot_that_can_no_longer_open_becomes_a_draft_again_and_its_maker_is_told_once(
    assembly: Assembly, member: Person
) -> None:
    now = timezone.now()
    ballot = make_ballot(assembly, opens_at=now, set_up_by=member)
    opening.announce(ballot, by=member, at=now)
    member.memberships.update(ended_at=now)
    assert sweep(now) == []
    assert sweep(now) == []
    ballot.refresh_from_db()
    assert ballot.opened_at is None
    assert ballot.is_draft
    assert Message.objects.filter(kind="ballots/mail/refused").count() == 1
    member.memberships.update(ended_at=None)
    opening.announce(ballot, by=member, at=now)
    member.memberships.update(ended_at=now)
    sweep(now + timedelta(seconds=1))
    assert Message.objects.filter(kind="ballots/mail/refused").count() == 2


def test_a_ballot_whose_opening_was_missed_by_half_its_time_does_not_open(
    assembly: Assembly, member: Person
) -> None:
    now = timezone.now()
    on_time = make_ballot(assembly, opens_at=now - HOUR, closes_at=now + HOUR, announced_at=now - 2 * HOUR)
    too_late = make_ballot(
        assembly,
        question="Late",
        opens_at=now - HOUR,
        closes_at=now + HOUR - timedelta(seconds=2),
        announced_at=now,
    )
    sweep(now)
    for ballot, opened in ((on_time, True), (too_late, False)):
        ballot.refresh_from_db()
        assert (ballot.opened_at is not None) is opened


def test_opening_fixes_lots_digests_and_key_and_writes_once_to_everybody(
    assembly: Assembly, member: Person
) -> None:
    ballot = make_open_ballot(assembly)
    assert sorted(ballot.terms["lot_order"]) == ["1", "2", "3"]
    assert ballot.definition_digest == digest(ballot.terms)
    assert opening.open_now(ballot, at=timezone.now()) is False
    letter = Message.objects.get(kind="ballots/mail/opened")
    assert ballot.definition_digest in letter.text
    assert ballot.roll_digest in letter.text
    assert str(ballot.roll.get().pk) in letter.text
    assert "indicative" in letter.text
    assert Event.objects.filter(verb="ballot.opened").count() == 1


# --- Casting ---


def test_a_vote_before_the_opening_at_the_close_and_after_is_refused(
    assembly: Assembly, member: Person
) -> None:
    now = timezone.now()
    ballot = make_open_ballot(assembly)
    Ballot.objects.filter(pk=ballot.pk).update(opened_at=now + HOUR)
    ballot.refresh_from_db()
    with pytest.raises(NotYetOpen):
        cast_vote(ballot, member, 1, 2, 3)
    Ballot.objects.filter(pk=ballot.pk).update(opened_at=now - HOUR)
    end_now(ballot)
    with pytest.raises(TooLate):
        cast_vote(ballot, member, 1, 2, 3)
    assert ballot.roll.get().envelope is None


@pytest.mark.parametrize(
    "scores",
    [(1, 2), (1, 2, 3, 4), (6, 0, 0), (-1, 0, 0), (True, 0, 0), (2.5, 0, 0), ("5", 0, 0), (None, 0, 0), ()],
)
def test_scores_that_are_not_whole_numbers_from_0_to_5_for_each_option_are_refused_whole(
    assembly: Assembly, member: Person, scores: tuple
) -> None:
    ballot = make_open_ballot(assembly)
    with pytest.raises(BadScores):
        cast_vote(ballot, member, *scores)
    assert ballot.roll.get().envelope is None


def test_a_second_vote_replaces_the_first_and_has_a_tracker_of_its_own(
    assembly: Assembly, member: Person
) -> None:
    ballot = make_open_ballot(assembly)
    first = cast_vote(ballot, member, 5, 0, 0)
    second = cast_vote(ballot, member, 0, 0, 5)
    assert first.tracker != second.tracker
    count_ballot(ballot)
    vote = ballot.votes.get()
    assert (vote.tracker, vote.scores) == (second.tracker, [0, 0, 5])


def test_the_same_form_sent_twice_is_one_vote_with_one_receipt(assembly: Assembly, member: Person) -> None:
    ballot = make_open_ballot(assembly)
    form = casting.prepare(casting.entry_for(ballot, member))
    first = casting.cast(ballot, member, (1, 2, 3), form)
    before = bytes(ballot.roll.get().envelope or b"")
    again = casting.cast(ballot, member, (1, 2, 3), form)
    assert (first.is_repeat, again.is_repeat) == (False, True)
    assert again.tracker == first.tracker
    assert bytes(ballot.roll.get().envelope or b"") == before


def test_an_old_form_cannot_undo_a_newer_vote(assembly: Assembly, member: Person) -> None:
    ballot = make_open_ballot(assembly)
    old = casting.prepare(casting.entry_for(ballot, member))
    cast_vote(ballot, member, 0, 0, 5)
    with pytest.raises(VotedElsewhere):
        casting.cast(ballot, member, (5, 0, 0), old)
    count_ballot(ballot)
    assert ballot.votes.get().scores == [0, 0, 5]


def test_a_form_made_for_another_voter_or_altered_is_refused(assembly: Assembly, member: Person) -> None:
    other = make_members(assembly, 1)[0]
    ballot = make_open_ballot(assembly)
    theirs = casting.prepare(casting.entry_for(ballot, other))
    for form in (theirs, theirs[:-2], "", "nonsense", signing.dumps({"entry": 1}, salt="ballots.casting")):
        with pytest.raises(BadSubmission):
            casting.cast(ballot, member, (5, 0, 0), form)
    assert not ballot.roll.exclude(envelope=None).exists()


@pytest.mark.policy("P3")
def test_a_member_suspended_during_the_vote_cannot_vote_while_it_lasts(
    assembly: Assembly, member: Person
) -> None:
    ballot = make_open_ballot(assembly)
    suspension = make_suspension(member)
    with pytest.raises(Suspended):
        cast_vote(ballot, member, 5, 0, 0)
    suspension.ends_at = timezone.now()
    suspension.save()
    cast_vote(ballot, member, 5, 0, 0)


@pytest.mark.policy("A3")
@pytest.mark.parametrize("stamp", ["lapses_at", "ended_at"])
def test_whose_membership_is_over_during_the_vote_cannot_vote(
    assembly: Assembly, member: Person, stamp: str
) -> None:
    ballot = make_open_ballot(assembly)
    member.memberships.update(**{stamp: timezone.now()})
    with pytest.raises(NotAMember):
        cast_vote(ballot, member, 5, 0, 0)
    assert ballot.roll.get().envelope is None


def test_casting_writes_nothing_but_the_envelope(assembly: Assembly, member: Person) -> None:
    ballot = make_open_ballot(assembly)
    events, messages = Event.objects.count(), Message.objects.count()
    before = RollEntry.objects.filter(ballot=ballot).values().get()
    cast_vote(ballot, member, 5, 0, 0)
    after = RollEntry.objects.filter(ballot=ballot).values().get()
    assert {name for name in after if after[name] != before[name]} == {"envelope"}
    assert (Event.objects.count(), Message.objects.count()) == (events, messages)


# --- Closing and counting ---


def test_the_sweep_closes_at_the_closing_time_and_not_before(assembly: Assembly, member: Person) -> None:
    ballot = make_open_ballot(assembly)
    assert tally.close_now(ballot) is False
    with pytest.raises(IntegrityError), transaction.atomic():
        Ballot.objects.filter(pk=ballot.pk).update(closed_at=timezone.now())
    end_now(ballot)
    sweep(timezone.now())
    ballot.refresh_from_db()
    assert ballot.closed_at is not None
    assert ballot.closed_at >= ballot.closes_at


def test_the_count_stores_votes_erases_envelopes_destroys_the_key_and_tells_everybody_once(
    assembly: Assembly,
) -> None:
    people = make_members(assembly, 12)
    ballot = make_open_ballot(assembly)
    trackers = {
        cast_vote(ballot, person, 5, index % 6, 0).tracker for index, person in enumerate(people[:11])
    }
    end_now(ballot)
    for _ in range(3):
        assert sweep(timezone.now()) == []
    ballot.refresh_from_db()
    assert ballot.private_key_wrapped is None
    assert not ballot.roll.exclude(envelope=None).exists()
    assert ballot.roll.filter(voted=True).count() == 11
    assert ballot.outcome["turnout"] == 11
    assert ballot.outcome["winners"] == ["1"]
    assert set(ballot.votes.values_list("tracker", flat=True)) == trackers
    assert Message.objects.filter(kind="ballots/mail/result").count() == 12
    for verb in ("ballot.closed", "ballot.counted"):
        assert Event.objects.filter(verb=verb).count() == 1
    letter = Message.objects.filter(kind="ballots/mail/result").first()
    assert letter is not None
    assert "Apples won." in letter.text
    assert ballot.result_digest in letter.text
    assert not any(tracker in letter.text for tracker in trackers)


def test_below_the_minimum_no_list_is_published_and_the_figures_are(assembly: Assembly) -> None:
    people = make_members(assembly, 9)
    ballot = make_open_ballot(assembly)
    for person in people:
        cast_vote(ballot, person, 5, 1, 0)
    count_ballot(ballot)
    bundle = full(ballot, ballot.outcome)
    assert bundle["votes"] is None
    assert bundle["votes_digest"] is None
    assert bundle["totals"] == {"1": 45, "2": 9, "3": 0}


def test_a_ballot_without_a_vote_has_no_winner_and_says_so(assembly: Assembly, member: Person) -> None:
    ballot = count_ballot(make_open_ballot(assembly))
    assert ballot.outcome["winners"] == []
    letter = Message.objects.get(kind="ballots/mail/result")
    assert "Nobody voted" in letter.text


@pytest.mark.parametrize("damage", ["bit", "moved", "short"])
def test_an_envelope_that_does_not_open_stops_the_count_with_an_alarm(
    assembly: Assembly, damage: str
) -> None:
    boss = make_person(is_superuser=True)
    people = make_members(assembly, 3)
    ballot = make_open_ballot(assembly)
    for person in people:
        cast_vote(ballot, person, 5, 1, 0)
    victim, other = ballot.roll.order_by("pk")[:2]
    good = bytes(victim.envelope or b"")
    bad = {"bit": good[:-1] + bytes([good[-1] ^ 1]), "moved": bytes(other.envelope or b""), "short": good[:9]}
    ballot.roll.filter(pk=victim.pk).update(envelope=bad[damage])
    end_now(ballot)
    for _ in range(2):
        sweep(timezone.now())
    ballot.refresh_from_db()
    assert ballot.counted_at is None
    assert ballot.stopped_at is not None
    assert not ballot.votes.exists()
    assert ballot.roll.exclude(envelope=None).count() == 3
    assert ballot.private_key_wrapped is not None
    why = Event.objects.get(verb="ballot.count_stopped").data["why"]
    assert str(victim.pk) in why
    assert Message.objects.get(kind="ballots/mail/stopped").address == boss.email
    ballot.roll.filter(pk=victim.pk).update(envelope=good)
    assert tally.count_again(ballot, by=boss, at=timezone.now())
    sweep(timezone.now())
    ballot.refresh_from_db()
    assert ballot.outcome["turnout"] == 3


def test_the_private_key_opens_only_under_the_keyring_and_for_its_own_ballot(
    assembly: Assembly, member: Person
) -> None:
    ballot, other = make_open_ballot(assembly), make_open_ballot(assembly, question="Another")
    wrapped = bytes(ballot.private_key_wrapped or b"")
    assert len(keyring.current().unwrap("ballot", wrapped, context=opening.key_context(ballot))) == 32
    with pytest.raises(keyring.KeyringError):
        keyring.current().unwrap("ballot", wrapped, context=opening.key_context(other))


@pytest.mark.parametrize("tampering", ["vote", "roll", "definition"])
def test_a_count_of_something_else_than_what_was_opened_stops_with_an_alarm(
    assembly: Assembly, member: Person, outsider: Person, tampering: str
) -> None:
    ballot = make_open_ballot(assembly)
    cast_vote(ballot, member, 0, 0, 5)
    if tampering == "vote":
        ballot.votes.create(tracker="0000-0000-0000-0000-0000-0000-00", scores=[5, 0, 0])
    elif tampering == "roll":
        ballot.roll.create(person=outsider, reason="Slipped in")
    else:
        Ballot.objects.filter(pk=ballot.pk).update(definition={**ballot.terms, "seats": 2})
    end_now(ballot)
    sweep(timezone.now())
    ballot.refresh_from_db()
    assert ballot.counted_at is None
    assert ballot.stopped_at is not None
    assert ballot.private_key_wrapped is not None


def test_equal_votes_are_grouped_in_the_database(assembly: Assembly) -> None:
    ballot = make_open_ballot_with_votes(assembly, [(5, 1, 0)] * 4 + [(0, 0, 0)] * 2)
    assert sorted(ballot.votes.grouped()) == [((0, 0, 0), 2), ((5, 1, 0), 4)]


def make_open_ballot_with_votes(assembly: Assembly, votes: list[tuple[int, ...]]) -> Ballot:
    people = make_members(assembly, len(votes))
    ballot = make_open_ballot(assembly)
    for person, scores in zip(people, votes, strict=True):
        cast_vote(ballot, person, *scores)
    return count_ballot(ballot)


def test_announced_terms_can_be_taken_back_until_the_opening_and_not_after(
    assembly: Assembly, member: Person
) -> None:
    now = timezone.now()
    ballot = make_ballot(assembly)
    opening.announce(ballot, by=member, at=now)
    with pytest.raises(BallotError):
        opening.announce(ballot, by=member, at=now)
    opening.take_back(ballot, by=member, at=now)
    opened = make_open_ballot(assembly, question="Open")
    withdrawn = make_ballot(assembly, question="Withdrawn")
    opening.announce(withdrawn, by=member, at=now)
    opening.withdraw(withdrawn, by=member, at=now)
    with pytest.raises(BallotError):
        opening.take_back(withdrawn, by=member, at=now)
    for step in (opening.take_back, opening.withdraw):
        with pytest.raises(BallotError):
            step(opened, by=member, at=now)


# --- Nothing leaks ---


def test_no_letter_event_or_row_of_the_open_ballot_carries_the_scores(
    assembly: Assembly, member: Person
) -> None:
    ballot = make_open_ballot(assembly, [f"Option {number}" for number in range(1, 13)])
    receipt = cast_vote(ballot, member, 3, 1, 4, 1, 5, 2, 3, 5, 0, 2, 4, 1)
    marks = ("314152350241", "3, 1, 4, 1, 5", "3,1,4,1,5", receipt.tracker, receipt.tracker.replace("-", ""))
    rows = json.dumps(
        [list(model.objects.values()) for model in (Event, Message, Ballot, RollEntry)], default=repr
    )
    assert not any(mark in rows for mark in marks)
    envelope = bytes(ballot.roll.get().envelope or b"")
    assert mark_of(envelope) == envelope[:16]
    assert bytes((3, 1, 4, 1, 5, 2, 3, 5, 0, 2, 4, 1)) not in envelope
