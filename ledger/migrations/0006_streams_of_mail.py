"""A message says of which stream it is, and how that is stopped."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0005_events_are_not_truncated"),
    ]

    operations = [
        migrations.AddField(
            model_name="message",
            name="stream",
            field=models.CharField(blank=True, max_length=20, verbose_name="stream"),
        ),
        migrations.AddField(
            model_name="message",
            name="unsubscribe",
            field=models.CharField(
                blank=True,
                help_text="Empty: a mail that is always sent.",
                max_length=300,
                verbose_name="address that stops the stream",
            ),
        ),
    ]
