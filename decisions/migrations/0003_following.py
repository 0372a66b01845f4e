"""People follow decisions."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("decisions", "0002_gatherings"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Follow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("followed_at", models.DateTimeField(verbose_name="followed")),
                ("unfollowed_at", models.DateTimeField(null=True, verbose_name="given up")),
                (
                    "decision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="follows",
                        to="decisions.decision",
                        verbose_name="decision",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="follows",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "follow",
                "verbose_name_plural": "follows",
                "ordering": ("-followed_at",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("person", "decision"),
                        name="follow_once",
                        violation_error_message="This person follows this decision already.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("unfollowed_at", None),
                            ("unfollowed_at__gte", models.F("followed_at")),
                            _connector="OR",
                        ),
                        name="follow_given_up_after_it_began",
                        violation_error_message="Following is given up after it began.",
                    ),
                ],
            },
        ),
    ]
