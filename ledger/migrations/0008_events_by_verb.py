"""What was done of late is found by what it was, for the digests."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0007_confidential_messages"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["verb", "at"], name="event_by_verb"),
        ),
    ]
