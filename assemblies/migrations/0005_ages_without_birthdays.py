"""Of an age that passes only the year is kept: the moment was a birthday, in clear."""

from django.db import migrations, models

KEEP = """
UPDATE assemblies_participation AS p
SET age_check_on = CASE WHEN m.date_of_birth_sealed IS NULL THEN NULL
        ELSE make_date(extract(year FROM p.age_ends_at AT TIME ZONE 'Europe/London')::int, 1, 1) END,
    birth_due_at = CASE WHEN m.date_of_birth_sealed IS NULL THEN p.age_ends_at END
FROM members_person AS m
WHERE m.id = p.person_id AND p.ended_at IS NULL AND p.age_ends_at IS NOT NULL
"""


class Migration(migrations.Migration):
    dependencies = [("assemblies", "0004_enrolment_check"), ("members", "0003_date_of_birth_given_once")]
    operations = [
        migrations.AddField(
            model_name="participation",
            name="age_check_on",
            field=models.DateField(
                editable=False,
                help_text="The 1st of January of the year in which the age passes; in that year, the next day.",
                null=True,
                verbose_name="age looked at",
            ),
        ),
        migrations.AddField(
            model_name="participation",
            name="birth_due_at",
            field=models.DateTimeField(
                editable=False,
                help_text="Until when a date of birth that the assembly has come to need can be given.",
                null=True,
                verbose_name="date of birth asked for by",
            ),
        ),
        migrations.RunSQL(KEEP, migrations.RunSQL.noop),
        migrations.RemoveIndex(
            model_name="participation",
            name="participation_age_passes",
        ),
        migrations.RemoveField(
            model_name="participation",
            name="age_ends_at",
        ),
        migrations.AddIndex(
            model_name="participation",
            index=models.Index(
                condition=models.Q(("age_check_on__isnull", False), ("ended_at", None)),
                fields=["age_check_on"],
                name="participation_age_looked_at",
            ),
        ),
        migrations.AddIndex(
            model_name="participation",
            index=models.Index(
                condition=models.Q(("birth_due_at__isnull", False), ("ended_at", None)),
                fields=["birth_due_at"],
                name="participation_birth_due",
            ),
        ),
    ]
