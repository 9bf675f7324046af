"""What is forgotten is found by its age (S-128)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("recovery", "0010_known_browser")]
    operations = [
        migrations.AddIndex(
            "case",
            models.Index(condition=models.Q(closed_at__isnull=False), fields=["closed_at"], name="case_closed"),
        ),
    ]
