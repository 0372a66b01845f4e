"""Files of votes: what is read from them, and every way in which they are refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from ballots import readers, star
from ballots.poll import MOST_FAULTS, UnreadableError

SAMPLES = Path(__file__).parent / "samples"
TREES = {"Oak, English": "Oak, English", "Ash": "Ash", "Beech": "Beech"}
VOTES = [(5, 3, 0), (2, 4, 1), (4, 4, 4), (0, 1, 5), (3, 5, 2)]


def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


def faults(content: str | bytes, **how: Any) -> list[str]:
    """The faults for which a file is refused."""
    with pytest.raises(UnreadableError) as caught:
        readers.read(content.encode() if isinstance(content, str) else content, **how)
    assert str(caught.value) == "\n".join(caught.value.faults)
    return caught.value.faults


# --- CSV --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["star_vote.csv", "plain.csv", "tracked.csv"])
def test_tables_of_votes_are_read(name: str) -> None:
    poll = readers.read(sample(name))
    assert poll.names == TREES
    assert poll.votes == VOTES
    assert (poll.method, poll.seats, poll.lot_order, poll.published) == ("star", 1, None, None)
    assert poll.count().winners == ("Ash",)


def test_a_blank_cell_counts_0_and_flat_and_blank_votes_are_kept() -> None:
    assert readers.read(b"A,B\n,\n5,5\n,3\n").votes == [(0, 0), (5, 5), (0, 3)]


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfA,B\r\n1,2\r\n",
        b"A,B\n1,2",
        b"A,B\n1,2\n\n\n",
        b' A , "B"\n1,2\n'.replace(b', "', b',"'),
        b"A,B\r1,2\r",
    ],
)
def test_marks_and_line_ends_make_no_difference(content: bytes) -> None:
    poll = readers.read(content)
    assert list(poll.names) == ["A", "B"]
    assert poll.votes == [(1, 2)]


def test_a_table_without_votes_elects_nobody() -> None:
    assert readers.read(b"A,B\n").count().winners == ()


@pytest.mark.parametrize("cell", ["6", "-1", "2.5", "5 ", " 5", "05", "+1", "x", "٣", "true", "1e0"])
def test_anything_but_a_whole_score_is_a_fault(cell: str) -> None:
    assert faults(f"A,B\n1,2\n3,{cell}\n") == [f"Line 3: “{cell}” for B is not a whole number from 0 to 5."]


def test_every_fault_is_named_by_its_line_and_nothing_is_counted() -> None:
    assert faults("A,B\n1,2\n9,x\n1\n\n1,2,3\n4,4\n") == [
        "Line 3: “9” for A is not a whole number from 0 to 5.",
        "Line 3: “x” for B is not a whole number from 0 to 5.",
        "Line 4 has 1 cell where the first line has 2.",
        "Line 5 is empty.",
        "Line 6 has 3 cells where the first line has 2.",
    ]


def test_lines_are_those_of_an_editor_even_where_a_cell_spans_several() -> None:
    assert faults('"A\nlong",B\n1,7\n') == ["Line 3: “7” for B is not a whole number from 0 to 5."]


def test_of_many_faults_the_first_are_named_and_the_rest_are_counted() -> None:
    named = faults("A\n" + "x\n" * (MOST_FAULTS + 1))
    assert len(named) == MOST_FAULTS + 1
    assert named[-1] == "And there is 1 more fault."
    assert faults("A\n" + "x\n" * (MOST_FAULTS + 7))[-1] == "And there are 7 more faults."


def test_a_cell_of_a_stranger_cannot_write_to_the_terminal() -> None:
    (fault,) = faults("A\n\x1b[2J" + "y" * 100 + "\n")
    assert "\x1b" not in fault
    assert len(fault) < 120


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("", "The file is empty."),
        ("\n \n", "The file is empty."),
        ("tracker\nx\n", "Line 1 names no options."),
        ("voterID,voteTime,pollID\n", "Line 1 names no options."),
        ("A,,B\n1,2,3\n", "Line 1 has an option without a readable name."),
        ("A,\x1b\n1,2\n", "Line 1 has an option without a readable name."),
        ("A,B, A\n1,2,3\n", "Line 1 names the option “A” more than once."),
        ('A,B\n1,"2\n3,4\n', "Line 2 does not follow the rules of CSV, or its quotes are never closed."),
        ('A,B\n1,2\n3,"4"x\n', "Line 3 does not follow the rules of CSV, or its quotes are never closed."),
        (b"A,B\n1,2\n1,\xff\n", "Line 3 is not text in UTF-8."),
        (
            "tracker,A\nT1,1\nT2,2\nT1,3\n",
            "Line 4 repeats the voter or tracker “T1” of line 2.",
        ),
        (
            "voterID,voteTime,pollID,A\nv,t,p1,1\nw,t,p1,1\nx,t,p2,1\ny,t,p2,1\n",
            "Line 4 belongs to another poll, “p2”.",
        ),
    ],
)
def test_a_table_that_cannot_be_what_it_seems_is_refused(content: str | bytes, fault: str) -> None:
    assert faults(content) == [fault]


def test_a_table_has_no_races_to_choose_from() -> None:
    assert faults("A,B\n1,2\n", race="1") == ["This file holds one ballot: there is no race to choose."]


# --- Our bundles ------------------------------------------------------------------------------------


def bundle(**changes: Any) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(sample("bundle.json"))
    for name, value in changes.items():
        holder = data["definition"] if name in data["definition"] else data
        holder[name] = value
    return data


def read_json(data: Any) -> readers.Poll:
    return readers.read(json.dumps(data).encode())


def test_a_bundle_is_read_with_its_method_seats_and_lot_order() -> None:
    poll = readers.read(sample("bundle.json"))
    assert poll.title == "Which tree for the green?"
    assert poll.names == {"1": "Oak, English", "2": "Ash", "3": "Beech"}
    assert sorted(poll.votes or ()) == sorted(VOTES)
    assert (poll.method, poll.seats, poll.lot_order) == ("star", 2, ("2", "3", "1"))
    result = poll.count()
    assert result.winners == ("2", "1")
    assert poll.differing(result) == []


def test_a_bundle_that_lists_no_votes_is_counted_from_its_figures() -> None:
    poll = read_json(bundle(votes=None))
    assert poll.votes is None
    assert poll.count() == readers.read(sample("bundle.json")).count()


def test_a_bundle_of_no_votes_elects_nobody() -> None:
    assert read_json(bundle(votes=None, turnout=0)).count().winners == ()


def test_a_proportional_bundle_without_votes_cannot_be_counted() -> None:
    with pytest.raises(UnreadableError, match="cannot be counted without them"):
        read_json(bundle(votes=None, method="star_pr")).count()


@pytest.mark.parametrize("value", [None, [1], {"1": 5}, {"1": [1], "2": None, "3": "x"}])
@pytest.mark.parametrize("figure", ["pairwise", "distribution", "turnout"])
def test_a_bundle_with_neither_votes_nor_figures_cannot_be_counted(figure: str, value: Any) -> None:
    with pytest.raises((UnreadableError, star.TallyError)):
        read_json(bundle(votes=None, **{figure: value})).count()


def test_what_a_bundle_says_wrongly_is_named() -> None:
    poll = read_json(bundle(winners=["1", "2"], turnout=6))
    assert poll.differing(poll.count()) == ["turnout", "winners"]


@pytest.mark.parametrize("score", [6, -1, 2.5, 3.0, True, "3", None, [3]])
def test_a_bundle_with_a_score_that_is_none_is_refused_by_the_vote(score: Any) -> None:
    data = bundle()
    data["votes"][1]["scores"][2] = score
    (fault,) = faults(json.dumps(data))
    assert fault.startswith("Vote 2: “")
    assert fault.endswith("” for Beech is not a whole number from 0 to 5.")


def test_a_bundle_with_a_vote_of_another_length_or_a_repeated_tracker_is_refused() -> None:
    data = bundle()
    data["votes"][0]["scores"].append(1)
    data["votes"][3]["tracker"] = data["votes"][2]["tracker"]
    assert faults(json.dumps(data)) == [
        f"Vote 4 repeats the id or tracker “{data['votes'][2]['tracker']}” of vote 3.",
        "Vote 1 does not have one score for each option.",
    ]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"definition": None}, "definition"),
        ({"options": None}, "options"),
        ({"options": [{"key": 1, "name": "A"}]}, "key"),
        ({"options": [{"key": "1"}]}, "name"),
        ({"seats": "2"}, "seats"),
        ({"seats": True}, "seats"),
        ({"method": 1}, "method"),
        ({"question": None}, "question"),
        ({"lot_order": "321"}, "lot_order"),
        ({"lot_order": [3, 2, 1]}, "lot_order"),
        ({"votes": {}}, "votes"),
        ({"votes": [[1, 2, 3]]}, "tracker"),
        ({"votes": [{"tracker": "T", "scores": "123"}]}, "scores"),
    ],
)
def test_a_bundle_with_a_malformed_member_is_refused_by_its_name(change: Any, named: str) -> None:
    (fault,) = faults(json.dumps({**bundle(), **change} if "definition" in change else bundle(**change)))
    assert fault == f"The member “{named}” is missing somewhere, or is not what it should be."


@pytest.mark.parametrize(
    "options",
    [
        [],
        [{"key": "1", "name": "A"}, {"key": "1", "name": "B"}],
        [{"key": "1", "name": " "}],
        [{"key": "1", "name": "\x07"}],
        [{"key": "1", "name": "\ud800"}],
    ],
)
def test_a_bundle_whose_options_cannot_be_told_apart_is_refused(options: Any) -> None:
    assert faults(json.dumps(bundle(options=options))) == [
        "There are no options, or one has no readable name, or two have the same key."
    ]


def test_options_of_the_same_name_are_told_apart_by_their_keys() -> None:
    data = bundle(options=[{"key": key, "name": name} for key, name in zip("123", "AAB", strict=True)])
    assert read_json(data).names == {"1": "A (1)", "2": "A (2)", "3": "B"}


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ('{"format": "harmony-ballot/1",\n "x": }', "Line 2 is not JSON, from character 7 on."),
        ('{"format": 1, "format": 2}', "A member named “format” occurs twice."),
        ('{"format": NaN}', "“NaN” is not a number in JSON."),
        ('{"a": ' + "[" * 100_000 + "}", "This JSON is nested too deeply to be a file of votes."),
        ('{"a": ' + "1" * 5000 + "}", "This JSON has a number of too many digits."),
        ("[1]", "This JSON is neither a bundle of Harmony’s nor an export of BetterVoting’s."),
        ("{}", "This JSON is neither a bundle of Harmony’s nor an export of BetterVoting’s."),
        (
            '{"format": "harmony-ballot/2"}',
            "This JSON is neither a bundle of Harmony’s nor an export of BetterVoting’s.",
        ),
    ],
)
def test_json_that_is_no_file_of_votes_is_refused(content: str, fault: str) -> None:
    assert faults(content) == [fault]


def test_a_bundle_has_no_races_to_choose_from() -> None:
    assert faults(sample("bundle.json"), race="1") == [
        "This file holds one ballot: there is no race to choose."
    ]


# --- BetterVoting -----------------------------------------------------------------------------------


def export() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(sample("bettervoting.json"))
    return data


@pytest.mark.parametrize("race", ["r-tree", "Which tree?", "1"])
def test_a_race_is_chosen_by_id_title_or_number(race: str) -> None:
    poll = readers.read(sample("bettervoting.json"), race=race)
    assert poll.title == "Which tree?"
    assert poll.names == {"c-oak": "Oak, English", "c-ash": "Ash", "c-beech": "Beech"}
    assert poll.votes == [*VOTES, (0, 0, 0)]  # blanks count 0; the flat vote and the blank one are kept
    assert poll.count().winners == ("c-ash",)


def test_scores_follow_the_candidates_whatever_their_order_in_a_vote() -> None:
    poll = readers.read(sample("bettervoting.json"), race="2")
    assert poll.votes == [(5, 0), (4, 1), (3, 2), (2, 3)]
    assert poll.notes == ("2 ballots of this election hold no vote in this race.",)


def test_a_race_must_be_chosen_where_there_are_several() -> None:
    choose = ["Choose one of the races of this election: 1. Which tree?; 2. Which side?; 3. When?."]
    assert faults(sample("bettervoting.json")) == choose
    assert faults(sample("bettervoting.json"), race="4") == choose


def test_the_only_race_needs_no_choosing() -> None:
    data = export()
    del data["Election"]["races"][1:]
    assert read_json(data).title == "Which tree?"


def test_a_race_held_by_another_method_is_refused() -> None:
    assert faults(sample("bettervoting.json"), race="When?") == [
        "This race was held by another method than STAR: IRV."
    ]


def test_a_proportional_race_with_its_seats_is_counted_so() -> None:
    data = export()
    data["Election"]["races"][0] |= {"voting_method": "STAR_PR", "num_winners": 2}
    poll = readers.read(json.dumps(data).encode(), race="1")
    assert (poll.method, poll.seats) == ("star_pr", 2)


@pytest.mark.parametrize("score", [6, -1, 2.5, True, "3", ""])
def test_a_bettervoting_score_that_is_none_is_refused_by_the_vote(score: Any) -> None:
    data = export()
    data["Ballots"][4]["votes"][0]["scores"][1]["score"] = score
    shown = score if isinstance(score, str) else json.dumps(score)
    assert faults(json.dumps(data), race="1") == [
        f"Vote 5: “{shown}” for Ash is not a whole number from 0 to 5."
    ]


def test_an_unknown_missing_or_repeated_candidate_is_refused() -> None:
    data = export()
    scores = [ballot["votes"][0]["scores"] for ballot in data["Ballots"]]
    scores[0][0]["candidate_id"] = "c-elm"
    del scores[1][2]
    scores[2].append({"candidate_id": "c-oak", "score": 1})
    del scores[3][0]["score"]
    assert faults(json.dumps(data), race="1") == [
        "Vote 1 does not have one score for each option.",
        "Vote 2 does not have one score for each option.",
        "Vote 3 does not have one score for each option.",
        "Vote 4: “” for Oak, English is not a whole number from 0 to 5.",
    ]


def test_a_ballot_that_is_there_twice_or_votes_twice_is_refused() -> None:
    data = export()
    data["Ballots"].append(data["Ballots"][0])
    data["Ballots"][5]["votes"] *= 2
    assert faults(json.dumps(data), race="1") == [
        "Vote 7 repeats the id or tracker “ballot-0” of vote 1.",
        "Vote 6 is cast more than once in this race.",
    ]


# --- Choosing a lot order ---------------------------------------------------------------------------


def test_options_are_found_by_key_or_by_name() -> None:
    poll = readers.read(sample("bundle.json"))
    assert poll.keys(["Beech", "1", "Ash"]) == ("3", "1", "2")
    with pytest.raises(UnreadableError, match="There is no option “Elm”"):
        poll.keys(["Beech", "Elm"])
