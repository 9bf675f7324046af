"""What decides about a key is bound to its case (ATTACKS 31). NULL, so that SQLite keeps the table and its triggers.

Every case is bound as it stands. Stop the portal and the worker of the former version first (docs/operations.md).
"""

from django.db import migrations, models

from clavero.privacy import macs
from clavero.recovery.models import parts


def bind(apps, schema_editor):
    case = apps.get_model("recovery", "Case")
    for row in case.objects.iterator(500):
        case.objects.filter(pk=row.pk).update(mac=macs.make("case", *parts(row)))


class Migration(migrations.Migration):
    dependencies = [("recovery", "0011_case_closed")]

    operations = [
        migrations.AddField("case", "mac", models.CharField(max_length=80, null=True)),
        migrations.RunPython(bind, migrations.RunPython.noop),
    ]
