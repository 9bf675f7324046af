"""Since when somebody could work: whoever enrolled before this was noted counts from the code they used (S-066)."""

from django.db import migrations, models


def note(apps, schema_editor):
    staff = apps.get_model("desk", "Staff")
    used = apps.get_model("desk", "Enrolment").objects.filter(used_at__isnull=False)
    for person, used_at in used.order_by("-used_at").values_list("staff_id", "used_at"):
        staff.objects.filter(pk=person).update(ready_at=used_at)


class Migration(migrations.Migration):
    dependencies = [
        ("desk", "0009_answers"),
    ]

    operations = [
        migrations.AddField("staff", "ready_at", models.DateTimeField(null=True)),
        migrations.RunPython(note, migrations.RunPython.noop),
    ]
