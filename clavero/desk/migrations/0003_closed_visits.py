"""A closed visit is never changed again, and none is deleted: triggers refuse it, on both databases (S-068)."""

from django.db import migrations

SQLITE = [
    """CREATE TRIGGER desk_visit_closed BEFORE UPDATE ON desk_visit WHEN OLD.closed_at IS NOT NULL
       BEGIN SELECT RAISE(ABORT, 'a closed visit stays as it is'); END""",
    """CREATE TRIGGER desk_visit_no_delete BEFORE DELETE ON desk_visit WHEN OLD.closed_at IS NOT NULL
       BEGIN SELECT RAISE(ABORT, 'a closed visit stays as it is'); END""",
]
POSTGRES = [
    """CREATE FUNCTION desk_visit_refuse() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION 'a closed visit stays as it is'; END $$""",
    """CREATE TRIGGER desk_visit_closed BEFORE UPDATE OR DELETE ON desk_visit
       FOR EACH ROW WHEN (OLD.closed_at IS NOT NULL) EXECUTE FUNCTION desk_visit_refuse()""",
]


def close(apps, schema_editor):
    statements = POSTGRES if schema_editor.connection.vendor == "postgresql" else SQLITE
    for statement in statements:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("desk", "0002_casework")]
    operations = [migrations.RunPython(close, migrations.RunPython.noop)]
