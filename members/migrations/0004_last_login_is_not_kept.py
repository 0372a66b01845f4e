"""When somebody last logged in is nobody's business."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0003_date_of_birth_given_once"),
    ]

    operations = [
        migrations.RemoveField(
            model_name="person",
            name="last_login",
        ),
    ]
