"""Whether a case was opened from a browser that had signed in before (S-045). NULL, so that SQLite keeps the table and its triggers."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("recovery", "0009_training")]

    operations = [
        migrations.AddField(
            model_name="case", name="known_browser", field=models.BooleanField(null=True)
        ),
    ]
