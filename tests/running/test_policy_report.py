"""`make policy`: every clause has its line, and every test that names one is counted for it."""

import ast

import pytest

from tests.policy_report import Report, clauses, table
from tests.running.ground import CHECKOUT

KNOWN = {"A1": "Assemblies are autonomous.", "A2": "Anyone can participate.", "A3": "Only members can vote."}


def report(tests: dict[str, list[str]], *, passed: set[str], failed: set[str]) -> list[str]:
    made = Report()
    made.tests.update(tests)
    made.passed, made.failed = passed, failed
    return list(table(KNOWN, made))


def test_the_list_has_every_clause_of_the_policy_once() -> None:
    wanted = (
        [f"A{n}" for n in range(1, 16)] + [f"D{n}" for n in range(1, 31)] + [f"P{n}" for n in range(1, 11)]
    )
    assert list(clauses()) == wanted
    assert all(clauses().values())


def test_each_clause_is_proved_failing_or_missing() -> None:
    lines = report({"A1": ["good"], "A2": ["good", "bad"]}, passed={"good", "bad"}, failed={"bad"})
    assert lines == [
        "A1  Assemblies are autonomous.",
        "    A1 | good | pass",
        "A2  Anyone can participate.",
        "    A2 | good | pass",
        "    A2 | bad | FAIL",
        "A3  Only members can vote.",
        "    A3 | - | missing",
        "3 clauses: 1 proved, 1 failing, 1 missing",
    ]


def test_a_test_that_did_not_run_proves_nothing() -> None:
    assert "    A1 | silent | FAIL" in report({"A1": ["silent"]}, passed=set(), failed=set())


def test_a_clause_that_is_not_in_the_list_fails() -> None:
    lines = report({"A99": ["good"]}, passed={"good"}, failed=set())
    assert lines[-2:] == [
        "A99  is no clause of the policy, but good names it: FAIL",
        "3 clauses: 0 proved, 1 failing, 3 missing",
    ]


def _marks() -> set[str]:
    found = set()
    for path in (CHECKOUT / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.policy":
                found |= {ast.literal_eval(argument) for argument in node.args}
    return found


@pytest.mark.parametrize("clause", sorted(_marks()))
def test_every_clause_that_a_test_names_is_in_the_list(clause: str) -> None:
    assert clause in clauses()
