"""The house: each floor imports only floors below it, at the top of the module (STYLE 1, 2)."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
FLOORS = ["ledger", "members", "assemblies", "ballots", "decisions", "defections", "harmony"]
LEAVES = {"harmony.http", "harmony.time", "harmony.text"}


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """What a module imports, with the column at which the import stands; imports for types alone left out."""
    tree = ast.parse(path.read_text())
    for_types = {
        node
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and "TYPE_CHECKING" in ast.unparse(block.test)
        for node in ast.walk(block)
    }
    for node in ast.walk(tree):
        if node in for_types:
            continue
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.col_offset) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from ((name if name in LEAVES else node.module, node.col_offset) for name in names)


def modules(floor: str) -> list[Path]:
    return [path for path in (CHECKOUT / floor).rglob("*.py") if "migrations" not in path.parts]


@pytest.mark.parametrize("floor", FLOORS)
def test_each_floor_imports_only_floors_below_it(floor: str) -> None:
    above = set(FLOORS[FLOORS.index(floor) + 1 :])
    wrong = [
        f"{path.relative_to(CHECKOUT)} imports {name}"
        for path in modules(floor)
        for name, _column in imports(path)
        if name.split(".")[0] in above and name not in LEAVES
    ]
    assert wrong == []


@pytest.mark.parametrize("leaf", sorted(LEAVES))
def test_the_leaf_modules_import_nothing_of_ours(leaf: str) -> None:
    path = CHECKOUT / (leaf.replace(".", "/") + ".py")
    assert [name for name, _column in imports(path) if name.split(".")[0] in FLOORS] == []


def test_no_import_of_ours_hides_inside_a_function() -> None:
    hidden = [
        f"{path.relative_to(CHECKOUT)} imports {name}"
        for floor in FLOORS
        for path in modules(floor)
        for name, column in imports(path)
        if column > 0 and name.split(".")[0] in FLOORS and path.name != "apps.py"
    ]
    assert hidden == []


def test_the_count_and_the_verifier_stand_on_the_standard_library_alone() -> None:
    for path in [*(CHECKOUT / "ballots").glob("star*.py"), CHECKOUT / "ballots/verifier/verify_ballot.py"]:
        for name, _column in imports(path):
            root = name.split(".")[0]
            assert root in sys.stdlib_module_names or name.startswith("ballots.star"), f"{path.name}: {name}"
    verifier = {name for name, _column in imports(CHECKOUT / "ballots/verifier/verify_ballot.py")}
    assert not any(name.startswith("ballots") for name in verifier)
