"""The database itself refuses to change or delete a published form release and its passages (D2)."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION defections_refuse_release() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.published_at IS NOT NULL THEN
        RAISE EXCEPTION 'A published form release is not changed: % refused', TG_OP;
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER defections_release_stays BEFORE UPDATE OR DELETE ON defections_formrelease
    FOR EACH ROW EXECUTE FUNCTION defections_refuse_release();
CREATE FUNCTION defections_refuse_passage() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE release_now bigint; release_before bigint;
BEGIN
    IF TG_OP <> 'INSERT' THEN release_before := OLD.release_id; END IF;
    IF TG_OP <> 'DELETE' THEN release_now := NEW.release_id; END IF;
    IF EXISTS (SELECT FROM defections_formrelease
               WHERE id IN (release_now, release_before) AND published_at IS NOT NULL) THEN
        RAISE EXCEPTION 'A published form release is not changed: % of a passage refused', TG_OP;
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER defections_passage_stays BEFORE INSERT OR UPDATE OR DELETE ON defections_passage
    FOR EACH ROW EXECUTE FUNCTION defections_refuse_passage();
"""
ALLOW = """
DROP TRIGGER defections_passage_stays ON defections_passage;
DROP FUNCTION defections_refuse_passage();
DROP TRIGGER defections_release_stays ON defections_formrelease;
DROP FUNCTION defections_refuse_release();
"""


class Migration(migrations.Migration):
    dependencies = [("defections", "0001_initial")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
