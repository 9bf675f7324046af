"""What decides about a key is bound to its case (ATTACKS 31, 32). Live cases are bound as they stand; those that are over make no move."""

from django.db import migrations, models

from clavero.core import journey
from clavero.privacy import macs
from clavero.recovery.models import parts


# SQLite writes the table anew for a column that is not null, and loses the trigger of 0009 with the old one.
TRIGGER = """CREATE TRIGGER recovery_case_practice BEFORE UPDATE ON recovery_case WHEN OLD.training <> NEW.training
   BEGIN SELECT RAISE(ABORT, 'practice stays practice'); END"""


def keep_apart(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(TRIGGER)


def bind(apps, schema_editor):
    case = apps.get_model("recovery", "Case")
    for row in case.objects.filter(state__in=sorted(journey.LIVE)).iterator(500):
        case.objects.filter(pk=row.pk).update(mac=macs.make("case", *parts(row)))


class Migration(migrations.Migration):
    dependencies = [("recovery", "0011_case_closed")]

    operations = [
        migrations.AddField("case", "mac", models.CharField(blank=True, default="", max_length=80), preserve_default=False),
        migrations.RunPython(keep_apart, migrations.RunPython.noop),
        migrations.RunPython(bind, migrations.RunPython.noop),
    ]
