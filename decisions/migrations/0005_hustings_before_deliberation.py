"""The database itself refuses to deliberate on a defection before its hustings was held (D20, D21)."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION decisions_refuse_early_deliberation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM decisions_gathering AS gathering
                   WHERE gathering.decision_id = NEW.id AND gathering.kind = 'hustings'
                     AND gathering.held_at <= NEW.deliberation_began_at AND gathering.cancelled_at IS NULL) THEN
        RAISE EXCEPTION 'A defection is deliberated on after its hustings' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER decisions_hustings_before_deliberation BEFORE INSERT OR UPDATE OF deliberation_began_at
    ON decisions_decision FOR EACH ROW
    WHEN (NEW.kind = 'defection' AND NEW.deliberation_began_at IS NOT NULL)
    EXECUTE FUNCTION decisions_refuse_early_deliberation();
"""
ALLOW = """
DROP TRIGGER decisions_hustings_before_deliberation ON decisions_decision;
DROP FUNCTION decisions_refuse_early_deliberation();
"""


class Migration(migrations.Migration):
    dependencies = [("decisions", "0004_defections_in_their_time")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
