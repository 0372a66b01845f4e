"""Changing the keyring's keys: resumable, safe to run again, loud about what does not open."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from defections import codes, rotation
from defections.models import Answer, Application, SanitisedCopy
from ledger import keyring, outbox
from ledger.keyring import Key, Keyring, key_name
from ledger.models import Message
from tests.defections.entering import enter
from tests.defections.making import SENT_AT, make_application
from tests.defections.test_retention import fill_research, make_copy

pytestmark = pytest.mark.django_db


@pytest.fixture
def ring(tmp_path: Path, settings: Any) -> Path:
    """A keyring of this test's own."""
    path = tmp_path / "keyring.json"
    Keyring(tuple(Key.new(purpose) for purpose in keyring.PURPOSES)).save(path)
    settings.KEYRING_FILE = path
    return path


def add(path: Path, purpose: str) -> str:
    key = Key.new(purpose)
    Keyring((*Keyring.load(path).keys, key)).save(path)
    return key.id


def destroy(path: Path, name: str) -> None:
    Keyring(tuple(key for key in Keyring.load(path).keys if key.id != name)).save(path)


def run(**options: Any) -> str:
    out = StringIO()
    call_command("rewrap_applications", stdout=out, **options)
    return out.getvalue()


def test_both_keys_and_the_mark_go_under_the_newest_and_all_opens_without_the_old(
    ring: Path, client: Client
) -> None:
    application = make_application(email="rowan@example.org")
    fill_research(application)
    make_copy(application, SENT_AT)
    Message.objects.all().delete()  # what was queued has been sent
    old = {key.purpose: key.id for key in Keyring.load(ring).keys}
    new, lookup = add(ring, "application"), add(ring, "lookup")
    said = run(check=True)
    assert "Keys wrapped anew: 2. Marks made anew: 1." in said
    assert f"{old['application']}: nothing here needs it: it may be destroyed" in said
    assert f"{old['lookup']}: nothing here needs it: it may be destroyed" in said
    assert f"{new}: in use" in said
    assert f"{lookup}: in use" in said
    for row in (Application.objects.get(), SanitisedCopy.objects.get()):
        assert key_name(bytes(row.key_wrapped)) == new
    destroy(ring, old["application"])
    destroy(ring, old["lookup"])
    assert Application.objects.of_email("Rowan@example.org").get().email == "rowan@example.org"
    assert SanitisedCopy.objects.get().content == {"office.body": "Bath Council"}
    enter(client, "rowan@example.org")
    assert client.get(reverse("defections:applicant_detail")).status_code == 200
    assert "Keys wrapped anew: 0. Marks made anew: 0." in run()


def test_it_goes_on_where_it_was_stopped(ring: Path) -> None:
    for _number in range(5):
        make_application()
    new = add(ring, "application")
    first = rotation._batches(Application, 2)
    rotation._rewrap_batch(Application, next(first), rotation.Done())
    names = {key_name(bytes(row.key_wrapped)) for row in Application.objects.all()}
    assert len(names) == 2
    assert "Keys wrapped anew: 3." in run(batch=2)
    assert {key_name(bytes(row.key_wrapped)) for row in Application.objects.all()} == {new}


def test_a_key_that_waiting_mails_and_codes_need_is_not_given_up(ring: Path) -> None:
    old = Keyring.load(ring).newest("application").id
    lookup = Keyring.load(ring).newest("lookup").id
    codes.send("rowan@example.org", at=timezone.now())
    add(ring, "application")
    add(ring, "lookup")
    said = run()
    assert f"{old}: still needed by 1 messages, 1 codes to go on; run this again" in said
    assert f"{lookup}: still needed by 1 codes to go on; run this again" in said
    outbox.send_due(timezone.now())
    assert f"{old}: still needed by 1 codes to go on" in run()


def test_a_swapped_key_fails_loudly_and_the_others_are_done(ring: Path) -> None:
    one, other, third = make_application(), make_application(), make_application()
    Application.objects.filter(pk=other.pk).update(key_wrapped=one.key_wrapped)
    new = add(ring, "application")
    with pytest.raises(
        CommandError, match=f"defections.Application {other.pk}: A wrapped secret does not open"
    ):
        run()
    other.refresh_from_db()
    assert bytes(other.key_wrapped) == bytes(one.key_wrapped)
    for done in (one, third):
        done.refresh_from_db()
        assert key_name(bytes(done.key_wrapped)) == new


def test_a_missing_key_fails_loudly(ring: Path) -> None:
    make_application()
    old = Keyring.load(ring).newest("application").id
    add(ring, "application")
    destroy(ring, old)
    with pytest.raises(CommandError, match="has no key"):
        run()


def test_swapped_ciphertext_is_found_by_the_check(ring: Path) -> None:
    application, other = make_application(), make_application()
    foreign = Answer.objects.get(application=other, section="phones").sealed
    Answer.objects.filter(application=application, section="phones").update(sealed=foreign)
    run()
    with pytest.raises(CommandError, match=f"{application.pk}: What is sealed for .* does not open"):
        run(check=True)


def test_a_batch_of_nothing_is_refused() -> None:
    with pytest.raises(CommandError, match="1 or more"):
        run(batch=0)
