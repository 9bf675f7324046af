"""A RUC of a copy is known by both, in one index: the number that it had besides cost a second one."""

from django.db import migrations, models

COLUMNS = "ruc, snapshot_id, status, establishments, name"


class Migration(migrations.Migration):
    dependencies = [("catastro", "0001_initial")]
    operations = [
        migrations.RenameModel("Ruc", "FormerRuc"),
        migrations.CreateModel(
            name="Ruc",
            fields=[
                ("pk", models.CompositePrimaryKey("ruc", "snapshot_id", blank=True, editable=False, primary_key=True, serialize=False)),
                ("ruc", models.BigIntegerField()),
                ("status", models.PositiveSmallIntegerField()),
                ("establishments", models.PositiveIntegerField()),
                ("name", models.CharField(blank=True, max_length=300)),
                ("snapshot", models.ForeignKey(db_constraint=False, db_index=False, on_delete=models.CASCADE, to="catastro.snapshot")),
            ],
        ),
        migrations.RunSQL(f"INSERT INTO catastro_ruc ({COLUMNS}) SELECT {COLUMNS} FROM catastro_formerruc"),
        migrations.DeleteModel("FormerRuc"),
    ]
