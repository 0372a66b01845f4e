"""That a date of birth was erased is a fact of its own: it is given once."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0002_addresses_that_mail_can_reach"),
    ]

    operations = [
        migrations.AddField(
            model_name="person",
            name="date_of_birth_erased_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="date of birth erased"),
        ),
    ]
