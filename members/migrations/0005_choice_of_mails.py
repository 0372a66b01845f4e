"""People choose which mails they get, and how often a digest."""

import django.db.models.deletion
import django.utils.timezone
import members.digest_time
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("members", "0004_last_login_is_not_kept"),
    ]

    operations = [
        migrations.CreateModel(
            name="MutedStream",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("stream", models.CharField(max_length=20, verbose_name="stream")),
                ("muted_at", models.DateTimeField(verbose_name="since")),
            ],
            options={
                "verbose_name": "kind of mail not wanted",
                "verbose_name_plural": "kinds of mail not wanted",
            },
        ),
        migrations.AddField(
            model_name="person",
            name="digest",
            field=models.CharField(
                choices=[("daily", "Every day"), ("weekly", "Every Monday"), ("none", "Never")],
                default="weekly",
                max_length=6,
                verbose_name="digest",
            ),
        ),
        migrations.AddField(
            model_name="person",
            name="digest_due_at",
            field=models.DateTimeField(
                default=members.digest_time.first_due, editable=False, null=True, verbose_name="next digest"
            ),
        ),
        migrations.AddField(
            model_name="person",
            name="digest_told_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now,
                editable=False,
                help_text="When the last digest was made.",
                verbose_name="news told up to",
            ),
        ),
        migrations.AddIndex(
            model_name="person",
            index=models.Index(
                condition=models.Q(("digest_due_at__isnull", False)),
                fields=["digest_due_at", "id"],
                name="person_digest_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("digest", "none"), ("digest_due_at", None)),
                    models.Q(models.Q(("digest", "none"), _negated=True), ("digest_due_at__isnull", False)),
                    _connector="OR",
                ),
                name="person_digest_due_unless_never",
                violation_error_message="A digest is due unless none is wanted.",
            ),
        ),
        migrations.AddField(
            model_name="mutedstream",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="muted_streams",
                to=settings.AUTH_USER_MODEL,
                verbose_name="person",
            ),
        ),
        migrations.AddConstraint(
            model_name="mutedstream",
            constraint=models.UniqueConstraint(
                fields=("stream", "person"),
                name="muted_stream_once",
                violation_error_message="This person gets no such mails already.",
            ),
        ),
    ]
