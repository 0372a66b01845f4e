"""Everybody who had a part in making a copy is named on it; of those there are, by the record."""

import django.contrib.postgres.fields
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.db.models import F, Q

_VERBS = [f"copy.{what}" for what in ("begun", "renewed", "decided", "redacted", "put_back", "prepared")]


def name_makers(apps: StateApps, _editor: BaseDatabaseSchemaEditor) -> None:
    """Whoever is on record as having worked on it; of a copy released before the rule, its maker alone."""
    copies = apps.get_model("defections", "SanitisedCopy")
    events = apps.get_model("ledger", "Event")
    for copy in copies.objects.iterator():
        makers = {copy.made_by_id}
        if copy.released_at is None:
            done = events.objects.filter(
                subject_kind="defections.sanitisedcopy", subject_id=str(copy.pk), verb__in=_VERBS
            )
            makers |= set(done.exclude(by=None).values_list("by", flat=True))
        copy.makers = sorted(makers)
        copy.save(update_fields=["makers"])


class Migration(migrations.Migration):
    dependencies = [
        ("defections", "0010_corrections"),
        ("ledger", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="sanitisedcopy",
            name="makers",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.UUIDField(),
                default=list,
                editable=False,
                help_text="Everybody who had a part in making it: none of them releases it.",
                size=None,
                verbose_name="makers",
            ),
        ),
        migrations.RunPython(name_makers, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="sanitisedcopy",
            constraint=models.CheckConstraint(
                name="sanitisedcopy_released_by_no_maker",
                condition=Q(released_by=None) | ~Q(makers__contains=[F("released_by")]),
                violation_error_message="Somebody who had no part in making the copy releases it.",
            ),
        ),
    ]
