"""A message can be sealed whole, its address with it, until it has gone out."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0006_streams_of_mail"),
    ]

    operations = [
        migrations.AddField(
            model_name="message",
            name="sealed",
            field=models.BinaryField(editable=False, null=True),
        ),
        migrations.AlterField(
            model_name="message",
            name="address",
            field=models.EmailField(
                blank=True, help_text="Empty: confidential.", max_length=254, verbose_name="to"
            ),
        ),
    ]
