"""The function as 0002_functions once made it. 0003_held_horizon gave it another argument."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("events", "0004_history")]
    operations = [
        migrations.RunSQL("DROP FUNCTION IF EXISTS events_sequence(integer)", migrations.RunSQL.noop),
    ]
