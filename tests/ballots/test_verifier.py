"""The stand-alone verifier: what it lets pass, what it refuses, and that it always answers in a sentence.

It is run here as a voter runs it, on a Python with nothing installed (`-I -S`); only where hundreds of
bundles are tried is it called in this process.
"""

import ast
import contextlib
import copy
import csv
import importlib.util
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ballots import star
from tests.ballots.bundles import (
    ELECTIONS,
    PLAIN,
    Election,
    bundle_of,
    canonical,
    digest,
    forged,
    keyed,
    sealed,
    tracker,
)

VERIFIER = Path(__file__).resolve().parents[2] / "ballots" / "verifier" / "verify_ballot.py"
Bundle = dict[str, Any]
Alter = Callable[[Bundle], Any]


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("verify_ballot", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


verifier = load(VERIFIER)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("verifier")


def written(folder: Path, bundle: Any) -> Path:
    path = folder / "bundle.json"
    path.write_text(json.dumps(bundle), encoding="utf-8")
    return path


def run(path: Path, *options: str) -> tuple[int, str]:
    """Run the verifier as a voter does; return its exit code and all that it prints."""
    command = [sys.executable, "-I", "-S", str(VERIFIER), str(path), *options]
    done = subprocess.run(command, capture_output=True, cwd=path.parent, env={}, timeout=60, check=False)
    text = (done.stdout + done.stderr).decode("utf-8")
    assert "Traceback" not in text
    return done.returncode, text


def call(path: Path, *options: str) -> tuple[int, str]:
    """Call the verifier in this process; return its exit code and what it prints."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        code = verifier.main([str(path), *options])
    return code, printed.getvalue()


def altered(alter: Alter, bundle: Bundle | None = None) -> Bundle:
    """A copy of a bundle (that of PLAIN) to which something was done, its digests left as they were."""
    result = copy.deepcopy(bundle if bundle is not None else bundle_of(PLAIN, 10))
    alter(result)
    return result


def refusal(folder: Path, bundle: Any, *options: str) -> str:
    """Check that a bundle is refused, in a sentence, and return what was printed."""
    code, text = call(written(folder, bundle), *options)
    assert code == 1
    assert text.startswith("NOT ALL CHECKS HOLD.\n\n")
    assert text.rstrip().endswith((".", "]")) or "\n  The file" in text or "\n  You gave" in text
    return text


# What passes


def test_the_original_passes_on_a_bare_python_and_the_result_is_told(tmp_path: Path) -> None:
    code, text = run(written(tmp_path, bundle_of(PLAIN, 10)))
    assert code == 0
    assert text.startswith(
        "ALL CHECKS HOLD.\n\nQuestion: Where shall we meet?\nHeld by Leeds and Bradford.\n"
    )
    assert "Turnout: 12 of 20 on the roll.\nElected: Option B.\n" in text
    assert "Runoff: Option B 7, Option A 4, equal support 1." in text
    assert "Option B is elected by the runoff." in text


@pytest.mark.parametrize("name", ELECTIONS)
def test_every_trap_of_the_rule_passes_with_its_votes_listed(name: str, tmp_path: Path) -> None:
    code, text = call(written(tmp_path, bundle_of(ELECTIONS[name])))
    assert code == 0, text
    assert "Not checked" not in text


@pytest.mark.parametrize("name", ELECTIONS)
def test_every_trap_of_the_rule_passes_with_its_votes_withheld(name: str, tmp_path: Path) -> None:
    election = ELECTIONS[name]
    code, text = call(written(tmp_path, bundle_of(election, len(election.votes) + 1)))
    assert code == 0, text
    assert ("Not checked: who was elected from seat 2 on" in text) == (election.method == "star_pr")
    assert text.startswith("ALL CHECKS HOLD.\n") == (election.method == "star")


def test_a_tie_broken_by_lot_is_told_only_where_a_lot_decided(tmp_path: Path) -> None:
    by_lot = call(written(tmp_path, bundle_of(ELECTIONS["a tie at every rung of the runoff"])))[1]
    assert "Lot, by place in the lot order (Option A 2, Option B 1): settled for Option B." in by_lot
    no_lot = call(written(tmp_path, bundle_of(ELECTIONS["three tied for two places"])))[1]
    assert "Tie for a place in the runoff between Option A, Option B and Option C. Five-star scores" in no_lot
    assert "lot" not in no_lot.lower().replace("ballot", "")


def test_without_digests_from_the_mails_it_says_what_it_could_not_know(tmp_path: Path) -> None:
    bundle = bundle_of(PLAIN, 10)
    code, text = call(written(tmp_path, bundle))
    assert code == 0
    for option, code_ in (
        ("--digest", bundle["digest"]),
        ("--definition-digest", bundle["definition_digest"]),
        ("--roll-digest", bundle["roll"]["digest"]),
    ):
        assert option in text
        assert code_ in text


def test_with_all_digests_from_the_mails_nothing_is_left_open(tmp_path: Path) -> None:
    bundle = bundle_of(PLAIN, 10)
    spaced = " ".join(bundle["digest"][start : start + 8] for start in range(0, 64, 8)).upper()
    definition, roll = bundle["definition_digest"], bundle["roll"]["digest"]
    options = ["--digest", spaced, "--definition-digest", definition, "--roll-digest", roll]
    code, text = run(written(tmp_path, bundle), *options)
    assert code == 0
    assert "cannot" not in text
    assert "digest" not in text


def test_a_pretty_printed_file_and_one_with_a_byte_order_mark_pass(tmp_path: Path) -> None:
    path = tmp_path / "bundle.json"
    path.write_text(json.dumps(bundle_of(PLAIN, 10), indent=4, ensure_ascii=False), encoding="utf-8-sig")
    assert run(path)[0] == 0


def test_it_needs_only_the_standard_library_and_python_3_9() -> None:
    tree = ast.parse(VERIFIER.read_text(encoding="utf-8"), feature_version=(3, 9))
    imported = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(str(node.module).split(".", maxsplit=1)[0])
    assert imported <= sys.stdlib_module_names
    assert "socket" not in imported
    assert "urllib" not in imported


@settings(max_examples=150)
@given(data=st.data())
def test_it_agrees_with_the_count_that_the_site_publishes(data: st.DataObject, scratch: Path) -> None:
    options = "ABCDE"[: data.draw(st.integers(1, 5))]
    given_score = st.sampled_from(data.draw(st.sampled_from([[0, 5], [0, 1], [0, 1, 2, 3, 4, 5]])))
    votes = data.draw(st.lists(st.tuples(*(given_score for _ in options)), max_size=12))
    seats = data.draw(st.integers(1, len(options)))
    method = data.draw(st.sampled_from(["star", "star_pr"]))
    lot = "".join(data.draw(st.permutations(options)))
    result = star.count(
        list(options), [(vote, 1) for vote in votes], seats=seats, method=method, lot_order=list(lot)
    )
    account = json.loads(json.dumps(result.as_data()))
    election = Election(options, votes, account["winners"], account["rounds"], seats, method, lot)
    bundle = bundle_of(election, data.draw(st.sampled_from([0, len(votes) + 1])))
    for name in ("totals", "five_stars", "distribution", "pairwise", "turnout"):
        assert keyed(account[name]) == bundle[name]
    code, text = call(written(scratch, bundle))
    assert code == 0, text


# Naive forgeries: something is altered, the digests stay as they were


def change_a_score(bundle: Bundle) -> None:
    next(vote for vote in bundle["votes"] if vote["scores"][0] == 1)["scores"][0] = 2


def drop_a_vote(bundle: Bundle) -> None:
    del bundle["votes"][3]


def drop_a_vote_and_say_so(bundle: Bundle) -> None:
    del bundle["votes"][3]
    bundle["turnout"] -= 1


def double_a_vote(bundle: Bundle) -> None:
    bundle["votes"].insert(3, copy.deepcopy(bundle["votes"][3]))
    bundle["turnout"] += 1


def double_a_vote_under_another_tracker(bundle: Bundle) -> None:
    bundle["votes"].append({**copy.deepcopy(bundle["votes"][3]), "tracker": tracker(99)})
    bundle["votes"].sort(key=lambda vote: vote["tracker"])
    bundle["turnout"] += 1


def add_a_vote(bundle: Bundle) -> None:
    bundle["votes"].append({"tracker": tracker(98), "scores": [5, 0, 0]})
    bundle["votes"].sort(key=lambda vote: vote["tracker"])
    bundle["turnout"] += 1


def swap_two_options(bundle: Bundle) -> None:
    first, second = bundle["definition"]["options"][:2]
    first["name"], second["name"] = second["name"], first["name"]


def swap_two_keys(bundle: Bundle) -> None:
    first, second = bundle["definition"]["options"][:2]
    first["key"], second["key"] = second["key"], first["key"]


def swap_two_columns(bundle: Bundle) -> None:
    for vote in bundle["votes"]:
        vote["scores"][:2] = reversed(vote["scores"][:2])


def alter_the_deadline(bundle: Bundle) -> None:
    bundle["definition"]["closes_at"] = "2026-11-22T18:00:00.000000Z"


def add_to_the_roll(bundle: Bundle) -> None:
    bundle["roll"]["entries"].append("ffffffff-ffff-4fff-8fff-ffffffffffff")
    bundle["roll"]["size"] += 1


NAIVE = [
    (change_a_score, "The list of votes does not have the digest"),
    (drop_a_vote, "The turnout is given as 12, but 11 votes are listed."),
    (drop_a_vote_and_say_so, "The list of votes does not have the digest"),
    (double_a_vote, "is there twice."),
    (double_a_vote_under_another_tracker, "The list of votes does not have the digest"),
    (add_a_vote, "The list of votes does not have the digest"),
    (
        swap_two_options,
        "The definition of the ballot (question, options, times, lot order) does not have the digest",
    ),
    (swap_two_keys, "The definition of the ballot"),
    (swap_two_columns, "The list of votes does not have the digest"),
    (alter_the_deadline, "The definition of the ballot"),
    (add_to_the_roll, "The roll does not have the digest"),
]


@pytest.mark.parametrize(("alter", "sentence"), NAIVE)
def test_a_naive_forgery_is_refused(alter: Alter, sentence: str, tmp_path: Path) -> None:
    code, text = run(written(tmp_path, altered(alter)))
    assert code == 1
    assert text.startswith("NOT ALL CHECKS HOLD.\n\n")
    assert sentence in text


@pytest.mark.parametrize(
    ("alter", "sentence"),
    [
        (change_a_score, "The total score of Option A is given as 28, but the votes give 29."),
        (swap_two_columns, "The total score of Option A is given as 28, but the votes give 48."),
        (add_a_vote, "The total score of Option A is given as 28, but the votes give 33."),
        (drop_a_vote_and_say_so, "but the votes give"),
    ],
)
def test_a_forgery_with_new_digests_but_old_sums_is_refused(
    alter: Alter, sentence: str, tmp_path: Path
) -> None:
    assert sentence in refusal(tmp_path, sealed(altered(alter)))


# Clever forgeries: every digest inside, the sums, the account and the winner are made to fit


CLEVER = [
    change_a_score,
    drop_a_vote_and_say_so,
    double_a_vote_under_another_tracker,
    add_a_vote,
    swap_two_columns,
    swap_two_options,
    swap_two_keys,
    alter_the_deadline,
    add_to_the_roll,
]


@pytest.mark.parametrize("alter", CLEVER)
def test_a_clever_forgery_holds_together_and_is_caught_by_the_digest_in_the_mail(
    alter: Alter, tmp_path: Path
) -> None:
    announced = bundle_of(PLAIN, 10)["digest"]
    path = written(tmp_path, forged(altered(alter)))
    code, text = run(path)
    assert code == 0, text
    assert "What this file alone cannot show is that it is the one that was announced." in text
    code, text = run(path, "--digest", announced)
    assert code == 1
    assert (
        "The digest that you gave is not that of this file: it is not the result that was announced" in text
    )


@pytest.mark.parametrize("alter", [swap_two_options, swap_two_keys, alter_the_deadline])
def test_a_clever_change_of_the_definition_is_caught_by_the_opening_mail(
    alter: Alter, tmp_path: Path
) -> None:
    announced = bundle_of(PLAIN, 10)["definition_digest"]
    text = refusal(tmp_path, forged(altered(alter)), "--definition-digest", announced)
    assert "The definition digest that you gave is not that of this file" in text


def test_a_clever_change_of_the_roll_is_caught_by_the_opening_mail(tmp_path: Path) -> None:
    announced = bundle_of(PLAIN, 10)["roll"]["digest"]
    text = refusal(tmp_path, forged(altered(add_to_the_roll)), "--roll-digest", announced)
    assert "The roll digest that you gave is not that of this file: somebody has been added" in text


# A false account of a true list of votes; all digests fit


def at(*path: Any, to: Any) -> Alter:
    """Set the value at a path of a bundle."""

    def alter(bundle: Any) -> None:
        for step in path[:-1]:
            bundle = bundle[step]
        bundle[path[-1]] = to

    return alter


def step_at(number: int, name: str, to: Any, seat: int = 1) -> Alter:
    return at("rounds", seat - 1, "steps", number - 1, name, to=to)


def false_lot(bundle: Bundle) -> None:
    """Claim that the runoff of PLAIN was decided by lot."""
    step = {"step": "tie", "for": "runoff", "places": 1, "tied": ["1", "2"], "rule": "lot"}
    step |= {"numbers": {"1": 1, "2": 2}, "chosen": ["1"], "left": []}
    bundle["rounds"][0]["steps"].insert(3, step)
    bundle["rounds"][0]["steps"][-1] = {"step": "winner", "winner": "1", "by": "lot"}
    bundle["rounds"][0]["winner"] = "1"
    bundle["winners"] = ["1"]


def false_lot_beside_the_true_winner(bundle: Bundle) -> None:
    """Leave the winner, but say that a lot decided."""
    bundle["rounds"][0]["steps"][-1]["by"] = "lot"


ELECTED_A = "The file says that the ballot elected Option A, but the count elects Option B."
FALSE_ACCOUNTS = [
    ("plain", at("winners", to=["1"]), ELECTED_A),
    ("plain", at("winners", to=[]), "elected nobody, but the count elects Option B."),
    ("plain", at("winners", to=["2", "2"]), "elected Option B and Option B, but the count elects Option B."),
    ("plain", false_lot, ELECTED_A),
    ("plain", false_lot_beside_the_true_winner, "The file says:   Option B is elected by lot."),
    (
        "plain",
        step_at(1, "totals", {"1": 28, "2": 48, "3": 24}),
        "step 1 of the account is not what the count",
    ),
    ("plain", step_at(1, "five_stars", {"1": 4, "2": 5, "3": 3}), '"five_stars" differs'),
    ("plain", step_at(1, "totals", {"1": 28, "2": 48}), '"totals" differs'),
    ("plain", step_at(2, "finalists", ["2", "3"]), "The file says:   Finalists: Option B and Option C."),
    ("plain", step_at(2, "finalists", ["2", "2"]), '"finalists" differs'),
    ("plain", step_at(2, "finalists", ["2", "1", "1"]), '"finalists" differs'),
    ("plain", step_at(3, "votes", {"2": 8, "1": 4}), "The count gives: Runoff: Option B 7, Option A 4"),
    ("plain", step_at(3, "equal_support", 0), '"equal_support" differs'),
    ("plain", at("rounds", 0, "candidates", to=["1", "2"]), '"candidates" differs'),
    ("plain", at("rounds", 0, "unopposed", to=True), '"unopposed" differs'),
    ("plain", at("rounds", 0, "winner", to="1"), '"winner" differs'),
    ("plain", at("rounds", 0, "seat", to=2), '"seat" differs'),
    ("plain", at("rounds", to=[]), "The account tells of 0 rounds, but the count takes 1."),
    ("plain", lambda bundle: bundle["rounds"][0]["steps"].pop(), "has 3 steps, but the count takes 4."),
    (
        "plain",
        lambda bundle: bundle["rounds"][0]["steps"].pop(2),
        "step 3 of the account is not what the count",
    ),
    ("no votes", at("winners", to=["1"]), "elected Option A, but the count elects nobody."),
    ("three tied for two places", step_at(2, "rule", "lot"), '"rule" differs'),
    ("three tied for the second place", step_at(3, "numbers", {"1": 4, "4": 1}), '"numbers" differs'),
    ("three tied for the second place", step_at(3, "chosen", ["4"]), '"chosen" differs'),
    ("three tied for the second place", step_at(2, "left", []), '"left" differs'),
    ("three tied for the second place", step_at(2, "places", 2), '"places" differs'),
    (
        "a tie at every rung of the runoff",
        at("definition", "lot_order", to=["1", "2"]),
        "the count elects Option A.",
    ),
    (
        "bloc: the condorcet loser is not seated early",
        at("winners", to=["1", "3"]),
        "Option A and Option C, but",
    ),
    (
        "bloc: the condorcet loser is not seated early",
        at("winners", to=["2", "1"]),
        "Option B and Option A, but",
    ),
    (
        "bloc: the condorcet loser is not seated early",
        step_at(3, "equal_support", 1, seat=2),
        "Seat 2, step 3",
    ),
    ("proportional: two seats", at("winners", to=["2", "1"]), "but the count elects Option B and Option C."),
    ("proportional: two seats", step_at(1, "weighted", {"1": "3", "3": "4"}, seat=2), '"weighted" differs'),
    ("proportional: two seats", step_at(2, "quota", "2"), '"quota" differs'),
    ("proportional: two seats", step_at(2, "boundary_share", "1"), '"boundary_share" differs'),
    ("proportional: two seats", step_at(2, "boundary_score", None), '"boundary_score" differs'),
    ("proportional: two seats", step_at(2, "left", "1", seat=2), '"left" differs'),
]


@pytest.mark.parametrize(("name", "alter", "sentence"), FALSE_ACCOUNTS)
def test_a_false_account_is_refused(name: str, alter: Alter, sentence: str, tmp_path: Path) -> None:
    assert sentence in refusal(tmp_path, sealed(altered(alter, bundle_of(ELECTIONS[name]))))


@pytest.mark.parametrize(
    ("name", "alter", "sentence"),
    [each for each in FALSE_ACCOUNTS if not each[0].startswith("proportional")],
)
def test_a_false_account_is_refused_where_the_votes_are_withheld(
    name: str, alter: Alter, sentence: str, tmp_path: Path
) -> None:
    assert sentence in refusal(tmp_path, sealed(altered(alter, bundle_of(ELECTIONS[name], 20))))


def test_a_fraction_may_be_written_in_other_terms(tmp_path: Path) -> None:
    bundle = altered(step_at(2, "quota", "6/4"), bundle_of(ELECTIONS["proportional: two seats"]))
    assert call(written(tmp_path, sealed(bundle)))[0] == 0


# Sums that no votes could have, where the votes are withheld


def more_preferences_than_scores_allow(bundle: Bundle) -> None:
    """Only seven votes give B less than five, so no more than seven can prefer A to B."""
    bundle["pairwise"]["1"]["2"] = 8
    bundle["pairwise"]["2"]["1"] = 4


WITHHELD = [
    (
        more_preferences_than_scores_allow,
        "8 votes are said to score Option A higher than Option B: too many.",
    ),
    (
        at("distribution", "1", to=[2, 5, 0, 1, 0, 5]),
        "13 scores are given for Option A, but the turnout is 12.",
    ),
    (at("totals", "1", to=29), "The total score of Option A is given as 29, but its scores add up to 28."),
    (at("five_stars", "1", to=5), "Option A is said to have 5 five-star scores, but its scores have 4."),
    (at("pairwise", "1", "2", to=6), "are more than the turnout: 6 and 7."),
    (at("pairwise", "3", "1", to=9), "are more than the turnout"),
    (at("pairwise", "2", "3", to=0), "do not fit the number of votes that prefer one of them."),
    (at("pairwise", "2", "1", to=8), '"votes" differs'),
    (at("totals", to={"1": 28, "2": 48}), '"totals" does not have one entry for each option.'),
]


@pytest.mark.parametrize(("alter", "sentence"), WITHHELD)
def test_sums_that_contradict_each_other_are_refused(alter: Alter, sentence: str, tmp_path: Path) -> None:
    assert sentence in refusal(tmp_path, sealed(altered(alter, bundle_of(PLAIN, 13))))


LATER_SEATS = [
    (
        at("rounds", 1, "winner", to="2"),
        "Round 2 of the account does not fit the options that were still in the race.",
    ),
    (at("rounds", 1, "candidates", to=["1", "2"]), "Round 2 of the account does not fit"),
    (
        step_at(1, "totals", {"1": 6, "3": 4}, seat=2),
        "Round 2 of the account gives other totals than the ballot's.",
    ),
    (step_at(2, "winner", "1", seat=2), "Round 2 of the account contradicts itself about who was elected."),
    (lambda bundle: bundle["rounds"].pop(), "The account tells of 1 rounds for 2 seats."),
    (lambda bundle: bundle["rounds"][1]["steps"].pop(), "Round 2 of the account does not have the steps"),
    (
        at("winners", to=["2", "1"]),
        "elected Option B and Option A, but the count elects Option B and Option C.",
    ),
    (step_at(2, "boundary_share", "1/3"), "Seat 1, step 2 of the account"),
    (step_at(1, "weighted", {"1": "5", "2": "9", "3": "9"}), '"weighted" differs'),
]


@pytest.mark.parametrize(("alter", "sentence"), LATER_SEATS)
def test_a_proportional_account_whose_votes_are_withheld_must_not_contradict_itself(
    alter: Alter, sentence: str, tmp_path: Path
) -> None:
    bundle = bundle_of(ELECTIONS["proportional: two seats"], 4)
    assert sentence in refusal(tmp_path, sealed(altered(alter, bundle)))


# What is fixed before the vote, and the list itself


def unsorted_roll(bundle: Bundle) -> None:
    bundle["roll"]["entries"].reverse()


def repeated_entry(bundle: Bundle) -> None:
    bundle["roll"]["entries"][1] = bundle["roll"]["entries"][0]


def unsorted_votes(bundle: Bundle) -> None:
    bundle["votes"].reverse()


def small_roll(bundle: Bundle) -> None:
    bundle["roll"].update(size=11, entries=bundle["roll"]["entries"][:11])


RULES = [
    (at("definition", "lot_order", to=["1", "2"]), "The lot order does not name each option exactly once."),
    (
        at("definition", "lot_order", to=["1", "2", "2"]),
        "The lot order does not name each option exactly once.",
    ),
    (
        at("definition", "lot_order", to=["1", "2", "4"]),
        "The lot order does not name each option exactly once.",
    ),
    (at("definition", "seats", to=0), "The ballot has 0 seats for 3 options."),
    (at("definition", "seats", to=4), "The ballot has 4 seats for 3 options."),
    (at("definition", "options", to=[]), "The ballot has no options."),
    (at("definition", "assemblies", to=[]), "The ballot names no assembly that holds it."),
    (at("definition", "options", 1, "key", to="1"), 'Two options have the same key "1".'),
    (unsorted_roll, "The roll numbers are not in order"),
    (repeated_entry, "is there twice."),
    (at("roll", "size", to=21), "The roll says that it has 21 entries, but 20 are listed."),
    (small_roll, "12 votes were counted, but the roll has only 11 people."),
    (unsorted_votes, "The trackers are not in order"),
    (at("definition", "list_minimum", to=13), "only 12 voted and a list takes at least 13."),
    (at("votes", to=None), "The list of votes is missing, though 12 voted and 10 are enough for it."),
    (at("closed_at", to="2026-11-22T18:59:59.999999Z"), "The ballot was closed before its deadline"),
    (at("counted_at", to="2026-11-22T19:00:00.000000Z"), "The ballot was counted before it was closed"),
    (at("definition", "cut_off_at", to="2026-11-15T19:00:04.250001Z"), "The cut-off for the roll is later"),
    (at("definition", "opens_at", to="2026-11-15T19:00:05.000000Z"), "before its appointed opening time"),
    (at("definition", "closes_at", to="2026-11-15T19:00:04.250000Z"), "not before its deadline"),
    (at("distribution", "1", 0, to=3), "The numbers of scores from 0 to 5 of Option A is given"),
    (
        at("five_stars", "1", to=5),
        "The number of five-star scores of Option A is given as 5, but the votes give 4.",
    ),
    (at("pairwise", "1", "2", to=6), "6 votes are said to score Option A higher than Option B"),
]


@pytest.mark.parametrize(("alter", "sentence"), RULES)
def test_what_breaks_a_rule_of_the_ballot_is_refused(alter: Alter, sentence: str, tmp_path: Path) -> None:
    assert sentence in refusal(tmp_path, sealed(altered(alter)))


def test_times_that_just_fit_pass(tmp_path: Path) -> None:
    def alter(bundle: Bundle) -> None:
        opening = bundle["definition"]["opened_at"]
        bundle["definition"].update(cut_off_at=opening, opens_at=opening, closes_at=opening[:-2] + "1Z")
        bundle.update(closed_at=opening[:-2] + "1Z", counted_at=opening[:-2] + "1Z")

    assert call(written(tmp_path, sealed(altered(alter))))[0] == 0


def test_votes_listed_at_exactly_the_minimum_pass(tmp_path: Path) -> None:
    assert call(written(tmp_path, bundle_of(PLAIN, 12)))[0] == 0


def test_votes_withheld_at_exactly_the_minimum_are_missing(tmp_path: Path) -> None:
    bundle = bundle_of(PLAIN, 12)
    bundle["votes"] = None
    assert "The list of votes is missing, though 12 voted" in refusal(tmp_path, sealed(bundle))


def test_a_digest_without_a_list_is_refused(tmp_path: Path) -> None:
    bundle = bundle_of(PLAIN, 13)
    bundle["votes_digest"] = digest(None)
    assert "There is a digest of the list of votes, but no list." in refusal(tmp_path, bundle)


def test_a_false_digest_of_the_whole_is_refused(tmp_path: Path) -> None:
    bundle = altered(at("digest", to="0" * 64))
    assert "The file as a whole does not have the digest that it gives" in refusal(tmp_path, bundle)


# Malformed shapes


def without(*path: Any) -> Alter:
    def alter(bundle: Any) -> None:
        for step in path[:-1]:
            bundle = bundle[step]
        del bundle[path[-1]]

    return alter


DECOMPOSED = "cafe\u0301"
SHAPES = [
    (at("format", to="harmony-ballot/2"), 'its format is "harmony-ballot/2"'),
    (at("extra", to=1), 'bundle has a part "extra" that the format does not know.'),
    (without("votes_digest"), 'bundle lacks its part "votes_digest".'),
    (at("votes", 0, "scores", 0, to=6), "should be a score from 0 to 5, but is 6."),
    (at("votes", 0, "scores", 0, to=-1), "should be a score from 0 to 5, but is -1."),
    (at("votes", 0, "scores", 0, to=True), "should be a score from 0 to 5, but is true."),
    (at("votes", 0, "scores", 0, to="5"), 'should be a score from 0 to 5, but is "5".'),
    (at("votes", 0, "scores", 0, to=None), "should be a score from 0 to 5, but is empty (null)."),
    (at("votes", 0, "scores", to=[5, 3]), "Vote number 1 has 2 scores for 3 options."),
    (at("votes", 0, "scores", to={}), "bundle > votes > 1 > scores should be a list"),
    (at("votes", 0, "voter", to="me"), 'has a part "voter"'),
    (at("votes", 0, "tracker", to="4KQ9"), "should be a tracker"),
    (at("votes", 0, "tracker", to="8" + tracker(0)[1:]), "should be a tracker"),
    (at("votes", 0, "tracker", to=tracker(0).lower()), "should be a tracker"),
    (at("votes", 0, "tracker", to=tracker(0) + "\n"), "should be a tracker"),
    (at("turnout", to=True), "bundle > turnout should be a whole number from 0 up, but is true."),
    (at("turnout", to="12"), "bundle > turnout should be a whole number from 0 up"),
    (at("totals", to=[]), "bundle > totals should give a value to each option, but is a list."),
    (at("distribution", "1", to=[12]), "should have six numbers"),
    (
        at("pairwise", "1", "1", to=0),
        '"pairwise" of option "1" does not have one entry for each other option.',
    ),
    (at("winners", to="2"), "bundle > winners should be a list"),
    (at("winners", to=[2]), "bundle > winners > 1 should be a text, but is 2."),
    (at("rounds", 0, "steps", 0, "step", to="magic"), "bundle > rounds > 1 > steps > 1 is no step"),
    (at("rounds", 0, "steps", 0, "weighted", to={}), 'has a part "weighted"'),
    (at("rounds", 0, "steps", 0, to=None), "is no step"),
    (at("rounds", 0, to=7), "bundle > rounds > 1 should be a group of named values, but is 7."),
    (at("definition", to=None), "bundle > definition should be a group of named values"),
    (at("definition", "method", to="approval"), "should be star or star_pr"),
    (at("definition", "standing", to=[]), "should be indicative or binding, but is a list."),
    (at("definition", "question", to="  "), "bundle > definition > question should not be blank."),
    (at("definition", "question", to=DECOMPOSED), "not in the composed form of Unicode"),
    (at("definition", "explanation", to="\ud800"), "half a character"),
    (at("definition", "closes_at", to="2026-11-22 19:00"), "should be a time such as"),
    (at("definition", "closes_at", to="2026-02-30T19:00:00.000000Z"), "a time that does not exist."),
    (at("definition", "closes_at", to="2026-11-22T19:00:00.000000+00:00"), "should be a time such as"),
    (at("definition", "public_key", to="AB" * 32), "should be a key"),
    (at("definition", "id", to="7"), "bundle > definition > id should be a code such as"),
    (at("roll", "entries", 0, to="me@example.org"), "bundle > roll > entries > 1 should be a code such as"),
    (at("definition_digest", to="0" * 63), "should be a digest"),
]


@pytest.mark.parametrize(("alter", "sentence"), SHAPES)
def test_a_malformed_bundle_is_refused_even_with_fitting_digests(
    alter: Alter, sentence: str, tmp_path: Path
) -> None:
    bundle = altered(alter)
    with contextlib.suppress(KeyError, TypeError):
        sealed(bundle)
        alter(bundle)
    assert sentence in refusal(tmp_path, bundle)


TEXTS = [
    ("[]", 1, "The file should hold one ballot, but holds a list."),
    ("null", 1, "The file should hold one ballot, but holds empty (null)."),
    ('"harmony-ballot/1"', 1, "The file should hold one ballot"),
    ("{}", 1, "The file is not in the format harmony-ballot/1"),
    ('{"format":"harmony-ballot/1","format":"harmony-ballot/1"}', 1, 'has the name "format" twice'),
    ('{"format":1.5}', 1, "a ballot has only whole numbers."),
    ('{"format":NaN}', 1, 'The file has the number "NaN"'),
    ('{"format":-Infinity}', 1, 'The file has the number "-Infinity"'),
    ('{"format":' + "9" * 100_000 + "}", 1, "a number of 100000 digits"),
    ('{"format":1e999}', 1, "a ballot has only whole numbers."),
    ('{"format":', 2, "is damaged or is not a bundle: no JSON at line 1, column 11."),
    ("", 2, "is damaged or is not a bundle"),
    ("<!DOCTYPE html><html></html>", 2, "is damaged or is not a bundle"),
    ("[" * 200_000 + "]" * 200_000, 2, "is nested deeper than any ballot."),
    ('{"a":' * 200_000 + "1" + "}" * 200_000, 2, "is nested deeper than any ballot."),
    ('{"format":"harmony-ballot/1","definition":' + "[" * 500 + "]" * 500 + "}", 1, "bundle lacks its part"),
]


@pytest.mark.parametrize(("text", "code", "sentence"), TEXTS, ids=range(len(TEXTS)))
def test_hostile_text_gets_a_sentence(text: str, code: int, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "bundle.json"
    path.write_text(text, encoding="utf-8")
    found, printed = run(path)
    assert (found, sentence in printed) == (code, True), printed[:500]


def test_a_binary_file_a_folder_and_a_missing_file_cannot_be_read(tmp_path: Path) -> None:
    binary = tmp_path / "bundle.json"
    binary.write_bytes(bytes(range(256)) * 100)
    for path, sentence in (
        (binary, "is not text"),
        (tmp_path, "cannot be opened"),
        (tmp_path / "none.json", "cannot be opened: No such file or directory."),
        (tmp_path / ("n" * 5000), "cannot be opened"),
    ):
        code, text = run(path)
        assert (code, sentence in text) == (2, True), text


def test_a_name_with_control_characters_cannot_forge_what_is_printed(tmp_path: Path) -> None:
    def alter(bundle: Bundle) -> None:
        bundle["definition"]["options"][1]["name"] = "B\n\nALL CHECKS HOLD.\x1b[2J\u202e\u2028"
        bundle["definition"]["question"] = "Q\r\n" + "x" * 10_000

    code, text = call(written(tmp_path, sealed(altered(alter))))
    assert code == 0
    assert text.count("\nALL CHECKS HOLD.") == 0
    assert not set("\x1b\r\u202e\u2028") & set(text)
    assert max(len(line) for line in text.splitlines()) < 1000


def test_a_terminal_without_unicode_gets_an_answer(tmp_path: Path) -> None:
    bundle = sealed(altered(at("definition", "question", to="Où? 日本 🗳")))
    command = [sys.executable, "-S", "-B", str(VERIFIER), str(written(tmp_path, bundle))]
    env = {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, capture_output=True, env=env, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"Question: O?? ?? ?" in done.stdout


# What only the reader knows


def test_my_tracker_shows_my_scores_however_it_is_typed(tmp_path: Path) -> None:
    path = written(tmp_path, bundle_of(PLAIN, 10))
    mine = tracker(0)
    for typed in (
        mine,
        mine.lower(),
        mine.replace("-", ""),
        mine.replace("-", " "),
        mine.replace("0", "O").replace("1", "I"),
        mine.replace("0", "o").replace("1", "l"),
    ):
        code, text = run(path, "--tracker", typed)
        assert code == 0, text
        assert "Under your tracker: Option A 5, Option B 3, Option C 0." in text


def test_the_trackers_of_these_tests_have_characters_that_are_easily_confused() -> None:
    assert "0" in tracker(0)
    assert "1" in tracker(0)


def test_a_tracker_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    bundle = bundle_of(PLAIN, 10)
    assert "no vote in it has the tracker" in refusal(tmp_path, bundle, "--tracker", tracker(77))
    assert "has 26 letters and digits; you gave 4." in refusal(tmp_path, bundle, "--tracker", "4KQ9")
    withheld = refusal(tmp_path, bundle_of(PLAIN, 13), "--tracker", tracker(0))
    assert "so few voted that votes are not listed: no tracker can be looked up." in withheld


def test_my_roll_number_is_in_the_roll_or_said_to_be_missing(tmp_path: Path) -> None:
    bundle = bundle_of(PLAIN, 10)
    path = written(tmp_path, bundle)
    for typed in (bundle["roll"]["entries"][7], bundle["roll"]["entries"][7].upper().replace("-", "")):
        code, text = run(path, "--entry", typed)
        assert code == 0
        assert "Your roll number is in the roll." in text
    nowhere = "00000000-0000-4000-8000-000000000000"
    assert "is not in its roll." in refusal(tmp_path, bundle, "--entry", nowhere)
    assert '"7" is not a roll number.' in refusal(tmp_path, bundle, "--entry", "7")


def test_a_digest_that_is_none_is_refused(tmp_path: Path) -> None:
    for option in ("--digest", "--definition-digest", "--roll-digest"):
        assert "is not 64 digits and letters" in refusal(tmp_path, bundle_of(PLAIN, 10), option, "abc")


def table(folder: Path, rows: list[list[Any]]) -> str:
    path = folder / "votes.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return str(path)


def rows_of(bundle: Bundle) -> list[list[Any]]:
    names = [option["name"] for option in bundle["definition"]["options"]]
    return [["tracker", *names], *([vote["tracker"], *vote["scores"]] for vote in bundle["votes"])]


def test_the_table_of_votes_says_the_same(tmp_path: Path) -> None:
    bundle = sealed(altered(at("definition", "options", 0, "name", to='=1+1, "yes"\u2028')))
    path = written(tmp_path, bundle)
    rows = rows_of(bundle)
    code, text = run(path, "--csv", table(tmp_path, rows))
    assert code == 0, text
    assert "The table of votes says the same as the bundle." in text
    rows[0][1] = "'" + rows[0][1]
    assert run(path, "--csv", table(tmp_path, rows))[0] == 0


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda rows: rows[0].reverse(), "The first line of the table of votes should be"),
        (lambda rows: rows.clear(), "The first line of the table of votes should be"),
        (lambda rows: rows[3].__setitem__(1, 4), "Row 4 of the table of votes:"),
        (lambda rows: rows[3].append(0), "has other scores in the bundle."),
        (lambda rows: rows.pop(), "The table of votes has 11 votes, but the bundle has 12."),
        (lambda rows: rows.append(rows[1]), "is there twice."),
        (lambda rows: rows.append([tracker(55), 1, 2, 3]), "is not in the bundle."),
    ],
)
def test_another_table_of_votes_is_refused(
    change: Callable[[list[Any]], Any], sentence: str, tmp_path: Path
) -> None:
    bundle = bundle_of(PLAIN, 10)
    rows = rows_of(bundle)
    change(rows)
    assert sentence in refusal(tmp_path, bundle, "--csv", table(tmp_path, rows))


def test_a_table_where_votes_are_withheld_or_that_is_none_is_refused(tmp_path: Path) -> None:
    rows = table(tmp_path, rows_of(bundle_of(PLAIN, 10)))
    assert "so the table is not ours." in refusal(tmp_path, bundle_of(PLAIN, 13), "--csv", rows)
    path = written(tmp_path, bundle_of(PLAIN, 10))
    (tmp_path / "votes.csv").write_text('tracker,"A\n', encoding="utf-8")
    assert run(path, "--csv", str(tmp_path / "votes.csv"))[0] == 2
    assert run(path, "--csv", str(tmp_path / "none.csv"))[0] == 2


def test_a_command_line_that_is_not_understood_is_explained(tmp_path: Path) -> None:
    code, text = run(tmp_path / "bundle.json", "--trackers")
    assert code == 2
    assert "usage:" in text


# Whatever is done to a bundle


def paths_in(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of all values inside a JSON value, without its own."""
    items: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    return [found for name, item in items for found in [(*path, name), *paths_in(item, (*path, name))]]


SAMPLES = [
    bundle_of(PLAIN, 10),
    bundle_of(PLAIN, 13),
    bundle_of(ELECTIONS["bloc: the condorcet loser is not seated early"]),
    bundle_of(ELECTIONS["a tie at every rung of the score round"]),
    bundle_of(ELECTIONS["proportional: all weight that supports anyone is spent"]),
    bundle_of(ELECTIONS["proportional: two seats"], 9),
    bundle_of(ELECTIONS["no votes"]),
]
PATHS = [paths_in(sample) for sample in SAMPLES]
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 30),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from(
        ["1", "2", "1/2", "0/1", "1/0", "lot", "star_pr", "winner", "no_votes", "0" * 64, "\ud800"]
    ),
    st.sampled_from([10**15, 10**18, -(10**40), tracker(3), "2026-11-22T19:00:00.000000Z"]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def mutations(draw: st.DrawFn) -> tuple[Bundle, Bundle]:
    """A sound bundle, and the same with a value deleted, replaced, added or copied from elsewhere in it."""
    number = draw(st.integers(0, len(SAMPLES) - 1))
    original = SAMPLES[number]
    bundle: Any = copy.deepcopy(original)
    path = draw(st.sampled_from(PATHS[number]))
    place: Any = bundle
    for step in path[:-1]:
        place = place[step]
    kind = draw(st.sampled_from(["delete", "replace", "add", "copy"]))
    if kind == "delete":
        del place[path[-1]]
        return original, bundle
    value = draw(VALUES)
    if kind == "copy":
        value = original
        for step in draw(st.sampled_from(PATHS[number])):
            value = value[step]
    if kind == "add" and isinstance(place, dict):
        place[draw(st.text(max_size=4))] = copy.deepcopy(value)
    elif kind == "add":
        place.insert(path[-1], copy.deepcopy(value))
    else:
        place[path[-1]] = copy.deepcopy(value)
    assume(canonical(bundle) != canonical(original))
    return original, bundle


@settings(max_examples=600)
@given(pair=mutations())
def test_any_change_of_a_sound_bundle_is_refused_in_a_sentence(
    pair: tuple[Bundle, Bundle], scratch: Path
) -> None:
    original, bundle = pair
    assert call(written(scratch, original))[0] == 0
    refusal(scratch, bundle)


@settings(max_examples=600)
@given(pair=mutations())
def test_any_change_that_is_sealed_anew_is_caught_by_the_announced_digest(
    pair: tuple[Bundle, Bundle], scratch: Path
) -> None:
    original, bundle = pair
    with contextlib.suppress(KeyError, TypeError):
        sealed(bundle)
    path = written(scratch, bundle)
    code, text = call(path)
    assert (code, text[:4]) in {(0, "ALL "), (1, "NOT ")}
    assume(canonical(bundle) != canonical(original))
    refusal(scratch, bundle, "--digest", original["digest"])


@settings(max_examples=200)
@given(
    content=st.one_of(st.binary(max_size=200), st.builds(lambda value: json.dumps(value).encode(), VALUES))
)
def test_any_file_at_all_gets_an_answer(content: bytes, scratch: Path) -> None:
    path = scratch / "anything.json"
    path.write_bytes(content)
    code, text = call(path)
    assert code in {1, 2}
    assert text.strip()
    os.remove(path)
