"""Sealing: every piece opens in its own place with its own key, and nowhere else."""

from datetime import UTC, date, datetime

import pytest
from django.db import DatabaseError, transaction

from defections import vault
from defections.errors import Erased, VaultError
from defections.models import Answer, Application, FormRelease, Passage
from ledger import keyring

pytestmark = pytest.mark.django_db
T0 = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def release() -> FormRelease:
    made = FormRelease.objects.create(
        number=1, kernel="Kernel", principles="A", released_on=date(2026, 5, 1), made_at=T0
    )
    Passage.objects.create(release=made, key=Passage.Key.READERS, text="Volunteers read this.")
    return made


def make_application(release: FormRelease, reference: str, email: str = "Robin@Example.org") -> Application:
    made = Application(reference=reference, release=release, started_at=T0, saved_at=T0)
    made.key_wrapped = vault.new_key(made.key_context)
    made.set_email(email)
    made.save()
    return made


def answer(application: Application, section: str, value: dict[str, object]) -> Answer:
    sealed = application.seal(value, Answer.place(application, section))
    return Answer.objects.create(application=application, section=section, sealed=sealed, saved_at=T0)


def test_what_is_sealed_opens_and_is_not_in_the_row(release: FormRelease) -> None:
    application = make_application(release, "D-1")
    answer(application, "name", {"given_name": "Aderyn"})
    row = Answer.objects.get()
    assert row.opened() == {"given_name": "Aderyn"}
    assert b"Aderyn" not in bytes(row.sealed)
    found = Application.objects.of_email(" robin@example.ORG ").get()
    assert found.email == "Robin@Example.org"
    assert not Application.objects.of_email("rob@example.org").exists()


def test_a_swapped_piece_or_key_fails_loudly(release: FormRelease) -> None:
    one, other = make_application(release, "D-1"), make_application(release, "D-2", "sam@example.org")
    name, birth = answer(one, "name", {"a": 1}), answer(one, "birth", {"a": 2})
    foreign = answer(other, "name", {"a": 3})
    Answer.objects.filter(pk=birth.pk).update(sealed=name.sealed)
    Answer.objects.filter(pk=name.pk).update(sealed=foreign.sealed)
    for pk in (birth.pk, name.pk):
        with pytest.raises(VaultError):
            Answer.objects.get(pk=pk).opened()
    Application.objects.filter(pk=other.pk).update(key_wrapped=one.key_wrapped)
    with pytest.raises(keyring.KeyringError):
        Answer.objects.get(pk=foreign.pk).opened()


def test_an_erased_key_erases_the_application(release: FormRelease) -> None:
    application = make_application(release, "D-1")
    row = answer(application, "name", {"a": 1})
    Application.objects.filter(pk=application.pk).update(
        key_wrapped=None, email_mark=None, email_sealed=None, erased_at=T0
    )
    with pytest.raises(Erased):
        Answer.objects.get(pk=row.pk).opened()


def test_the_database_refuses_to_change_a_published_release(release: FormRelease) -> None:
    passage = release.passages.get()
    passage.text = "Volunteers of the Research Working Group read this."
    passage.save()
    release.published_at = T0
    release.save()
    changes = (
        lambda: FormRelease.objects.filter(pk=release.pk).update(kernel="Other"),
        lambda: Passage.objects.filter(pk=passage.pk).update(text="Other"),
        lambda: Passage.objects.filter(pk=passage.pk).delete(),
        lambda: Passage.objects.create(release=release, key=Passage.Key.DATA, text="Late"),
    )
    for change in changes:
        with pytest.raises(DatabaseError, match="is not changed"), transaction.atomic():
            change()
    release.refresh_from_db()
    assert release.kernel == "Kernel"
