"""The table behind the cache: rate limits live in PostgreSQL, so that Redis may be away."""

from django.core.management import call_command
from django.db import migrations


def make(apps, schema_editor):  # noqa: ARG001
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_events_are_only_added")]
    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
