"""Which clause of the policy is proved by which test: `python -m tests.policy_report`, or `make policy`.

Runs the tests that carry `@pytest.mark.policy(...)` and prints clause, test, and pass, FAIL or missing. Ends
with 1 when a test fails or names a clause that is not in docs/policy-clauses.csv, with 0 though clauses are
missing: how many is said in the last line.
"""

import csv
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

import pytest

CLAUSES = Path(__file__).resolve().parent.parent / "docs" / "policy-clauses.csv"


def clauses() -> dict[str, str]:
    """The text of each clause by its id, in the order of the policy."""
    with CLAUSES.open(newline="") as file:
        return {row["id"]: row["clause"] for row in csv.DictReader(file)}


class Report:
    """A pytest plugin that keeps the marked tests only and remembers how each of them went."""

    def __init__(self) -> None:
        self.tests: dict[str, list[str]] = defaultdict(list)
        self.failed: set[str] = set()
        self.passed: set[str] = set()

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Leaves out what carries no clause."""
        marked = []
        for item in items:
            ids = [clause for mark in item.iter_markers("policy") for clause in mark.args]
            for clause in dict.fromkeys(ids):
                self.tests[clause].append(item.nodeid)
            if ids:
                marked.append(item)
        config.hook.pytest_deselected(items=[item for item in items if item not in set(marked)])
        items[:] = marked

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A test passes when its call passes and neither its set-up nor its end fails."""
        if report.failed:
            self.failed.add(report.nodeid)
        elif report.when == "call" and report.passed:
            self.passed.add(report.nodeid)

    def verdict(self, test: str) -> str:
        """pass or FAIL; a test that did not run proves nothing and so fails."""
        return "pass" if test in self.passed - self.failed else "FAIL"


def table(known: dict[str, str], report: Report) -> Iterable[str]:
    """The lines of the report, `clause | test | verdict`, and a last one that counts."""
    count = Counter({"proved": 0, "failing": 0, "missing": 0})
    for clause, text in known.items():
        yield f"{clause}  {text}"
        verdicts = [report.verdict(test) for test in report.tests[clause]]
        for test, verdict in zip(report.tests[clause], verdicts, strict=True):
            yield f"    {clause} | {test} | {verdict}"
        if not verdicts:
            yield f"    {clause} | - | missing"
        count["missing" if not verdicts else "failing" if "FAIL" in verdicts else "proved"] += 1
    for clause in sorted(set(report.tests) - set(known)):
        count["failing"] += 1
        yield f"{clause}  is no clause of the policy, but {', '.join(report.tests[clause])} names it: FAIL"
    yield f"{len(known)} clauses: " + ", ".join(f"{number} {what}" for what, number in count.items())


def main() -> int:
    """Runs the marked tests and prints the report; 1 when one fails, or when pytest itself could not run."""
    report = Report()
    code = pytest.main(["-q", "--no-header", "--tb=short", "-p", "no:cacheprovider", *sys.argv[1:]], [report])
    lines = list(table(clauses(), report))
    print("\n" + "\n".join(lines))
    ran = code in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
    return 0 if ran and " 0 failing" in lines[-1] else 1


if __name__ == "__main__":
    raise SystemExit(main())
