"""What is forgotten is found by its age (S-128)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notices", "0004_post")]
    operations = [
        migrations.AddIndex("postletter", models.Index(fields=["made_at"], name="letter_age")),
    ]
