"""What was given up keeps no address, save where `take_refused` still needs it. Backwards nothing can be brought again."""

from django.db import migrations

WIPE = "UPDATE notices_message SET address = '' WHERE state = 'dead' AND last_error NOT LIKE 'refused.%'"


class Migration(migrations.Migration):
    dependencies = [("notices", "0005_letter_age")]
    operations = [migrations.RunSQL(WIPE, migrations.RunSQL.noop)]
