"""What anybody can take away after the count, and that it checks out on a bare Python."""

import csv
import hashlib
import io
import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assemblies.models import Assembly
from ballots import downloads, tally
from ballots.bundle import canonical, full
from ballots.models import Ballot
from ballots.readers import read
from tests.ballots.pages import client_of, page
from tests.factories import cast_vote, count_ballot, end_now, make_members, make_open_ballot
from tests.real_servers import wait_for

NAMES = ["=HYPERLINK(A1)", "+44", "-1", "@home", "Plain, with a comma", 'With "quotes"', "Ünïcode ✓"]


def make_counted(
    assembly: Assembly, voters: int, options: list[str] | None = None, **fields: object
) -> Ballot:
    people = make_members(assembly, voters)
    names = options or ["Apples", "Pears", "Plums"]
    ballot = make_open_ballot(assembly, names, **fields)
    for place, person in enumerate(people):
        cast_vote(ballot, person, *((place + shift) % 6 for shift in range(len(names))))
    return count_ballot(ballot)


def make_counted_in_time(
    assembly: Assembly, voters: int, options: list[str] | None = None, **fields: object
) -> Ballot:
    """The same with a closing time that really came: the verifier compares it with the definition."""
    people = make_members(assembly, voters)
    now = timezone.now()
    names = options or ["Apples", "Pears", "Plums"]
    ballot = make_open_ballot(assembly, names, opens_at=now, closes_at=now + timedelta(seconds=3), **fields)
    for place, person in enumerate(people):
        cast_vote(ballot, person, *((place + shift) % 6 for shift in range(len(names))))
    wait_for(lambda: tally.close_now(ballot), "the closing time comes")
    tally.count_now(ballot, at=timezone.now())
    ballot.refresh_from_db()
    return ballot


def content(response: HttpResponseBase) -> bytes:
    assert response.status_code == 200
    return b"".join(response.streaming_content)  # type: ignore[attr-defined]


def verify(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the downloaded program on a Python without any of our packages."""
    command = [sys.executable, "-I", "-S", "verify_ballot.py", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)


def download(folder: Path, *addresses: str) -> list[str]:
    """Saves each download under the name that the site gives it; the names."""
    names = []
    for address in addresses:
        response = Client().get(address)
        disposition = response["Content-Disposition"]
        assert disposition.startswith('attachment; filename="')
        names.append(disposition.partition('filename="')[2].rstrip('"'))
        (folder / names[-1]).write_bytes(content(response))
    return names


@pytest.mark.policy("A10", "P10")
@pytest.mark.parametrize(("method", "seats"), [("star", 1), ("star", 2), ("star_pr", 2)])
def test_anybody_downloads_bundle_table_and_verifier_and_the_line_on_the_page_recounts_it(
    assembly: Assembly, tmp_path: Path, method: str, seats: int
) -> None:
    ballot = make_counted_in_time(assembly, 12, method=method, seats=seats)
    addresses = [page("ballot_bundle", ballot), page("ballot_votes_csv", ballot), reverse("ballots:verifier")]
    text = Client().get(page("ballot_result", ballot)).content.decode()
    for address in addresses:
        assert f'href="{address}"' in text
    bundle, table, program = download(tmp_path, *addresses)
    line = f"python3 {program} {bundle} --digest {ballot.result_digest}"
    assert line in text
    tracker = ballot.votes.first().tracker  # type: ignore[union-attr]
    entry = str(ballot.roll.first().pk)  # type: ignore[union-attr]
    digests = ("--definition-digest", ballot.definition_digest, "--roll-digest", ballot.roll_digest)
    done = verify(
        tmp_path, *line.split()[2:], *digests, "--csv", table, "--tracker", tracker, "--entry", entry
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ALL CHECKS HOLD" in done.stdout


@pytest.mark.parametrize("rows_at_once", [1, 3, 2000])
@pytest.mark.parametrize("voters", [0, 9, 10, 13])
def test_the_bundle_is_streamed_byte_for_byte_as_its_digest_was_made(
    assembly: Assembly, monkeypatch: pytest.MonkeyPatch, voters: int, rows_at_once: int
) -> None:
    make_members(assembly, 2)
    ballot = make_counted(assembly, voters)
    monkeypatch.setattr(downloads, "_ROWS", rows_at_once)
    response = Client().get(page("ballot_bundle", ballot))
    assert response["Content-Type"] == "application/json"
    sent = content(response)
    assert sent == canonical(full(ballot, ballot.outcome))
    data = json.loads(sent)
    assert data["digest"] == ballot.result_digest
    digest = data.pop("digest")
    assert hashlib.sha256(canonical(data)).hexdigest() == digest
    assert (data["votes"] is None) == (voters < 10)


def test_the_bundle_of_few_votes_checks_out_without_them(assembly: Assembly, tmp_path: Path) -> None:
    ballot = make_counted_in_time(assembly, 4)
    (bundle, _program) = download(tmp_path, page("ballot_bundle", ballot), reverse("ballots:verifier"))
    done = verify(tmp_path, bundle, "--digest", ballot.result_digest)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_table_has_tracker_and_options_and_no_cell_that_a_spreadsheet_would_run(
    assembly: Assembly, tmp_path: Path
) -> None:
    ballot = make_counted_in_time(assembly, 11, NAMES)
    response = Client().get(page("ballot_votes_csv", ballot))
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(content(response).decode(), newline=""), strict=True))
    assert rows[0] == ["tracker", "'=HYPERLINK(A1)", "'+44", "'-1", "'@home", *NAMES[4:]]
    votes = ballot.votes.order_by("tracker")
    assert rows[1:] == [[vote.tracker, *map(str, vote.scores)] for vote in votes]
    assert not any(cell.startswith(downloads.FORMULA_SIGNS) for row in rows for cell in row)
    addresses = [page("ballot_bundle", ballot), page("ballot_votes_csv", ballot), reverse("ballots:verifier")]
    bundle, table, _program = download(tmp_path, *addresses)
    done = verify(tmp_path, bundle, "--csv", table)
    assert done.returncode == 0, done.stdout + done.stderr
    assert read((tmp_path / table).read_bytes()).count().as_data()["turnout"] == 11


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_every_sign_that_begins_a_formula_is_guarded(start: str) -> None:
    assert downloads.guarded(f"{start}1+1") == f"'{start}1+1"
    assert downloads.guarded(f"a{start}1") == f"a{start}1"


@pytest.mark.parametrize(("voters", "status"), [(0, 404), (9, 404), (10, 200)])
def test_there_is_no_table_of_few_votes(assembly: Assembly, voters: int, status: int) -> None:
    make_members(assembly, 1)
    ballot = make_counted(assembly, voters)
    assert Client().get(page("ballot_votes_csv", ballot)).status_code == status


def test_before_the_count_there_is_nothing_to_download_for_anybody(assembly: Assembly) -> None:
    (person,) = make_members(assembly, 1)
    ballot = make_open_ballot(assembly)
    cast_vote(ballot, person, 5, 0, 0)
    for client in (Client(), client_of(person)):
        for name in ("ballot_bundle", "ballot_votes_csv"):
            assert client.get(page(name, ballot)).status_code == 404
    end_now(ballot)
    assert Client().get(page("ballot_bundle", ballot)).status_code == 404


def test_the_verifier_is_the_file_of_this_project_itself() -> None:
    response = Client().get(reverse("ballots:verifier"))
    source = Path(downloads.__file__).parent / "verifier" / "verify_ballot.py"
    assert content(response) == source.read_bytes()
