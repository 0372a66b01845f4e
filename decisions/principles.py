"""The Ethical Kernel and the Four Principles, which whoever stands for an office accepts.

The wording is a file of the party's (settings.PRINCIPLES_FILE), with an edition that each acceptance names. The one
that comes with the site is marked as a demonstration, and its pages say so.
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings


@dataclass(frozen=True)
class Principles:
    """One edition of the wording. `kernel` is Markdown."""

    edition: str
    kernel: str
    principles: tuple[str, ...]
    is_demonstration: bool = False


def current() -> Principles:
    """The edition in force. Raises OSError or ValueError where the file is not there, or not whole."""
    return _read(Path(settings.PRINCIPLES_FILE))


@lru_cache(maxsize=4)
def _read(path: Path) -> Principles:
    told = json.loads(path.read_text(encoding="utf-8"))
    try:
        return Principles(
            edition=str(told["edition"])[:40],
            kernel=str(told["kernel"]),
            principles=tuple(str(one) for one in told["principles"]),
            is_demonstration=bool(told.get("is_demonstration", False)),
        )
    except (KeyError, TypeError) as lacking:
        raise ValueError(f"{path}: edition, kernel and principles are needed.") from lacking
