"""Every mail: that somebody has said what sort it is, and that what can be stopped says how."""

from importlib import import_module
from pathlib import Path

import pytest

from ledger.models import Message
from members import mails
from members.mails import Always, Stream
from members.models import Person
from tests.harmony.test_floors import FLOORS

SITE = Path(__file__).resolve().parents[2]
TEMPLATES = SITE / "templates"


@pytest.fixture(autouse=True, scope="module")
def _every_module_that_classifies() -> None:
    for floor in FLOORS:
        for path in (SITE / floor).rglob("*.py"):
            if "mails.classify(" in path.read_text():
                import_module(".".join(path.relative_to(SITE).with_suffix("").parts))


def kinds() -> list[str]:
    """The kinds of all mails, from their templates."""
    found = [path.relative_to(TEMPLATES) for path in TEMPLATES.rglob("*_message.txt")]
    return sorted(str(path).removesuffix("_message.txt") for path in found)


def test_there_are_mails_to_look_at() -> None:
    assert len(kinds()) > 30


@pytest.mark.parametrize("kind", kinds())
def test_of_every_mail_somebody_has_said_what_sort_it_is(kind: str) -> None:
    assert isinstance(mails.sort_of(kind), Stream | Always)


def test_no_mail_is_classified_that_does_not_exist() -> None:
    assert set(mails.SORTS) - set(kinds()) == set()


def test_every_sort_that_is_always_sent_has_its_reason() -> None:
    assert set(mails.REASONS) == set(Always)


@pytest.mark.django_db
def test_a_mail_that_nobody_has_classified_cannot_be_made(member: Person) -> None:
    with pytest.raises(KeyError):
        mails.letter("key", "decisions/mail/unheard_of", member, {})
    assert not Message.objects.exists()
