"""What an officer marks and notes is sealed. A closed visit still never changes: its seal alone may be made anew
under another key, and it goes only when its case is over (S-068, S-128, S-136)."""

import json
from importlib import import_module

from django.db import migrations, models

from clavero.privacy import fields

PLAIN = "id, case_id, staff_id, centre, counter, opened_at, third_party, outcome, closed_at"
SEALED = ("marked", "reason")


def _anew(name: str) -> str:
    """SQLite: the same text, or one sealed under another key."""
    key = "substr({0}.{1}, 1, instr({0}.{1}, '.'))"
    was, is_now = key.format("OLD", name), key.format("NEW", name)
    return f"(NEW.{name} = OLD.{name} OR ({was} <> '' AND {is_now} <> '' AND {was} <> {is_now}))"


REFUSE = "BEGIN SELECT RAISE(ABORT, 'a closed visit stays as it is'); END"
SQLITE = [
    f"CREATE TRIGGER desk_visit_closed BEFORE UPDATE OF {PLAIN} ON desk_visit WHEN OLD.closed_at IS NOT NULL {REFUSE}",
    f"""CREATE TRIGGER desk_visit_sealed BEFORE UPDATE OF {", ".join(SEALED)} ON desk_visit
       WHEN OLD.closed_at IS NOT NULL AND NOT ({" AND ".join(map(_anew, SEALED))}) {REFUSE}""",
    f"""CREATE TRIGGER desk_visit_no_delete BEFORE DELETE ON desk_visit WHEN OLD.closed_at IS NOT NULL
       AND EXISTS (SELECT 1 FROM recovery_case WHERE id = OLD.case_id AND closed_at IS NULL) {REFUSE}""",
]
POSTGRES = [
    """CREATE FUNCTION desk_sealed_anew(was text, now text) RETURNS boolean LANGUAGE sql IMMUTABLE AS
       $$ SELECT was = now OR (strpos(was, '.') > 0 AND strpos(now, '.') > 0
          AND split_part(was, '.', 1) <> split_part(now, '.', 1)) $$""",
    """CREATE FUNCTION desk_visit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
       IF TG_OP = 'DELETE' THEN
         IF NOT EXISTS (SELECT 1 FROM recovery_case WHERE id = OLD.case_id AND closed_at IS NULL) THEN RETURN OLD; END IF;
       ELSIF to_jsonb(NEW) - 'marked' - 'reason' = to_jsonb(OLD) - 'marked' - 'reason'
         AND desk_sealed_anew(OLD.marked, NEW.marked) AND desk_sealed_anew(OLD.reason, NEW.reason) THEN RETURN NEW;
       END IF;
       RAISE EXCEPTION 'a closed visit stays as it is'; END $$""",
    """CREATE TRIGGER desk_visit_closed BEFORE UPDATE OR DELETE ON desk_visit
       FOR EACH ROW WHEN (OLD.closed_at IS NOT NULL) EXECUTE FUNCTION desk_visit_refuse()""",
]
OPEN_SQLITE = [
    "DROP TRIGGER IF EXISTS desk_visit_closed",
    "DROP TRIGGER IF EXISTS desk_visit_no_delete",
    "DROP TRIGGER IF EXISTS desk_visit_sealed",
]
OPEN_POSTGRES = [
    "DROP TRIGGER desk_visit_closed ON desk_visit",
    "DROP FUNCTION desk_visit_refuse()",
    "DROP FUNCTION IF EXISTS desk_sealed_anew(text, text)",
]


def unlock(apps, schema_editor):
    _run(schema_editor, OPEN_POSTGRES, OPEN_SQLITE)


def lock(apps, schema_editor):
    _run(schema_editor, POSTGRES, SQLITE)


def lock_as_before(apps, schema_editor):
    import_module("clavero.desk.migrations.0003_closed_visits").close(apps, schema_editor)


def _run(schema_editor, postgres, sqlite):
    for statement in postgres if schema_editor.connection.vendor == "postgresql" else sqlite:
        schema_editor.execute(statement)


def seal(apps, schema_editor):
    """Every visit's marks as the same text, sealed for their row."""
    visits = apps.get_model("desk", "Visit").objects
    for pk in list(visits.values_list("pk", flat=True)):
        visit = visits.get(pk=pk)
        text = json.dumps(visit.marks, ensure_ascii=False)
        visits.filter(pk=pk).update(marked=fields.closed(visit, "marked", text))


def unseal(apps, schema_editor):
    """Back to an earlier version: the same marks in clear."""
    visits = apps.get_model("desk", "Visit").objects
    for pk in list(visits.exclude(marked="").values_list("pk", flat=True)):
        visits.filter(pk=pk).update(marks=json.loads(visits.get(pk=pk).marked))


class Migration(migrations.Migration):
    dependencies = [("desk", "0005_training"), ("recovery", "0009_training")]
    operations = [
        migrations.RunPython(unlock, lock_as_before),
        migrations.AddField("visit", "marked", fields.Sealed(blank=True, default=""), preserve_default=False),
        migrations.RunPython(seal, unseal),
        migrations.RemoveField("visit", "marks"),
        migrations.AddIndex("ticket", models.Index(fields=["day"], name="ticket_age")),
        migrations.AddIndex("assertion", models.Index(fields=["at"], name="assertion_age")),
        migrations.RunPython(lock, unlock),
    ]
