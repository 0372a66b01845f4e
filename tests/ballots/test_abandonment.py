"""A ballot that is given up: no vote is counted or kept, at whatever moment it happens."""

from datetime import timedelta

import pytest
from django.utils import timezone

from assemblies.models import Assembly
from ballots import opening, tally
from ballots.abandonment import abandon
from ballots.errors import BallotError, TooLate
from ballots.models import Ballot, RollEntry, Vote
from ledger.models import Event
from tests.assemblies.test_races import at_once
from tests.factories import cast_vote, end_now, make_assembly, make_members


def binding(assembly: Assembly) -> Ballot:
    """An open ballot such as a decision opens."""
    now = timezone.now()
    return opening.open_binding(
        assembly,
        [assembly],
        question="Which fruit?",
        explanation="",
        options=[("Apples", "", False), ("Pears", "", True)],
        seats=1,
        opens_at=now - timedelta(hours=1),
        closes_at=now + timedelta(hours=1),
    )


@pytest.fixture
def assembly(db: None) -> Assembly:
    found = make_assembly()
    make_members(found, 3)
    return found


def voters(ballot: Ballot) -> list[RollEntry]:
    return list(ballot.roll.select_related("person"))


def is_given_up(ballot: Ballot) -> bool:
    ballot.refresh_from_db()
    assert not Vote.objects.filter(ballot=ballot).exists()
    assert not ballot.roll.exclude(envelope=None).exists()
    return ballot.withdrawn_at is not None and ballot.private_key_wrapped is None and ballot.result is None


@pytest.mark.django_db
def test_what_was_cast_is_erased_and_nothing_more_is_taken_or_counted(assembly: Assembly) -> None:
    ballot = binding(assembly)
    first, second = voters(ballot)[:2]
    cast_vote(ballot, first.person, 5, 0)
    assert abandon(ballot, at=timezone.now())
    assert is_given_up(ballot)
    with pytest.raises(TooLate):
        cast_vote(ballot, second.person, 5, 0)
    end_now(ballot)
    assert not tally.close_now(ballot)
    assert not tally.count_now(ballot, at=timezone.now())
    assert not abandon(ballot, at=timezone.now())
    assert is_given_up(ballot)
    assert Event.objects.about(ballot).filter(verb="ballot.abandoned").count() == 1


@pytest.mark.django_db
def test_a_stopped_count_that_was_given_up_is_not_let_run_again(assembly: Assembly) -> None:
    ballot = binding(assembly)
    Ballot.objects.update(stopped_at=timezone.now())
    abandon(ballot, at=timezone.now())
    assert not tally.count_again(ballot, by=voters(ballot)[0].person, at=timezone.now())
    assert not Event.objects.filter(verb="ballot.count_resumed").exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(3))
def test_given_up_while_people_vote_no_vote_is_left(attempt: int) -> None:
    assembly = make_assembly()
    make_members(assembly, 3)
    ballot = binding(assembly)

    def vote(entry: RollEntry) -> object:
        try:
            return cast_vote(ballot, entry.person, 5, 0)
        except BallotError as refusal:
            return refusal

    *_cast, given_up = at_once(
        *(lambda entry=entry: vote(entry) for entry in voters(ballot)),
        lambda: abandon(ballot, at=timezone.now()),
    )
    assert given_up is True
    assert is_given_up(ballot)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(3))
def test_given_up_while_it_is_counted_it_is_either_whole_or_nothing(attempt: int) -> None:
    assembly = make_assembly()
    make_members(assembly, 3)
    ballot = binding(assembly)
    for entry in voters(ballot):
        cast_vote(ballot, entry.person, 5, 0)
    end_now(ballot)
    assert tally.close_now(ballot)
    counted, given_up = at_once(
        lambda: tally.count_now(ballot, at=timezone.now()), lambda: abandon(ballot, at=timezone.now())
    )
    assert counted is not given_up
    if given_up:
        assert is_given_up(ballot)
    else:
        ballot.refresh_from_db()
        assert ballot.withdrawn_at is None
        assert Vote.objects.filter(ballot=ballot).count() == 3
