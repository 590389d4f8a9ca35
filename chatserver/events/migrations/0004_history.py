"""The head remembers the start of the server that wrote it last (see events_sequence.sql).

Some databases have the column already: by 0003_history, as this was called before 0003_held_horizon came in between.
"""

from django.db import migrations, models

COLUMN = """
ALTER TABLE events_head ADD COLUMN IF NOT EXISTS server_started_at timestamptz;
UPDATE events_head SET server_started_at = pg_postmaster_start_time() WHERE server_started_at IS NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("events", "0003_held_horizon")]
    operations = [
        migrations.RunSQL(
            COLUMN,
            "ALTER TABLE events_head DROP COLUMN server_started_at",
            state_operations=[
                migrations.AddField(
                    "head",
                    "server_started_at",
                    models.DateTimeField(
                        help_text="when the PostgreSQL that wrote this row last was started", null=True
                    ),
                )
            ],
        ),
    ]
