"""What is forgotten is found by its age (S-128)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("appointments", "0004_training")]
    operations = [
        migrations.AddIndex("waiting", models.Index(fields=["state", "made_at"], name="waiting_age")),
    ]
