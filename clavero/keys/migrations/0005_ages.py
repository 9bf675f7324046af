"""What is forgotten is found by its age (S-128)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("keys", "0004_second_step")]
    operations = [
        migrations.AddIndex("device", models.Index(fields=["last_seen_at"], name="device_age")),
        migrations.AddIndex("keyevent", models.Index(fields=["at"], name="key_history_age")),
    ]
