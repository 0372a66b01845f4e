"""The outbox is read in order: secrets first, then what failed least; and what fails is found at once."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_cache_table")]
    operations = [
        migrations.RemoveIndex(model_name="message", name="message_waiting"),
        migrations.RemoveIndex(model_name="message", name="message_by_kind"),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                models.OrderBy(models.F("is_secret"), descending=True),
                models.F("tries"),
                models.F("not_before"),
                condition=models.Q(("given_up_at", None), ("sent_at", None)),
                name="message_waiting",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                models.F("id"),
                condition=models.Q(("sent_at", None), ("tries__gt", 0)),
                name="message_failing",
            ),
        ),
    ]
