"""What decisions took up before there was a stamp for it."""

from django.db import migrations

FILL = """
UPDATE ballots_ballot SET taken_up_at = decision.settled_at FROM decisions_decision AS decision
WHERE decision.ballot_id = ballots_ballot.id AND decision.settled_by = 'ballot'
"""


class Migration(migrations.Migration):
    dependencies = [("decisions", "0008_stopped_calls"), ("ballots", "0004_taken_up")]
    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
