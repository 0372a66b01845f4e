"""`manage.py recount FILE`. No test here may touch a database, and pytest-django sees to it that none does."""

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

CHECKOUT = Path(__file__).resolve().parents[2]
SAMPLES = Path(__file__).parent / "samples"
POLLS = CHECKOUT.parent / "shared" / "data" / "polls"


def recount(path: Path, *arguments: str) -> str:
    out = StringIO()
    call_command("recount", path, *arguments, stdout=out)
    return out.getvalue()


def recounted(path: Path, *arguments: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(recount(path, "--json", *arguments))
    return data


def by_name(data: dict[str, Any], figure: str) -> dict[str, int]:
    return {option["name"]: data[figure][option["key"]] for option in data["options"]}


def runoff(data: dict[str, Any]) -> tuple[dict[str, int], int]:
    """The votes for each finalist by name, and Equal Support, of the first seat."""
    names = {option["key"]: option["name"] for option in data["options"]}
    (step,) = (step for step in data["rounds"][0]["steps"] if step["step"] == "runoff")
    return {names[key]: number for key, number in step["votes"].items()}, step["equal_support"]


STAR_VOTE = {
    "star_vote.csv": (
        SAMPLES / "star_vote.csv",
        5,
        {"Oak, English": 14, "Ash": 17, "Beech": 12},
        ({"Ash": 3, "Oak, English": 1}, 1),
    ),
    "presidential 2020": (
        POLLS / "star_vote_presidential_2020.csv",
        628,
        {
            "Biden, Joe (Democratic)": 709,
            "Hawkins, Howie (Green)": 1017,
            "Jorgensen, Jo (Libertarian)": 2452,
            "Trump, Donald (Republican)": 467,
        },
        ({"Jorgensen, Jo (Libertarian)": 461, "Hawkins, Howie (Green)": 112}, 55),
    ),
}
BETTERVOTING = {
    "bettervoting.json": (SAMPLES / "bettervoting.json", "Ash", 6),
    "best pet": (POLLS / "bettervoting_best_pet.json", "Dog", 461),
}


@pytest.mark.parametrize("name", [name for name, (path, *_) in STAR_VOTE.items() if path.exists()])
def test_a_star_vote_export_comes_out_as_expected(name: str) -> None:
    path, turnout, totals, finals = STAR_VOTE[name]
    data = recounted(path)
    assert data["turnout"] == turnout
    assert by_name(data, "totals") == totals
    assert runoff(data) == finals
    assert max(finals[0], key=lambda finalist: finals[0][finalist]) in recount(path)


@pytest.mark.parametrize("name", [name for name, (path, *_) in BETTERVOTING.items() if path.exists()])
def test_a_bettervoting_export_comes_out_as_expected(name: str) -> None:
    """Its own count, which the export carries, leaves out the flat votes; ours has exactly those more."""
    path, winner, turnout = BETTERVOTING[name]
    data = recounted(path, "--race", "1")
    assert {option["key"]: option["name"] for option in data["options"]}[data["winners"][0]] == winner
    assert data["turnout"] == turnout
    theirs = json.loads(path.read_text())["Results"][0]
    log, flat = theirs["roundResults"][0]["logs"][-1], theirs["summaryData"]["nAbstentions"]
    assert flat > 0
    assert data["turnout"] == theirs["summaryData"]["nTallyVotes"] + flat
    votes, equal_support = runoff(data)
    assert votes == {log["winner"]: log["winner_votes"], log["runner_up"]: log["runner_up_votes"]}
    assert equal_support == log["equal_votes"] + flat


def test_the_account_is_printed() -> None:
    assert recount(SAMPLES / "plain.csv") == (
        "5 votes, STAR.\n"
        "\n"
        "Winner: Ash\n"
        "Scores added up: Ash (17), Oak, English (14), Beech (12).\n"
        "Ash and Oak, English have the highest totals and go to the runoff.\n"
        "In the runoff each vote counts for the finalist that it scores higher: Ash (3), Oak, English (1); "
        "Equal Support, the same score for both (1).\n"
        "Ash wins the runoff by 2 votes.\n"
    )


def test_a_bundle_is_counted_as_it_says_and_agrees() -> None:
    out = recount(SAMPLES / "bundle.json")
    assert out.startswith("Which tree for the green?\n5 votes, Bloc STAR.\n\nSeat 1: Ash\n")
    assert out.endswith("The file says the same in every figure.\n")
    data = recounted(SAMPLES / "bundle.json")
    published = json.loads((SAMPLES / "bundle.json").read_text())
    assert data["lot_order"] == published["definition"]["lot_order"]
    for figure in ("turnout", "totals", "five_stars", "distribution", "pairwise", "winners", "rounds"):
        assert data[figure] == published[figure]
    assert data["differing"] == []


def test_a_bundle_that_says_something_else_ends_with_an_error(tmp_path: Path) -> None:
    data = json.loads((SAMPLES / "bundle.json").read_text())
    data["winners"].reverse()
    path = tmp_path / "bundle.json"
    path.write_text(json.dumps(data))
    with pytest.raises(CommandError, match=r"^The file says something else about: winners\.$"):
        recount(path)
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("recount", path, "--json", stdout=out)
    assert json.loads(out.getvalue())["differing"] == ["winners"]


def test_a_bundle_counted_in_another_way_is_not_compared() -> None:
    out = recount(SAMPLES / "bundle.json", "--seats", "1")
    assert "5 votes, STAR." in out
    assert "The file says" not in out


def test_seats_and_method_can_be_chosen() -> None:
    data = recounted(SAMPLES / "plain.csv", "--seats", "2", "--method", "star_pr")
    assert (data["seats"], data["method"]) == (2, "star_pr")
    assert data["winners"] == ["Ash", "Oak, English"]
    assert [round_["steps"][-2]["step"] for round_ in data["rounds"]] == ["allocation", "allocation"]
    assert "5 votes, Proportional STAR." in recount(SAMPLES / "plain.csv", "--method", "star_pr")


def test_the_lot_order_can_be_chosen_by_names_with_commas_in_them(tmp_path: Path) -> None:
    path = tmp_path / "tie.csv"
    path.write_text('"Oak, English",Ash\n3,3\n')
    assert "No lot order was given: the order of the options was taken for it." in recount(path)
    assert recounted(path)["winners"] == ["Oak, English"]
    chosen = ("--lot-order", 'Ash, "Oak, English"')
    assert recounted(path, *chosen)["winners"] == ["Ash"]
    assert "No lot order was given" not in recount(path, *chosen)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--seats", "4"), "There are 4 seats but the number of options is 3."),
        (("--seats", "0"), "The number of seats must be a whole number of at least 1."),
        (("--lot-order", "Ash,Beech"), "The lot order must name every option, and nothing else."),
        (("--lot-order", "Ash,Beech,Elm"), "There is no option “Elm”."),
        (("--lot-order", 'Ash,"Beech'), "The lot order is not a line of CSV."),
        (("--lot-order", ""), "The lot order must name every option, and nothing else."),
        (("--race", "1"), "This file holds one ballot: there is no race to choose."),
    ],
)
def test_what_cannot_be_counted_so_is_refused(arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(CommandError) as caught:
        recount(SAMPLES / "plain.csv", *arguments)
    assert str(caught.value) == f"Nothing was counted:\n{message}"


def test_a_file_with_broken_rows_prints_no_result(tmp_path: Path) -> None:
    path = tmp_path / "broken.csv"
    path.write_text("A,B\n5,1\n5,7\n5,1\n5\n")
    out = StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("recount", path, stdout=out)
    assert str(caught.value) == (
        "Nothing was counted:\n"
        "Line 3: “7” for B is not a whole number from 0 to 5.\n"
        "Line 5 has 1 cell where the first line has 2."
    )
    assert out.getvalue() == ""


def test_a_file_that_is_not_there_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="The file cannot be read: No such file or directory"):
        recount(tmp_path / "none.csv")


def test_it_runs_as_a_program_where_there_is_no_database_server() -> None:
    nowhere = {**os.environ, "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"}
    done = subprocess.run(
        [sys.executable, "manage.py", "recount", str(SAMPLES / "bundle.json")],
        cwd=CHECKOUT,
        env=nowhere,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Seat 2: Oak, English" in done.stdout
