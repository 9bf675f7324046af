"""Since when a bucket blocks, and the networks that were refused lately (C12, C14)."""

from django.db import migrations, models

import clavero.privacy.fields
import clavero.privacy.models


class Migration(migrations.Migration):
    dependencies = [("throttle", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="bucket", name="full_at", field=models.FloatField(null=True)
        ),
        migrations.AddField(
            model_name="bucket", name="refused", field=models.IntegerField(db_default=0)
        ),
        migrations.CreateModel(
            name="Refusing",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        default=clavero.privacy.models.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("lookup", models.CharField(max_length=64, unique=True)),
                ("network", clavero.privacy.fields.Sealed()),
                ("at", models.DateTimeField(db_index=True)),
                ("employers", models.BigIntegerField(default=0)),
            ],
            options={"abstract": False},
        ),
    ]
