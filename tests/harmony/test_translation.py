"""What translators are given: every text, under whichever name the code imports gettext."""

import ast
from pathlib import Path

from harmony.management.commands.makemessages import Command
from tests.harmony.test_floors import CHECKOUT, FLOORS

# Those that xgettext knows in Python, and those that Django tells it of.
KNOWN = {
    "_",
    *(
        lazy
        for plain in ("gettext", "ngettext", "pgettext", "npgettext")
        for lazy in (plain, f"{plain}_lazy")
    ),
}


def names_of_gettext(path: Path) -> set[str]:
    """The names under which a module has functions that translate."""
    return {
        name.asname or name.name
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for name in node.names
        if "gettext" in name.name
    }


def test_makemessages_knows_every_name_of_gettext() -> None:
    options = [option.removeprefix("--keyword=").split(":")[0] for option in Command.xgettext_options]
    used = {
        name
        for floor in FLOORS
        for path in (CHECKOUT / floor).rglob("*.py")
        if "gettext" in path.read_text()
        for name in names_of_gettext(path)
    }
    assert "_now" in used
    assert used - KNOWN - set(options) == set()
