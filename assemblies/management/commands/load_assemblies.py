"""`manage.py load_assemblies [FILE]`: forms and changes assemblies as a file describes them."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from assemblies import loading
from assemblies.errors import AssemblyError


class Command(BaseCommand):
    help = (
        "Loads assemblies from FILE (docs/assemblies.md says how it looks), or those of this party. "
        "Safe to repeat: forms what is new, changes what differs, deletes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, default=loading.OWN_FILE, metavar="FILE")

    def handle(self, *_args: Any, file: Path, **_options: Any) -> None:
        try:
            loaded = loading.load(loading.read(file), at=timezone.now())
        except AssemblyError as error:
            raise CommandError(f"Nothing was loaded.\n{error}") from error
        self.stdout.write(
            f"Formed {len(loaded.formed)}, changed {len(loaded.changed)}, "
            f"new memberships of others {loaded.nested}, secretaries seated {len(loaded.seated)}."
        )
        for slug, fields in loaded.changed.items():
            self.stdout.write(f"  {slug}: {', '.join(fields)}")
