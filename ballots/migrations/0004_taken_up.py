"""A decision says on its ballot that it has taken up the result: what is left to take up is found at once."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("ballots", "0003_ballot_concerns")]
    operations = [
        migrations.AddField(
            "ballot",
            "taken_up_at",
            models.DateTimeField(editable=False, null=True, verbose_name="result taken up by its decision"),
        ),
        migrations.AddIndex(
            "ballot",
            models.Index(
                fields=["counted_at"],
                name="ballot_waiting_to_be_taken_up",
                condition=Q(standing="binding", counted_at__isnull=False, taken_up_at=None),
            ),
        ),
    ]
