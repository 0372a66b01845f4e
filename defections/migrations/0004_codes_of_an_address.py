"""A code to go on belongs to an address, and an address has one open application."""

import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("defections", "0003_research_desk")]

    operations = [
        migrations.DeleteModel(name="ResumeCode"),
        migrations.CreateModel(
            name="ResumeCode",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("email_mark", models.BinaryField(db_index=True, max_length=32)),
                ("email_sealed", models.BinaryField(null=True)),
                ("digest", models.BinaryField(max_length=32)),
                ("made_at", models.DateTimeField(verbose_name="made")),
                ("tries", models.PositiveSmallIntegerField(default=0, verbose_name="wrong tries")),
                ("used_at", models.DateTimeField(null=True, verbose_name="used")),
            ],
            options={
                "verbose_name": "code to go on",
                "verbose_name_plural": "codes to go on",
                "ordering": ("-made_at",),
            },
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.UniqueConstraint(
                condition=models.Q(("closed_at", None), ("erased_at", None), ("withdrawn_at", None)),
                fields=("email_mark",),
                name="application_one_open_an_address",
                violation_error_message="There is an open application from this address already.",
            ),
        ),
    ]
