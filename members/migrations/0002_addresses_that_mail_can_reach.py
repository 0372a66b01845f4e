"""An address is one that mail can be sent to. Changes nothing in the database."""

from django.db import migrations, models

import members.fields


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="person",
            name="email",
            field=models.EmailField(
                max_length=254,
                unique=True,
                validators=[members.fields.refuse_unsendable],
                verbose_name="email address",
            ),
        ),
    ]
