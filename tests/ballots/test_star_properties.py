"""What holds of the count whatever the votes."""

from collections.abc import Hashable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ballots import star
from ballots.star_result import AllocationStep, FinalistsStep, RunoffStep, ScoreStep, TieStep, WinnerStep

Vote = tuple[tuple[int, ...], int]


@dataclass(frozen=True)
class Case:
    """A ballot to count."""

    options: tuple[str, ...]
    votes: tuple[Vote, ...]
    seats: int
    method: str
    lot_order: tuple[str, ...]

    def count(self, **instead: Any) -> star.Result:
        how: dict[str, Any] = {
            "options": self.options,
            "votes": self.votes,
            "seats": self.seats,
            "method": self.method,
            "lot_order": self.lot_order,
        }
        how |= instead
        return star.count(how.pop("options"), how.pop("votes"), **how)


@st.composite
def cases(draw: st.DrawFn, *, methods: tuple[str, ...] = star.METHODS, voted: bool = False) -> Case:
    """Small ballots; from few different scores, so that ties are as frequent as they can be."""
    options = tuple("ABCDEF"[: draw(st.integers(1, 6))])
    scores = draw(st.sampled_from([(0, 5), (2, 3), (0, 4, 5), (0, 1, 2, 3, 4, 5)]))
    vote = st.tuples(st.tuples(*[st.sampled_from(scores)] * len(options)), st.integers(1, 4))
    return Case(
        options,
        tuple(draw(st.lists(vote, min_size=int(voted), max_size=10))),
        draw(st.integers(1, len(options))),
        draw(st.sampled_from(methods)),
        tuple(draw(st.permutations(options))),
    )


@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_votes_does_not_matter(case: Case, random: Any) -> None:
    shuffled = list(case.votes)
    random.shuffle(shuffled)
    assert case.count(votes=shuffled) == case.count()


@given(cases())
def test_a_weight_is_as_many_equal_votes(case: Case) -> None:
    one_by_one = [(scores, 1) for scores, weight in case.votes for _ in range(weight)]
    assert case.count(votes=one_by_one) == case.count()


@given(cases())
def test_new_names_for_the_options_and_the_lot_order_give_the_result_new_names(case: Case) -> None:
    names: dict[Hashable, Hashable] = {option: (ord(option), "x") for option in case.options}
    renamed = case.count(
        options=[names[option] for option in case.options],
        lot_order=[names[option] for option in case.lot_order],
    )
    assert renamed.winners == tuple(names[option] for option in case.count().winners)
    assert renamed.as_data() == case.count().as_data(lambda option: str(names[option]))


@given(cases(), st.data())
def test_another_order_of_the_options_elects_the_same(case: Case, data: st.DataObject) -> None:
    """The order in which options are listed is no advantage: only the lot order breaks a last tie."""
    order = data.draw(st.permutations(range(len(case.options))))
    reordered = case.count(
        options=[case.options[place] for place in order],
        votes=[(tuple(scores[place] for place in order), weight) for scores, weight in case.votes],
    )
    assert reordered.winners == case.count().winners
    assert reordered.pairwise == case.count().pairwise


@given(cases(methods=("star",), voted=True), st.integers(0, 5), st.integers(1, 20))
def test_a_flat_vote_changes_no_winner_of_star_or_bloc_star(case: Case, score: int, weight: int) -> None:
    flat = ((score,) * len(case.options), weight)
    before, after = case.count(), case.count(votes=[*case.votes, flat])
    assert after.winners == before.winners
    assert after.turnout == before.turnout + weight
    assert [_settled_by(round_) for round_ in after.rounds] == [
        _settled_by(round_) for round_ in before.rounds
    ]


def _settled_by(round_: Any) -> list[tuple[Any, ...]]:
    return [(step.contest, step.rule, step.chosen) for step in round_.steps if isinstance(step, TieStep)]


@given(cases(), st.integers(2, 7))
def test_as_many_more_of_every_vote_elect_the_same(case: Case, times: int) -> None:
    more = [(scores, weight * times) for scores, weight in case.votes]
    assert case.count(votes=more).winners == case.count().winners


@given(cases(voted=True))
def test_more_seats_add_winners_at_the_end_in_bloc_star(case: Case) -> None:
    winners = [case.count(method="star", seats=seats + 1).winners for seats in range(len(case.options))]
    assert all(more[:-1] == fewer for fewer, more in zip([(), *winners], winners, strict=False))
    assert set(winners[-1]) == set(case.options)


@given(cases())
def test_every_seat_is_filled_by_another_option_unless_nobody_voted(case: Case) -> None:
    result = case.count()
    assert len(result.winners) == len(set(result.winners)) == (case.seats if case.votes else 0)
    assert set(result.winners) <= set(case.options)
    if case.votes:
        assert tuple(round_.winner for round_ in result.rounds) == result.winners
        assert [round_.seat for round_ in result.rounds] == list(range(1, case.seats + 1))


