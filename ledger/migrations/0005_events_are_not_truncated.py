"""The database refuses to empty the record too, but for a session that says it is a test's."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION ledger_refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('harmony.is_test', true), '') <> 'yes' THEN
        RAISE EXCEPTION 'The record is append-only: TRUNCATE of events refused';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_event_not_truncated BEFORE TRUNCATE ON ledger_event
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_truncate();
"""
ALLOW = """
DROP TRIGGER ledger_event_not_truncated ON ledger_event;
DROP FUNCTION ledger_refuse_truncate();
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0004_messages_in_order")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
