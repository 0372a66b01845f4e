"""The sweep reads of matters and tasks only what is due."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("decisions", "0009_results_taken_up")]
    operations = [
        migrations.RemoveIndex("decision", "decision_past_deliberation"),
        migrations.AddIndex(
            "decision",
            models.Index(
                fields=["deliberation_ended_at"],
                name="decision_waiting_for_its_vote",
                condition=Q(
                    deliberation_ended_at__isnull=False, ballot=None, settled_at=None, withdrawn_at=None
                ),
            ),
        ),
        migrations.RemoveIndex("task", "task_open"),
        migrations.AddIndex(
            "task",
            models.Index(
                fields=["chased_on", "due_on"], name="task_open", condition=Q(done_at=None, dropped_at=None)
            ),
        ),
    ]