@given(cases())
def test_the_figures_add_up_to_what_the_votes_say(case: Case) -> None:
    result = case.count()
    cast = [scores for scores, weight in case.votes for _ in range(weight)]
    assert result.turnout == len(cast)
    for place, option in enumerate(case.options):
        given_scores = [scores[place] for scores in cast]
        assert result.totals[option] == sum(given_scores)
        assert result.five_stars[option] == given_scores.count(5)
        assert result.distribution[option] == tuple(given_scores.count(score) for score in range(6))
        for other_place, other in enumerate(case.options):
            if other != option:
                preferring = sum(scores[place] > scores[other_place] for scores in cast)
                assert result.pairwise[option][other] == preferring
        assert option not in result.pairwise[option]


@given(cases(methods=("star",), voted=True))
def test_published_figures_give_the_same_count_as_the_votes(case: Case) -> None:
    result = case.count()
    figures = star.Tally(result.turnout, result.distribution, result.pairwise)
    again = star.count_published(case.options, figures, seats=case.seats, lot_order=case.lot_order)
    assert again == result


@given(cases(methods=("star",), voted=True))
def test_a_winner_wins_the_runoff_or_is_level_in_it_with_no_lower_total(case: Case) -> None:
    result = case.count()
    for round_ in result.rounds:
        for step in round_.steps:
            if isinstance(step, RunoffStep):
                winner = round_.winner
                (loser,) = set(step.finalists) - {winner}
                assert (step.votes[winner], result.totals[winner]) >= (step.votes[loser], 0)
                if step.votes[winner] == step.votes[loser]:
                    assert result.totals[winner] >= result.totals[loser]
                assert sum(step.votes.values()) + step.equal_support == result.turnout


@given(cases(methods=("star",), voted=True))
def test_nobody_with_a_higher_total_is_kept_from_the_runoff(case: Case) -> None:
    result = case.count()
    for round_ in result.rounds:
        for step in round_.steps:
            if isinstance(step, FinalistsStep):
                lowest = min(result.totals[option] for option in step.finalists)
                others = set(round_.candidates) - set(step.finalists)
                assert all(result.totals[other] <= lowest for other in others)


@given(cases(voted=True))
def test_a_tie_is_reported_only_where_more_are_level_than_there_are_places(case: Case) -> None:
    result = case.count()
    for round_ in result.rounds:
        for step in round_.steps:
            if isinstance(step, TieStep):
                assert len(step.tied) > step.places >= 1
                assert len(step.chosen) + (step.places - len(step.chosen) if step.left else 0) == step.places
                assert set(step.chosen) | set(step.left) <= set(step.tied)
                assert not set(step.chosen) & set(step.left)
                assert set(step.numbers) == set(step.tied)
                if step.rule == "head_to_head":
                    assert (len(step.tied), step.places) == (2, 1)
                if step.rule == "lot":
                    assert step.numbers == {option: case.lot_order.index(option) + 1 for option in step.tied}
                    assert not step.left


@given(cases(voted=True), st.data())
def test_without_a_lot_in_the_account_the_lot_order_changes_nothing(case: Case, data: st.DataObject) -> None:
    result = case.count()
    drawn = any(isinstance(step, TieStep) and step.rule == "lot" for r in result.rounds for step in r.steps)
    other = case.count(lot_order=data.draw(st.permutations(case.options)))
    assert drawn or other == result


@given(cases(methods=("star_pr",), voted=True))
def test_every_proportional_seat_costs_a_quota_and_no_weight_is_lost(case: Case) -> None:
    result = case.count()
    quota = Fraction(result.turnout, case.seats)
    for round_ in result.rounds:
        for step in round_.steps:
            if isinstance(step, AllocationStep):
                assert step.spent == step.quota == quota
                assert step.left == result.turnout - round_.seat * quota
                assert 0 < step.boundary_share <= 1


@given(cases(methods=("star_pr",), voted=True))
def test_a_proportional_seat_goes_to_a_highest_weighted_total(case: Case) -> None:
    for round_ in case.count().rounds:
        score, last = round_.steps[0], round_.steps[-1]
        assert isinstance(last, WinnerStep)
        if isinstance(score, ScoreStep):
            assert score.weighted is not None
            assert score.weighted[last.winner] == max(score.weighted.values())


@given(cases(methods=("star_pr",), voted=True))
@settings(max_examples=60)
def test_proportional_star_agrees_with_paying_vote_by_vote(case: Case) -> None:
    """The same rule written the slow way: one weight a voter, and no voter ever grouped with another."""
    cast = [scores for scores, weight in case.votes for _ in range(weight)]
    weights = [Fraction(1)] * len(cast)
    remaining = list(range(len(case.options)))
    for winner in case.count().winners:
        place = case.options.index(str(winner))
        sums = {
            each: sum(w * scores[each] for w, scores in zip(weights, cast, strict=True)) for each in remaining
        }
        assert sums[place] == max(sums.values())
        remaining.remove(place)
        due = Fraction(len(cast), case.seats)
        paid = [w * scores[place] for w, scores in zip(weights, cast, strict=True)]
        for value in sorted(set(paid), reverse=True):
            payers = [voter for voter, each in enumerate(paid) if each == value and weights[voter]]
            held = sum(weights[voter] for voter in payers)
            share = min(Fraction(1), due / held) if held else Fraction(0)
            due -= share * held
            for voter in payers:
                weights[voter] -= weights[voter] * share
