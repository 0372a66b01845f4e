"""Changing the keyring's keys under applications: every wrapped key to the newest one, every mark made anew.

Small steps, each in a transaction of its own: it can be stopped at any moment and run again, while the site runs.
What does not open is named and left as it is; nothing is lost by running it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.db.models.functions import Substr

from defections import codes, vault
from defections.errors import VaultError
from defections.models import Application, ResumeCode, SanitisedCopy
from defections.office import archive
from ledger import keyring
from ledger.keyring import Key, KeyringError
from ledger.models import Message

# What holds a key or a text wrapped under "application". Mails and codes live for minutes or days and are not
# wrapped anew: an older key is needed until they are gone.
_WRAPPED: tuple[tuple[type[models.Model], str], ...] = (
    (Application, "key_wrapped"),
    (SanitisedCopy, "key_wrapped"),
    (Message, "sealed"),
    (ResumeCode, "email_sealed"),
)


@dataclass
class Done:
    """What one run did: how many keys and marks were made anew, and the rows that do not open, as sentences."""

    keys: int = 0
    marks: int = 0
    failures: list[str] = field(default_factory=list)


def rewrap(*, batch: int) -> Done:
    """Wraps every application's two keys under the newest key of the ring and makes the marks anew.

    `batch` rows to a transaction, 1 or more. A row that somebody works on is left for another run. Raises
    KeyringError when the ring has no key; a row that does not open is in `failures`.
    """
    done = Done()
    for model in (Application, SanitisedCopy):
        for rows in _batches(model, batch):
            _rewrap_batch(model, rows, done)
    for rows in _batches(Application, batch):
        _mark_batch(rows, done)
    return done


def _batches(model: type[models.Model], size: int) -> Iterator[list[Any]]:
    """The keys of all rows with a wrapped key, `size` at a time, in order."""
    last: Any = None
    while True:
        rows = model._default_manager.filter(key_wrapped__isnull=False).order_by("pk")
        if last is not None:
            rows = rows.filter(pk__gt=last)
        found = list(rows.values_list("pk", flat=True)[:size])
        if not found:
            return
        yield found
        last = found[-1]


@transaction.atomic
def _rewrap_batch(model: type[models.Model], keys: list[Any], done: Done) -> None:
    prefix = keyring.mark_of(keyring.current().newest("application"))
    for row in _locked(model, keys):
        if bytes(row.key_wrapped).startswith(prefix):
            continue
        try:
            row.key_wrapped = vault.rewrap(row.key_wrapped, key_context=row.key_context)
        except KeyringError as error:
            done.failures.append(f"{row._meta.label} {row.pk}: {error}")
            continue
        row.save(update_fields=["key_wrapped"])
        done.keys += 1


@transaction.atomic
def _mark_batch(keys: list[Any], done: Done) -> None:
    for row in _locked(Application, keys):
        if row.email_sealed is None:
            continue
        try:
            newest = vault.lookup_marks(row.email)[0]
        except (KeyringError, VaultError) as error:
            done.failures.append(f"{row._meta.label} {row.pk}: {error}")
            continue
        if row.email_mark is None or bytes(row.email_mark) != newest:
            row.email_mark = newest
            row.save(update_fields=["email_mark"])
            done.marks += 1


def _locked(model: type[models.Model], keys: list[Any]) -> Iterable[Any]:
    rows = model._default_manager.select_for_update(skip_locked=True, of=("self",))
    return rows.filter(pk__in=keys, key_wrapped__isnull=False)


def failures_in(rows: Iterable[Application]) -> list[str]:
    """Opens every sealed piece of the applications; a sentence for each that holds one that does not open."""
    found = []
    for row in rows:
        try:
            archive.make(row, at=row.saved_at, with_others=True)
        except (KeyringError, VaultError) as error:
            found.append(f"{row._meta.label} {row.pk}: {error}")
    return found


# --- What the older keys are still needed for --------------------------------------------------------
@dataclass(frozen=True)
class Need:
    """A key of the ring, whether it is the newest of its purpose, and how many rows still need it, by table."""

    key: Key
    is_newest: bool
    rows: dict[str, int]

    @property
    def may_go(self) -> bool:
        """Whether nothing in this database needs it any more."""
        return not self.is_newest and not any(self.rows.values())


def needs(at: datetime) -> list[Need]:
    """What each key for applications and for looking them up is needed for at `at`, the newest first."""
    ring = keyring.current()
    wrapping, marking = ring.of("application"), ring.of("lookup")
    found = [Need(key, key is wrapping[0], _rows_under(key)) for key in wrapping]
    return found + [Need(key, key is marking[0], _marks_of(key, marking[0], at)) for key in marking]


def _rows_under(key: Key) -> dict[str, int]:
    prefix = keyring.mark_of(key)
    counts = {}
    for model, column in _WRAPPED:
        start = Substr(column, 1, len(prefix), output_field=models.BinaryField())
        rows = model._default_manager.annotate(wrapped_by=start).filter(wrapped_by=prefix)
        counts[str(model._meta.verbose_name_plural)] = rows.count()
    return counts


def _marks_of(key: Key, newest: Key, at: datetime) -> dict[str, int]:
    """Of the newest, all; of an older one, the rows whose mark is not the newest's: any of those may be its."""
    marked = Application.objects.filter(email_mark__isnull=False)
    if key is newest:
        return {str(Application._meta.verbose_name_plural): marked.count()}
    older = sum(1 for row in marked if bytes(row.email_mark or b"") != vault.lookup_marks(row.email)[0])
    lately = at - timedelta(seconds=codes.LASTS_SECONDS)
    waiting = ResumeCode.objects.filter(made_at__gt=lately, used_at=None).count()
    return {
        str(Application._meta.verbose_name_plural): older,
        str(ResumeCode._meta.verbose_name_plural): waiting,
    }
