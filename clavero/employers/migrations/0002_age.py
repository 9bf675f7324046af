"""What is forgotten is found by its age (S-128)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("employers", "0001_initial")]
    operations = [
        migrations.AddIndex("conflict", models.Index(fields=["at"], name="conflict_age")),
    ]
