import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("defections", "0009_why_an_applicant_was_barred"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Correction",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("item", models.CharField(max_length=64, verbose_name="item")),
                ("value_sealed", models.BinaryField()),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("applicant", "The applicant said so: in an answer, or when you spoke"),
                            ("research", "The research found it out"),
                        ],
                        max_length=9,
                        verbose_name="where it came from",
                    ),
                ),
                ("how_sealed", models.BinaryField()),
                ("corrected_at", models.DateTimeField(verbose_name="corrected")),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="corrections",
                        to="defections.application",
                    ),
                ),
                (
                    "corrected_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="corrected by",
                    ),
                ),
            ],
            options={
                "verbose_name": "correction",
                "verbose_name_plural": "corrections",
                "ordering": ("pk",),
                "constraints": [
                    models.UniqueConstraint(fields=("application", "item"), name="correction_once_an_item"),
                    models.CheckConstraint(
                        name="correction_has_a_source",
                        condition=Q(source__in=("applicant", "research")),
                        violation_error_message="Say where the correction comes from.",
                    ),
                ],
            },
        ),
    ]
